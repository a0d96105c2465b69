"""Results as xarray trees."""

from __future__ import annotations

import importlib
import io
import os
from typing import Any

from bdg.errors import InputError
from bdg.result import Result
from bdg.store.files import empty_hdf5, open_hdf5
from bdg.store.results import write_result


def to_xarray(result: Result | str | os.PathLike[str]) -> Any:
    """A result, or the file of one, as an :class:`xarray.DataTree`.

    ``tree["observables/density"]["density"]`` and so on, as the groups in the file; whatever lies on sites
    has the coordinates ``x``, ``y``, ``z``, in lattice constants.

    Parameters
    ----------
    result
        A result in memory, or the path of its file.

    Raises
    ------
    InputError
        If xarray or h5netcdf is missing, or there is no such file.
    FileRefusedError
        If the file is damaged or not of bdg.
    """
    try:
        importlib.import_module("h5netcdf")
        import xarray
    except ImportError:
        raise InputError(
            "xarray and h5netcdf are not installed; get them with: pip install 'bdg[xarray]'"
        ) from None
    if isinstance(result, Result):
        image = io.BytesIO()
        with empty_hdf5(image, "result") as file:
            write_result(file, result)
        return _opened(xarray, image)
    with open_hdf5(result, "result"):
        pass  # ours, and readable
    return _opened(xarray, os.fspath(result))


def _opened(xarray: Any, source: Any) -> Any:
    with xarray.open_datatree(source, engine="h5netcdf") as opened:
        tree = opened.load()
    positions = tree["sample"]["positions"]
    along = {
        str(name): ("site", positions.sel(component=name).values, dict(positions.attrs))
        for name in positions["component"].values
    }

    def with_positions(dataset: Any) -> Any:
        on_sites = any("site" in variable.dims for variable in dataset.data_vars.values())
        return dataset.assign_coords(along) if on_sites else dataset

    return tree.map_over_datasets(with_positions)
