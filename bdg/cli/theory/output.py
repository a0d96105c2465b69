"""Prints a table, writes it as CSV or HDF5, draws it."""

from __future__ import annotations

import csv
import io
from pathlib import Path

from bdg.cli.theory.table import Table
from bdg.errors import InputError

SUFFIXES = (".csv", ".h5", ".hdf5")


def give(table: Table, out: Path | None, plot: Path | None, *, overwrite: bool) -> None:
    """Print the table; write and draw it where asked.

    Raises
    ------
    InputError
        If a suffix says nothing, or there is nothing to draw.
    FileRefusedError, ResourceError
        If a file cannot be written.
    """
    print("\n".join(table.lines()))
    if out is not None:
        _write(table, out, overwrite)
        print(f"wrote {out}")
    if plot is not None:
        _draw(table, plot)
        print(f"wrote {plot}")


def check(out: Path | None, overwrite: bool) -> None:
    """Refuse before computing what could not be written afterwards."""
    from bdg.store import require_writable

    if out is None:
        return
    if out.suffix not in SUFFIXES:
        raise InputError(f"--out {out}: unknown kind of file; end the name in .csv or .h5")
    require_writable(out, overwrite=overwrite)


def _write(table: Table, path: Path, overwrite: bool) -> None:
    from bdg.store import write_bytes

    data = _csv(table).encode() if path.suffix == ".csv" else _hdf5(table)
    write_bytes(path, data, overwrite=overwrite)


def _csv(table: Table) -> str:
    """Comments with the facts, then names (with units) and numbers in full precision."""
    stream = io.StringIO()
    stream.write(f"# {table.title}\n")
    for name, value in table.facts.items():
        stream.write(f"# {name}: {value!r}\n")
    writer = csv.writer(stream, lineterminator="\n")
    writer.writerow([c.name if c.units == "1" else f"{c.name} ({c.units})" for c in table.columns])
    writer.writerows(zip(*(c.values.tolist() for c in table.columns), strict=True))
    return stream.getvalue()


def _hdf5(table: Table) -> bytes:
    """One dataset a column, with units and a long name; the first is the dimension scale of the rest."""
    import h5py

    stream = io.BytesIO()
    with h5py.File(stream, "w", track_order=True) as file:
        file.attrs["title"] = table.title
        for name, value in table.facts.items():
            file.attrs[name] = value
        for column in table.columns:
            numeric = column.values.dtype.kind in "fiu"
            values = column.values if numeric else column.values.astype(h5py.string_dtype())
            made = file.create_dataset(column.name, data=values)
            made.attrs["units"], made.attrs["long_name"] = column.units, column.long_name or column.name
        first = file[table.columns[0].name]
        first.make_scale(table.columns[0].name)
        for column in table.columns[1:]:
            file[column.name].dims[0].attach_scale(first)
    return stream.getvalue()


def _draw(table: Table, path: Path) -> None:
    from bdg.plot import save_figure
    from bdg.plot.figures.theory import Curve, Drawing, curves

    if not table.panels:
        raise InputError(f"--plot {path}: this table is not drawn; leave --plot out")
    drawn = []
    for panel in table.panels:
        named = panel.labels or [table.column(name).long_name or name for name in panel.names]
        lines = [
            Curve(
                table.column(name).values,
                label,
                "dashed" if name in panel.dashed else "points" if name in panel.points else "line",
            )
            for name, label in zip(panel.names, named, strict=True)
        ]
        x = table.column(panel.x) if panel.x else table.columns[0]
        label = x.long_name or x.name
        label = label if x.units == "1" else f"{label} ({x.units})"
        drawn.append(Drawing(label, x.values, panel.label, lines, panel.log, panel.limits))
    figure = curves(table.title, drawn)
    save_figure(figure, path)
