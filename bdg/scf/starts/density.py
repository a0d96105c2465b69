"""Density that a loop starts from: a uniform one keeps symmetries of the lattice that ought to break."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from bdg.errors import InputError
from bdg.lattice import SiteValue, real_values, values_at
from bdg.model import Model
from bdg.model.interactions import acting
from bdg.model.terms.disorder import uniform_at_sites
from bdg.scf.starts.magnetic import PATTERNS, SHARE, staggered

STREAM = 30_000
"""First stream of random numbers for densities; no other start uses these."""


def density_of(model: Model, given: str | SiteValue, seed: int = 0, draw: int = 0) -> NDArray[np.float64]:
    """Electrons of each site to start from, shape ``(n_sites,)``.

    Parameters
    ----------
    model
        What starts; it must have a mean field of the density.
    given
        ``"staggered"``: more on one sublattice and fewer on the other; ``"random"``: more or fewer by a
        random share; or values over sites, from 0 to 2.
    seed, draw
        Of a random one.

    Raises
    ------
    InputError
        If no field feels the density, the sample has no two sublattices, or a value is out of range.
    """
    if not acting(model, "hartree"):
        raise InputError(
            "a first density is that of the Hartree field, and none is on; add hartree to the fields"
        )
    if isinstance(given, str) and given in PATTERNS:
        filling = 1.0 if model.filling is None else model.filling
        pattern = (
            2 * uniform_at_sites(model.sample, seed, stream=STREAM + draw) - 1
            if given == "random"
            else staggered(model.sample, "density")
        )
        return filling + SHARE * min(filling, 2.0 - filling) * pattern
    values = real_values(values_at(model.sample.positions, given, "initial density"), "initial density")
    if values.min() < 0 or values.max() > 2:
        raise InputError(
            f"a first density of {values.min():g} to {values.max():g} electrons on a site is impossible;"
            " give values from 0 to 2"
        )
    return values
