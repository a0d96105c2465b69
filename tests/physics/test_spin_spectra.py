"""LDOS by spin: rotations of the quantisation axis, both Nambu spaces, and what a polarised tip sees."""

import numpy as np
import pytest

from bdg.errors import InputError
from bdg.lattice import build_sample
from bdg.model import Fields, Impurity, build_model, spin_matrices
from bdg.nambu import NambuAssembler
from bdg.observables import State
from bdg.observables import measure as measure_whole
from bdg.solvers.diagonalization import Diagonalization
from bdg.solvers.selected_inversion import SelectedInversion
from tests import reference as ref
from tests.bridge import measure, quadratic_of, spinful_cluster

GIVEN = {"energies": np.linspace(-2, 2, 9), "broadening": 0.2}


def state_of(model, delta=0.3, solver=None):
    zero = np.zeros((2, model.sample.n_sites))
    mu = model.chemical_potential
    fields = Fields(delta=np.full(model.sample.n_sites, delta), hartree=zero, mu=mu)
    return State(model, fields, NambuAssembler(model).matrix(fields), solver or Diagonalization(threads=1))


@pytest.mark.parametrize(
    "solver", [Diagonalization(threads=1), SelectedInversion(threads=1)], ids=lambda s: s.name
)
def test_the_spin_vector_is_the_trace_with_the_resolvent_of_the_reference(solver):
    model = spinful_cluster(3, 5, chemical_potential=-1.0, temperature=0.1)
    state = state_of(model, solver=solver)
    resolvents = [
        np.linalg.inv((energy + 0.2j) * np.eye(12) - ref.hamiltonian_4n(*quadratic_of(model, state.fields)))
        for energy in GIVEN["energies"]
    ]
    axis = np.array([0.6, -0.48, 0.64])
    found = measure(state, "ldos", **GIVEN, spin_axis=2 * axis, tip=0.7 * axis)
    for site in range(3):
        own = [site, 3 + site]  # up, down
        spectral = [0.5j / np.pi * (g - g.conj().T)[np.ix_(own, own)] for g in resolvents]
        vector = [[np.trace(s @ a).real for a in spectral] for s in (ref.SIGMA_X, ref.SIGMA_Y, ref.SIGMA_Z)]
        total = [np.trace(a).real for a in spectral]
        np.testing.assert_allclose(found["spin_vector_ldos"][:, :, site], vector, atol=1e-11)
        # Projectors on up and down along the axis.
        along = spin_matrices(np.zeros(1), axis[None])[0]
        for n, sign in enumerate((1, -1)):
            projector = 0.5 * (np.eye(2) + sign * along)
            part = [np.trace(projector @ a).real for a in spectral]
            np.testing.assert_allclose(found["spin_ldos"][n, :, site], part, atol=1e-11)
        seen = total + 0.7 * axis @ np.array(vector)
        np.testing.assert_allclose(found["tip_ldos"][:, site], seen, atol=1e-11)
    assert np.abs(found["spin_vector_ldos"]).max(axis=(1, 2)).min() > 1e-2


def test_turning_every_spin_turns_the_vector_and_what_a_turned_tip_sees_stays():
    sample = build_sample("square", [4, 3], "periodic")

    def spectra(turn):
        moment = tuple(turn @ [0.0, 0.0, 1.2])
        model = build_model(
            sample,
            impurities=[Impurity((1, 1), moment=moment)],
            zeeman=(turn @ [0.1, 0.05, 0.0])[:, None] * np.ones(12),
            given_delta=0.3,
            fields=(),
            least_dofs=4,
        )
        return measure(state_of(model), "ldos", **GIVEN, tip=turn @ [0.0, 0.6, 0.8])

    turn, _ = np.linalg.qr(np.random.default_rng(3).normal(size=(3, 3)))
    turn *= np.sign(np.linalg.det(turn))
    plain, turned = spectra(np.eye(3)), spectra(turn)
    np.testing.assert_allclose(turned["ldos"], plain["ldos"], atol=1e-11)
    np.testing.assert_allclose(turned["tip_ldos"], plain["tip_ldos"], atol=1e-11)
    expected = np.tensordot(turn, plain["spin_vector_ldos"], axes=1)
    np.testing.assert_allclose(turned["spin_vector_ldos"], expected, atol=1e-11)


def test_a_collinear_model_has_the_same_spectra_in_both_nambu_spaces():
    sample = build_sample("square", [4, 3], "periodic")
    given = {"impurities": [Impurity((1, 1), moment=(0, 0, 1.2))], "given_delta": 0.3, "fields": ()}
    two, four = (
        measure(
            state_of(build_model(sample, **given, least_dofs=dofs)),
            "ldos", **GIVEN, spin_axis=[1, 0, 1], tip=[0.5, 0, 0.5],
        )
        for dofs in (2, 4)
    )  # fmt: skip
    for name in ("ldos", "spin_ldos", "tip_ldos"):
        np.testing.assert_allclose(two[name], four[name], atol=1e-11)
    assert np.abs(two["tip_ldos"] - two["ldos"]).max() > 0.01
    assert np.abs(four["spin_vector_ldos"][:2]).max() < 1e-12


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"spin_axis": [0, 0, 0]}, "an axis must have a length"),
        ({"tip": [1, 1, 0]}, "at most 1 long"),
        ({"tip": [1]}, "must have at least 3 entries"),
    ],
)
def test_impossible_axes_and_tips_are_refused(given, words):
    model = build_model(build_sample("chain", 3), given_delta=0.3, fields=())
    with pytest.raises(InputError, match=words):
        measure_whole(state_of(model), "ldos", {**GIVEN, **given})
