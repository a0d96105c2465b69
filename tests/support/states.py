"""States of given pairs, without a loop."""

import numpy as np

from bdg.model import Fields, build_model
from bdg.nambu import NambuAssembler
from bdg.observables import State
from bdg.solvers.diagonalization import Diagonalization
from bdg.solvers.selected_inversion import SelectedInversion

DENSE, ENGINE = Diagonalization(threads=1), SelectedInversion(threads=2)
SOC = {"rashba": 0.3, "zeeman": [0.1, 0.2, 0.2]}


def state_of(sample, solver=DENSE, delta=0.3, **terms):
    """A state of a given Δ."""
    given = {"chemical_potential": -0.7, "given_delta": delta, "fields": ()} | terms
    model = build_model(sample, **given)
    whole = np.zeros((2, sample.n_sites))
    delta = np.broadcast_to(model.given_delta, sample.n_sites).copy()
    fields = Fields(delta=delta, hartree=whole, mu=model.chemical_potential)
    return State(model, fields, NambuAssembler(model).matrix(fields), solver)
