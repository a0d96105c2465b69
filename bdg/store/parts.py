"""What observables have found so far ⇄ a folder of files beside the checkpoint, one for each writing.

So each number is written once, however long the run: a checkpoint is written anew each time. A file that is
damaged is as good as none: what it held is computed again.
"""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

from bdg.errors import BdgError
from bdg.observables import Quantity
from bdg.store.files import new_hdf5, open_hdf5
from bdg.store.groups.arrays import read_plain_arrays, write_plain_arrays
from bdg.store.groups.objects import new_group
from bdg.store.groups.quantities import read_quantities, write_quantities
from bdg.store.safety.atomic import LEFTOVER

Part = Mapping[str, Any]
"""Arrays by name, or quantities by name."""

NAME = re.compile(r"\d{6,}\.h5")


def write_parts(folder: Path, parts: Mapping[str, Part]) -> None:
    """Write parts, by their names, into the next file of a folder, which is made if it is missing.

    Raises
    ------
    FileRefusedError, ResourceError
        If the folder cannot be made or written to, or the disk is full.
    """
    last = max((int(file.stem) for file in _files(folder)), default=0)
    with new_hdf5(folder / f"{last + 1:06d}.h5", "part", overwrite=False) as file:
        for name, part in parts.items():
            is_of_quantities = any(isinstance(value, Quantity) for value in part.values())
            group = new_group(file, f"{'quantities' if is_of_quantities else 'arrays'}/{name}")
            if is_of_quantities:
                write_quantities(group, part, {}, None)
            else:
                write_plain_arrays(group, part)


def read_parts(folder: Path) -> dict[str, Part]:
    """All parts in a folder, by their names."""
    found: dict[str, Part] = {}
    for path in _files(folder):
        with suppress(BdgError), open_hdf5(path, "part") as file:
            for kind, read in (("arrays", read_plain_arrays), ("quantities", read_quantities)):
                found |= {name: read(group) for name, group in file.get(kind, {}).items()}
    return found


def remove_parts(folder: Path) -> None:
    """Remove a folder of parts: they are in the result, or of another run."""
    if not folder.is_dir():
        return
    for path in (*_files(folder), *folder.glob(LEFTOVER)):
        with suppress(OSError):
            path.unlink()
    with suppress(OSError):  # something else is in it
        folder.rmdir()


def _files(folder: Path) -> list[Path]:
    """The files of parts in a folder, the oldest first; none if there is no folder."""
    with suppress(OSError):
        return sorted(folder / entry.name for entry in os.scandir(folder) if NAME.fullmatch(entry.name))
    return []
