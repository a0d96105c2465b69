"""The order parameter on bonds, and its projections on symmetries at every site."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from bdg.errors import InputError
from bdg.gauge import turn
from bdg.lattice import Sample
from bdg.model.pairs import (
    NO_WEIGHT,
    SINGLET,
    TRIPLET_X,
    TRIPLET_Y,
    TRIPLET_Z,
    components,
    form_factor,
)
from bdg.observables.quantity import Quantity
from bdg.observables.state import State

Array = NDArray[np.float64] | NDArray[np.complex128]

PARTS = {
    "singlet": (SINGLET, ("s_extended", "d_x2_y2", "d_xy")),
    "triplet_z": (TRIPLET_Z, ("p_x", "p_y", "p_z")),
    "triplet_x": (TRIPLET_X, ("p_x", "p_y", "p_z")),
    "triplet_y": (TRIPLET_Y, ("p_x", "p_y", "p_z")),
}
"""Spin matrix of each component, and the symmetries it is projected on."""


def bond_order(state: State) -> dict[str, Quantity]:
    """Singlet and triplet parts of the pairs on bonds, in t, and their symmetries at every site.

    ``bond_singlet`` is (Δ_{i↑j↓} − Δ_{i↓j↑})/2; ``bond_triplet_z``, ``_x``, ``_y`` are the components of d,
    that of y over i. Parts that are zero everywhere are left out. A site's projection on a form factor f is
    Σ_j f_ij g_ij e^{−iφ_ji} / Σ_j f_ij² over its bonds with pairs, i → j being the direction away from it, φ
    the Peierls phase: of a uniform pairing with that symmetry the amplitude, and in the gauge of Δ_i.
    ``s_extended``, ``d_x2_y2``, ``d_xy`` are those of the singlet, ``p_x``, ``p_y``, ``p_z`` those of d_z,
    and ``p_x_dx``, …, those of the other components.

    Raises
    ------
    InputError
        If no bond has pairs.
    """
    pairs, sample = state.fields.bond_delta, state.model.sample
    if pairs is None:
        raise InputError(
            "no bond has pairs; give interaction.bonds or a pairing on bonds, or drop bond_order"
        )
    has_pairs = np.abs(pairs).max(axis=(1, 2)) > 0
    interaction = state.model.bond_attraction
    if interaction is not None and interaction.pairing:
        has_pairs = interaction.strength != 0
    turned = turn(state.model.peierls_phase)
    parts = {name: components(pairs, spin[None])[0] for name, (spin, _) in PARTS.items()}
    kept = {name: part for name, part in parts.items() if part.any()} or {"singlet": parts["singlet"]}
    found: dict[str, Quantity] = {}
    for name, part in kept.items():
        long_name = f"order parameter on bonds, {name.replace('_', ' along ')}"
        found[f"bond_{name}"] = Quantity(part, ("bond",), "t", long_name)
        for symmetry in PARTS[name][1]:
            projected = projection(sample, part, symmetry, has_pairs, turned)
            if projected is not None:
                suffix = "" if name in ("singlet", "triplet_z") else f"_d{name[-1]}"
                long_name = f"order parameter, {symmetry.replace('_', ' ')} part"
                found[symmetry + suffix] = Quantity(projected, ("site",), "t", long_name)
    return found


def projection(
    sample: Sample, part: Array, symmetry: str, has_pairs: NDArray[np.bool_], turned: Array
) -> Array | None:
    """Σ_j f_ij g_ij e^{−iφ_ji} / Σ_j f_ij² of every site, 0 if it has no bonds; ``None`` if so everywhere.

    A bond counts alike at both ends: f and g are both even, or both odd, in its direction. The Peierls factor
    ``turned``, e^{iφ} from source to target, makes a pair on a bond turn under a change of gauge as Δ of the
    site does.
    """
    bonds = sample.bonds
    factor = np.where(has_pairs, form_factor(symmetry, bonds.displacement).real, 0.0)
    weight = np.zeros(sample.n_sites)
    total = np.zeros(sample.n_sites, np.result_type(part, turned, np.float64))
    for ends, turns in ((bonds.source, np.conj(turned)), (bonds.target, turned)):
        np.add.at(weight, ends, factor**2)
        np.add.at(total, ends, factor * part * turns)
    if weight.max(initial=0.0) < NO_WEIGHT:
        return None
    projected: Array = np.divide(total, weight, out=np.zeros_like(total), where=weight > NO_WEIGHT)
    return projected
