"""Pictures of modes of pairs, and how much of each has which symmetry."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from bdg.arrays import Floats, Numbers
from bdg.gauge import phase_factor
from bdg.model import Fields, Model
from bdg.model.interactions import acting, reach
from bdg.model.pairs import components, form_factor
from bdg.observables.local.bond_order import PARTS, projection
from bdg.observables.quantity import Quantity

ON_SITES = "s"
"""Name of pairs on sites."""


def pictures(model: Model, modes: list[Fields], eigenvalues: Quantity) -> dict[str, Quantity]:
    """Maps of the modes, of each its largest pair 1: on sites, on bonds by spin part, and their symmetries.

    The last are projections of the pairs on bonds at every site, as ``bond_order`` has them.
    """
    coords = {"mode_eigenvalue": eigenvalues}
    found: dict[str, Quantity] = {}

    def add(name: str, values: Numbers, place: str, meaning: str) -> None:
        found[f"pairing_mode{name}"] = Quantity(values, ("mode", place), "1", meaning, coords)

    if any(kind.gain(model) for kind in acting(model, "delta")):
        add("", np.array([pairs.delta for pairs in modes]), "site", "pairs of the mode")
    for name, part in _parts(model, modes).items():
        add(f"_{name}", part, "bond", f"pairs of the mode on bonds, {name.replace('_', ' along ')}")
    for symmetry, projected in _projections(model, modes).items():
        if projected.any():
            add(f"_{symmetry}", projected, "site", f"{symmetry.replace('_', ' ')} pairs of the mode")
    return found


def shares(model: Model, modes: list[Fields]) -> dict[str, Floats]:
    """Share of each mode, Σ_i |Δ_i|² + Σ_bonds Σ_σσ' |Δ_iσ,jσ'|² = 1, that has a symmetry.

    A bond counts half at each end, so that pairs which are of one symmetry everywhere have the share
    Σ_i w_i |p_i|² = 2 Σ_bonds |g|² of its projections p_i, w_i = Σ_j |f_ij|²; what is of no symmetry named is
    in none of the shares.
    """
    on_sites = np.array([np.sum(np.abs(pairs.delta) ** 2) for pairs in modes])
    on_bonds = [np.sum(np.abs(part) ** 2, axis=1) for part in _parts(model, modes).values()]
    whole = on_sites + 2 * sum(on_bonds, np.zeros(len(modes)))
    found = {ON_SITES: on_sites / whole} if on_sites.any() else {}
    for name, projected in _projections(model, modes).items():
        sizes = np.abs(projected) ** 2 @ _weight(model, name.partition("_d")[0] if name[0] == "p" else name)
        if sizes.any():
            found[name] = sizes / whole
    return found


def _projections(model: Model, modes: list[Fields]) -> dict[str, Numbers]:
    """Of each symmetry that bonds can have, the projections at the sites, shape ``(n_modes, n_sites)``."""
    found: dict[str, Numbers] = {}
    for name, part in _parts(model, modes).items():
        suffix = "" if name in ("singlet", "triplet_z") else f"_d{name[-1]}"
        for symmetry in PARTS[name][1]:
            given = symmetry, _bonds(model), phase_factor(model.peierls_phase)
            projected = [projection(model.sample, one, *given) for one in part]
            if all(one is not None for one in projected):
                found[symmetry + suffix] = np.array(projected)
    return found


def _parts(model: Model, modes: list[Fields]) -> dict[str, Numbers]:
    """The spin parts of pairs on bonds that the model has, shape ``(n_modes, n_bonds)``."""
    if not acting(model, "bond_delta"):
        return {}
    return {
        name: np.array([components(np.asarray(pairs.bond_delta), spin[None])[0] for pairs in modes])
        for name, (spin, _) in PARTS.items()
        if any(np.array_equal(spin, own) for own in model.on_bonds.basis)
    }


def _bonds(model: Model) -> NDArray[np.bool_]:
    """Bonds with pairs and a direction."""
    return reach(model, "bond_delta") & (model.sample.bonds.shell > 0)


def _weight(model: Model, symmetry: str) -> Floats:
    """Σ_j |f_ij|² of each site."""
    bonds, n_sites = model.sample.bonds, model.sample.n_sites
    factor = np.where(_bonds(model), np.abs(form_factor(symmetry, bonds.displacement)) ** 2, 0.0)
    at_source, at_target = (np.bincount(ends, factor, n_sites) for ends in (bonds.source, bonds.target))
    return np.asarray(at_source + at_target, dtype=np.float64)
