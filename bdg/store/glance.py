"""Single facts of a result, without reading or checking the rest of its file: for tables of many.

Only what is asked for is read, and of it only what lies in the file itself; HDF5 compares the checksums of
arrays that are read.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cached_property
from typing import Any

import h5py
import numpy as np

from bdg.config.settings import Settings
from bdg.config.text.document import parse_document
from bdg.store.files import open_hdf5
from bdg.store.groups.arrays import read_array, read_attribute, read_text
from bdg.store.results import ERROR
from bdg.store.safety.guard import require_contained

SUMMARIES = ("min", "max", "mean", "error")
"""What can be asked of a quantity by NAME.SUMMARY; of complex numbers, of their moduli."""


class Glance:
    """What is asked of one open file.

    Parameters
    ----------
    file
        Open, and known to be a result.
    """

    def __init__(self, file: Any) -> None:
        self._file = file

    def fact(self, name: str) -> Any:
        """A fact of the run, status or temperature for example; ``None`` where there is none of the name."""
        return read_attribute(self._file.attrs[name]) if name in self._file.attrs else None

    @cached_property
    def settings(self) -> Settings | None:
        """The parameters by the keys of the configuration; ``None`` of a result from Python."""
        resolved = read_text(self._member("config/resolved"))
        return Settings(parse_document(resolved, "<configuration>").plain()) if resolved else None

    @cached_property
    def places(self) -> dict[str, str]:
        """Where in the file each quantity is, fields included, by name."""
        groups = ["scf", *(f"observables/{name}" for name in self._member("observables"))]
        return {name: f"{group}/{name}" for group in groups for name in self._member(group)}

    def units(self, name: str) -> str:
        """Those of a quantity."""
        return str(self._member(self.places[name]).attrs.get("units", "1"))

    def summary(self, name: str, which: str = "") -> Any:
        """A number of a quantity: the one it is, or its least, largest or mean value, or its stated error.

        Of an array the range, as text, where no summary is named.
        """
        if which == "error":
            return self.fact(ERROR + name)
        dataset = self._member(self.places[name])
        ends = dataset.attrs.get("modulus_range", dataset.attrs.get("actual_range"))
        if not which and dataset.shape:
            return "" if ends is None else f"{ends[0]:.6g} … {ends[1]:.6g}"
        if which in ("min", "max") and ends is not None:
            return float(ends[int(which == "max")])
        values = read_array(dataset)
        if not which:
            return values.item()
        if not values.size or values.dtype.kind not in "iufcb":
            return None
        return float(getattr(np, which)(np.abs(values) if np.iscomplexobj(values) else values))

    def _member(self, path: str) -> Any:
        """A group or dataset, which must lie in the file itself."""
        member = self._file
        for name in path.split("/"):
            if not isinstance(member.get(name, getlink=True), h5py.HardLink):
                raise ValueError(f"{path}: a link out of its place")
            member = member[name]
        if not isinstance(member, h5py.Group):
            require_contained(member)
        return member


@contextmanager
def glance_at(path: str | os.PathLike[str]) -> Iterator[Glance]:
    """A result of which single facts are asked.

    Raises
    ------
    InputError
        If there is no such file.
    FileRefusedError
        If it is none of bdg's, damaged as far as it is read, or no result.
    """
    with open_hdf5(path, "result", checked_up_to=-1) as file:
        yield Glance(file)
