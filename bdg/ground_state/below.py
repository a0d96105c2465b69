"""Where to go on from a state that is a saddle: along the mode that grows, whatever fields it changes."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from bdg.errors import InputError, NumericalError
from bdg.ground_state.ranking import Candidate
from bdg.model import Fields, Model
from bdg.scf.jacobian import Jacobian
from bdg.scf.leading_mode import Mode, leading_mode
from bdg.scf.map import FINEST
from bdg.scf.unrestricted import unrestricted
from bdg.solvers import Solver

COARSE, FINE = (1e-5, 0.05), (FINEST, 1e-4)
"""Accuracy of f(H), and what that and the symmetries of a state may add to λ."""

LEAST_SCALE = 0.03
"""Scale on which the map bends, πT, at least, in t."""

MOST = 16
"""Products in search of λ."""


@dataclass(frozen=True, eq=False)
class Below:
    """What a saddle leads to: λ > 1 of its mode, and the fields some way along it.

    ``fields`` is ``None`` where the model keeps them as they are: spins that would turn out of their axis.
    """

    eigenvalue: float
    fields: Fields | None


def below(model: Model, solver: Solver, candidate: Candidate) -> Below | None:
    """The way on from a converged state, or ``None`` if no deviation of it grows as far as one sees."""
    if candidate.status != "converged":
        return None
    try:
        found = _way(model, solver, candidate.fields)
        opened, fields = unrestricted(model, candidate.fields)
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
    start = np.random.default_rng(0).standard_normal(len(jacobian)) if first is None else first.vector
    rotation = jacobian.rotation()
    apart = [*([] if rotation is None else [rotation]), *jacobian.spin_rotations()]
    return jacobian, leading_mode(jacobian.products, start, apart=apart, most=MOST, margin=margin)


def marked(candidate: Candidate, eigenvalue: float) -> Candidate:
    """The candidate as the saddle that it is."""
    *before, last = candidate.history
    return replace(candidate, history=(*before, replace(last, saddle=eigenvalue)))
