"""What breaks a law that every state obeys is a warning: in the result, in ``bdg info``, on every figure."""

from __future__ import annotations

import warnings
from dataclasses import replace

import matplotlib.pyplot as plt
import numpy as np
import pytest

import bdg
from bdg import plot as drawing
from bdg.simulation import soundness
from bdg.simulation.soundness import hermiticity_error, particle_hole_error, unsound
from bdg.store import read, summary
from tests.store.made_up import result

MODELS = {
    "singlet": {},
    "complex": {"vector_potential": [0.3, 0.1]},
    "collinear": {"zeeman": [0, 0, 0.2]},
    "spins": {"rashba": 0.3, "zeeman": [0.1, 0, 0.2]},
}


def solved(name, boundary="open", size=(5, 4)):
    changes = {key: value for key, value in MODELS[name].items() if value is not None}
    sample = bdg.build_sample("square", size, boundary)
    common = {"attraction": 2.5, "chemical_potential": -0.4, "temperature": 0.05}
    model = bdg.build_model(sample, **(common | changes), disorder=bdg.Disorder(1.0, 2))
    return bdg.solve(model, observables=["currents"])


@pytest.mark.parametrize("name", ["singlet", "complex", "collinear", "spins"])
def test_a_sound_state_has_no_warning(name):
    made = solved(name)
    assert made.warnings == ()
    matrix = made.state().hamiltonian
    assert hermiticity_error(matrix) < 1e-14
    assert particle_hole_error(matrix) < 1e-14


def test_so_have_states_of_infinite_samples():
    made = solved("spins", bdg.Boundary("bloch", n_k=3), (2, 2))
    assert made.warnings == ()


@pytest.mark.parametrize("name", ["singlet", "complex", "spins"])
@pytest.mark.parametrize(("shift", "words"), [(1e-6j, "Hermitian"), (1e-6, "particle-hole")])
def test_a_matrix_that_lost_a_symmetry_is_named(name, shift, words):
    """An imaginary number on the diagonal, or a real one in an odd place of the second site."""
    matrix = solved(name).state().hamiltonian
    (momentum,) = matrix.momenta
    values = momentum.values.astype(complex)
    values[matrix.diagonal[1], 0, 0] += shift
    broken = replace(matrix, momenta=(replace(momentum, values=values),))
    (line, *_) = [line for line in unsound(broken, {}, 1e-8) if words in line]
    assert "1.0e-06 t" in line or "2.0e-06 t" in line


def test_a_current_that_is_not_conserved_is_named():
    made = solved("complex")
    currents = dict(made.observables["currents"])
    net = currents["divergence"]
    assert np.abs(net.values).max() < 1e-7
    currents["divergence"] = replace(net, values=net.values + 1e-4)
    (line,) = unsound(made.state().hamiltonian, {"currents": currents}, 1e-8)
    assert line.startswith("divergence: up to 1.0e-04 e t/ħ flow out of a site")
    open_end = replace(currents["divergence"], attributes={"self_consistent": False})
    assert unsound(made.state().hamiltonian, {"currents": {"divergence": open_end}}, 1e-8) == ()


def test_the_warning_is_stored_printed_and_drawn(monkeypatch, tmp_path):
    monkeypatch.setattr(soundness, "hermiticity_error", lambda matrix: 1e-3)
    made = solved("singlet")
    (line,) = made.warnings
    assert line == "the Hamiltonian is not Hermitian: it is off by 1.0e-03 t; please report it"
    bdg.save(made, tmp_path / "r.h5")
    assert f"warning: {line}" in summary(tmp_path / "r.h5")
    assert marks(bdg.load(tmp_path / "r.h5")) == ["1 warning"]


def marks(made):
    figure = drawing.plot(made, "delta")
    found = [
        text.get_text() for text in figure.texts if "warning" in text.get_text() or "conv" in text.get_text()
    ]
    plt.close(figure)
    return found


def test_a_figure_says_how_the_run_ended_and_that_there_are_warnings():
    assert marks(result(warnings=())) == []
    assert marks(result(warnings=("a", "b"))) == ["2 warnings"]
    assert marks(result(warnings=(), status="not_converged")) == ["not converged"]
    assert marks(result(warnings=("a",), status="not_converged")) == ["not converged, 1 warning"]


@pytest.mark.parametrize("status", ["not_converged", "broken", "stopped"])
def test_loading_what_did_not_converge_warns_in_one_line(tmp_path, status):
    bdg.save(result(status=status), tmp_path / "r.h5")
    with pytest.warns(UserWarning, match="after 12 iterations, residual 1.2e-09 t") as caught:
        made = bdg.load(tmp_path / "r.h5")
    assert len(caught) == 1
    assert "\n" not in str(caught[0].message)
    assert caught[0].filename == __file__
    assert made.status == status
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        for quiet in (bdg.load(tmp_path / "r.h5", warn=False), read(tmp_path / "r.h5")):
            assert quiet.status == status
        bdg.save(result(), tmp_path / "converged.h5")
        bdg.load(tmp_path / "converged.h5")
