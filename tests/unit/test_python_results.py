"""What a script does with results: looks into them, takes their numbers, misspells keywords."""

import numpy as np
import pytest

import bdg
from bdg.errors import BdgError, InputError
from bdg.expectations import anomalous, normal
from bdg.lattice import build_sample
from bdg.model import build_model
from bdg.observables import Quantity

SAMPLE = build_sample("square", [4, 3], "periodic")


@pytest.fixture(scope="module")
def result():
    model = build_model(SAMPLE, attraction=2.5, temperature=0.1, zeeman=[0.1, 0, 0.05])
    spectrum = {"energies": [0.0, 0.5, 1.0], "broadening": 0.1}
    wanted = {"ldos": spectrum, "magnetisation": {}, "currents": {}, "spectral_gap": {}, "density": {}}
    return bdg.solve(model, observables=wanted)


def test_a_result_is_looked_into_by_name(result):
    for name in ("ldos", "spectral_gap", "magnetisation", "magnetisation_z", "currents"):
        assert name in result
    for name in ("ldoss", "dos", 3):
        assert name not in result
    assert list(result) == list(result.keys())
    assert set(result.keys()) == {name for group in result.observables.values() for name in group}
    assert dict(result)["ldos"] is result["ldos"]


def test_all_components_of_the_magnetisation_are_one_quantity(result):
    whole = result["magnetisation"]
    assert whole.dims == ("direction", "site")
    for row, axis in zip(whole.values, "xyz", strict=True):
        np.testing.assert_array_equal(row, result[f"magnetisation_{axis}"].values)
    assert list(whole.coords["direction"].values) == list("xyz")
    assert whole.error == result["magnetisation_x"].error


def test_what_a_result_has_not_is_named(result):
    with pytest.raises(InputError, match=r"no 'ldso'; did you mean 'ldos'\?"):
        result["ldso"]
    with pytest.raises(InputError, match="currents has several quantities; choose one of bond_current"):
        result["currents"]
    with pytest.raises(InputError, match="no 'chern_number'; it has bond_current"):
        result["chern_number"]


def test_quantities_do_arithmetic(result):
    gap, ldos, density = result["spectral_gap"], result["ldos"], result["density"]
    for found, expected in (
        (2 * ldos, 2 * ldos.values),
        (ldos / ldos.values.max(), ldos.values / ldos.values.max()),
        (-density + 1, 1 - density.values),
        (density**2, density.values**2),
        (np.sqrt(density), np.sqrt(density.values)),
        (np.arange(3)[:, None] * ldos, np.arange(3)[:, None] * ldos.values),
        (gap * 3.0, float(gap) * 3.0),
        (gap * ldos, float(gap) * ldos.values),
        (abs(gap - gap), 0.0),
        (ldos - ldos, 0 * ldos.values),
        (density > 0.5, density.values > 0.5),
        (np.mean(density), density.values.mean()),
    ):
        np.testing.assert_array_equal(found, expected)
        assert not isinstance(found, Quantity)
    for wrong in (lambda: gap + ldos, lambda: gap < density, lambda: np.maximum(gap, ldos)):
        with pytest.raises(InputError, match="do not add"):
            wrong()


def test_a_given_order_parameter_takes_the_place_of_pairing():
    given = build_model(SAMPLE, given_delta=0.3, attraction=0.0)
    assert not given.attraction.pairing
    same = build_model(SAMPLE, given_delta=0.3, fields=())
    np.testing.assert_array_equal(given.given_delta, same.given_delta)
    assert build_model(SAMPLE, attraction=2.0).attraction.pairing
    dense = build_model(SAMPLE, given_delta=0.3, attraction=-1.0, fields="hartree")
    assert dense.attraction.hartree
    assert not dense.attraction.pairing
    with pytest.raises(InputError, match="exclude each other"):
        build_model(SAMPLE, given_delta=0.3, fields=("pairing",))
    gap = bdg.solve(build_model(SAMPLE, given_delta=0.3), observables=["spectral_gap"])["spectral_gap"]
    assert float(gap) == pytest.approx(0.3, abs=1e-12)


