"""Small HDF5 objects by direct calls of the library: groups, datasets, attributes, scales.

A result of a small sample is some sixty small arrays with three attributes each. The friendly layer of h5py
takes three times as long for them as the library does: it looks up types and properties for each, and writes
an attribute under another name first, for it may exist already. Here nothing exists before it is written.

Arrays up to :data:`SMALL` bytes lie in the header of their dataset, whose checksum covers them.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import Any

import h5py
import numpy as np
from h5py import h5a, h5d, h5ds, h5g, h5i, h5p, h5s, h5t
from numpy.typing import NDArray

SMALL = 1 << 13
"""Bytes of an array that is stored in the header of its dataset, where at most twice as many fit."""

_TEXT, _STRINGS = h5t.py_create(h5py.string_dtype(), logical=True), h5t.py_create(h5py.string_dtype())
"""Text in a file, and in memory."""

_SCALAR = h5s.create(h5s.SCALAR)
_BY_CREATION = h5p.CRT_ORDER_TRACKED | h5p.CRT_ORDER_INDEXED


def new_group(parent: Any, name: str) -> Any:
    """Make a group that lists its members in the order in which they were written."""
    return h5py.Group(h5g.create(parent.id, name.encode(), _NAMES, _ORDERED))


class Written:
    """A dataset that was just written, for those who go on with it; h5py's own costs as much as writing."""

    __slots__ = ("id",)

    def __init__(self, identifier: Any) -> None:
        self.id = identifier

    @property
    def name(self) -> str:
        """Its place in the file."""
        return str(h5i.get_name(self.id).decode())

    @property
    def shape(self) -> tuple[int, ...]:
        """Of its values."""
        return tuple(self.id.shape)

    @property
    def is_scale(self) -> bool:
        """Whether it is the scale of an axis."""
        return bool(h5ds.is_scale(self.id))


def small_dataset(group: Any, name: str, values: NDArray[Any]) -> Written:
    """A dataset of an array of 1 to :data:`SMALL` bytes: of numbers, or of strings as objects."""
    stored, held = (_TEXT, _STRINGS) if values.dtype.kind == "O" else _numbers(values.dtype)
    made = h5d.create(group.id, name.encode(), stored, _space(values.shape), _COMPACT, _NAMES)
    made.write(h5s.ALL, h5s.ALL, np.asarray(values, order="C"), held)
    return Written(made)


def empty_dataset(group: Any, name: str, length: int) -> Written:
    """A dataset of float32, shape ``(length,)``, of which nothing is stored."""
    return Written(h5d.create(group.id, name.encode(), h5t.IEEE_F32LE, _space((length,)), _PLAIN, _NAMES))


def write_attributes(owner: Any, attributes: Mapping[str, Any]) -> None:
    """Give a new object its attributes, as ``owner.attrs`` would."""
    for name, value in attributes.items():
        if isinstance(value, str):
            made = h5a.create(owner.id, name.encode(), _TEXT, _SCALAR)
            made.write(np.array(value, dtype=object), _STRINGS)
            continue
        array = np.asarray(value)
        if array.dtype.kind in "biuf" and array.size:
            stored, held = _numbers(array.dtype)
            made = h5a.create(owner.id, name.encode(), stored, _space(array.shape))
            made.write(np.asarray(array, order="C"), held)
        else:
            h5py.AttributeManager(owner)[name] = value


def make_scale(dataset: Any, name: str) -> None:
    """Make a dataset the scale of an axis."""
    h5ds.set_scale(dataset.id, name.encode())


def attach_scale(dataset: Any, axis: int, scale: Any) -> None:
    """Give an axis of a dataset its scale."""
    h5ds.attach_scale(dataset.id, scale.id, axis)


@lru_cache(maxsize=64)
def _numbers(kind: np.dtype[Any]) -> tuple[Any, Any]:
    """Numbers of a type in a file, and in memory."""
    return h5t.py_create(kind, logical=True), h5t.py_create(kind)


@lru_cache(maxsize=256)
def _space(shape: tuple[int, ...]) -> Any:
    return h5s.create_simple(shape) if shape else _SCALAR


def _names() -> Any:
    """Names are UTF-8; groups that are missing on the way are made."""
    names = h5p.create(h5p.LINK_CREATE)
    names.set_create_intermediate_group(True)
    names.set_char_encoding(h5t.CSET_UTF8)
    return names


def _ordered() -> Any:
    ordered = h5p.create(h5p.GROUP_CREATE)
    ordered.set_link_creation_order(_BY_CREATION)
    ordered.set_attr_creation_order(_BY_CREATION)
    return ordered


def _datasets(layout: int) -> Any:
    """Properties of datasets that do not say when they were made."""
    properties = h5p.create(h5p.DATASET_CREATE)
    properties.set_layout(layout)
    properties.set_obj_track_times(False)
    return properties


_NAMES, _ORDERED = _names(), _ordered()
_COMPACT, _PLAIN = _datasets(h5d.COMPACT), _datasets(h5d.CONTIGUOUS)
