"""Gwyddion's simple field: a text header, then numbers in single precision, the top row first."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from bdg.errors import InputError
from bdg.measured.measured import Axis, Channel, Measured

MAGIC = b"Gwyddion Simple Field 1.0\n"


def read_gsf(path: Path) -> Measured:
    """The field of a .gsf, as channel ``z`` (or its title), y upwards.

    Raises
    ------
    InputError
        If it is none, or cut off.
    """
    content = path.read_bytes()
    end = content.find(b"\0")
    if not content.startswith(MAGIC) or end < 0:
        raise InputError(f"{path} is no Gwyddion simple field; it does not begin with its header")
    lines = content[len(MAGIC) : end].decode("utf-8", errors="replace").splitlines()
    header = {key.strip(): value.strip() for key, _, value in (line.partition("=") for line in lines)}
    try:
        columns, rows = int(header["XRes"]), int(header["YRes"])
        width, height = (float(header.get(key, n)) for key, n in (("XReal", columns), ("YReal", rows)))
        left, top = (float(header.get(key, 0)) for key in ("XOffset", "YOffset"))
    except (KeyError, ValueError) as error:
        raise InputError(f"{path}: its header can't be read: {error}") from None
    start = 4 * (end // 4 + 1)
    if len(content) < start + 4 * columns * rows:
        raise InputError(f"{path} is cut off: {columns} × {rows} numbers don't fit into it")
    values = np.frombuffer(content, "<f4", columns * rows, start).reshape(rows, columns)[::-1]
    unit = header.get("XYUnits", "")
    axes: dict[str, Axis] = {
        "x": (left + (np.arange(columns) + 0.5) * width / columns, unit),
        "y": (top + (np.arange(rows) + 0.5) * height / rows, unit),
    }
    channel = Channel(values.astype(np.float64), ("y", "x"), header.get("ZUnits", ""))
    return Measured(path.name, {header.get("Title", "z"): channel}, axes, header)


def write_gsf(path: Path, name: str, grid: Measured) -> None:
    """Write one map of a grid, y upwards, in single precision.

    Raises
    ------
    InputError
        If it is no map over y and x.
    """
    channel, (x, unit), (y, _) = grid[name], grid.axes["x"], grid.axes["y"]
    if channel.dims != ("y", "x"):
        raise InputError(
            f"a .gsf holds one map over y and x, {name} has {', '.join(channel.dims)}; choose a bias"
        )
    steps = [float(np.diff(axis).mean()) if len(axis) > 1 else 1.0 for axis in (x, y)]
    header: dict[str, float | str] = {
        "XRes": len(x), "YRes": len(y),
        "XReal": len(x) * steps[0], "YReal": len(y) * steps[1],
        "XOffset": float(x[0]) - steps[0] / 2, "YOffset": float(y[0]) - steps[1] / 2,
        "XYUnits": unit, "ZUnits": channel.unit, "Title": name,
    }  # fmt: skip
    text = (
        MAGIC
        + "".join(f"{key} = {_written(value)}\n" for key, value in header.items() if value != "").encode()
    )
    padding = b"\0" * (4 - len(text) % 4)
    path.write_bytes(text + padding + channel.values[::-1].astype("<f4").tobytes())


def _written(value: float | str) -> str:
    return f"{value:.12g}" if isinstance(value, float) else str(value)
