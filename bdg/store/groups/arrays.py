"""One array ⇄ one HDF5 dataset: types, filters, attributes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import h5py
import numpy as np
from numpy.typing import NDArray

from bdg.errors import InputError
from bdg.store.groups.objects import (
    SMALL,
    Written,
    attach_scale,
    empty_dataset,
    make_scale,
    small_dataset,
    write_attributes,
)
from bdg.store.safety.digests import SHA256, digest

BARE = "This is a netCDF dimension but not a netCDF variable."
"""How the scale of an axis without values is called; netCDF readers look for these words."""

# Measured on a 300×300 sample and the LDOS of a disordered 24×24 one: gzip 1 with shuffle shrinks indices
# and positions 25 to 250 times and costs no time, but computed floats by only 6 to 13 %, at 35 MB/s against
# 170 MB/s for writing them plain. So it is for the sample only.
COMPACT: dict[str, Any] = {"compression": "gzip", "compression_opts": 1, "shuffle": True}


WORTH_COMPRESSING = 1 << 10
"""Bytes of an array of the sample above which it is compressed."""


def write_array(
    group: Any,
    name: str,
    values: Any,
    scales: Sequence[Any] = (),
    attributes: Mapping[str, Any] | None = None,
    *,
    compact: bool = False,
) -> Written:
    """Write an array with its axes and checksums, and return the dataset.

    Booleans become 8-bit integers with the attribute ``dtype = "bool"``, as xarray writes them; text becomes
    variable-length UTF-8; complex numbers h5py's compound {r, i}.

    Parameters
    ----------
    group, name
        Where to put it.
    values
        The numbers or strings.
    scales
        A dimension scale for each axis.
    attributes
        Attributes of the dataset.
    compact
        Whether to compress: worth it for indices, not for computed numbers.

    Raises
    ------
    InputError
        If the values are neither numbers, booleans nor text.
    """
    array, own = np.asarray(values), dict(attributes or {})
    if array.dtype.kind == "U":
        array = array.astype(object)
    elif array.dtype.kind == "b":
        array, own["dtype"] = array.astype(np.int8), "bool"
    elif array.dtype.kind not in "iufc":
        raise InputError(
            f"{name}: values of type {array.dtype} cannot be stored; give numbers, booleans or text"
        )
    if 0 < array.nbytes <= (WORTH_COMPRESSING if compact else SMALL):
        dataset = small_dataset(group, name, array)
    else:
        dataset = Written(group.create_dataset(name, data=array, **_options(array, compact)).id)
    write_attributes(dataset, {SHA256: digest(array), **own})
    for axis, scale in enumerate(scales):
        attach_scale(dataset, axis, scale)
    return dataset


def _options(array: NDArray[Any], compact: bool) -> dict[str, Any]:
    """How an array is stored that is not small, or empty."""
    if array.dtype.kind == "O":
        return {"dtype": h5py.string_dtype()}
    if not array.size:
        return {}
    return {"chunks": True, "fletcher32": True, **(COMPACT if compact else {})}


def write_scale(
    group: Any, name: str, values: Any, attributes: Mapping[str, Any] | None = None, *, compact: bool = True
) -> Any:
    """Write the values along an axis, shape ``(length,)``, as a dimension scale."""
    dataset = write_array(group, name, values, (), attributes, compact=compact)
    make_scale(dataset, name)
    return dataset


def write_bare_scale(group: Any, name: str, length: int, attributes: Mapping[str, Any] | None = None) -> Any:
    """Write the scale of an axis that has a name and a length only."""
    dataset = empty_dataset(group, name, length)
    make_scale(dataset, f"{BARE}{length:10d}")
    write_attributes(dataset, attributes or {})
    return dataset


def is_scale(dataset: Any) -> bool:
    """Whether a dataset is the scale of an axis."""
    return bool(dataset.is_scale)


def is_bare(scale: Any) -> bool:
    """Whether a scale has no values."""
    name = scale.attrs["NAME"]
    return (name.decode() if isinstance(name, bytes) else str(name)).startswith(BARE)


def read_array(dataset: Any) -> NDArray[Any]:
    """The array of a dataset, its type as it was written."""
    if h5py.check_string_dtype(dataset.dtype) is not None:
        return np.asarray(dataset.asstr()[()], dtype=str)
    array = np.asarray(dataset[()])
    return array.astype(bool) if dataset.attrs.get("dtype") == "bool" else array


def read_text(dataset: Any) -> str:
    """The text of a scalar dataset."""
    return str(dataset.asstr()[()])


def read_attribute(value: Any) -> Any:
    """An attribute as a Python value."""
    return value.item() if isinstance(value, np.generic) else value


def write_plain(group: Any, name: str, values: Any, attributes: Mapping[str, Any] | None = None) -> None:
    """Write an array whose axes mean nothing outside; netCDF readers want them named all the same."""
    array = np.asarray(values)
    scales = [write_bare_scale(group, f"{name}_{axis}", length) for axis, length in enumerate(array.shape)]
    write_array(group, name, array, scales, attributes)


def write_plain_arrays(group: Any, arrays: Mapping[str, Any]) -> None:
    """Write arrays by name, each as :func:`write_plain` does."""
    for name, values in arrays.items():
        write_plain(group, name, values)


def read_plain_arrays(group: Any) -> dict[str, NDArray[Any]]:
    """The arrays that :func:`write_plain_arrays` wrote."""
    return {name: read_array(dataset) for name, dataset in group.items() if not dataset.is_scale}
