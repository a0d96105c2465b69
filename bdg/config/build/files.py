"""Values over sites from a file: NumPy's, or a dataset of HDF5."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import h5py
import numpy as np
from numpy.typing import NDArray

from bdg.errors import InputError
from bdg.lattice import Sample
from bdg.lattice.values import Values


def read_values(file: str, dataset: str | None) -> NDArray[Any]:
    """The array of a file.

    Raises
    ------
    InputError
        If it can't be read, is neither, or has no such dataset of numbers.
    """
    try:
        if Path(file).suffix == ".npy":
            if dataset is not None:
                raise InputError(f"{file} is no HDF5 file and has no dataset {dataset!r}; remove dataset")
            found = np.load(file, allow_pickle=False)
        else:
            found = _dataset(file, dataset)
    except (OSError, ValueError, EOFError) as error:
        raise InputError(f"{file}: can't be read: {error}; give a .npy or an HDF5 file") from None
    if not isinstance(found, np.ndarray) or found.dtype.kind not in "biufc":
        raise InputError(f"{file} holds no numbers; give an array of them")
    return found


def _dataset(file: str, dataset: str | None) -> Any:
    with h5py.File(file, "r") as source:
        if dataset is None or not isinstance(source.get(dataset), h5py.Dataset):
            names: list[str] = []
            source.visititems(lambda name, one: names.append(name) if isinstance(one, h5py.Dataset) else None)
            use = ", ".join(names[:8]) + (", …" if len(names) > 8 else "")
            raise InputError(f"{file} has no dataset {dataset!r}; use one of {use or 'another file'}")
        return np.asarray(source[dataset])


def on_sites(sample: Sample, values: NDArray[Any], name: str) -> Values:
    """A number a site, of as many, or of as many as there are in the block of cells with its orbitals.

    Raises
    ------
    InputError
        If there are others, or one is not finite.
    """
    size, full = sample.size, (*sample.size, sample.cell.n_orbitals)
    if not np.isfinite(values).all():
        raise InputError(f"{name} holds a value that is not finite (NaN or infinity)")
    found: Values = values.astype(np.complex128) if np.iscomplexobj(values) else values.astype(np.float64)
    if values.shape == (sample.n_sites,):
        return found
    if values.shape == full:
        places: tuple[NDArray[Any], ...] = (*sample.cells.T, sample.orbitals)
    elif values.shape == size:
        places = tuple(sample.cells.T)
    else:
        raise InputError(
            f"{name} has shape {values.shape}, the sample has {sample.n_sites} sites in a block of {size}"
            f" cells; give shape {(sample.n_sites,)}, {size} or {full}"
        )
    chosen: Values = found[places]
    return chosen
