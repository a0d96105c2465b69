r"""The response −∂J/∂A of the currents to a uniform vector potential, with the fields held or following.

δJ = 2q Im Σ ⟨t|h|s⟩ δ⟨c†_t c_s⟩* − (stiffness of the bond) δA, δ⟨c†_t c_s⟩ from the exact response of f(H) to
iq δA_ij ⟨i|h|j⟩ and, where they follow, to the fields (1 − J)⁻¹ J δA that come with it.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from bdg.arrays import Floats
from bdg.conventions import ELECTRON_CHARGE
from bdg.expectations import bond_stiffness, current_of
from bdg.model import Model
from bdg.model.fields import zeros_like
from bdg.observables.currents.currents import at_sites, site_vectors
from bdg.observables.response.vector_potential import model_in_potential
from bdg.observables.state import State
from bdg.scf.derivative import CorrelatorChanges, Derivative
from bdg.scf.stability.following import free_directions, responding
from bdg.scf.stability.jacobian import Jacobian
from bdg.solvers import Correlations

LEFT = 1e-5
"""Share of what drives the fields that may be left."""


@dataclass(frozen=True)
class Response:
    """−∂J/∂A, and its errors.

    Parameters
    ----------
    local
        Of each site, along the axis of A, shape ``(n_axes, n_sites)``.
    total
        Mean over the sites, shape ``(n_axes, n_axes)``.
    local_error, total_error
        What the error of the response of f(H) and, where fields follow, of these leaves.
    """

    local: Floats
    total: Floats
    local_error: float
    total_error: float


def current_response(state: State, axes: list[int], *, following: bool = False) -> Response | None:
    """The response along some axes; ``None`` where fields would follow and do not, as at a transition."""
    displacement = state.model.sample.bonds.displacement
    model = model_in_potential(state.model, np.zeros(len(displacement)))
    fields = replace(state.fields, vector_potential=None)
    drivers = [replace(zeros_like(fields), vector_potential=displacement[:, axis]) for axis in axes]
    left = 0.0
    if following:
        jacobian = Jacobian(model, state.solver, fields, 1.0)
        free = free_directions(jacobian)
        found = [responding(jacobian, driver, free) for driver in drivers]
        left = max(one.left for one in found)
        if left > LEFT or any(one.is_infinite for one in found):
            return None
        changes = [one.f for one in found]
    else:
        changes = [slope.f for slope in Derivative(model, state.solver, fields).along(*drivers)]
    return _of(state, model, axes, changes, left)


def _of(state: State, model: Model, axes: list[int], changes: list[Correlations], left: float) -> Response:
    sample, stiffness = model.sample, bond_stiffness(model, state.on_bonds)
    local, total = np.zeros((len(axes), sample.n_sites)), np.zeros((len(axes), len(axes)))
    for n, (axis, change) in enumerate(zip(axes, changes, strict=True)):
        paramagnetic = current_of(model, CorrelatorChanges(sample, change)["normal"])
        slope = site_vectors(sample, paramagnetic - stiffness * sample.bonds.displacement[:, axis])
        local[n], total[:, n] = -slope[:, axis], -slope[:, axes].mean(axis=0)
    hops = np.abs(model.spin_amplitude).sum(axis=(1, 2))
    lengths = np.linalg.norm(sample.bonds.displacement, axis=1)
    solved = max(one.error for one in changes) + state.on_bonds.error * lengths
    off = 2.0 * abs(ELECTRON_CHARGE) * hops * solved * lengths
    unsolved = left * float(np.abs(total).max(initial=0.0))
    at_a_site = 0.5 * float(at_sites(sample, off).max(initial=0.0))
    return Response(local, total, at_a_site + unsolved, float(off.sum()) / sample.n_sites + unsolved)
