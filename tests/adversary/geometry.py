"""Lattices by their vectors and the places of their orbitals: the tables a textbook has."""

from __future__ import annotations

import itertools
import math

import numpy as np

ROOT3 = math.sqrt(3)

PRESETS = {
    "chain": ([[1]], [[0]]),
    "square": ([[1, 0], [0, 1]], [[0, 0]]),
    "triangular": ([[1, 0], [1 / 2, ROOT3 / 2]], [[0, 0]]),
    "honeycomb": ([[ROOT3, 0], [ROOT3 / 2, 3 / 2]], [[0, 0], [0, 1]]),
    "kagome": ([[2, 0], [1, ROOT3]], [[0, 0], [1, 0], [1 / 2, ROOT3 / 2]]),
    "lieb": ([[2, 0], [0, 2]], [[0, 0], [1, 0], [0, 1]]),
    "cubic": ([[1, 0, 0], [0, 1, 0], [0, 0, 1]], [[0, 0, 0]]),
}


def geometry(lattice):
    """Vectors ``(n_directions, dimension)`` and places ``(n_orbitals, dimension)`` of a lattice."""
    if "kind" in lattice:
        vectors, basis = PRESETS[lattice["kind"]]
    else:
        vectors, basis = lattice["cell"]["vectors"], lattice["cell"]["basis"]
    return np.array(vectors, float), np.array(basis, float)


def dual(vectors):
    """b_d with b_d · v_e = δ_de, in the span of the vectors; ``(n_directions, dimension)``."""
    return np.linalg.pinv(np.asarray(vectors, float)).T


def bloch_of(boundary):
    """Repetitions, twist of all together, and shift of a boundary; none for open ends.

    A shift s is ψ(r + L) = e^{2πis} ψ(r), pairs having 4πs less whole 2π: a shift by 0 or ½, and a twist.
    """
    if boundary == "open":
        return None
    if boundary == "periodic":
        return 1, 0.0, 0.0
    halves = round(2 * boundary.get("shift", 0.0))
    rest = math.pi * (2 * boundary.get("shift", 0.0) - halves)
    return boundary.get("bloch", 1), boundary.get("twist", 0.0) + rest, 0.5 * (halves % 2)


def listed_bonds(lattice, hopping):
    """``(from, to, offset, t)`` of every bond that is listed; ``None`` where bonds are found by distance."""
    own = lattice.get("cell", {}).get("hoppings")
    if isinstance(hopping, list) and hopping and isinstance(hopping[0], dict):
        own = hopping
    if own is None:
        return None
    return [
        (hop["from"], hop["to"], tuple(hop["offset"]), complex(*np.atleast_1d(hop["amplitude"])))
        for hop in own
    ]


def neighbours(vectors, basis, n_shells):
    """``(from, to, offset, shell)`` of every pair of orbitals in the first shells, both orientations."""
    reach = range(-5, 6)
    found = []
    for offset in itertools.product(reach, repeat=len(vectors)):
        for a, b in itertools.product(range(len(basis)), repeat=2):
            length = np.linalg.norm(np.array(offset) @ vectors + basis[b] - basis[a])
            if length > 1e-6:
                found.append((a, b, offset, length))
    lengths = distinct([entry[3] for entry in found])[:n_shells]
    shells = {round(length, 6): shell for shell, length in enumerate(lengths, 1)}
    near = ((a, b, offset, _shell(shells, length)) for a, b, offset, length in found)
    return [entry for entry in near if entry[3]]


def distinct(lengths):
    """Lengths in ascending order, those that are the same to 10⁻⁶ once."""
    ordered = []
    for length in sorted(lengths):
        if not ordered or length - ordered[-1] > 1e-6:
            ordered.append(length)
    return ordered


def _shell(shells, length):
    return next((shell for known, shell in shells.items() if abs(known - length) < 3e-6), 0)


def oriented(a, b, offset):
    """One of the two names of a bond: the first of (offset, b − a) that is not zero is positive."""
    key = next((entry for entry in (*offset, b - a) if entry), 0)
    return key > 0
