r"""The helicity modulus of a network at a temperature, by a Markov chain of clusters.

    Υ_aa = (1/area) [⟨Σ_b J d_a² cos θ_b⟩ − ⟨(Σ_b J d_a sin θ_b)²⟩/T],

what turning the spins of one end against those of the other costs (Teitel, Jayaprakash, Phys. Rev. B 27, 598
(1983)). Clusters after Wolff, Phys. Rev. Lett. 62, 361 (1989); errors from bins far longer than the chain
remembers.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from bdg.arrays import Floats
from bdg.experiments.xy.network import Network
from bdg.kernels.spins import sample_chain

BINS = 32
"""Bins of a chain, whose means count as independent of each other."""

WARM_UP, LEAST = 5, 100
"""A chain forgets its start in a share 1/5 of its sweeps, and at least so many."""


@dataclass(frozen=True)
class Modulus:
    """√(Υ_xx Υ_yy), of a chain Υ, and the mean energy of a site, in t, with their standard errors."""

    value: float
    error: float
    energy: float
    energy_error: float


def helicity_modulus(network: Network, temperature: float, sweeps: int, seed: tuple[int, ...]) -> Modulus:
    """Υ of a network, the same for the same seed.

    Parameters
    ----------
    network
        The network.
    temperature
        In t.
    sweeps
        How many are measured, a multiple of :data:`BINS` of them.
    seed
        Of the chain.
    """
    record = _chain(network, temperature, -(-sweeps // BINS) * BINS, np.random.default_rng(seed))
    bins = record.reshape(BINS, -1, record.shape[1])
    energy = -bins[:, :, 0].mean(axis=1) / network.n_sites
    n_axes = network.steps.shape[1]
    cosines, sines = bins[:, :, 1 : 1 + n_axes], bins[:, :, 1 + n_axes :]
    each = (cosines - sines**2 / temperature).mean(axis=1) / network.area
    left_out = (each.sum(axis=0) - each) / (BINS - 1)  # of the jackknife
    return Modulus(
        float(_mean(each.mean(axis=0))),
        float(np.sqrt((BINS - 1) * np.var(_mean(left_out)))),
        float(energy.mean()),
        float(energy.std(ddof=1) / np.sqrt(BINS)),
    )


def _mean(each: Floats) -> Floats:
    """The geometric mean of Υ along the axes, 0 where one is not positive."""
    found: Floats = np.prod(np.maximum(each, 0.0), axis=-1) ** (1 / each.shape[-1])
    return found


def _chain(network: Network, temperature: float, sweeps: int, rng: np.random.Generator) -> Floats:
    """What :func:`bdg.kernels.spins.sample_chain` records, from all spins alike; all sites a sweep."""
    first, others, couplings = network.neighbours()
    spins = np.zeros((network.n_sites, 2))
    spins[:, 0] = 1.0

    def run(sweeps: int, clusters: int) -> tuple[Floats, int]:
        record = np.empty((sweeps, 1 + 2 * network.steps.shape[1]))
        bonds, steps = network.bonds, network.steps
        turned = sample_chain(
            spins,
            first,
            others,
            couplings,
            1 / temperature,
            clusters,
            rng,
            bonds,
            network.couplings,
            steps,
            record,
        )
        return record, turned

    _, turned = run(LEAST, 1)
    clusters = max(1, round(LEAST * network.n_sites / turned))
    run(max(LEAST, sweeps // WARM_UP), clusters)
    return run(sweeps, clusters)[0]
