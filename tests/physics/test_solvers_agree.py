"""Every solver reaches the same fields and measures the same, within the errors it states."""

import numpy as np
import pytest

from bdg.lattice import Boundary, build_sample, disk
from bdg.model import Disorder, build_model
from bdg.observables import State
from bdg.scf import ScfOptions, self_consistency
from bdg.solvers.diagonalization import Diagonalization
from bdg.solvers.selected_inversion import SelectedInversion
from tests.bridge import measure

DENSE, ENGINE = Diagonalization(threads=1), SelectedInversion(threads=2)
ENERGIES = np.linspace(-2, 2, 9)
MEASURED = {
    "density": {},
    "anomalous_density": {},
    "currents": {},
    "spectral_gap": {},
    "grand_potential": {},
    "entropy": {},
    "ldos": {"energies": ENERGIES, "broadening": 0.1},
    "dos": {"energies": ENERGIES, "broadening": 0.1},
}


def periodic(*size, shells=1, twist=0.0):
    ends = [Boundary("periodic", twist), *["periodic"] * (len(size) - 1)]
    return build_sample({1: "chain", 2: "square", 3: "cubic"}[len(size)], size, ends, shells=shells)


CASES = {
    "disordered": (periodic(8, 7), {"disorder": Disorder(2.0)}),
    "open, filling, hartree": (
        build_sample("square", [9, 8]),
        {
            "chemical_potential": None,
            "filling": 0.8,
            "fields": ("pairing", "hartree"),
            "disorder": Disorder(1.0),
        },
    ),
    "twisted": (periodic(7, 6, twist=0.7), {"disorder": Disorder(1.0)}),
    "vector potential": (periodic(8, 6, shells=2), {"hopping": [1.0, -0.2], "vector_potential": [0.1, 0.05]}),
    "field along z": (periodic(7, 6), {"zeeman": 0.2, "disorder": Disorder(1.0), "temperature": 0.2}),
    "disk with holes": (
        build_sample("square", [11, 11], region=disk(5, [5, 5]), vacancies=[[5, 5], [3, 4]]),
        {"disorder": Disorder(1.0)},
    ),
    "cubic": (periodic(4, 4, 3), {"disorder": Disorder(2.0), "attraction": 4.0}),
    "chain": (build_sample("chain", 70), {"disorder": Disorder(0.5)}),
    "hard walls": (build_sample("square", [8, 8]), {"onsite": lambda x, y: np.where(x == 3, 1e4, 0.0)}),
    "zero temperature": (periodic(7, 7), {"temperature": 0.0, "disorder": Disorder(1.0)}),
}


@pytest.mark.parametrize("name", CASES)
def test_solvers_agree(name):
    sample, terms = CASES[name]
    settings = {"chemical_potential": -0.5, "attraction": 2.5, "temperature": 0.05}
    model = build_model(sample, **(settings | terms))
    options = ScfOptions(1e-10, 400)
    one = self_consistency(model, DENSE, options)
    two = self_consistency(model, ENGINE, options)
    assert one.status == two.status == "converged"
    assert np.abs(one.fields.delta).max() > 0.05
    np.testing.assert_allclose(np.abs(two.fields.delta), np.abs(one.fields.delta), rtol=0, atol=3e-9)
    np.testing.assert_allclose(two.fields.hartree, one.fields.hartree, rtol=0, atol=3e-9)
    assert two.fields.mu == pytest.approx(one.fields.mu, abs=3e-9)

    exact = State(model, one.fields, one.hamiltonian, DENSE)
    other = State(model, one.fields, one.hamiltonian, ENGINE, 1e-10)
    for observable, parameters in MEASURED.items():
        expected, found = measure(exact, observable, **parameters), measure(other, observable, **parameters)
        for key, values in expected.items():
            extensive = sample.n_sites if observable in ("grand_potential", "entropy") else 1
            scale = extensive * max(1.0, float(np.abs(model.onsite).max()) / 10)
            np.testing.assert_allclose(found[key], values, rtol=1e-9, atol=2e-9 * scale, err_msg=key)


def test_the_number_of_threads_changes_nothing():
    model = build_model(
        periodic(12, 10), attraction=2.5, chemical_potential=-0.5, temperature=0.05, disorder=Disorder(2.0)
    )
    one, two = (self_consistency(model, SelectedInversion(threads=threads)) for threads in (1, 2))
    assert one.history == two.history
    np.testing.assert_array_equal(one.fields.delta, two.fields.delta)


def test_the_loop_needs_few_iterations_with_the_response_of_the_engine():
    model = build_model(
        build_sample("square", [20, 20]),
        attraction=2.5,
        chemical_potential=-0.5,
        temperature=0.05,
        disorder=Disorder(2.0),
    )
    plain, better = (self_consistency(model, solver) for solver in (DENSE, ENGINE))
    assert len(better.history) <= 10 < len(plain.history)
    np.testing.assert_allclose(better.fields.delta, plain.fields.delta, atol=5e-8)


def test_the_tightest_tolerance_a_double_can_hold():
    model = build_model(
        periodic(8, 7), attraction=2.5, chemical_potential=-0.5, temperature=0.05, disorder=Disorder(2.0)
    )
    options = ScfOptions(5e-13, 100)
    one, two = (self_consistency(model, solver, options) for solver in (DENSE, ENGINE))
    assert one.status == two.status == "converged"
    np.testing.assert_allclose(two.fields.delta, one.fields.delta, rtol=0, atol=2e-11)
