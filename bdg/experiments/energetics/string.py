r"""The path of least energy between two states, and the saddle on it: the string method on Ω[fields].

Images of the fields f_1 … f_n between two self-consistent states move as the loop does, f → F(f), which leads
down in Ω because ∂Ω/∂Δ* = (Δ − F(Δ))/U, and are put back to equal distances along the path after each move
(E, Ren, Vanden-Eijnden, J. Chem. Phys. 126, 164103 (2007)). Where the path has settled, its highest image is
near a saddle, which Newton's steps (1 − J)⁻¹(F(f) − f) end in: there F(f) = f to the tolerance of the loop,
so that the barrier has no error of the path.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from bdg.arrays import Floats
from bdg.errors import NumericalError
from bdg.experiments.energetics.energy import energy_of
from bdg.experiments.loop import require_going_on
from bdg.model import Fields, Layout, Model
from bdg.observables.state import State
from bdg.scf.map import FixedPoint
from bdg.scf.stability.following import followed, free_directions
from bdg.scf.stability.jacobian import Jacobian

SETTLED, ROUNDS = 1e-3, 1000
"""Largest move of an image in the last round, as a share of the largest Δ; rounds at most."""

STEPS, ACCURATE = 20, 1e-4
"""Newton's steps at most, and to which share each is solved."""


@dataclass(frozen=True, eq=False)
class Path:
    """A path between two states.

    Parameters
    ----------
    images
        Its states, both ends included.
    saddle
        The self-consistent state that is highest on it.
    """

    images: tuple[State, ...]
    saddle: State

    @property
    def energies(self) -> Floats:
        """Of the images less that of the first, in t."""
        found: Floats = np.array([energy_of(state) for state in self.images])
        found -= found[0]
        return found


def at_its_mu(model: Model, fields: Fields) -> Model:
    """The model with μ that of the fields, where the filling is fixed."""
    return model if model.filling is None else replace(model, filling=None, chemical_potential=fields.mu)


def minimum_energy_path(state: State, other: Fields, images: int) -> Path:
    """The path of least energy from a state to another of the same model, at its μ.

    Parameters
    ----------
    state
        A self-consistent state.
    other
        Fields of another. Of the paths that there are it finds the one nearest to a straight line, which a
        global phase of these fields chooses.
    images
        How many, both ends included.

    Raises
    ------
    NumericalError
        If the path does not settle, or has no saddle between its ends.
    RunInterruptedError
        If it is asked to stop.
    """
    model = at_its_mu(state.model, state.fields)
    start = state.fields.as_complex()
    layout = Layout.of(model, is_complex=True)
    fixed_point = FixedPoint(model, state.solver, start, state.loops.options.tolerance)
    ends = [layout.pack(one.as_complex()) for one in (start, other)]
    string = ends[0] + np.linspace(0, 1, images)[:, None] * (ends[1] - ends[0])
    limit = SETTLED * float(start.moduli.max())
    for _ in range(ROUNDS):
        require_going_on(state)
        moved = np.array([_image(fixed_point, layout, one) for one in string[1:-1]])
        following = _spaced(np.vstack([ends[0], moved, ends[1]]))
        change, string = float(np.abs(following - string).max()), following
        if change <= limit:
            break
    else:
        raise NumericalError(f"the path has not settled after {ROUNDS} rounds; give more images")
    states = tuple(state.elsewhere(model, layout.unpack(one, start)) for one in string)
    top = int(np.argmax([energy_of(one) for one in states]))
    if top in (0, images - 1):
        raise NumericalError("no state lies between the two: one of them is no minimum")
    return Path(states, saddle_near(states[top]))


def saddle_near(state: State) -> State:
    """The self-consistent state that Newton's steps lead to, be it a minimum or a saddle.

    Raises
    ------
    NumericalError
        If they lead to none.
    """
    model, tolerance = at_its_mu(state.model, state.fields), state.loops.options.tolerance
    fields = state.fields.as_complex()
    for _ in range(STEPS):
        require_going_on(state)
        jacobian = Jacobian(model, state.solver, fields, 1.0)
        residual = jacobian.image(np.zeros(len(jacobian)))
        if np.abs(residual).max(initial=0.0) <= tolerance:
            return state.elsewhere(model, fields)
        step, _ = followed(jacobian, residual, ACCURATE, free_directions(jacobian))
        fields = jacobian.moved(step)
    raise NumericalError(f"no saddle is found in {STEPS} steps; give more images")


def _image(fixed_point: FixedPoint, layout: Layout, vector: Floats) -> Floats:
    """F(f) of a packed image."""
    out, _ = fixed_point(layout.unpack(vector, fixed_point.start))
    return layout.pack(out.as_complex())


def _spaced(string: Floats) -> Floats:
    """The images at equal distances along the line through them."""
    along = np.concatenate([[0.0], np.cumsum(np.linalg.norm(np.diff(string, axis=0), axis=1))])
    places = np.linspace(0, along[-1], len(string))
    segment = np.clip(np.searchsorted(along, places, side="right") - 1, 0, len(string) - 2)
    share = (places - along[segment]) / (along[segment + 1] - along[segment])
    found: Floats = string[segment] + share[:, None] * (string[segment + 1] - string[segment])
    return found
