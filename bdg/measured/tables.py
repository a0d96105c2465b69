"""Tables of text: columns of numbers, with their names and units in the first line."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np

from bdg.errors import InputError
from bdg.measured.measured import Channel, Measured

BIAS = re.compile(r"bias|voltage|^u$|^v$", re.IGNORECASE)


def read_table(path: Path) -> Measured:
    """The columns of a .csv or .txt: the first one, or that of the bias, is the axis of the others.

    Raises
    ------
    InputError
        If a line is not numbers, as many as in the others.
    """
    lines = [line.strip() for line in path.read_text("utf-8", errors="replace").splitlines()]
    lines = [line for line in lines if line.strip("# ")]
    splits = [re.split(r"\s*[,;\t]\s*", line.lstrip("# ").strip()) for line in lines]
    splits = [row if len(row) > 1 else row[0].split() for row in splits]
    first = next((n for n, row in enumerate(splits) if all(map(_is_number, row))), len(splits))
    rows = [row for n, row in enumerate(splits) if n >= first and not lines[n].startswith("#")]
    if not rows or len({len(row) for row in rows}) != 1 or len(rows[0]) < 2:
        raise InputError(f"{path} is no table; give lines of as many numbers each, two at least")
    bad = next((row for row in rows if not all(map(_is_number, row))), None)
    if bad is not None:
        raise InputError(f"{path}: {', '.join(bad)} are not numbers all")
    names = splits[first - 1] if first and len(splits[first - 1]) == len(rows[0]) else []
    values = np.array(rows, float)
    found = [_named(name) for name in names] or [("bias", "")] + [
        (f"column {n}", "") for n in range(1, values.shape[1])
    ]
    axis = next((n for n, (name, _) in enumerate(found) if BIAS.search(name)), 0)
    order = np.argsort(values[:, axis], kind="stable")
    channels = {
        name: Channel(values[order, n], ("bias",), unit) for n, (name, unit) in enumerate(found) if n != axis
    }
    return Measured(path.name, channels, {"bias": (values[order, axis], found[axis][1])})


def write_table(path: Path, grid: Measured) -> None:
    """Write spectra, a column each: the bias, then every channel at every point."""
    bias, unit = grid.axes["bias"]
    columns, names = [np.asarray(bias)], [_titled("bias", unit)]
    for name, channel in grid.channels.items():
        if "bias" in channel.dims:
            rows = np.moveaxis(channel.values, channel.dims.index("bias"), 0).reshape(len(bias), -1)
            columns += list(rows.T)
            several = rows.shape[1] > 1
            names += [_titled(f"{name} {n}" if several else name, channel.unit) for n in range(rows.shape[1])]
    np.savetxt(
        path, np.column_stack(columns), fmt="%.10g", delimiter=",", header=",".join(names), comments=""
    )


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True


def _named(title: str) -> tuple[str, str]:
    """Name and unit of ``Current (A)``."""
    match = re.fullmatch(r"(.*?)\s*[(\[]([^()\[\]]*)[)\]]", title.strip('" '))
    return (match[1], match[2]) if match else (title.strip('" '), "")


def _titled(name: str, unit: str) -> str:
    return f"{name} ({unit})" if unit else name
