"""Interactions between orbitals of a place: Hund's rule, and the same physics in every basis of orbitals."""

import numpy as np
import pytest

import bdg
from bdg.errors import ConfigError, InputError
from bdg.expectations import magnetisation
from bdg.lattice import Boundary, UnitCell, build_sample
from bdg.model import OrbitalInteraction, build_model
from bdg.scf import ScfOptions, fields_from, magnetisation_of
from tests.bridge import measure, solved

TIGHT = ScfOptions(tolerance=1e-12, max_iterations=2000)
ALL = ("pairing", "hartree", "fock")
LEVELS = np.array([[0.3, 0.1], [0.1, -0.4]])
HOPS = np.array([[1.0, 0.2], [0.2, 0.6]])


def turned(angle, n_cells=4, **given):
    """A ring of places with two orbitals each, in a basis of orbitals turned by an angle."""
    turn = np.array([[np.cos(angle), np.sin(angle)], [-np.sin(angle), np.cos(angle)]])
    levels, hops = turn @ LEVELS @ turn.T, turn @ HOPS @ turn.T
    bonds = [(a, b, [1], hops[b, a]) for a in (0, 1) for b in (0, 1)]
    bonds.append((0, 1, [0], -levels[1, 0]))
    cell = UnitCell.build([[1.0]], [[0.0], [0.0]], hoppings=bonds, onsite=levels.diagonal())
    return build_model(build_sample(cell, n_cells, "periodic"), **given)


CASES = {
    "pairs": ({"attraction": 1.8, "filling": 0.7, "fields": ("pairing",)}, (2.4, 0.3), ("singlet",)),
    "triplets": ({"attraction": 1.2, "filling": 0.8, "fields": ("pairing",)}, (2.2, 0.5), ("triplet",)),
    "magnets": ({"attraction": -4.0, "filling": 1.0, "magnetism": "noncollinear"}, (-2.8, 0.6), ("singlet",)),
}


@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
def test_every_basis_of_the_orbitals_has_the_same_physics(case):
    """U = U′ − 2J_H and J′ = J_H: F and what a place has in total do not depend on the basis."""
    given, (between, hund), channels = case
    found = []
    for angle in (0.0, 0.7):
        model = turned(
            angle,
            onsite="0.3*sin(x)",
            orbital_interaction=OrbitalInteraction(between, hund, hund),
            channels=channels,
            temperature=0.1,
            **({"fields": ALL} | given),
        )
        assert model.attraction.strength[0] == pytest.approx(between - 2 * hund)
        moments = None
        if model.magnetism != "off":
            moments = magnetisation_of(model, [0.2, 0, np.repeat([0.5, -0.5, 0.5, -0.5], 2)])
        start = fields_from(model, np.full(8, 0.3 if moments is None else 0.0), None, moments)
        outcome, state = solved(model, TIGHT, initial=start)
        assert outcome.status == "converged"
        spin = magnetisation(state.on_sites).reshape(3, -1, 2).sum(axis=2)
        pairs = np.abs(outcome.fields.delta).max(), np.abs(outcome.fields.bond_delta).max()
        found.append(
            {
                "F": measure(state, "grand_potential")["free_energy"],
                "n": measure(state, "density")["density"].reshape(-1, 2).sum(axis=1),
                "m": spin.T @ spin,
                "S": measure(state, "entropy")["entropy"],
            }
        )
        assert max(pairs) > 0.05 or np.abs(spin).max() > 0.5  # not the normal state
        assert outcome.fields.fock is None or np.abs(outcome.fields.fock).max() > 0.02
    for name, value in found[0].items():
        np.testing.assert_allclose(found[1][name], value, atol=1e-8, rtol=0, err_msg=name)


@pytest.mark.parametrize("hund", [0.8, -0.8])
def test_hund_aligns_the_spins_of_a_place(hund):
    """One electron an orbital, no hopping: parallel spins are lower by −½J m_a·m_b = J_H for each place."""
    cell = UnitCell.build([[1.0]], [[0.0], [0.0]], hoppings=[(0, 1, [0], 0.0)])
    model = build_model(
        build_sample(cell, 2),
        attraction=-4.0,
        orbital_interaction=OrbitalInteraction(-2.4, hund, hund),
        fields=("hartree",),
        filling=1.0,
        temperature=0.01,
    )
    assert model.magnetism == "collinear"
    energies = []
    for sign in (1, -1):
        start = fields_from(
            model, np.zeros(4), None, magnetisation_of(model, np.array([0.9, 0.9 * sign] * 2))
        )
        outcome, state = solved(model, TIGHT, initial=start)
        assert outcome.status == "converged"
        np.testing.assert_allclose(magnetisation(state.on_sites)[2], [1, sign] * 2, atol=1e-12)
        energies.append(measure(state, "grand_potential")["free_energy"])
    assert energies[0] - energies[1] == pytest.approx(-2 * hund, abs=1e-10)


