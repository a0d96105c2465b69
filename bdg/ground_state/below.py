"""Where to continue from a state that is a saddle: along the mode that grows, whatever fields it changes."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from bdg.errors import InputError, NumericalError
from bdg.model import Fields, Model
from bdg.model.interactions import favoured
from bdg.scf import Iteration
from bdg.scf.map import FINEST
from bdg.scf.stability.jacobian import Jacobian
from bdg.scf.stability.leading_mode import Mode, leading_mode
from bdg.scf.stability.unrestricted import ALIKE, splits_spins, unrestricted
from bdg.solvers import Solver

COARSE, FINE = (1e-5, 0.05), (FINEST, 1e-4)
"""Accuracy of f(H), and what that and the symmetries of a state may add to λ."""

LEAST_SCALE = 0.03
"""Scale on which the map bends, πT, at least, in t."""

MOST = 32
"""Products in search of λ."""


@dataclass(frozen=True, eq=False)
class Below:
    """What a saddle leads to: λ > 1 of its mode, and the fields some way along it.

    ``fields`` is ``None`` where the model keeps them as they are: spins that would turn out of their axis.
    """

    eigenvalue: float
    fields: Fields | None


def below(model: Model, solver: Solver, state: Fields) -> Below | None:
    """The way on from a self-consistent state, or ``None`` if no deviation of it grows as far as one sees."""
    try:
        found = _way(model, solver, state)
        opened, fields = unrestricted(model, state)
        if found is None and opened is not model:
            found = _way(opened, solver, fields)
            return None if found is None else replace(found, fields=None)
        return found
    except (InputError, NumericalError):  # nothing is self-consistent, or no response can be found
        return None


def _way(model: Model, solver: Solver, fields: Fields) -> Below | None:
    _, mode = _mode(model, solver, fields, COARSE, None)
    if mode.eigenvalue <= 1 - COARSE[1]:
        return None
    jacobian, mode = _mode(model, solver, fields, FINE, mode)
    if mode.eigenvalue <= 1 + FINE[1]:
        return None
    vector = mode.beyond(jacobian.image)
    return None if vector is None else Below(mode.eigenvalue, jacobian.moved(vector))


def _mode(
    model: Model, solver: Solver, fields: Fields, precision: tuple[float, float], first: Mode | None
) -> tuple[Jacobian, Mode]:
    """The mode that grows fastest, from a first guess or at random."""
    accuracy, margin = precision
    jacobian = Jacobian(model, solver, fields, max(np.pi * model.temperature, LEAST_SCALE), accuracy)
    if not len(jacobian):
        raise InputError("nothing is self-consistent")
    start = np.random.default_rng(0).standard_normal(len(jacobian)) if first is None else first.vector
    rotation = jacobian.rotation()
    apart = [*([] if rotation is None else [rotation]), *jacobian.spin_rotations()]
    spare = np.random.default_rng(1).standard_normal(len(jacobian)) if first is None else None
    return jacobian, leading_mode(
        jacobian.products, start, apart=apart, most=MOST, margin=margin, spare=spare
    )


def marked(history: tuple[Iteration, ...], eigenvalue: float) -> tuple[Iteration, ...]:
    """The record of a loop that ended at a saddle."""
    *before, last = history
    return (*before, replace(last, saddle=eigenvalue))


MOST_UNKNOWNS = 20_000
"""Unknowns up to which a state is looked below that no interaction of its own makes suspect."""


def may_order(model: Model) -> bool:
    """Whether a repulsion may order the charge, the bonds or the currents, or the spins."""
    return not favoured(model).isdisjoint({"charge", "magnetism"})


def may_be_held(model: Model, fields: Fields) -> bool:
    """Whether its start may hold a state of these fields by its symmetry: a vortex in place, spins in line.

    That is where phases differ in every gauge, or the fields split the spins themselves.
    """
    turns = fields.is_complex and (model.vector_potential is not None or not _is_real(fields))
    unknowns = sum(np.size(value) for _, value in fields.present())
    return unknowns <= MOST_UNKNOWNS and (turns or splits_spins(fields))


def _is_real(fields: Fields) -> bool:
    """Whether a rotation of all phases makes the pairs real."""
    pairs = [np.ravel(value) for value in fields.pairs().values() if value is not None]
    every = np.concatenate(pairs) if pairs else np.zeros(0)
    squares = float(np.abs(np.sum(every**2)))
    return squares >= (1 - ALIKE) * float(np.sum(np.abs(every) ** 2))
