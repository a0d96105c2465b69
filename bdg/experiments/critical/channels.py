"""Pictures of modes of pairs, and how much of each has which symmetry."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from bdg.arrays import Floats, Numbers
from bdg.gauge import phase_factor
from bdg.lattice import Sample
from bdg.model import Fields, Model
from bdg.model.interactions import acting, reach
from bdg.model.pairs import components, form_factor
from bdg.observables.local.bond_order import PARTS, projection
from bdg.observables.quantity import Quantity

ON_SITES = "s"
"""Name of pairs on sites."""


def pictures(model: Model, modes: list[Fields]) -> dict[str, Quantity]:
    """Maps of the modes, on sites and of each spin part on bonds; of each its largest pair is 1."""
    found: dict[str, Quantity] = {}
    if any(kind.gain(model) for kind in acting(model, "delta")):
        values = np.array([pairs.delta for pairs in modes])
        found["pairing_mode"] = Quantity(values, ("mode", "site"), "1", "pairs of the mode")
    for name, values in _parts(model, modes).items():
        told = f"pairs of the mode on bonds, {name.replace('_', ' along ')}"
        found[f"pairing_mode_{name}"] = Quantity(values, ("mode", "bond"), "1", told)
    return found


def shares(model: Model, modes: list[Fields]) -> dict[str, Floats]:
    """Share of each mode, Σ_i |Δ_i|² + Σ_bonds Σ_σσ' |Δ_iσ,jσ'|² = 1, that has a symmetry.

    A bond counts half at each end, where pairs on the bonds are projected on a form factor; what is of no
    symmetry named is in none of the shares.
    """
    on_sites = np.array([np.sum(np.abs(pairs.delta) ** 2) for pairs in modes])
    parts = _parts(model, modes)
    whole = on_sites + sum(2 * np.sum(np.abs(part) ** 2, axis=1) for part in parts.values())
    found = {ON_SITES: on_sites / whole} if on_sites.any() else {}
    for name, part in parts.items():
        suffix = "" if name in ("singlet", "triplet_z") else f"_d{name[-1]}"
        for symmetry in PARTS[name][1]:
            sizes = np.array([_projected(model, one, symmetry) for one in part])
            if sizes.any():
                found[symmetry + suffix] = sizes / whole
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


def _projected(model: Model, part: Numbers, symmetry: str) -> float:
    """Σ_i w_i |p_i|², p_i the projection at a site and w_i = Σ_j |f_ij|²; of a pure one 2 Σ_bonds |g|²."""
    sample = model.sample
    has_pairs = reach(model, "bond_delta") & (sample.bonds.shell > 0)
    projected = projection(sample, part, symmetry, has_pairs, phase_factor(model.peierls_phase))
    if projected is None:
        return 0.0
    return float(np.sum(_weight(sample, symmetry, has_pairs) * np.abs(projected) ** 2))


def _weight(sample: Sample, symmetry: str, has_pairs: NDArray[np.bool_]) -> Floats:
    factor = np.where(has_pairs, np.abs(form_factor(symmetry, sample.bonds.displacement)) ** 2, 0.0)
    at_source, at_target = (
        np.bincount(ends, factor, sample.n_sites) for ends in (sample.bonds.source, sample.bonds.target)
    )
    return np.asarray(at_source + at_target, dtype=np.float64)
