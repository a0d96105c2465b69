"""Clusters with pairs on bonds."""

import numpy as np

from bdg.model import BondAttraction
from bdg.model.pairs import CHANNELS, matrices
from bdg.scf import ScfOptions
from tests.bridge import random_cluster, spinful_cluster

TIGHT = ScfOptions(tolerance=1e-12, max_iterations=3000)


def bound(model, seed, channels, strength=2.0, hartree=True, fock=True):
    """The model with a random attraction on the bonds that join two sites."""
    rng, bonds = np.random.default_rng(seed), model.sample.bonds
    values = strength * rng.uniform(0.5, 1.0, len(bonds)) * (bonds.source != bonds.target)
    basis = np.array([matrix for channel in channels for matrix in CHANNELS[channel]])
    coefficients = rng.normal(size=(len(basis), len(bonds))) + 1j * rng.normal(size=(len(basis), len(bonds)))
    start = matrices(coefficients, basis) if channels else np.zeros((len(bonds), 2, 2))
    interaction = BondAttraction(values, channels, start, hartree, fock)
    object.__setattr__(model, "bond_attraction", interaction)
    return model


def collinear(seed, channels, *, fields=("pairing",), **given):
    return bound(random_cluster(3, seed, zeeman=0.1, fields=fields, temperature=0.1, **given), seed, channels)


def general(seed, channels, *, n_sites=3, fields=("pairing",), **given):
    weak = {"field": 0.1, "coupling": 0.1, "temperature": 0.1}
    return bound(spinful_cluster(n_sites, seed, fields=fields, **(weak | given)), seed, channels)


CLUSTERS = {
    "singlet": lambda: collinear(0, ("singlet",), filling=0.8),
    "both, spin along z": lambda: collinear(1, ("singlet", "triplet_z"), filling=0.7),
    "bonds alone": lambda: collinear(2, ("singlet",), fields=(), filling=0.9),
    "any spin": lambda: general(3, ("singlet", "triplet"), filling=0.8),
    "any spin, with exchange": lambda: general(4, ("triplet",), fields=("pairing", "hartree"), filling=0.7),
    "four sites, everything": lambda: general(
        6, ("singlet", "triplet"), n_sites=4, fields=("pairing", "hartree"), filling=0.6
    ),
}