@pytest.mark.parametrize(
    ("call", "meant"),
    [
        (lambda: build_model(SAMPLE, chemical_potental=1.0), "chemical_potential"),
        (lambda: build_model(SAMPLE, attaction=1.0), "attraction"),
        (lambda: bdg.build_sample("square", [3, 3], bondary="open"), "boundary"),
        (lambda: bdg.solve(build_model(SAMPLE), observable=["density"]), "observables"),
        (lambda: bdg.run_file("x.yaml", overide=["a=1"]), "overrides"),
        (lambda: bdg.solve(build_model(SAMPLE, fields=()), observables=["densty"]), "density"),
        (
            lambda: bdg.solve(
                build_model(SAMPLE, fields=()), observables={"ldos": {"energies": [0], "broadning": 0.1}}
            ),
            "broadening",
        ),
    ],
)
def test_a_misspelt_keyword_is_told_the_right_one(call, meant):
    with pytest.raises(BdgError, match=rf"did you mean '{meant}'\?"):
        call()


def test_an_unknown_keyword_is_a_type_error_as_well():
    with pytest.raises(TypeError, match=r"build_model\(\) has no keyword 'quux'; it takes sample, hopping"):
        build_model(SAMPLE, quux=1)


@pytest.mark.parametrize("least_dofs", [2, 4])
def test_hops_and_pairs_of_bonds_are_the_same_in_both_nambu_spaces(least_dofs):
    terms = {"zeeman": [0, 0, 0.2], "vector_potential": [0.1, 0.05], "chemical_potential": -0.3}
    terms |= {"given_delta": 0.3, "given_bonds": {"d_x2_y2": 0.2}, "temperature": 0.1}

    def hops(state):
        return state.hops

    def bond_pairs(state):
        return state.bond_pairs

    def from_entries(state):
        return np.concatenate([normal(state.model.sample, state.on_bonds), anomalous(state.on_bonds)])

    wanted = [hops, bond_pairs, from_entries]
    models = [build_model(SAMPLE, least_dofs=dofs, **terms) for dofs in (2, least_dofs)]
    spaces = [bdg.solve(model, observables=wanted) for model in models]
    assert [model.dofs for model in models] == [2, least_dofs]
    for name in ("hops", "bond_pairs", "from_entries"):
        np.testing.assert_allclose(spaces[0][name].values, spaces[1][name].values, atol=1e-12)
    singlet = spaces[0]["bond_pairs"].values
    np.testing.assert_allclose(singlet[:, 0, 0], 0, atol=1e-12)
    assert np.abs(singlet[:, 0, 1]).min() > 1e-3


@pytest.mark.parametrize("pair_hopping", [0.4, -0.4])
def test_pair_hopping_of_positive_sign_favours_opposite_signs_of_the_order_parameter(pair_hopping):
    """2J′ Re F_a* F_b: s± for J′ > 0, s++ for J′ < 0."""
    own = [(orbital, orbital, step, 1.0) for orbital in (0, 1) for step in ((1, 0), (0, 1))]
    cell = bdg.UnitCell.build([[1, 0], [0, 1]], [[0, 0], [0, 0]], hoppings=own)
    sample = build_sample(cell, [3, 3], "periodic", bonds=cell.pairs_within())
    interaction = bdg.model.OrbitalInteraction(pair_hopping=pair_hopping)
    terms = {"attraction": 3.0, "temperature": 0.1, "chemical_potential": -0.4}
    model = build_model(sample, orbital_interaction=interaction, **terms)
    sign = np.where(sample.orbitals == 0, 1.0, -1.0)
    energies = []
    for start in (0.5 * sign, np.full(sample.n_sites, 0.5)):
        state = bdg.solve(model, observables=["grand_potential"], initial={"delta": start})
        same = np.sign(state.fields.delta[0] * state.fields.delta[1])
        energies.append((float(state["grand_potential"]), same))
    lowest = min(energies)
    assert lowest[1] == -np.sign(pair_hopping)
