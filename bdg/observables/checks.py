"""What several observables ask of their parameters: sites that exist, energies of a spectrum."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike, NDArray

from bdg.errors import InputError
from bdg.lattice import Sample
from bdg.words import quoted


def checked_sites(
    sample: Sample, sites: Sequence[int] | Sequence[Sequence[int]] | None
) -> NDArray[np.integer]:
    """Indices of sites that are given by index or by cell; all for ``None``.

    Raises
    ------
    InputError
        If one is not in the sample.
    """
    if sites is None:
        return np.arange(sample.n_sites)
    found = [site if isinstance(site, int | np.integer) else sample.site_at(list(site)) for site in sites]
    for site in found:
        if not 0 <= site < sample.n_sites:
            raise InputError(f"site {site} is not in the sample, which has {sample.n_sites} sites from 0")
    return np.array(found, dtype=np.int64)


def checked_energies(energies: ArrayLike, broadening: float) -> NDArray[np.float64]:
    """Energies of a spectrum with a broadening, shape ``(n_energies,)``.

    Raises
    ------
    InputError
        If they are not a list of finite numbers, or the broadening is not positive.
    """
    array = np.atleast_1d(np.asarray(energies, dtype=np.float64))
    if array.ndim != 1 or not np.isfinite(array).all():
        raise InputError(f"energies {quoted(energies)} are impossible; give a list of finite numbers")
    if not (np.isfinite(broadening) and broadening > 0):
        raise InputError(f"broadening {broadening} is impossible; give a positive number, 0.05 for example")
    return array
