"""A random small model from a seed."""

from __future__ import annotations

import numpy as np
import yaml

from tests.adversary.interactions import random_interaction
from tests.adversary.lattices import random_lattice
from tests.adversary.named import with_names
from tests.adversary.terms import random_field, random_hamiltonian
from tests.adversary.value import plain


def random_spec(seed):
    """The configuration as a nested dictionary whose numbers over sites are :class:`.value.Value`."""
    rng = np.random.default_rng([2026, seed])
    lattice = random_lattice(rng)
    terms = random_hamiltonian(rng, lattice)
    spec = {
        "lattice": lattice,
        "hamiltonian": terms,
        "interaction": random_interaction(rng, lattice, terms),
        "field": random_field(rng, lattice),
        "temperature": float(rng.choice([0.0, 1.0, 10 ** rng.uniform(-2, 0)], p=[0.15, 0.1, 0.75])),
    }
    spec = with_names(np.random.default_rng([2027, seed]), spec)
    return {key: value for key, value in spec.items() if value not in ({}, None)}


def yaml_of(spec):
    """The file that a user would run."""
    return yaml.safe_dump(plain(spec), sort_keys=False, default_flow_style=None, width=110)
