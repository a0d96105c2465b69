"""NaN or infinity, wherever it appears, ends the loop: exit 4, its name, and the last good fields kept."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

import bdg
from bdg.errors import NumericalError
from bdg.fixed_point import Anderson
from bdg.scf.history import Iteration
from bdg.scf.map import FixedPoint
from bdg.solvers.contract import Correlations, Estimate, Greens, Pattern

FIELDS = ("delta", "hartree", "mu", "exchange", "bond_delta", "fock")
BAD = {"nan": np.nan, "inf": np.inf}


def everything(**given):
    """A sample with every field on sites and bonds free."""
    sample = bdg.build_sample("square", [4, 2], ["open", "periodic"])
    return bdg.build_model(
        sample,
        filling=0.8,
        attraction=-1.0,
        bond_attraction=1.2,
        channels=("singlet", "triplet"),
        fields=("pairing", "hartree", "fock"),
        zeeman=[0.2, 0.0, 0.1],
        magnetism="noncollinear",
        temperature=0.1,
        **given,
    )


def planted(monkeypatch, name, value, iteration):
    """Let one number of a field be bad whenever the map is evaluated from an iteration on."""
    calls, whole = [], FixedPoint.__call__

    def broken(self, fields):
        out, filling_error = whole(self, fields)
        calls.append(name)
        if len(calls) < iteration:
            return out, filling_error
        if name == "mu":
            return replace(out, mu=value), filling_error
        array = np.array(getattr(out, name))
        array.ravel()[-1] = value
        return replace(out, **{name: array}), filling_error

    monkeypatch.setattr(FixedPoint, "__call__", broken)


@pytest.mark.parametrize("iteration", [1, 2, 4])
@pytest.mark.parametrize("value", BAD.values(), ids=BAD)
@pytest.mark.parametrize("name", FIELDS)
@pytest.mark.filterwarnings("ignore:invalid value")
def test_a_field_that_is_not_finite_is_never_converged(monkeypatch, name, value, iteration):
    planted(monkeypatch, name, value, iteration)
    result = bdg.solve(everything(), solver="diagonalization", observables=())
    assert result.status == "broken"
    (line,) = result.warnings
    assert name in line or (name == "mu" and "the Hamiltonian" in line)  # which a bracketing step has made
    assert f"iteration {min(iteration, len(result.history) + 1)}:" in line
    assert result.fields.first_not_finite() is None


@pytest.mark.parametrize("mixer", ["linear", "anderson", "pulay"])
@pytest.mark.parametrize("solver", ["diagonalization", "selected_inversion"])
def test_hartree_alone_that_stays_nan(monkeypatch, solver, mixer):
    planted(monkeypatch, "hartree", np.nan, 1)
    sample = bdg.build_sample("chain", [6], "periodic")
    model = bdg.build_model(sample, attraction=1.0, fields=["hartree"], temperature=0.1)
    result = bdg.solve(model, solver=solver, observables=(), scf=bdg.ScfOptions(mixer=mixer))
    assert (result.status, result.history) == ("broken", ())
    assert "hartree" in result.warnings[0]


@pytest.mark.parametrize("solver", ["diagonalization", "selected_inversion"])
def test_a_step_of_the_mixer_that_is_not_finite(monkeypatch, solver):
    step = Anderson.step

    def broken(self, vector, residual, error=0.0):
        after = step(self, vector, residual, error)
        after[0] = np.nan
        return after

    monkeypatch.setattr(Anderson, "step", broken)
    result = bdg.solve(everything(), solver=solver, observables=())
    assert result.status == "broken"
    assert "iteration 2: the Hamiltonian is not finite" in result.warnings[0]


@pytest.mark.parametrize("value", BAD.values(), ids=BAD)
def test_no_solver_returns_what_is_not_finite(value):
    pattern, blocks = Pattern(np.zeros(1, np.int32), np.zeros(1, np.int32)), np.eye(2)[None]
    with pytest.raises(NumericalError, match=r"f\(H\) is not finite"):
        Correlations(pattern, value * (blocks + 1), 0.0)
    with pytest.raises(NumericalError, match="Green's function is not finite"):
        Greens(np.full((1, 1, 2, 2), value, complex), 0.0)
    with pytest.raises(NumericalError, match="grand potential is not finite"):
        Estimate(value, 0.0)


@pytest.mark.parametrize("column", ["residual_delta", "residual_hartree", "residual_bond", "filling_error"])
def test_a_residual_that_is_nan_in_one_field_is_nan(column):
    iteration = Iteration(1, 0.0, 0.0, 0.0, 0.1, 0.0)
    assert np.isnan(replace(iteration, **{column: np.nan}).residual)
