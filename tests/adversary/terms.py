"""Random normal-state terms and electromagnetic fields."""

from __future__ import annotations

import itertools
import math

import numpy as np

from tests.adversary.geometry import bloch_of, dual, geometry
from tests.adversary.lattices import random_hoppings
from tests.adversary.value import Value


def maybe(rng, probability):
    """Whether something is there."""
    return rng.random() < probability


def random_value(rng, lattice, low, high, *, constant=0.5):
    """A number, or a wave that fits the boundaries."""
    mean = float(rng.uniform(low, high))
    if maybe(rng, constant):
        return mean
    vectors, _ = geometry(lattice)
    wave = np.zeros(vectors.shape[1])
    for b, length, ends in zip(dual(vectors), lattice["size"], lattice["boundary"], strict=True):
        turns = rng.uniform(-1, 1) if ends == "open" else rng.integers(-1, 2)
        wave = wave + 2 * math.pi * turns / length * b
    size = 0.4 * (high - low) * float(rng.uniform(0.2, 1))
    return Value(mean, size, tuple(map(float, wave)), float(rng.uniform(-3, 3)))


def random_hamiltonian(rng, lattice):
    """A section ``hamiltonian``."""
    _vectors, basis = geometry(lattice)
    terms = {}
    if "hoppings" not in lattice.get("cell", {}):
        terms["hopping"] = _hopping(rng, lattice)
    if maybe(rng, 0.25):
        terms["filling"] = float(rng.choice([1.0, rng.uniform(0.3, 1.7)]))
    else:
        terms["chemical_potential"] = float(rng.choice([0.0, rng.uniform(-2, 2)], p=[0.25, 0.75]))
    if maybe(rng, 0.4):
        terms["onsite"] = random_value(rng, lattice, -0.6, 0.6)
        if len(basis) > 1 and maybe(rng, 0.4):
            terms["onsite"] = [float(e) for e in rng.uniform(-0.6, 0.6, len(basis))]
    if maybe(rng, 0.25):
        terms["impurities"] = [_impurity(rng, lattice)]
    if maybe(rng, 0.15):
        names = ["uniform", "normal", "binary"]
        terms["disorder"] = {
            "width": 0.7,
            "seed": int(rng.integers(99)),
            "distribution": str(rng.choice(names)),
        }
    if maybe(rng, 0.35):
        along = rng.choice([[0, 0, 1], [1, 1, 1], [1, 0, 0]])
        terms["zeeman"] = [random_value(rng, lattice, -0.5, 0.5) if part else 0.0 for part in along]
    for name in ("rashba", "dresselhaus"):
        if maybe(rng, 0.12):
            terms[name] = random_value(rng, lattice, -0.6, 0.6)
    if lattice.get("kind") == "honeycomb" and maybe(rng, 0.3):
        terms["intrinsic_soc"] = random_value(rng, lattice, -0.3, 0.3)
    return terms


def _hopping(rng, lattice):
    if maybe(rng, 0.12):
        return random_hoppings(rng, lattice)
    return [float(t) for t in (1.0, -0.4, 0.3)[: int(rng.choice([1, 2, 3], p=[0.6, 0.3, 0.1]))]]


def _impurity(rng, lattice):
    _, basis = geometry(lattice)
    ranges = [*lattice["size"], *([len(basis)] if len(basis) > 1 else [])]
    vacant = lattice.get("vacancies", [])
    places = [list(place) for place in itertools.product(*map(range, ranges)) if list(place) not in vacant]
    place = places[int(rng.integers(len(places)))]
    moment = rng.choice([[0, 0, 0], [0, 0, 1], [1, 1, 1]]) * rng.uniform(-1, 1, 3)
    return {"site": place, "potential": float(rng.uniform(-2, 2)), "moment": [float(m) for m in moment]}


def random_field(rng, lattice):
    """A section ``field``; empty more often than not."""
    vectors, _ = geometry(lattice)
    dimension, field = vectors.shape[1], {}
    if maybe(rng, 0.25):
        field["vector_potential"] = [random_value(rng, lattice, -0.8, 0.8) for _ in range(dimension)]
    if dimension == 1 or len(vectors) == 1:
        return field
    ends = [bloch_of(entry) for entry in lattice["boundary"]]
    lengths = [n * v for n, v, end in zip(lattice["size"], vectors, ends, strict=True) if end is not None]
    areas = [abs(one[0] * two[1] - one[1] * two[0]) for one, two in itertools.combinations(lengths, 2)]
    if maybe(rng, 0.2):
        flux = float(rng.uniform(-1, 1)) if not areas else 2 * math.pi * int(rng.choice([-1, 1, 2]))
        area = next((area for area in areas if area > 1e-9), 1.0)
        field["uniform"] = flux / area
        if maybe(rng, 0.5):
            field["gauge"] = str(rng.choice(["landau", "symmetric"]))
    if maybe(rng, 0.12):
        field["flux"] = _tubes(rng, lattice, bool(areas))
    return field


def _tubes(rng, lattice, on_torus):
    """One tube, or two that cancel each other on a torus."""
    vectors, basis = geometry(lattice)
    size = np.array(lattice["size"])
    tubes = []
    for _ in range(2 if on_torus else 1):
        place = (rng.integers(0, size) + np.array([0.37, 0.41, 0.3])[: len(size)]) @ vectors + basis.mean(
            axis=0
        )
        tubes.append({"through": [float(part) for part in place[:2]], "value": float(rng.uniform(-2, 2))})
    if on_torus:
        tubes[1]["value"] = -tubes[0]["value"]
    return tubes
