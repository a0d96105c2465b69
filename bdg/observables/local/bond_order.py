"""The order parameter on bonds, and its projections on symmetries at every site."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from bdg.arrays import Numbers
from bdg.errors import InputError
from bdg.gauge import phase_factor
from bdg.lattice import Sample
from bdg.model.interactions import acting, reach
from bdg.model.pairs import (
    NO_WEIGHT,
    SINGLET,
    TRIPLET_X,
    TRIPLET_Y,
    TRIPLET_Z,
    components,
    form_factor,
)
from bdg.observables.needs import pairs_on_bonds
from bdg.observables.quantity import Quantity
from bdg.observables.registry import observable
from bdg.observables.state import State

PARTS = {
    "singlet": (SINGLET, ("s_extended", "d_x2_y2", "d_xy")),
    "triplet_z": (TRIPLET_Z, ("p_x", "p_y", "p_z")),
    "triplet_x": (TRIPLET_X, ("p_x", "p_y", "p_z")),
    "triplet_y": (TRIPLET_Y, ("p_x", "p_y", "p_z")),
}
"""Spin matrix of each component, and the symmetries it is projected on."""

CHIRAL = {True: ("d_id", "d_minus_id"), False: ("chiral_p", "chiral_p_minus")}
"""Those that singlets, or else triplets, are projected on where they are complex."""

MINUS = {"d_minus_id": "d_id", "chiral_p_minus": "chiral_p"}
"""Symmetries that turn the other way: their form factors are the conjugates of those."""

NOT_APART = 0.2
"""Overlap from which on a chiral form factor and its conjugate count as one; the rim of a sample is less."""

REAL_TO = 1e-10
"""Imaginary parts below this share of the largest pair are no sign of a chiral one."""


@observable(
    title="Order parameter on bonds, and its symmetries (s, d, p) at each site.",
    group="fields",
    needs=pairs_on_bonds,
)
def bond_order(state: State) -> dict[str, Quantity]:
    """Singlet and triplet parts of the pairs on bonds, in t, and their symmetries at every site.

    ``bond_singlet`` is (Δ_{i↑j↓} − Δ_{i↓j↑})/2; ``bond_triplet_z``, ``_x``, ``_y`` are the components of d,
    that of y over i. Parts that are zero everywhere are left out. A site's projection on a form factor f is
    Σ_j f*_ij g_ij e^{−iφ_ji} / Σ_j |f_ij|² over its bonds with pairs, i → j being the direction away from it,
    φ the Peierls phase: of a uniform pairing with that symmetry the amplitude, and in the gauge of Δ_i.
    ``s_extended``, ``d_x2_y2``, ``d_xy`` are those of the singlet, ``p_x``, ``p_y``, ``p_z`` those of d_z,
    and ``p_x_dx``, …, those of the other components. Complex pairs have those on ``d_id``, (D_x + iD_y)², and
    ``d_minus_id``, (D_x − iD_y)², besides, and on ``chiral_p``, D_x + iD_y, and ``chiral_p_minus``, on
    lattices where the two are at right angles. Where bonds of several shells have pairs, there are also the
    projections over each shell alone, ``d_x2_y2_shell_1`` and so on. Orbitals at one place have no direction,
    and no part in any.

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
    if acting(state.model, "bond_delta"):
        has_pairs = reach(state.model, "bond_delta")
    phase_factors = phase_factor(state.model.peierls_phase)
    parts = {name: components(pairs, spin[None])[0] for name, (spin, _) in PARTS.items()}
    kept = {name: part for name, part in parts.items() if part.any()} or {"singlet": parts["singlet"]}
    found: dict[str, Quantity] = {}
    for name, part in kept.items():
        long_name = f"order parameter on bonds, {name.replace('_', ' along ')}"
        found[f"bond_{name}"] = Quantity(part, ("bond",), "t", long_name)
        suffix = "" if name in ("singlet", "triplet_z") else f"_d{name[-1]}"
        for symmetry, values in _projections(sample, name, part, has_pairs, phase_factors).items():
            words = symmetry.replace("_shell_", " part, shell ").replace("_", " ")
            long_name = f"order parameter, {words}" + ("" if "shell" in words else " part")
            symmetry, shell, number = symmetry.partition("_shell_")
            found[symmetry + suffix + shell + number] = Quantity(values, ("site",), "t", long_name)
    return found


