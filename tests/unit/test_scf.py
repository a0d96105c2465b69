"""The self-consistency loop: convergence, starts, filling, interruptions, failures."""

from dataclasses import replace

import numpy as np
import pytest

from bdg.errors import InputError
from bdg.lattice import build_sample
from bdg.model import Disorder, Fields, build_model
from bdg.scf import ScfOptions, initial_fields, self_consistency
from bdg.scf.map import FixedPoint
from bdg.solvers.diagonalization import Diagonalization
from tests import reference as ref
from tests.bridge import solved

SOLVER = Diagonalization(threads=1)


def disordered(size=(6, 5), **given):
    sample = build_sample("square", size, "periodic")
    settings = {"attraction": 2.5, "chemical_potential": -0.5, "temperature": 0.05, "disorder": Disorder(2.0)}
    return build_model(sample, **(settings | given))


@pytest.mark.parametrize("mixer", ["anderson", "pulay", "linear"])
def test_every_mixer_reaches_the_same_fields(mixer):
    model = disordered(fields=("pairing", "hartree"), filling=0.875, chemical_potential=None)
    best, _ = solved(model, ScfOptions(1e-12, 500))
    other, _ = solved(model, ScfOptions(1e-10, 3000, mixer=mixer, damping=0.5))
    assert best.status == other.status == "converged"
    np.testing.assert_allclose(other.fields.delta, best.fields.delta, atol=1e-8)
    np.testing.assert_allclose(other.fields.hartree, best.fields.hartree, atol=1e-8)
    assert other.fields.mu == pytest.approx(best.fields.mu, abs=1e-8)


@pytest.mark.parametrize("filling", [0.02, 0.5, 1.0, 1.98])
@pytest.mark.parametrize("start", [-1e4, -7.0, 0.0, 30.0])
def test_filling_is_reached_from_bad_starts(filling, start):
    model = disordered((4, 4), filling=filling, chemical_potential=None, fields=("pairing", "hartree"))
    bad = Fields(np.full(16, 0.5), np.full((2, 16), -2.0), start)
    outcome = self_consistency(model, SOLVER, ScfOptions(1e-8, 400), initial=bad)
    assert outcome.status == "converged"
    assert outcome.history[-1].filling_error < 1e-8


@pytest.mark.parametrize("width", [2.0, 4.0, 6.0])
def test_disorder_converges_in_few_iterations(width):
    model = disordered((8, 8), disorder=Disorder(width))
    outcome = self_consistency(model, SOLVER)
    assert outcome.status == "converged"
    assert len(outcome.history) <= 30


def test_the_normal_state_is_not_mistaken_for_the_answer():
    """From Δ = 0.5 the residual of one site at U = 5 still grows with Δ: extrapolation leads to Δ = 0."""
    model = build_model(build_sample("chain", 1), attraction=5.0, chemical_potential=-1.7, temperature=0.1)
    outcome = self_consistency(model, SOLVER, ScfOptions(1e-12))
    exact = ref.self_consistent(ref.Problem(1, [], mu=-1.7, attraction=5.0, temperature=0.1))
    assert abs(exact.mean.delta[0]) > 1
    np.testing.assert_allclose(outcome.fields.delta, np.abs(exact.mean.delta), atol=1e-10)


def test_the_normal_state_stays_when_it_is_the_start():
    outcome = self_consistency(disordered(), SOLVER, initial="normal")
    assert outcome.status == "converged"
    assert not outcome.fields.delta.any()


def test_without_attraction_nothing_is_paired():
    outcome = self_consistency(disordered(attraction=0.0), SOLVER)
    assert (outcome.status, len(outcome.history)) == ("converged", 1)
    assert not outcome.fields.delta.any()


def test_sites_without_attraction_have_pairs_but_no_order_parameter():
    outcome, state = solved(disordered(attraction=lambda x, y: np.where(x < 3, 3.0, 0.0)))
    normal = state.model.sample.positions[:, 0] >= 3
    assert not outcome.fields.delta[normal].any()
    assert np.abs(outcome.fields.delta[~normal]).min() > 0.1
    assert np.abs(state.on_sites.blocks[normal, 0, 1]).min() > 1e-3  # the proximity effect


def test_running_out_of_iterations_is_said():
    outcome = self_consistency(disordered(), SOLVER, ScfOptions(1e-12, 3))
    assert (outcome.status, len(outcome.history)) == ("not_converged", 3)


