"""Where a self-consistency loop starts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from bdg.arrays import Numbers
from bdg.conventions import ELECTRON_CHARGE
from bdg.errors import InputError
from bdg.gauge import between, peierls_phase, twist_phase
from bdg.gauge.pairs import CORE as ON_SITE
from bdg.lattice import Sample, SiteValue, values_at
from bdg.model import TABLE, Fields, Model
from bdg.model.interactions import Pairing, acting, free_rows, mean_field
from bdg.model.pairs import SYMMETRIES, components, given_pairs, matrices
from bdg.scf.starts.density import density_of
from bdg.scf.starts.magnetic import magnetisation_of, usual_magnetisation
from bdg.scf.starts.random import random_hops, random_on_sites, random_pairs

InitialKind = Literal["uniform", "random", "normal", "vortex"]

START_DELTA = 0.5
"""Size of the order parameter a loop starts from, in t."""

CORE = 2.0
"""Radius of the core a vortex starts with, in lattice constants."""


def initial_fields(
    model: Model,
    kind: InitialKind = "uniform",
    seed: int = 0,
    is_complex: bool = False,
    *,
    draw: int = 0,
) -> Fields:
    """Fields to start from.

    ``uniform``: Δ_i = 0.5 t, with the phases of a twist, or in a field on a torus, which nothing uniform
    fits, Abrikosov's vortex lattice of at most 0.5 t; ``random``: sizes up to 0.5 t with random sign, or
    random phase where Δ may be complex, on every site, bond and component by itself, and random densities and
    hops where there are Hartree and Fock fields; ``normal``: Δ = 0, which stays zero; ``vortex``: see
    :func:`vortex`.
    Where magnetism may arise it starts staggered, or at random on a lattice without two sublattices or from
    ``random``; not from ``normal``. The rest as in :func:`fields_from`.

    Parameters
    ----------
    model, kind
        What starts, and how.
    seed, draw
        Of a random start: draws 0, 1, 2, … of one seed are independent of each other.
    is_complex
        Whether Δ may be complex; a vortex always is.

    Raises
    ------
    InputError
        If the kind has no such name, or a vortex is asked for in one dimension.
    """
    shape = _shape(model.sample, kind, seed, is_complex, draw)
    if kind == "uniform" and model.start_shape is not None:
        shape = model.start_shape
    density = (
        density_of(model, "random", seed, draw) if kind == "random" and acting(model, "hartree") else None
    )
    start = fields_from(model, START_DELTA * shape, shape, _magnetisation(model, kind, seed, draw), density)
    if kind == "random":
        start = _random_on_bonds(model, start, seed, draw, is_complex)
    return start.as_complex() if is_complex else start


def _random_on_bonds(model: Model, start: Fields, seed: int, draw: int, is_complex: bool) -> Fields:
    """The start with random pairs and Fock fields on bonds."""
    drawn = dict[str, Any]()
    if acting(model, "bond_delta") and model.given_bonds is None:
        acts = (model.on_bonds.largest > 0)[:, None, None]
        drawn["bond_delta"] = START_DELTA * acts * random_pairs(model, seed, draw, is_complex)
    if acting(model, "fock"):
        drawn["fock"] = mean_field(model, "fock", random_hops(model, seed, draw, is_complex))
    return start.having(drawn)


def _magnetisation(model: Model, kind: InitialKind, seed: int, draw: int) -> NDArray[np.float64] | None:
    if model.magnetism == "off" or kind == "normal":
        return None
    return (
        magnetisation_of(model, "random", seed, draw)
        if kind == "random"
        else usual_magnetisation(model, seed)
    )


def _shape(sample: Sample, kind: InitialKind, seed: int, is_complex: bool, draw: int) -> Numbers:
    """Δ over its size at the start, shape ``(n_sites,)``."""
    if kind == "uniform":
        return np.ones(sample.n_sites)
    if kind == "normal":
        return np.zeros(sample.n_sites)
    if kind == "vortex":
        return vortex(sample)
    if kind != "random":
        raise InputError(f"unknown start {kind!r}; use uniform, random, normal or vortex")
    return random_on_sites(sample, seed, draw, is_complex)


def vortex(sample: Sample) -> NDArray[np.complex128]:
    r"""A vortex around the middle of the sample, tanh(r/ξ) e^{−iθ}, shape ``(n_sites,)``.

    The phase winds by −2π along a counter-clockwise circle: with electrons of charge −e that is the vortex
    that carries +h/2e of flux, the one a field along +z lets in. The middle is the mean of the positions, ξ
    two lattice constants; in three dimensions the vortex is a line along z. Where the ends of the sample are
    joined its phase jumps: without a flux such a sample holds no single vortex.

    Raises
    ------
    InputError
        If the sample has one dimension.
    """
    if sample.dimension < 2:
        raise InputError("a vortex needs a sample of two or three dimensions, this one has 1; use uniform")
    x, y = (sample.positions - sample.positions.mean(axis=0)).T[:2]
    away = np.hypot(x, y)
    wound: NDArray[np.complex128] = np.tanh(away / CORE) * np.exp(-1j * np.arctan2(y, x))
    return wound


def fields_from(
    model: Model,
    delta: Numbers,
    shape: Numbers | None = None,
    magnetisation: NDArray[np.float64] | None = None,
    density: NDArray[np.float64] | None = None,
) -> Fields:
    """Fields to start from with a Δ, shape ``(n_sites,)``, or that which the model has given.

    Δ is zero where U does not attract and no pairs hop, Fock fields everywhere. Pairs on bonds have the
    symmetry that the model names and, if it is given, the mean of ``shape`` at both ends, carried to the
    middle of the bond. Hartree and exchange fields start from the ``density``, shape ``(n_sites,)``, or a
    uniform one, with the ``magnetisation``, shape ``(3, n_sites)`` (``None`` for none), μ from the on-site
    energies of that density.
    """
    sample = model.sample
    m_x, m_y, m_z = np.zeros((3, sample.n_sites)) if magnetisation is None else magnetisation
    delta = np.where(_may_pair(model), delta, 0.0) if model.given_delta is None else model.given_delta
    electrons = np.full(sample.n_sites, 1.0 if model.filling is None else model.filling)
    electrons = electrons if density is None else density
    begun = _fields_of_density(
        model,
        {
            "spin_density": 0.5 * np.stack([electrons + m_z, electrons - m_z]),
            "spin_flip": 0.5 * (m_x - 1j * m_y) if m_y.any() else 0.5 * m_x,
        },
    )
    mu = model.chemical_potential
    if mu is None:
        mu = float(np.mean(model.onsite + 0.5 * begun["hartree"].sum(axis=0)))
    begun |= {
        "delta": delta,
        "mu": mu,
        "bond_delta": _bond_pairs(model, shape),
        "vector_potential": _screened(model, delta),
    }
    zero = {row.name: np.zeros(row.shape(sample)) for row in free_rows(model)}
    return Fields.of(zero | begun)


def fields_by_symmetry(
    model: Model,
    given: Mapping[str, SiteValue],
    magnetisation: NDArray[np.float64] | None = None,
    density: NDArray[np.float64] | None = None,
) -> Fields:
    """Fields to start from with Δ of the sites, ``delta``, and pairs on bonds by their symmetries.

    Parameters
    ----------
    model
        What starts. Pairs lie on the bonds that attract, in the channels of the model; the d vector of
        triplets is along z.
    given
        Values over sites by name: ``delta`` and those of :data:`bdg.model.pairs.SYMMETRIES`, which have the
        phases of a twist, or of a vortex lattice in a field on a torus, besides; but an array of ``delta`` is
        Δ itself. Without symmetries pairs on bonds start as they do in :func:`fields_from`; beside them Δ is
        0 unless given. With neither Δ is uniform.
    magnetisation, density
        See :func:`fields_from`; one is needed if nothing is given.

    Raises
    ------
    InputError
        If a name is none of these, or the model has no pairs that a symmetry could start.
    """
    symmetries = {name: value for name, value in given.items() if name != "delta"}
    wrong = [str(name) for name in symmetries if name not in SYMMETRIES]
    if wrong or not (given or magnetisation is not None or density is not None):
        known = ", ".join(("delta", *SYMMETRIES, "magnetisation", "density"))
        raise InputError(f"a start of values has the keys {known}, not {', '.join(wrong) or 'none'}")
    if not given:
        shape = np.ones(model.sample.n_sites) if model.start_shape is None else model.start_shape
        return fields_from(model, START_DELTA * shape, shape, magnetisation, density)
    factor, value = start_factor(model), given.get("delta", 0.0)
    delta = values_at(model.sample.positions, value, "initial delta")
    if callable(value) or not np.shape(np.asarray(value)):
        delta = factor * delta
    start = fields_from(model, delta, None if model.start_shape is None else factor, magnetisation, density)
    if not symmetries:
        return start
    interaction, name = model.on_bonds, " and ".join(symmetries)
    if not interaction.pairing:
        raise InputError(f"a start of {name} needs pairs on bonds; give an attraction between neighbours")
    acts = np.isin(np.arange(model.sample.n_bonds), interaction.acting)
    pairs = given_pairs(model.sample, symmetries, acts, factor=factor, phase=model.peierls_phase)
    own: NDArray[Any] = matrices(components(pairs, interaction.basis), interaction.basis)
    if pairs.any() and not own.any():
        channels = ", ".join(interaction.channels)
        raise InputError(f"a start of {name} has no part in the channels {channels}; add its own")
    return replace(start, bond_delta=own)


def _fields_of_density(model: Model, correlators: Mapping[str, Any]) -> dict[str, Any]:
    """The fields that the interactions make of some correlators, and zeros where a state lacks none."""
    return {
        row.name: mean_field(model, row.name, correlators[row.conjugate[1]])
        for row in TABLE.values()
        if row.conjugate is not None and row.conjugate[1] in correlators
        if acting(model, row.name) or not row.is_optional
    }


def start_factor(model: Model) -> Numbers:
    """Phase factor of Δ that a value to start from has, 0 where a vortex lies on a site, ``(n_sites,)``."""
    if model.start_shape is None:
        return np.ones(model.sample.n_sites)
    size = np.abs(model.start_shape)
    return np.divide(model.start_shape, size, out=np.zeros_like(model.start_shape), where=size > ON_SITE)


def _screened(model: Model, delta: Numbers) -> NDArray[np.float64] | None:
    """The vector potential that London's currents of a given Δ make, as if |Δ| were uniform.

    Their momentum is A − ∇θ/2q, with the uniform A that a twist is. Between neighbours a phase is known up to
    2π: where it varies at all, it takes the value nearest to A, as where vortices have entered; the uniform
    state keeps all of A, as in zero field cooling.
    """
    screening, bonds = model.screening, model.sample.bonds
    if screening is None:
        return None
    angle, twice = twist_phase(model.sample), 2 * ELECTRON_CHARGE
    delta = delta * np.exp(-1j * angle)
    difference = np.angle(delta[bonds.target] * np.conj(delta[bonds.source]))
    seam = 2 * peierls_phase(model.sample, np.zeros(len(bonds))) + angle[bonds.source] - angle[bonds.target]
    of_twist = (seam - 2 * np.pi * np.round(seam / (2 * np.pi))) / twice
    momentum = screening.applied + of_twist - difference / twice
    if np.abs(difference).max(initial=0.0) > 1e-9:
        momentum = np.angle(np.exp(1j * twice * momentum)) / twice
    return screening.london(momentum, np.abs(model.hopping))


def _may_pair(model: Model) -> NDArray[np.bool_]:
    """Sites where a Δ can hold itself up."""
    may = np.zeros(model.sample.n_sites, bool)
    for kind in acting(model, "delta"):
        may |= isinstance(kind, Pairing) and kind.attracts(model)
    return may


def _bond_pairs(model: Model, shape: Numbers | None) -> Numbers | None:
    """Pairs on bonds to start from, or the given ones; ``None`` where there are none."""
    interaction = model.on_bonds
    if model.given_bonds is not None or not interaction.pairing:
        return model.given_bonds
    size = np.zeros(len(interaction.strength))
    size[interaction.acting] = START_DELTA
    whole = size if shape is None else size * between(model.sample, shape, model.peierls_phase)
    pairs: Numbers = whole[:, None, None] * interaction.start
    return pairs
