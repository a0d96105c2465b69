"""Samples and models that several checks share, and the transmission of a barrier in closed form."""

from __future__ import annotations

from typing import Any

import numpy as np

import bdg


def chain(n: int) -> bdg.Sample:
    """A ring of n sites."""
    return bdg.build_sample("chain", n, "periodic")


def bulk(n_k: int, **terms: Any) -> bdg.Model:
    """The infinite square lattice with n × n momenta, μ = −0.5 t unless given."""
    sample = bdg.build_sample("square", [1, 1], bdg.Boundary("bloch", n_k=n_k))
    return bdg.build_model(sample, **{"chemical_potential": -0.5, **terms})


def barrier(length: int, delta: float, height: float, **terms: Any) -> bdg.Model:
    """Two chains of a given Δ with a site of the energy ``height`` and without Δ between them."""
    sample = bdg.build_sample("chain", 2 * length + 1)
    here = sample.positions[:, 0] == length
    return bdg.build_model(sample, onsite=height * here, given_delta=delta * ~here, fields=(), **terms)


def transmission(height: float, mu: float) -> float:
    """τ of a site of the energy V in a chain: 1/(1 + (V/v)²), v = √(4 − μ²) the velocity."""
    return float(1 / (1 + height**2 / (4 - mu**2)))


def junction(weak: float, delta: float, temperature: float) -> bdg.Model:
    """Two halves of a chain joined by a bond ``weak``, T in Δ."""
    sample = bdg.build_sample("chain", 8)
    middle = sample.positions[sample.bonds.source, 0] == 3
    return bdg.build_model(
        sample,
        hopping=np.where(middle, weak, 1.0),
        chemical_potential=0.0,
        given_delta=delta,
        fields=(),
        temperature=delta * temperature,
    )


def contact(barrier: float, delta: float) -> bdg.Model:
    """A chain with a barrier of strength Z between a normal and a superconducting half, μ = −0.5 t."""
    sample = bdg.build_sample("chain", 12)
    place = sample.positions[:, 0]
    return bdg.build_model(
        sample,
        chemical_potential=-0.5,
        onsite=barrier * np.sqrt(4 - 0.25) * (place == 5),
        given_delta=delta * (place > 5),
        fields=(),
    )
