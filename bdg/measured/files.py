"""Files by the ends of their names."""

from __future__ import annotations

import os
from pathlib import Path

from bdg.errors import InputError
from bdg.measured.gsf import read_gsf, write_gsf
from bdg.measured.measured import Measured
from bdg.measured.nanonis import read_nanonis, write_3ds
from bdg.measured.simulated import simulated
from bdg.measured.tables import read_table, write_table
from bdg.result import Result

READERS = {
    ".3ds": read_nanonis,
    ".sxm": read_nanonis,
    ".dat": read_nanonis,
    ".gsf": read_gsf,
    ".csv": read_table,
    ".txt": read_table,
}


def read(path: str | os.PathLike[str]) -> Measured:
    """Read a measured file: .3ds, .sxm and .dat of Nanonis, .gsf, .csv or .txt.

    Raises
    ------
    InputError
        If it is of another kind, or can't be read.
    """
    file = Path(path)
    if file.suffix not in READERS:
        raise InputError(f"{file}: files that can be read end in {', '.join(READERS)}")
    try:
        return READERS[file.suffix](file)
    except OSError as error:
        raise InputError(f"{file}: can't be read: {error}") from None


def write(
    path: str | os.PathLike[str],
    what: Result | Measured,
    name: str | None = None,
    *,
    bias: float | None = None,
    factor: float = 1e-9,
) -> None:
    """Write a grid of spectra (.3ds, .csv) or a map (.gsf).

    Parameters
    ----------
    path
        Its end decides what is written.
    what
        A result, see :func:`bdg.measured.simulated.simulated`, or what was read.
    name
        The quantity or channel of a map.
    bias, factor
        See there.

    Raises
    ------
    InputError
        If it is of another kind, or does not hold what is given.
    """
    file = Path(path)
    grid = what if isinstance(what, Measured) else simulated(what, name, bias=bias, factor=factor)
    if file.suffix == ".3ds":
        write_3ds(file, grid)
    elif file.suffix == ".csv":
        write_table(file, grid)
    elif file.suffix == ".gsf":
        if name is None:
            raise InputError(f"{file}: a .gsf holds one map; name the quantity")
        write_gsf(file, name, grid)
    else:
        raise InputError(f"{file}: files that can be written end in .3ds, .gsf or .csv")
