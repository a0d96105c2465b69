"""Branches of a study: from named starts and both ways along a key, the best by energy, where they cross."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from pydantic import ValidationError
from scipy.optimize import brentq

import bdg
from bdg.config.schema.sweep import Sweep
from bdg.errors import InputError
from bdg.observables import Quantity
from bdg.studies.collected import branches
from bdg.studies.collected.collection import Collection
from bdg.studies.collected.figure import study_figure
from bdg.studies.work.task import energy_numbers

ENDS = 0.3, 0.39, 0.43, 0.5


@pytest.fixture(scope="module")
def config(tmp_path_factory):
    """A superconductor in a Zeeman field at low temperature."""
    path = tmp_path_factory.mktemp("branches") / "field.yaml"
    path.write_text(
        f"""
lattice: {{kind: square, size: [1, 1], boundary: [{{bloch: 24}}, {{bloch: 24}}]}}
hamiltonian: {{chemical_potential: -0.5, zeeman: [0, 0, 0]}}
interaction: {{onsite: 2.5}}
temperature: 0.02
observables: {{order_parameter: {{}}}}
output: {path.parent}/field.h5
"""
    )
    return path


def collected(config, folder, **values):
    return bdg.collect(bdg.sweep(config, values, folder=folder, executor="serial"))


def levels():
    k = 2 * np.pi * np.arange(24) / 24
    return (-2 * np.cos(k)[:, None] - 2 * np.cos(k) + 0.5).ravel()


def grand_potential(h, delta, t=0.02, attraction=2.5):
    """By a sum over momenta, less ½ tr h."""
    xi, shift = levels(), np.array([1, -1])[:, None] * h
    e = np.sqrt(xi**2 + delta**2)
    return delta**2 / attraction - t * np.mean(np.log(2 * np.cosh((e + shift) / (2 * t)))) * 2


def test_named_starts_are_branches_with_their_energies(config, tmp_path):
    together = collected(
        config, tmp_path / "starts", **{"hamiltonian.zeeman[2]": ENDS, "starts": ["uniform", "normal"]}
    )
    assert together.dims == ("zeeman_2", "branch")
    energy, delta = together["energy"].values, together["largest_delta"].values
    assert delta[:, 1] == pytest.approx(0.0, abs=1e-9)
    assert np.all(delta[:3, 0] > 0.5)
    for n, h in enumerate(ENDS):
        expected = grand_potential(h, delta[n, 0]) - grand_potential(h, 0.0)
        assert energy[n, 0] - energy[n, 1] == pytest.approx(expected, abs=1e-9)
    best = branches.best(together)
    assert best["branch"].values.tolist() == ["uniform", "uniform", "normal", "uniform"]  # the last is a tie
    assert best["largest_delta"].values == pytest.approx([delta[0, 0], delta[1, 0], 0.0, 0.0], abs=1e-6)
    assert best["order_parameter"].dims == ("zeeman_2", "site")
    both = branches.coexistence(together, ("uniform", "normal")).values
    assert both.tolist() == [True, True, True, False]
    assert set(together["status"].values.ravel()) == {"converged"}


def test_starts_stand_beside_both_ways_along_a_key(config, tmp_path):
    values = {"hamiltonian.zeeman[2]": [0.35, 0.45], "follow": "hamiltonian.zeeman[2]", "direction": "both"}
    together = collected(config, tmp_path / "all", **values, starts=["normal", {"delta": 0.5}])
    assert together.coords["branch"].values.tolist() == ["forward", "backward", "normal", "delta"]
    delta = together["largest_delta"].values
    assert delta[1] == pytest.approx([delta[1, 0], delta[1, 0], 0.0, delta[1, 0]], abs=1e-6)


def test_a_transition_has_its_place_and_both_spinodals(config, tmp_path):
    key = "hamiltonian.zeeman[2]"
    values = {key: {"start": 0.2, "stop": 0.6, "num": 11}, "follow": key, "direction": "both"}
    together = collected(config, tmp_path / "both", **values)
    found = branches.transition(together, "zeeman_2")

    def difference(h):
        def force(delta):
            return (grand_potential(h, delta + 1e-5) - grand_potential(h, delta - 1e-5)) / 2e-5

        return grand_potential(h, brentq(force, 0.45, 0.7)) - grand_potential(h, 0.0)

    assert float(found.place.values) == pytest.approx(brentq(difference, 0.3, 0.45), abs=1e-4)
    assert (float(found.lower.values), float(found.upper.values)) == pytest.approx((0.26, 0.5), abs=0.021)
    assert found.lower.error == pytest.approx(0.02)
    figure = study_figure(together, "energy")
    told = [text.get_text() for text in figure.axes[0].get_legend().get_texts()]
    assert told[2].startswith("equal energies at 0.39")
    assert told[3].startswith("both states, 0.2")


def made_up(energy, error=0.0, delta=None):
    """A collection over one key and two branches."""
    energy = np.asarray(energy, dtype=float)
    coords = {
        "h": Quantity(np.arange(len(energy)) * 0.1, ("h",), "t", "h"),
        "branch": Quantity(np.array(["forward", "backward"]), ("branch",), "1", "branch"),
    }
    arrays = {
        "energy": energy,
        "energy_error": np.full_like(energy, error),
        "largest_delta": energy if delta is None else np.asarray(delta, dtype=float),
        "residual": np.zeros_like(energy),
    }
    quantities = {name: Quantity(one, ("h", "branch"), "t", name, coords) for name, one in arrays.items()}
    return Collection("", ("h", "branch"), coords, quantities)


def test_the_best_branch_where_some_have_not_converged_and_energies_tie():
    nan = float("nan")
    best = branches.best(made_up([[2, 1], [nan, 3], [nan, nan], [1, 1 - 1e-9]], 1e-8))
    assert best["branch"].values.tolist() == ["backward", "backward", "", "forward"]
    assert best["energy"].values[[0, 1, 3]].tolist() == [1, 3, 1]
    assert np.isnan(best["energy"].values[2])


def test_one_energy_with_two_order_parameters_are_two_states():
    both = branches.coexistence(
        made_up([[1, 1], [1, 1]], 1e-9, [[0.5, 0.0], [0.5, 0.5]]), ("forward", "backward")
    )
    assert both.values.tolist() == [True, False]


def test_no_spinodal_is_named_beyond_the_values():
    found = branches.transition(made_up([[0, 0.3], [0.1, 0.2], [0.2, 0.1]]), "h")
    assert (found.lower, found.upper) == (None, None)
    assert float(found.place.values) == pytest.approx(0.15)


def test_the_order_of_the_values_does_not_matter():
    energy = np.array([[0, 0], [0.1, 0.15], [0.2, 0.22], [0.3, 0.28], [0.4, 0.4]])
    found = branches.transition(made_up(energy), "h")
    again = branches.transition(made_up(energy[::-1]), "h")  # at 0.4 − h
    assert float(again.place.values) == pytest.approx(0.4 - float(found.place.values))
    assert float(found.lower.values) == pytest.approx(0.05)
    assert (float(again.lower.values), again.lower.error) == pytest.approx((0.05, 0.05))
    assert (float(found.upper.values), float(again.upper.values)) == pytest.approx((0.35, 0.35))


def test_a_value_along_an_axis():
    together = made_up([[1, 2], [3, 4]])
    assert together.at(h=0.09)["energy"].values.tolist() == [3, 4]
    assert together.at(branch="backward").dims == ("h",)
    assert float(together.at(branch="forward", h="0")["energy"].values) == 1
    with pytest.raises(InputError, match="no axis 'x'"):
        together.at(x=1)
    with pytest.raises(InputError, match="branch has no 'up'; it has forward, backward"):
        together.at(branch="up")
    with pytest.raises(InputError, match="h takes a number"):
        together.at(h="low")


def test_what_has_no_branches_is_refused():
    with pytest.raises(InputError, match="follow a key with direction: both, or give starts"):
        branches.best(made_up([[1, 2]]).at(branch="forward"))
    with pytest.raises(InputError, match="no branch 'normal'"):
        branches.coexistence(made_up([[1, 2]]), ("forward", "normal"))
    with pytest.raises(ValidationError, match="listed twice"):
        Sweep.model_validate({"temperature": [1], "starts": ["random", "random"]})
    with pytest.raises(ValidationError, match="must be uniform"):
        Sweep.model_validate({"temperature": [1], "starts": ["unifrm"]})
    one = made_up([[1, 2], [2, 1]])
    with pytest.raises(InputError, match="choose a value of u"):
        branches.transition(Collection("", ("u", *one.dims), one.coords, one.quantities), "h")


@pytest.mark.parametrize(
    "initial",
    [
        pytest.param(["normal", {"delta": "0.3*sign(x-2.5)"}], id="below the best of several, a saddle"),
        pytest.param(["uniform", "normal"], id="the best of several"),
        pytest.param([{"delta": "0.3*sign(x-2.5)"}], id="below a saddle"),
        pytest.param("normal", id="the normal state, which is kept"),
    ],
)
def test_the_energy_is_that_of_the_state_that_is_measured(initial):
    sample = bdg.build_sample("square", (6, 6), "periodic")
    model = bdg.build_model(sample, attraction=2.5, chemical_potential=-0.5, temperature=0.1)
    result = bdg.solve(model, initial=initial, observables="grand_potential", hooks=bdg.Hooks())
    measured = float(result["grand_potential"].values)
    assert energy_numbers(result)["energy"] == pytest.approx(measured, abs=1e-10)


def test_starts_of_a_function(tmp_path):
    def model(temperature):
        return bdg.build_model(
            bdg.build_sample("chain", 6, "periodic"), attraction=3.0, temperature=temperature
        )

    study = bdg.sweep(
        model,
        {"temperature": [0.02], "starts": ["uniform", "normal"]},
        folder=tmp_path / "f",
        executor="serial",
    )
    delta = bdg.collect(study)["largest_delta"].values[0]
    opened = bdg.collect(bdg.open_study(tmp_path / "f"))
    assert opened.coords["branch"].values.tolist() == ["uniform", "normal"]
    assert delta[0] > 0.1
    assert delta[1] == 0.0


def test_starts_may_have_names_of_their_own():
    given = {"normal state": "normal", "uniform": {"delta": 0.3}, "π": {"delta": "sign(x)"}}
    sweep = Sweep.model_validate({"temperature": [0.1], "starts": given})
    assert list(sweep.branches) == list(given)
    assert sweep.branches["normal state"] == "normal"
    with pytest.raises(ValidationError, match="'forward' is the name of a way"):
        Sweep.model_validate({"temperature": [0.1], "starts": {"forward": "normal"}})


def test_the_best_branch_of_two_keys_is_drawn_as_regions():
    words = np.array([["BCS", "normal"], ["", "normal"], ["BCS", "BCS"]])
    coords = {
        name: Quantity(np.arange(float(count)), (name,), "t", name) for name, count in (("h", 3), ("mu", 2))
    }
    quantity = Quantity(words, ("h", "mu"), "1", "branch of lowest energy", coords)
    together = Collection("a study", ("h", "mu"), coords, {"branch": quantity})
    whole = replace(quantity, values=words[[0, 0, 2]])
    for shown in (together, replace(together, quantities={"branch": whole})):
        axes = study_figure(shown, "branch", x="h", y="mu").axes[0]
        assert [text.get_text() for text in axes.get_legend().get_texts()] == ["BCS", "normal"]
        assert axes.get_xlabel() == "H (t)"
    with pytest.raises(InputError, match="draw it over two keys"):
        study_figure(together, "branch")
