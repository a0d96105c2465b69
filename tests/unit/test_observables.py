"""The registry and the gate of every observable."""

from dataclasses import replace

import numpy as np
import pytest

import bdg
from bdg.errors import InputError
from bdg.observables import measure, observable_named, observables
from bdg.scf import ScfOptions
from tests.bridge import solved

MODEL = bdg.build_model(bdg.build_sample("square", [4, 4]), attraction=3.0, temperature=0.1)
_, STATE = solved(MODEL)
ENERGIES = [-1.0, 0.0, 1.0]


@pytest.mark.parametrize(
    ("name", "parameters", "words"),
    [
        ("ldos", {"energies": ENERGIES, "broadening": 0.1, "sites": [16]}, "16 sites"),
        ("ldos", {"energies": ENERGIES, "broadening": 0.1, "sites": [-1]}, "not in the sample"),
        ("ldos", {"energies": ENERGIES, "broadening": 0.1, "sites": [[4, 0]]}, "outside"),
        ("ldos", {"energies": ENERGIES, "broadening": 0.0}, "must be greater than 0, not 0"),
        ("ldos", {"energies": [np.nan], "broadening": 0.1}, "finite"),
        ("dos", {"energies": ENERGIES, "broadening": -0.1}, "must be greater than 0, not -0.1"),
        ("ldos", {"broadening": 0.1}, "energies"),
        ("density", {"sites": [0]}, "no parameters"),
        ("gap", {}, "spectral_gap"),
    ],
)
def test_what_cannot_be_measured_is_said_in_one_line(name, parameters, words):
    with pytest.raises(InputError, match=words) as caught:
        measure(STATE, name, parameters)
    assert "\n" not in str(caught.value)


def test_sites_of_an_ldos_are_indices_or_cells():
    by_index = measure(STATE, "ldos", {"energies": ENERGIES, "broadening": 0.1, "sites": [5, 0]})
    by_cell = measure(STATE, "ldos", {"energies": ENERGIES, "broadening": 0.1, "sites": [[1, 1], [0, 0]]})
    everywhere = measure(STATE, "ldos", {"energies": ENERGIES, "broadening": 0.1})
    np.testing.assert_array_equal(by_index["ldos"].values, by_cell["ldos"].values)
    np.testing.assert_array_equal(by_index["ldos"].values, everywhere["ldos"].values[:, [5, 0]])


def test_spectra_hold_one_state_a_spin_and_site():
    energies = np.linspace(-300, 300, 60001)
    found = measure(STATE, "dos", {"energies": energies, "broadening": 0.5})["dos"].values
    tails = 2 * 2 * 0.5 / (np.pi * 300)  # of the Lorentzians, both sides and spins
    assert np.trapezoid(found, energies) + tails == pytest.approx(2.0, abs=1e-5)


def test_entropy_from_levels_and_from_the_matrix_agree():
    class WithoutStates:
        name, grand_potential = "plain", STATE.solver.grand_potential
        correlations = STATE.solver.correlations

    import dataclasses

    plain = dataclasses.replace(STATE, solver=WithoutStates())
    one, two = measure(STATE, "entropy")["entropy"], measure(plain, "entropy")["entropy"]
    assert abs(one.values - two.values) <= two.error + one.error
    assert one.values > 1e-6


def test_entropy_vanishes_when_the_gap_is_far_above_the_temperature():
    cold = bdg.build_model(MODEL.sample, attraction=3.0, temperature=1e-300)
    assert float(measure(solved(cold)[1], "entropy")["entropy"].values) < 1e-290


def test_currents_say_whether_they_must_be_conserved():
    twisted = bdg.build_sample("chain", 6, bdg.Boundary("periodic", 0.4))
    for options, terms, flag in [
        (None, {"attraction": 3.0}, True),
        (ScfOptions(max_iterations=2), {"attraction": 3.0, "disorder": bdg.Disorder(1.0)}, False),
        (None, {"fields": "hartree", "given_delta": 0.3}, False),
        (None, {"given_bonds": {"s_extended": 0.3}}, False),
        (None, {"given_bonds": {"p_x": 0.3}, "attraction": 3.0}, False),
        (None, {"bond_attraction": 2.0, "channels": "p_x"}, True),
    ]:
        model = bdg.build_model(twisted, temperature=0.1, **terms)
        result = bdg.solve(model, observables="currents", scf=options, solver="diagonalization")
        assert result["bond_current"].attributes["self_consistent"] == flag


def test_a_users_own_observable_joins_the_registry(monkeypatch):
    from bdg.observables import registry

    monkeypatch.setattr(registry, "_contracts", registry.contracts())

    @bdg.register
    def staggered(state):
        return {"staggered": bdg.Quantity(np.zeros(16), ("site",), "1", "staggered density")}

    assert "staggered" in observables()
    assert bdg.solve(MODEL, observables=("staggered",))["staggered"].values.shape == (16,)
    with pytest.raises(InputError, match="already"):
        bdg.register(staggered)
    with pytest.raises(InputError, match="density"):
        observable_named("staggerd")


def test_a_quantity_must_name_its_axes():
    with pytest.raises(ValueError, match="axes"):
        bdg.Quantity(np.zeros((2, 3)), ("site",), "1", "wrong")


class Counting:
    """A solver that counts the energies of its Green's functions."""

    def __init__(self, solver):
        self._solver, self.energies = solver, 0

    def __getattr__(self, name):
        return getattr(self._solver, name)

    def greens(self, hamiltonian, z, pattern, **options):
        self.energies += len(z)
        return self._solver.greens(hamiltonian, z, pattern, **options)


def test_two_spectra_at_the_same_energies_cost_one():
    solver = Counting(STATE.solver)
    state = replace(STATE, solver=solver)
    spectrum = {"energies": ENERGIES, "broadening": 0.1}
    both = measure(state, "dos", spectrum) | measure(state, "ldos", spectrum)
    assert solver.energies == len(ENERGIES)
    alone = measure(replace(STATE), "ldos", spectrum)["ldos"]
    assert both["ldos"].values.tobytes() == alone.values.tobytes()
    measure(state, "dos", spectrum | {"broadening": 0.2})
    assert solver.energies == 2 * len(ENERGIES)
    measure(state, "ldos", spectrum | {"broadening": 0.2, "sites": [0, 3]})
    measure(state, "dos", spectrum | {"broadening": 0.2, "energies": [-1.0, 0.5, 1.0]})
    assert solver.energies == 4 * len(ENERGIES)
