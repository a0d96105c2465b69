"""States of a lattice by its name, from the loop."""

from bdg.lattice import build_sample
from bdg.model import build_model
from bdg.observables import State
from bdg.scf import self_consistency
from bdg.solvers.diagonalization import Diagonalization


def state_of(lattice, size, boundary, *, shells=None, solver=None, **terms):
    """A state of given pairs."""
    sample = build_sample(lattice, size, boundary, shells=shells)
    model = build_model(sample, **{"fields": (), "temperature": 0.0} | terms)
    solver = solver or Diagonalization(threads=1)
    outcome = self_consistency(model, solver)
    return State(model, outcome.fields, outcome.hamiltonian, solver)