def test_pair_hopping_that_repels_makes_pairs_of_opposite_sign():
    """J′ > 0 alone: Δ_a = −J′ F_b, so that the two orbitals pair with opposite signs (s±)."""
    model = turned(
        0.0,
        6,
        orbital_interaction=OrbitalInteraction(0.0, 0.0, 2.5),
        chemical_potential=-0.5,
        temperature=0.05,
    )
    outcome, _ = solved(model, TIGHT, initial=fields_from(model, np.tile([0.3, -0.2], 6)))
    delta = outcome.fields.delta.reshape(-1, 2)
    assert np.abs(delta).min() > 0.05
    assert np.all(delta[:, 0] * delta[:, 1] < 0)


CONFIG = """
lattice:
  cell:
    vectors: [[1, 0], [0, 1]]
    basis: [[0, 0], [0, 0]]
    hoppings:
      - {from: 0, to: 1, offset: [0, 0], amplitude: 0}
      - {from: 0, to: 0, offset: [1, 0], amplitude: 1}
      - {from: 1, to: 1, offset: [0, 1], amplitude: 1}
  size: [4, 4]
  boundary: periodic
hamiltonian: {filling: 1.0}
interaction:
  onsite: [-3.0, -2.5]
  orbitals: {value: -1.8, hund: 0.6, pair_hopping: 0.6}
  fields: [hartree]
temperature: 0.05
scf: {initial: {magnetisation: 0.5*cos(pi*(x + y))}}
observables: {magnetisation: {}, density: {}}
"""


def test_a_configuration_says_it_all(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "run.yaml").write_text(CONFIG)
    result = bdg.run_file("run.yaml")
    assert result.status == "converged"
    moments = result["magnetisation_z"].values.reshape(-1, 2)
    assert np.abs(moments).min() > 0.5
    assert np.all(moments[:, 0] * moments[:, 1] > 0)
    assert np.abs(moments[:, 0] - moments[:, 1]).min() > 1e-3  # U of their own
    joined = "- {from: 0, to: 1, offset: [0, 0], amplitude: 0}"
    (tmp_path / "run.yaml").write_text(CONFIG.replace(joined, ""))  # the interaction brings the bond
    same = bdg.run_file("run.yaml", overwrite=True)
    np.testing.assert_allclose(same["magnetisation_z"].values, result["magnetisation_z"].values, atol=1e-12)
    apart = CONFIG.replace(joined, "").replace("[[0, 0], [0, 0]]", "[[0, 0], [0.5, 0]]")
    (tmp_path / "run.yaml").write_text(apart)
    with pytest.raises(ConfigError, match=r"^run.yaml:15:\d+: interaction.orbitals: no two orbitals"):
        bdg.run_file("run.yaml", overwrite=True)


def test_lattices_without_orbitals_at_one_place_are_refused():
    with pytest.raises(InputError, match="no bond joins two orbitals that share a place"):
        build_model(build_sample("honeycomb", [2, 2]), orbital_interaction=OrbitalInteraction(1.0))


def _listed_otherwise(home, twist):
    """A ring of three places with two orbitals each; the second taken from ``home`` cells away, so that the
    bond within a place passes the ends in one of them.
    """
    bonds = [(0, 0, [1], 1.0), (1, 1, [1], 0.6), (0, 1, [1 - home], 0.3), (0, 1, [-home], 0.1)]
    cell = UnitCell.build([[1.0]], [[0.0], [float(home)]], hoppings=bonds, onsite=[0.0, 0.3])
    return build_model(
        build_sample(cell, 3, [Boundary("periodic", twist)]),
        attraction=2.5,
        filling=0.8,
        orbital_interaction=OrbitalInteraction(0.7, 0.2, -0.4),
        fields=ALL,
        temperature=0.1,
    )


@pytest.mark.parametrize("twist", [0.9, -2.0, np.pi / 2])
@pytest.mark.parametrize("home", [1, -1])
def test_pairs_hop_within_a_place_with_the_phase_of_the_twist(home, twist):
    """Which cell an orbital is said to be of is a name: Δ, densities and Ω do not depend on it."""
    found = []
    for model in (_listed_otherwise(0, twist), _listed_otherwise(home, twist)):
        outcome, state = solved(model, TIGHT)
        assert outcome.status == "converged"
        omega = float(measure(state, "grand_potential")["grand_potential"])
        found.append(
            (omega, np.sort(np.abs(outcome.fields.delta)), np.sort(measure(state, "density")["density"]))
        )
    for one, two in zip(*found, strict=True):
        assert one == pytest.approx(two, abs=1e-9)
    assert found[0][1].max() > 0.05
