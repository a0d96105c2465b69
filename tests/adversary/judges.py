"""The judges. Each takes a case, fields and what the product says of them, and gives differences by name.

A judge raises :class:`.moves.DoesNotApply` where it has nothing to say.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from bdg.errors import InputError
from tests.adversary import derivatives, moves
from tests.adversary.dense import fock_space, twin
from tests.adversary.derivatives import TooCloseToALevel
from tests.adversary.measured import differences, measured
from tests.adversary.moves import DoesNotApply
from tests.adversary.relation import Unequal
from tests.adversary.strengths import strengths


def other_solver(case, fields, found):
    """Diagonalization against selected inversion."""
    try:
        other = measured(case.model, fields, "selected_inversion")
    except InputError as refusal:  # levels at zero at T = 0
        raise DoesNotApply(str(refusal)) from None
    return differences(found, other)


def general_space(case, fields, found):
    """Two Nambu components an orbital against four."""
    if case.model.dofs == 4:
        raise DoesNotApply("the model needs four components")
    wider = measured(replace(case.model, least_dofs=4), fields)
    if fields.exchange is None:  # a field of the general space alone, zero here
        out = wider["out"]
        found = {**found, "exchange": np.zeros(case.sample.n_sites)}
        wider = {**wider, "out": replace(out, exchange=None), "exchange": _zero_if_none(out.exchange, case)}
    return differences({name: found[name] for name in found if name in wider}, wider)


def _zero_if_none(exchange, case):
    return np.zeros(case.sample.n_sites) if exchange is None else exchange


def random_gauge(case, fields, found):
    """c_i → e^{iχ_i} c_i with random χ."""
    sample = case.sample
    angle = case.rng(6).uniform(-np.pi, np.pi, sample.n_sites)
    turned = measured(case.model.transformed(angle), fields.transformed(angle, sample.bonds))
    expected = {**found, "out": found["out"].transformed(angle, sample.bonds)}
    expected["anomalous_density"] = np.exp(2j * angle) * found["anomalous_density"]
    return differences(expected, turned)


def _seen(move):
    """The judge that compares a case with itself after a move."""

    def judge(case, fields, found):
        try:
            other, relation = case.moved[move] if move in case.moved else move(case)
        except Unequal as problem:
            return {problem.what: problem.size}
        case.moved[move] = other, relation
        own = relation.fields(fields)
        model = other.model
        if model.given_delta is not None:
            own = replace(own, delta=np.asarray(model.given_delta, complex))
        if model.given_bonds is not None:
            own = replace(own, bond_delta=np.asarray(model.given_bonds, complex))
        return differences(relation.expected(found), measured(model, own))

    judge.__doc__ = move.__doc__
    return judge


def _derived(derivative):
    def judge(case, fields, found):
        try:
            return derivative(case, fields, found)
        except TooCloseToALevel as reason:
            raise DoesNotApply(str(reason)) from None

    judge.__doc__ = derivative.__doc__
    return judge


JUDGES = {
    "twin": twin,
    "fock space": fock_space,
    "solver": other_solver,
    "space": general_space,
    "gauge": random_gauge,
    "field gauge": _seen(moves.another_gauge),
    "twist": _seen(moves.twist_as_potential),
    "origin": _seen(moves.another_origin),
    "order": _seen(moves.another_order),
    "larger cell": _seen(moves.larger_cell),
    "supercell": _seen(moves.supercell),
    "sources": _derived(derivatives.sources),
    "temperature": _derived(derivatives.temperature),
    "mean fields": _derived(derivatives.mean_fields),
    "strengths": _derived(strengths),
}
"""Name and function of every judge."""
