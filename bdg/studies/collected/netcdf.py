"""A collection as one NetCDF file, which is HDF5 as well."""

from __future__ import annotations

import importlib
import os
from pathlib import Path
from typing import Any

import numpy as np

from bdg.errors import InputError
from bdg.store import require_writable
from bdg.studies.collected.collection import Collection


def write_netcdf(collection: Collection, path: str | os.PathLike[str]) -> None:
    """Write a collection; a complex quantity becomes NAME_real and NAME_imag. An existing file is replaced.

    Raises
    ------
    InputError
        If xarray or h5netcdf is missing.
    ResourceError, FileRefusedError
        If it cannot be written.
    """
    try:
        importlib.import_module("h5netcdf")
    except ImportError:
        raise InputError("h5netcdf is not installed; get it with: pip install 'bdg[xarray]'") from None
    dataset = _real(collection.to_xarray())
    require_writable(path, overwrite=True)
    temporary = Path(f"{os.fspath(path)}.tmp")
    dataset.to_netcdf(temporary, engine="h5netcdf")
    temporary.replace(path)


def _real(dataset: Any) -> Any:
    for name in [name for name, one in dataset.data_vars.items() if np.iscomplexobj(one.values)]:
        one = dataset[name]
        parts = {f"{name}_real": one.real, f"{name}_imag": one.imag}
        dataset = dataset.drop_vars(name).assign(
            {key: part.assign_attrs(one.attrs) for key, part in parts.items()}
        )
    return dataset
