"""Ω at any fields, and its derivatives by central differences."""

from dataclasses import replace

import numpy as np

from bdg.nambu import NambuAssembler
from bdg.observables import State
from bdg.solvers.diagonalization import Diagonalization
from tests.bridge import measure

SOLVER = Diagonalization(threads=1)


def omega(model, fields):
    """Ω at any fields."""
    state = State(model, fields, NambuAssembler(model).matrix(fields), SOLVER)
    return float(measure(state, "grand_potential")["grand_potential"])


def derivative(function, step=1e-4):
    """Fourth-order central difference."""
    return (8 * (function(step) - function(-step)) - (function(2 * step) - function(-2 * step))) / (12 * step)


def along(fields, name, index, amount):
    values = np.array(getattr(fields, name))
    values[index] += amount
    return replace(fields, **{name: values})