def largest_symmetry(orders: Mapping[str, Quantity]) -> Numbers:
    """Of what :func:`bond_order` found, the projection on the sites that is largest anywhere.

    Raises
    ------
    InputError
        If there is none: every pair is of orbitals at one place.
    """
    on_sites = [order.values for order in orders.values() if order.dims == ("site",)]
    if not on_sites:
        raise InputError("pairs on bonds have no direction here, and give no site an order parameter")
    return max(on_sites, key=lambda values: float(np.abs(values).max()))


def _projections(
    sample: Sample, name: str, part: Numbers, has_pairs: NDArray[np.bool_], phase_factors: Numbers
) -> dict[str, Numbers]:
    """A component's projections by symmetry, over all bonds and over each shell if there are several."""
    has_pairs = has_pairs & (sample.bonds.shell > 0)
    shells = np.unique(sample.bonds.shell[has_pairs])
    chosen = {"": has_pairs}
    if len(shells) > 1:
        chosen |= {f"_shell_{shell}": has_pairs & (sample.bonds.shell == shell) for shell in shells}
    found: dict[str, Numbers] = {}
    for place, bonds in chosen.items():
        chiral = CHIRAL[name == "singlet"]
        turning = np.iscomplexobj(part) and np.abs(part.imag).max() > REAL_TO * np.abs(part).max()
        has_chiral = turning and _are_apart(sample, chiral[0], bonds)
        for symmetry in (*PARTS[name][1], *(chiral if has_chiral else ())):
            projected = projection(sample, part, symmetry, bonds, phase_factors)
            if projected is not None:
                found[symmetry + place] = projected
    return found


def _are_apart(sample: Sample, symmetry: str, has_pairs: NDArray[np.bool_]) -> bool:
    """Whether a chiral form factor is at right angles to its conjugate: else the two are not two."""
    factor = form_factor(symmetry, sample.bonds.displacement)[has_pairs]
    return bool(np.abs(np.sum(factor**2)) < NOT_APART * np.sum(np.abs(factor) ** 2))


def projection(
    sample: Sample, part: Numbers, symmetry: str, has_pairs: NDArray[np.bool_], phase_factors: Numbers
) -> Numbers | None:
    """Σ_j f*_ij g_ij e^{−iφ_ji} / Σ_j |f_ij|² of every site, 0 if it has no bonds; ``None`` if so everywhere.

    A bond counts alike at both ends: f and g are both even, or both odd, in its direction. The Peierls factor
    ``phase_factors``, e^{iφ} from source to target, makes a pair on a bond turn under a change of gauge as Δ
    of the site does.
    """
    bonds = sample.bonds
    factor = np.where(has_pairs, form_factor(MINUS.get(symmetry, symmetry), bonds.displacement), 0.0)
    factor = factor if symmetry in MINUS else np.conj(factor)
    weight = np.zeros(sample.n_sites)
    total = np.zeros(sample.n_sites, np.result_type(part, phase_factors, factor))
    for ends, factor_at_end in ((bonds.source, np.conj(phase_factors)), (bonds.target, phase_factors)):
        np.add.at(weight, ends, np.abs(factor) ** 2)
        np.add.at(total, ends, factor * part * factor_at_end)
    if weight.max(initial=0.0) < NO_WEIGHT:
        return None
    projected: Numbers = np.divide(total, weight, out=np.zeros_like(total), where=weight > NO_WEIGHT)
    return projected
