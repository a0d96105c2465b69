"""Values over sites from files of NumPy's or HDF5, and pictures."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import h5py
import numpy as np
from numpy.typing import NDArray

from bdg.arrays import Numbers
from bdg.errors import InputError
from bdg.lattice import Sample


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


def read_picture(file: str, inside: str) -> NDArray[np.bool_]:
    """Which pixels of a picture are dark, or light, and not transparent, shape ``(n_rows, n_columns)``.

    Raises
    ------
    InputError
        If it can't be read.
    """
    from matplotlib.image import imread  # slow to import, rarely needed

    try:
        pixels = np.asarray(imread(file))
    except (OSError, ValueError, SyntaxError) as error:
        raise InputError(f"{file}: can't be read: {error}; give a picture, .png for example") from None
    if pixels.dtype.kind in "iu":
        pixels = pixels / np.iinfo(pixels.dtype).max
    has_alpha = pixels.ndim == 3 and pixels.shape[2] in (2, 4)
    seen = pixels[..., -1] >= 0.5 if has_alpha else np.ones(pixels.shape[:2], bool)
    brightness = pixels if pixels.ndim == 2 else pixels[..., : pixels.shape[2] - has_alpha].mean(axis=2)
    dark = brightness < 0.5
    chosen: NDArray[np.bool_] = seen & (dark if inside == "dark" else ~dark)
    return chosen


def on_sites(sample: Sample, values: NDArray[Any], name: str) -> Numbers:
    """A number a site, of as many, or of as many as there are in the block of cells with its orbitals.

    Raises
    ------
    InputError
        If there are others, or one is not finite.
    """
    size, full = sample.size, (*sample.size, sample.cell.n_orbitals)
    if not np.isfinite(values).all():
        raise InputError(f"{name} holds a value that is not finite (NaN or infinity)")
    found: Numbers = values.astype(np.complex128) if np.iscomplexobj(values) else values.astype(np.float64)
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
    chosen: Numbers = found[places]
    return chosen
