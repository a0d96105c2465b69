"""Where a self-consistency loop starts."""

from __future__ import annotations

from typing import Literal

import numpy as np
from numpy.typing import NDArray

from bdg.errors import InputError
from bdg.model import Fields, Model
from bdg.model.disorder import uniform_at_sites

InitialKind = Literal["uniform", "random", "normal"]

START_DELTA = 0.5
"""Size of the order parameter a loop starts from, in t."""


def initial_fields(
    model: Model, kind: InitialKind = "uniform", seed: int = 0, is_complex: bool = False
) -> Fields:
    """Fields to start from.

    ``uniform``: Δ_i = 0.5 t; ``random``: sizes up to 0.5 t with random sign, or random phase where Δ may be
    complex; ``normal``: Δ = 0, which stays zero. The rest as in :func:`fields_from`.

    Raises
    ------
    InputError
        If the kind has no such name.
    """
    sample = model.sample
    if model.given_delta is not None:
        delta = model.given_delta
    elif kind == "uniform":
        delta = np.full(sample.n_sites, START_DELTA)
    elif kind == "random":
        u, v = uniform_at_sites(sample, seed, stream=1), uniform_at_sites(sample, seed, stream=2)
        turn = np.exp(2j * np.pi * v) if is_complex else np.where(v < 0.5, -1.0, 1.0)
        delta = START_DELTA * u * turn
    elif kind == "normal":
        delta = np.zeros(sample.n_sites)
    else:
        raise InputError(f"unknown start {kind!r}; use uniform, random or normal")
    return fields_from(model, delta.astype(np.complex128) if is_complex else delta)


def fields_from(model: Model, delta: NDArray[np.float64] | NDArray[np.complex128]) -> Fields:
    """Fields to start from with a given Δ, shape ``(n_sites,)``.

    Δ is zero where there is no attraction. Hartree potentials start from a uniform density, μ from the
    on-site energies of that density.
    """
    sample, attraction = model.sample, model.attraction
    if model.given_delta is None:
        delta = np.where(attraction.pairing & (attraction.strength != 0), delta, 0.0)
    hartree = np.zeros((2, sample.n_sites))
    if attraction.hartree:
        filling = 1.0 if model.filling is None else model.filling
        hartree = attraction.hartree_potential(np.full((2, sample.n_sites), filling / 2))
    mu = model.chemical_potential
    if mu is None:
        mu = float(np.mean(model.onsite + hartree[0]))
    return Fields(delta, hartree, mu)
