"""What a file may hold before anything of it is read: links that stay inside it, arrays that are in it.

HDF5 can point to other files (external and soft links, external storage, virtual datasets) and promise arrays
far larger than itself (chunks that were never written). No file of ours does either, so a file that does is
refused before a byte outside it is opened or a large array is allocated.
"""

from __future__ import annotations

from typing import Any

import h5py

MOST_OBJECTS = 100_000
"""Groups and datasets in one file."""

DEEPEST = 8
"""Groups inside groups."""

MOST_COMPRESSED = 2000
"""How many times larger than its bytes in the file an array may be."""

SMALL = 1 << 20
"""Bytes of an array that may be promised whatever is stored of it."""


def require_harmless(file: Any, part: str = "/") -> None:
    """Refuse what no file of ours holds.

    Parameters
    ----------
    file
        An open HDF5 file.
    part
        A group in its root of which alone something is read, if it is there; by default everything.

    Raises
    ------
    ValueError
        If an object lies outside the file, is no array of numbers or text, or is far larger than its bytes.
    """
    seen: set[int] = set()
    if part != "/" and not isinstance(file.get(part, getlink=True), h5py.HardLink | None):
        raise ValueError(f"{part}: a link out of its place")
    waiting: list[tuple[Any, int]] = [(file[part], 0)] if part in file else []
    while waiting:
        group, depth = waiting.pop()
        if depth > DEEPEST:
            raise ValueError(f"{group.name}: nested too deep")
        for name in group:
            if not isinstance(group.get(name, getlink=True), h5py.HardLink):
                raise ValueError(f"{group.name}/{name}: a link out of its place")
            member = group[name]
            address = h5py.h5o.get_info(member.id).addr
            if address in seen or len(seen) > MOST_OBJECTS:
                raise ValueError(f"{member.name}: stored twice, or one object of too many")
            seen.add(address)
            if isinstance(member, h5py.Group):
                waiting.append((member, depth + 1))
            else:
                require_contained(member)


def require_contained(dataset: Any) -> None:
    """Refuse a dataset whose numbers are not in the file."""
    if not isinstance(dataset, h5py.Dataset):
        raise ValueError("neither a group nor a dataset")
    if dataset.is_virtual or dataset.external is not None:
        raise ValueError(f"{dataset.name}: its numbers lie in another file")
    is_text = h5py.check_string_dtype(dataset.dtype) is not None
    if not (is_text or dataset.dtype.kind in "iufcb"):
        raise ValueError(f"{dataset.name}: holds neither numbers nor text")
    stored = dataset.id.get_storage_size()
    # The scale of an axis without values has a length only: it is never read.
    if dataset.nbytes > max(SMALL, MOST_COMPRESSED * stored) and not (dataset.is_scale and stored == 0):
        raise ValueError(f"{dataset.name}: far larger than what is stored of it")
