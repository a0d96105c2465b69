"""The sites a quantity is wanted at."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from bdg.errors import InputError
from bdg.lattice import Sample


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
