"""The kinetic energy of bonds, against closed formulas, other programs and the slope of Ω."""

import json

import numpy as np
import pytest

import bdg
from bdg.config import json_schema, template
from bdg.expectations import bond_stiffness
from bdg.observables import measure
from bdg.simulation.validation import checked_model
from tests import reference as ref
from tests.bridge import mean_field_of, problem_of, random_cluster, solved


def total(state):
    return float(measure(state, "kinetic_energy")["total_kinetic_energy"])


@pytest.mark.parametrize("mu", [0.0, -1.0, 1.3])
def test_of_a_free_chain_it_is_the_integral_over_the_fermi_sea(mu):
    """Of both spins −(4t/π) sin k_F a site, cos k_F = −μ/2t."""
    sample = bdg.build_sample("chain", 1, bdg.Boundary("bloch", n_k=4001))
    _, state = solved(bdg.build_model(sample, chemical_potential=mu, given_delta=0.0, fields=()))
    assert total(state) == pytest.approx(-4 / np.pi * np.sqrt(1 - mu**2 / 4), abs=2e-3)


def test_of_a_dimer_it_is_twice_the_hopping():
    _, state = solved(bdg.build_model(bdg.build_sample("chain", 2), hopping=0.7, chemical_potential=0.0))
    found = measure(state, "kinetic_energy")
    np.testing.assert_allclose(found["kinetic_energy"].values, [-2 * 0.7], atol=1e-12)


@pytest.mark.parametrize("zeeman", [0.0, 0.2])
def test_it_is_that_of_the_slow_twin_bond_by_bond(zeeman):
    model = random_cluster(6, 3, zeeman=zeeman)
    outcome, state = solved(model)
    twin = ref.solve_2n(problem_of(model, outcome.fields.mu), mean_field_of(model, outcome.fields))
    hopping = -model.hopping * np.exp(1j * model.phase)
    wanted = 2 * np.real(hopping * twin.bond_correlators.sum(axis=1))
    np.testing.assert_allclose(measure(state, "kinetic_energy")["kinetic_energy"].values, wanted, atol=1e-10)


@pytest.mark.parametrize("temperature", [0.0, 0.2])
@pytest.mark.parametrize(
    "terms",
    [
        {},
        {"vector_potential": bdg.UniformField(0.1)},
        {"rashba": 0.5, "zeeman": [0.1, 0, 0.2]},
        {"onsite": 0.4, "chemical_potential": 0.0},
    ],
    ids=["plain", "field", "rashba", "half filling"],
)
@pytest.mark.parametrize("ends", ["open", bdg.Boundary("bloch", n_k=3)], ids=["open", "bloch"])
def test_it_is_the_slope_of_the_grand_potential_with_all_hoppings(temperature, terms, ends):
    if "vector_potential" in terms and ends != "open":
        ends = "open"
    sample, step = bdg.build_sample("square", [3, 4], ends), 1e-3

    def state(scale):
        given = {"chemical_potential": -0.4, "given_delta": 0.35, "fields": (), **terms}
        if "rashba" in given:
            given["rashba"] *= scale
        return solved(bdg.build_model(sample, hopping=scale, temperature=temperature, **given))[1]

    omega = [float(measure(state(1 + h), "grand_potential")["grand_potential"]) for h in (step, -step)]
    assert total(state(1.0)) == pytest.approx((omega[0] - omega[1]) / (2 * step), abs=2e-5)
    assert abs(total(state(1.0))) > 1


def test_it_is_minus_the_stiffness_of_the_bonds_and_the_rest_of_the_energy_balances():
    """⟨H⟩ of a normal sample is K + Σ (ε − μ) n."""
    sample = bdg.build_sample("square", [4, 4])
    model = bdg.build_model(sample, chemical_potential=-0.3, onsite="0.2*x", temperature=0.3)
    _, state = solved(model)
    kinetic = measure(state, "kinetic_energy")["kinetic_energy"].values
    np.testing.assert_allclose(kinetic, -bond_stiffness(model, state.on_bonds), atol=1e-13)
    thermal = {name: float(measure(state, name)[name]) for name in ("grand_potential", "entropy")}
    inside = thermal["grand_potential"] + 0.3 * thermal["entropy"]
    density = measure(state, "density")["density"].values
    assert kinetic.sum() + density @ (model.onsite + 0.3) == pytest.approx(inside, abs=1e-9)


def test_one_file_is_all_that_an_observable_needs(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert "kinetic_energy" in json_schema()["$defs"]["Observables"]["properties"]
    assert "  # kinetic_energy: {}         # Kinetic energy of each bond, and of the sample\n" in template()
    config = {"lattice": {"kind": "square", "size": [4, 4]}, "hamiltonian": {"chemical_potential": -0.5}}
    text = json.dumps({**config, "interaction": {"onsite": 3}, "observables": {"kinetic_energy": {}}})
    (tmp_path / "run.yaml").write_text(text)
    assert checked_model("run.yaml").sample.n_sites == 16
    result = bdg.run_file("run.yaml")
    path = result.path
    from bdg.plot.facts import numbers

    assert numbers(result)["Kinetic energy"].startswith("−")
    assert bdg.plot.plot(bdg.load(path), "kinetic_energy").axes
