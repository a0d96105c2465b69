"""Where a self-consistency loop starts."""

from __future__ import annotations

from typing import Literal

import numpy as np

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

    Δ is zero where there is no attraction. ``uniform``: Δ_i = 0.5 t; ``random``: sizes up to 0.5 t with
    random sign, or random phase where Δ may be complex; ``normal``: Δ = 0, which stays zero. Hartree
    potentials start from a uniform density, μ from the on-site energies of that density.

    Raises
    ------
    InputError
        If the kind has no such name.
    """
    sample, strength = model.sample, model.attraction.strength
    filling = 1.0 if model.filling is None else model.filling
    if model.given_delta is not None:
        delta = model.given_delta
    elif kind == "uniform":
        delta = np.where(strength != 0, START_DELTA, 0.0)
    elif kind == "random":
        u, v = uniform_at_sites(sample, seed, stream=1), uniform_at_sites(sample, seed, stream=2)
        turn = np.exp(2j * np.pi * v) if is_complex else np.where(v < 0.5, -1.0, 1.0)
        delta = np.where(strength != 0, START_DELTA * u, 0.0) * turn
    elif kind == "normal":
        delta = np.zeros(sample.n_sites)
    else:
        raise InputError(f"unknown start {kind!r}; use uniform, random or normal")
    if not (model.attraction.pairing or model.given_delta is not None):
        delta = np.zeros(sample.n_sites)
    if is_complex:
        delta = delta.astype(np.complex128)
    hartree = np.zeros((2, sample.n_sites))
    if model.attraction.hartree:
        hartree = model.attraction.hartree_potential(np.full((2, sample.n_sites), filling / 2))
    mu = model.chemical_potential
    if mu is None:
        mu = float(np.mean(model.onsite + hartree[0]))
    return Fields(delta, hartree, mu)
