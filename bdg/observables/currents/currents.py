"""Currents on bonds."""

import numpy as np
from numpy.typing import NDArray

from bdg.conventions import ELECTRON_CHARGE
from bdg.expectations import bond_current, divergence
from bdg.lattice import Sample
from bdg.model.interactions import given_pairs
from bdg.observables.quantity import Quantity, scalar
from bdg.observables.registry import observable
from bdg.observables.state import State


@observable(title="Bond currents and their divergence.", group="currents")
def currents(state: State) -> dict[str, Quantity]:
    """Bond currents J = −∂Ω/∂A_ij, the current vector of each site, and the net current out of each site.

    ``bond_current`` is charge flowing source → target, in e t/ħ. ``site_current`` gives each end of a bond
    half of its J d, d the bond's displacement, so that the sum over sites, ``total_current``, is Σ_bonds J d.
    ``divergence`` vanishes at self-consistency; with a given Δ, on sites or bonds, or before convergence,
    it need not, and the attribute ``self_consistent`` says so.
    """
    model, sample = state.model, state.model.sample
    on_bonds = state.on_bonds
    current = bond_current(model, on_bonds)
    vectors = site_vectors(sample, current)
    net = divergence(sample, current)
    hopping = float(np.abs(model.spin_amplitude).sum(axis=2).max(initial=0.0))
    error = 4 * abs(ELECTRON_CHARGE) * hopping * on_bonds.error
    lengths = np.linalg.norm(sample.bonds.displacement, axis=1)
    at_a_site = 0.5 * error * float(at_sites(sample, lengths).max(initial=0.0))
    out_of_a_site = error * float(at_sites(sample, np.ones(sample.n_bonds)).max(initial=0.0))
    notes = {"self_consistent": not given_pairs(model) and state.is_converged}
    unit = "e t/hbar"
    return {
        "bond_current": Quantity(current, ("bond",), unit, "bond current", error=error, attributes=notes),
        "site_current": Quantity(
            vectors, ("site", "component"), unit, "site current", error=at_a_site, attributes=notes
        ),
        "divergence": Quantity(
            net,
            ("site",),
            unit,
            "net current out of the site",
            error=out_of_a_site,
            attributes=notes,
        ),
        "total_current": Quantity(
            vectors.sum(axis=0),
            ("component",),
            unit,
            f"total current{state.each}",
            error=error * float(lengths.sum()),
            attributes=notes,
        ),
        "largest_divergence": scalar(
            float(np.abs(net).max()), unit, "largest net current out of a site", out_of_a_site
        ),
    }


def at_sites(sample: Sample, on_bonds: NDArray[np.float64]) -> NDArray[np.float64]:
    """Sum over the bonds that end at a site, shape ``(n_sites,)``."""
    ends = np.concatenate([sample.bonds.source, sample.bonds.target])
    return np.bincount(ends, np.tile(on_bonds, 2), sample.n_sites).astype(np.float64)


def site_vectors(sample: Sample, current: NDArray[np.float64]) -> NDArray[np.float64]:
    """Half of J d of every bond at each of its ends, shape ``(n_sites, dimension)``."""
    per_bond = 0.5 * current[:, None] * sample.bonds.displacement
    vectors = np.zeros((sample.n_sites, sample.dimension))
    np.add.at(vectors, sample.bonds.source, per_bond)
    np.add.at(vectors, sample.bonds.target, per_bond)
    return vectors
