"""Everything the product says of a state, as arrays by name."""

from __future__ import annotations

import numpy as np

from bdg.observables import measure
from bdg.scf.map import FixedPoint
from tests.adversary.case import EXACT, solver_of, state_of

ENERGIES, BROADENING = np.array([-0.7, 0.2]), 0.15

ON_SITES = ("density", "spin_density", "magnetisation", "anomalous_density")
FIELDS = ("delta", "hartree", "exchange", "bond_delta", "fock")


def values(state, name, **parameters):
    """Values of an observable's quantities by name."""
    return {key: np.asarray(entry.values) for key, entry in measure(state, name, parameters).items()}


def measured(model, fields, method="diagonalization"):
    """Observables of the fields, and under ``out`` the fields that they make.

    Over sites: ``density`` … on the last axis; over bonds ``bond_current``; numbers for the whole sample:
    ``grand_potential`` and its parts, ``entropy``.
    """
    state = state_of(model, fields, method)
    found = values(state, "density") | values(state, "anomalous_density") | values(state, "magnetisation")
    omega = values(state, "grand_potential")
    found |= {key: omega[key] for key in omega}
    found |= {"bond_current": values(state, "currents")["bond_current"]}
    found |= values(state, "entropy")
    found["ldos"] = values(state, "ldos", energies=ENERGIES, broadening=BROADENING)["ldos"]
    found["out"] = FixedPoint(model, solver_of(model, method), fields, EXACT)(fields)[0]
    return found


def fields_of(fields):
    """The fields by name that there are."""
    return {name: getattr(fields, name) for name in FIELDS if getattr(fields, name) is not None}


def differences(one, two):
    """The largest difference of every quantity of two :func:`measured` of the same sites and bonds."""
    found = {}
    for name, values in one.items():
        if name == "out":
            before, after = fields_of(values), fields_of(two[name])
            if before.keys() != after.keys():
                return {"fields": np.inf}
            found |= {f"out {key}": apart(before[key], after[key]) for key in before}
        else:
            found[name] = apart(values, two[name])
    return found


def apart(one, two):
    """The largest difference; infinite where the shapes differ or something is no number."""
    one, two = np.asarray(one), np.asarray(two)
    if one.shape != two.shape:
        return np.inf
    return float(np.nan_to_num(np.abs(one - two), nan=np.inf).max(initial=0.0))
