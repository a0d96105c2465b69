"""Observables of the state that was found, and of its views, which must be the same."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bdg import setup
from bdg.config import Config, ConfigSource
from bdg.crosscheck.difference import Difference, compared, stated_error
from bdg.crosscheck.views import View, views_of
from bdg.model import Fields, Model
from bdg.nambu import NambuAssembler
from bdg.observables import State, measure
from bdg.result import Result
from bdg.solvers import choose

TOLERANCE = 1e-12
"""Accuracy asked of the solver."""

ENERGIES, BROADENING = np.linspace(-1.2, 1.2, 13), 0.02
"""Of a local density of states, in units of the scale of the low part of the spectrum."""

Values = dict[str, tuple[NDArray[Any], str, float]]
"""Values, units and error of quantities by name."""


def state_of(config: Config, source: ConfigSource, result: Result) -> State:
    """The state that was found, its vector potential being part of the model."""
    model = setup.model_of(config, source, result.sample)
    fields = replace(result.fields, vector_potential=None)
    return state_at(replace(model.at(result.fields), screening=None), fields, result.provenance.solver)


def state_at(model: Model, fields: Fields, solver: str) -> State:
    """The state of a model in its fields."""
    rows = model.dofs * model.sample.n_sites
    chosen = choose(solver, rows=rows, temperature=model.temperature)
    return State(model, fields, NambuAssembler(model).matrix(fields), chosen, TOLERANCE)


def views_compared(state: State, others: Sequence[str] = ()) -> list[Difference]:
    """Every view of a state against the state itself, which other solvers and moments are asked for too."""
    expected, found = _values(state), []
    for method in others:
        values = _values(state_at(state.model, state.fields, method))
        for name, (one, units, error) in expected.items():
            two, _, its_error = values[name]
            found.append(compared(f"{method}, same", name, one, two, units, error + its_error))
    found += _by_moments(state)
    for view in views_of(state.model, state.fields):
        values = _values(state_at(view.model, view.fields, state.solver.name))
        for name, (one, units, error) in expected.items():
            two, _, its_error = values[name]
            found.append(compared(view.name, name, _seen(view, name, one), two, units, error + its_error))
    return found


def _by_moments(state: State) -> list[Difference]:
    """The LDOS of a few sites by Chebyshev moments against that of the solver."""
    n, scale = state.model.sample.n_sites, state.hamiltonian.low_scale
    how = {
        "sites": sorted({0, n // 2, n - 1}),
        "energies": scale * ENERGIES,
        "broadening": BROADENING * scale,
    }
    by_solver, by_moments = (measure(state, "ldos", how | {"method": way}) for way in ("solver", "chebyshev"))
    found = []
    for name, one in by_solver.items():
        two = by_moments[name]
        error = stated_error(one) + stated_error(two)
        found.append(
            compared("moments, same", name, np.asarray(one.values), np.asarray(two.values), one.units, error)
        )
    return found


def _values(state: State) -> Values:
    """Densities, the size of the pairs, currents, Ω and the entropy."""
    wanted = {
        "density": ("density", "spin_density"),
        "anomalous_density": ("anomalous_density",),
        "currents": ("bond_current",),
        "grand_potential": ("grand_potential", "electrons"),
        "entropy": ("entropy",),
    }
    found: Values = {}
    for name, quantities in wanted.items():
        measured = measure(state, name)
        for key in quantities:
            values = np.asarray(measured[key].values)
            values = np.abs(values) if np.iscomplexobj(values) else values
            error = measured[key].error
            known = 0.0 if error is None else float(np.max(error, initial=0.0))
            found[key] = values, measured[key].units, max(known, state.on_sites.error)
    found["anomalous_density"] = (np.abs(found["anomalous_density"][0]), *found["anomalous_density"][1:])
    return found


def _seen(view: View, name: str, values: NDArray[Any]) -> NDArray[Any]:
    """Values of the state as the view must have them."""
    if name == "bond_current":
        return values[view.bonds]
    return values[..., view.sites] if values.ndim else np.asarray(view.repeats * values)
