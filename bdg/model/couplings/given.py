"""Pairs that are given in place of self-consistent ones."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import ArrayLike, NDArray

from bdg.arrays import Numbers
from bdg.errors import InputError
from bdg.gauge import VectorPotentialLike, gauge_warnings, pair_factor
from bdg.lattice import Sample, SiteValue, values_at
from bdg.lattice.values import Values
from bdg.model.pairs import fixed_pairs


def given_pairs_of(
    sample: Sample,
    delta: SiteValue | None,
    bonds: Mapping[str, SiteValue] | ArrayLike | None,
    vector_potential: VectorPotentialLike | None,
    phase: NDArray[np.float64],
) -> tuple[Values | None, Values | None, tuple[str, ...]]:
    """The given Δ on sites and on bonds, ``None`` for what is not given; and warnings.

    An array is Δ itself; any other value has the phases of a condensate at rest.
    """
    of_sites = delta is not None and (callable(delta) or not np.shape(np.asarray(delta)))
    carried = of_sites or isinstance(bonds, Mapping)
    factor = pair_factor(sample, vector_potential) if carried else np.ones(sample.n_sites)
    on_sites = None if delta is None else values_at(sample.positions, delta, "given_delta")
    if on_sites is not None and of_sites:
        on_sites = factor * on_sites
    on_bonds, warnings = (None, ()) if bonds is None else _given_on_bonds(sample, bonds, factor, phase)
    return on_sites, on_bonds, warnings + (gauge_warnings(sample, vector_potential) if carried else ())


def _given_on_bonds(
    sample: Sample,
    given: Mapping[str, SiteValue] | ArrayLike,
    factor: Numbers,
    phase: NDArray[np.float64],
) -> tuple[Numbers, tuple[str, ...]]:
    """Fixed pairs on bonds, and warnings; values by symmetry have the phases θ of the sites.

    An array stands as it is.
    """
    if isinstance(given, Mapping):
        return fixed_pairs(sample, given, sample.bonds.shell == 1, factor=factor, phase=phase)
    pairs = np.asarray(given)
    if pairs.shape != (sample.n_bonds, 2, 2) or pairs.dtype.kind not in "biufc":
        raise InputError(
            f"given_bonds has shape {pairs.shape}; give numbers of shape ({sample.n_bonds}, 2, 2),"
            " or values by symmetry"
        )
    if not np.isfinite(pairs).all():
        raise InputError("given_bonds is not finite (NaN or infinity)")
    return pairs.astype(np.complex128) if np.iscomplexobj(pairs) else pairs.astype(np.float64), ()
