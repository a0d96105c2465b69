"""Random lattices: all presets and cells of one's own, with orbitals that share a place."""

from __future__ import annotations

import itertools
import math

import numpy as np

from tests.adversary.geometry import PRESETS, geometry, neighbours, oriented

MOST_SITES, MOST_REPEATED = 12, 16
"""Sites of a sample, and of all its repetitions together."""


def random_lattice(rng):
    """A section ``lattice``."""
    cell = {"kind": str(rng.choice(list(PRESETS)))} if rng.random() < 0.65 else {"cell": random_cell(rng)}
    vectors, basis = geometry(cell)
    size = _size(rng, len(vectors), len(basis))
    n_sites = math.prod(size) * len(basis)
    boundary, repetitions = [], 1
    for _ in size:
        entry = _boundary(rng, MOST_REPEATED // (n_sites * repetitions))
        repetitions *= entry.get("bloch", 1) if isinstance(entry, dict) else 1
        boundary.append(entry)
    lattice = {**cell, "size": size, "boundary": boundary}
    if n_sites > 3 and rng.random() < 0.2:
        lattice["vacancies"] = _vacancies(rng, size, len(basis))
    return lattice


def _size(rng, n_directions, n_orbitals):
    while True:
        size = [int(n) for n in rng.integers(1, 5 if n_directions < 3 else 3, n_directions)]
        if math.prod(size) * n_orbitals <= MOST_SITES:
            return size


def _boundary(rng, room):
    kind = rng.choice(["open", "periodic", "twist", "bloch"], p=[0.35, 0.2, 0.15, 0.3])
    twist = float(rng.choice([rng.uniform(-3, 3), math.pi, math.pi / 2, -0.4]))
    if kind in ("open", "periodic"):
        return str(kind)
    if kind == "twist":
        return {"twist": twist}
    entry = {"bloch": int(rng.integers(1, min(4, max(1, room)) + 1))}
    if rng.random() < 0.3:
        entry["shift"] = float(rng.choice([0.5, -0.5, rng.uniform(-1, 1)], p=[0.5, 0.1, 0.4]))
    if rng.random() < 0.3:
        entry["twist"] = twist
    return entry


def _vacancies(rng, size, n_orbitals):
    places = list(itertools.product(*map(range, size), *([range(n_orbitals)] if n_orbitals > 1 else [])))
    chosen = rng.choice(len(places), int(rng.integers(1, 3)), replace=False)
    return [list(map(int, places[n])) for n in chosen]


def random_cell(rng):
    """A cell of one's own, perhaps with its bonds listed."""
    dimension = int(rng.choice([1, 2, 2, 3], p=[0.35, 0.3, 0.25, 0.1]))
    n_directions = int(rng.integers(1, dimension + 1))
    vectors = (np.eye(dimension) + rng.choice([0.0, 0.2], (dimension, dimension)))[:n_directions]
    vectors = vectors * rng.choice([1.0, 1.3], (n_directions, 1))
    n_orbitals = int(rng.choice([1, 2, 3], p=[0.3, 0.5, 0.2]))
    basis = np.zeros((n_orbitals, dimension))
    for orbital in range(1, n_orbitals):
        if rng.random() < 0.5:
            basis[orbital] = rng.choice([0.3, 0.5, 0.0], dimension) + 0.1
        else:
            basis[orbital] = basis[orbital - 1]
    cell = {"vectors": vectors.tolist(), "basis": basis.tolist()}
    if rng.random() < 0.3:
        cell["onsite"] = [float(e) for e in rng.uniform(-0.5, 0.5, n_orbitals)]
    if rng.random() < 0.6 or n_orbitals > 1:
        cell["hoppings"] = random_hoppings(rng, {"cell": cell})
    return cell


def random_hoppings(rng, cell):
    """A list of bonds: some of two shells, and those between orbitals that share a place."""
    vectors, basis = geometry(cell)
    near = [(a, b, offset) for a, b, offset, _ in neighbours(vectors, basis, 2) if oriented(a, b, offset)]
    here = [
        (a, b, (0,) * len(vectors))
        for a, b in itertools.combinations(range(len(basis)), 2)
        if np.allclose(basis[a], basis[b])
    ]
    kept = [near[n] for n in range(len(near)) if n == 0 or rng.random() < 0.6][:8]
    hoppings = []
    for a, b, offset in kept + here:
        amplitude = float(rng.uniform(-1, 1))
        if (a, b, offset) in here and rng.random() < 0.5:
            amplitude = 0.0
        elif rng.random() < 0.3:
            amplitude = [amplitude, float(rng.uniform(-1, 1))]
        if rng.random() < 0.5:
            a, b, offset = b, a, tuple(-step for step in offset)
        hoppings.append({"from": a, "to": b, "offset": list(offset), "amplitude": amplitude})
    return hoppings