@pytest.mark.parametrize("mixer", ["anderson", "pulay", "linear"])
def test_interrupted_and_resumed_equals_uninterrupted(mixer):
    model, options = disordered(), ScfOptions(1e-10, 500, mixer=mixer)
    whole = self_consistency(model, SOLVER, options)
    kept = []

    def stop_at_five(iteration, snapshot):
        if iteration.iteration == 5:
            kept.append(snapshot())
        return iteration.iteration == 5

    stopped = self_consistency(model, SOLVER, options, after_iteration=stop_at_five)
    assert stopped.status == "stopped"
    resumed = self_consistency(model, SOLVER, options, resume=kept[0])
    assert resumed.history == whole.history
    np.testing.assert_array_equal(resumed.fields.delta, whole.fields.delta)


def test_snapshot_of_the_last_turn_ends_the_same_way():
    model, kept = disordered(), []
    whole = self_consistency(
        model, SOLVER, after_iteration=lambda iteration, snapshot: kept.append(snapshot()) or False
    )
    again = self_consistency(model, SOLVER, resume=kept[-1])
    assert again.history == whole.history


def test_numbers_that_break_leave_the_last_good_fields():
    class Poisoned:
        name = "poisoned"
        iterations = 0

        def correlations(self, *arguments, **options):
            self.iterations += 1
            found = SOLVER.correlations(*arguments, **options)
            return found if self.iterations < 4 else replace(found, blocks=found.blocks * np.nan)

    outcome = self_consistency(disordered(), Poisoned())
    assert (outcome.status, len(outcome.history)) == ("broken", 3)
    assert np.isfinite(outcome.fields.delta).all()


def test_random_starts_depend_on_the_seed_alone_and_reach_the_ground_state():
    model = disordered(disorder=None)
    one, two = (initial_fields(model, "random", seed).delta for seed in (1, 1))
    np.testing.assert_array_equal(one, two)
    assert not np.array_equal(one, initial_fields(model, "random", 2).delta)
    assert one.min() < 0 < one.max()
    assert np.iscomplexobj(initial_fields(model, "random", 1, is_complex=True).delta)
    with pytest.raises(InputError, match="vortx"):
        initial_fields(model, "vortx")


def test_given_order_parameter_is_left_alone():
    model = disordered(fields=(), given_delta=0.3)
    outcome = self_consistency(model, SOLVER)
    assert (outcome.status, len(outcome.history)) == ("converged", 1)
    np.testing.assert_array_equal(outcome.fields.delta, 0.3)
    filled = disordered(fields=(), given_delta=0.3, chemical_potential=None, filling=0.6)
    outcome = self_consistency(filled, SOLVER)
    assert outcome.status == "converged"
    np.testing.assert_array_equal(outcome.fields.delta, 0.3)


def test_collinear_densities_differ_in_a_field():
    outcome, _ = solved(disordered(zeeman=1.0, fields=("pairing", "hartree"), disorder=None))
    assert np.abs(outcome.fields.hartree[0] - outcome.fields.hartree[1]).max() > 1e-3
    problem = ref.Problem(
        30,
        ref.torus((6, 5))[0].bonds,
        mu=-0.5,
        zeeman=1.0,
        attraction=2.5,
        hartree=True,
        temperature=0.05,
    )
    start = ref.Local(
        outcome.fields.delta / 2.5 + 0j, -outcome.fields.hartree[::-1].T / 2.5, np.zeros(30, complex)
    )
    exact = ref.self_consistent(problem, start, tolerance=1e-10)
    np.testing.assert_allclose(exact.mean.delta.real, outcome.fields.delta, atol=1e-7)
    np.testing.assert_allclose(exact.mean.potential.T, outcome.fields.hartree, atol=1e-7)


def test_the_accuracy_follows_the_residual_and_where_it_creeps_its_change():
    model = build_model(build_sample("square", (4, 4)), attraction=2.5)
    loop = FixedPoint(model, Diagonalization(), initial_fields(model, "uniform"), 1e-6)
    for residual, change, accuracy, final in (
        (1e-2, np.inf, 1e-4, False),
        (1e-2, 8e-3, 1e-4, False),
        (1e-2, 2e-5, 1e-7, False),
        (2e-6, 1e-6, 4e-8, True),
        (2e-6, 5e-9, 1e-11, True),
        (2e-6, 0.0, 1e-13, True),
    ):
        loop.set_accuracy(residual, change)
        assert loop.accuracy == pytest.approx(accuracy)
        assert loop.is_final == final
