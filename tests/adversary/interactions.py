"""Random interactions, and pairs that are given."""

from __future__ import annotations

import math

import numpy as np

from tests.adversary.geometry import bloch_of, distinct, dual, geometry, listed_bonds
from tests.adversary.terms import maybe, random_value
from tests.adversary.value import Value

SINGLETS = ("s_extended", "d_x2_y2", "d_xy", "d_id")
TRIPLETS = ("p_x", "p_y", "chiral_p")
CHANNELS = (
    ["singlet"],
    ["triplet"],
    ["triplet_z"],
    ["singlet", "triplet"],
    ["singlet", "triplet_z"],
    ["d_x2_y2"],
)


def random_interaction(rng, lattice, terms):
    """A section ``interaction``."""
    kind = rng.choice(["given", "found", "none"], p=[0.3, 0.65, 0.05])
    if kind == "none":
        return {}
    if kind == "given":
        return random_given(rng, lattice, terms)
    interaction = {"onsite": _onsite(rng, lattice)}
    shells = shells_of(lattice, terms)
    if shells and maybe(rng, 0.5):
        shells = sorted({int(shell) for shell in rng.integers(1, shells + 1, 2)})
        interaction["bonds"] = [_on_bonds(rng, lattice, shell) for shell in shells]
    if shares_a_place(lattice, terms) and maybe(rng, 0.7):
        names = ("value", "hund", "pair_hopping")
        interaction["orbitals"] = {name: random_value(rng, lattice, -1, 1, constant=0.8) for name in names}
    on_bonds = "bonds" in interaction or "orbitals" in interaction
    possible = [["pairing"], ["pairing", "hartree"], ["hartree"]]
    interaction["fields"] = possible[int(rng.choice(3, p=[0.3, 0.5, 0.2]))]
    if on_bonds:
        interaction["channels"] = list(CHANNELS[int(rng.integers(len(CHANNELS)))])
        if maybe(rng, 0.5):
            interaction["fields"] = [*interaction["fields"], "fock"]
        if maybe(rng, 0.25):
            interaction["bond_fields"] = [["pairing"], ["hartree", "fock"], ["fock"]][int(rng.integers(3))]
    if maybe(rng, 0.2):
        interaction["magnetism"] = str(rng.choice(["collinear", "noncollinear", "off"]))
    return interaction


def _onsite(rng, lattice):
    _, basis = geometry(lattice)
    if maybe(rng, 0.2):
        return 0.0
    if len(basis) > 1 and maybe(rng, 0.3):
        return [float(u) for u in rng.uniform(-1, 3, len(basis))]
    return random_value(rng, lattice, *((-2.5, -0.5) if maybe(rng, 0.3) else (0.5, 3.0)))


def _on_bonds(rng, lattice, shell):
    entry = {"shell": shell}
    if maybe(rng, 0.8):
        entry["value"] = random_value(rng, lattice, -0.8, 1.5, constant=0.7)
    if "value" not in entry or maybe(rng, 0.4):
        entry["exchange"] = random_value(rng, lattice, -0.6, 0.9, constant=0.7)
    return entry


def random_given(rng, lattice, terms):
    """A section ``interaction`` with a given Δ, and perhaps fields of the density beside."""
    given, shells = {}, shells_of(lattice, terms)
    if not shells or maybe(rng, 0.6):
        given["onsite"] = random_value(rng, lattice, -0.6, 0.8)
    if shells and ("onsite" not in given or maybe(rng, 0.4)):
        names = rng.choice(SINGLETS + TRIPLETS, int(rng.integers(1, 3)), replace=False)
        given |= {str(name): random_value(rng, lattice, -0.5, 0.6, constant=0.7) for name in names}
        given["shell"] = int(rng.integers(1, shells + 1))
        if maybe(rng, 0.3):
            given["d_vector"] = [float(d) for d in rng.normal(size=3)]
    if maybe(rng, 0.35):
        given["phase"] = _phase(rng, lattice)
    if maybe(rng, 0.15):
        given["region"] = _region(lattice)
    interaction = {"given": {key: value for key, value in given.items() if value is not None}}
    if maybe(rng, 0.35):
        interaction |= {"onsite": _onsite(rng, lattice), "fields": ["hartree"]}
    return interaction


def _phase(rng, lattice):
    """A phase that winds a whole number of times around what is periodic."""
    vectors, _ = geometry(lattice)
    slope = np.zeros(vectors.shape[1])
    for b, length, ends in zip(dual(vectors), lattice["size"], lattice["boundary"], strict=True):
        turns = rng.integers(-1, 2)
        turns = rng.uniform(-0.4, 0.4) if ends == "open" else turns
        slope = slope + 2 * math.pi * turns / length * b
    return Value(mean=float(rng.uniform(-3, 3)), slope=tuple(map(float, slope)))


def _region(lattice):
    """Half of the sample along its first open direction; none where all are joined."""
    vectors, _ = geometry(lattice)
    for axis, (b, length, ends) in enumerate(
        zip(dual(vectors), lattice["size"], lattice["boundary"], strict=True)
    ):
        if bloch_of(ends) is None and length > 1:
            point = vectors[axis] * (length / 2 - 0.37)
            return {"half_plane": {"point": point.tolist(), "normal": b.tolist()}}
    return None


def shells_of(lattice, terms):
    """How many shells of neighbours there may be interactions on."""
    listed = listed_bonds(lattice, terms.get("hopping"))
    if listed is None:
        return 2
    return min(2, len(distinct([d for d in _lengths(lattice, listed) if d > 1e-6])))


def _lengths(lattice, listed):
    vectors, basis = geometry(lattice)
    return [float(np.linalg.norm(np.array(step) @ vectors + basis[b] - basis[a])) for a, b, step, _ in listed]


def shares_a_place(lattice, terms):
    """Whether a bond is listed that joins two orbitals of one place."""
    listed = listed_bonds(lattice, terms.get("hopping"))
    return listed is not None and any(length < 1e-6 for length in _lengths(lattice, listed))
