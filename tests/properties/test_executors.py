"""Threads and processes of any number give the same bits: sums run in a fixed order."""

import multiprocessing
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from dataclasses import replace

import numpy as np
import pytest

import bdg
from bdg.errors import InputError
from bdg.expectations import site_and_bond_pattern
from bdg.experiments import schedule
from bdg.experiments.change import UniformPotential
from bdg.experiments.follow import branch
from bdg.lattice import Boundary, build_sample
from bdg.model import Disorder, Fields, build_model
from bdg.nambu import NambuAssembler
from bdg.observables import State, measure
from bdg.observables.loops import Loops
from bdg.scf import ScfOptions
from bdg.solvers.diagonalization import Diagonalization
from bdg.solvers.selected_inversion import SelectedInversion
from tests.support.experiments import experiments

SAMPLES = {
    "finite": build_sample("square", [14, 12]),
    "infinite": build_sample("square", [9, 1], ["open", Boundary("bloch", n_k=6)]),
}
Z = np.array([0.1 + 0.1j, 0.3 + 0.1j, -0.1 + 0.1j])


def everything(matrix, changes, pattern, executor):
    solver = SelectedInversion(threads=1)
    found = solver.evaluate(matrix, 0.1, pattern, executor=executor)
    greens = solver.greens(matrix, Z, pattern, executor=executor)
    responses = solver.response(matrix, changes, 0.1, pattern, executor=executor)
    responding = [one.blocks for one in responses]
    return found.correlations.blocks, found.grand_potential.value, greens.blocks, *responding


@pytest.mark.parametrize("name", SAMPLES)
def test_executors_give_the_same_bits(name):
    sample = SAMPLES[name]
    model = build_model(sample, attraction=2.0, temperature=0.1, disorder=Disorder(1.0))
    fields = Fields(np.full(sample.n_sites, 0.3), np.zeros((2, sample.n_sites)), -0.5)
    matrix, pattern = NambuAssembler(model).matrix(fields), site_and_bond_pattern(sample)
    delta = np.random.default_rng(0).standard_normal(sample.n_sites)
    by = (fields.having({"delta": factor * delta}) for factor in (1.0, 1.0 + 1.0j))
    changes = [NambuAssembler(model).change(fields, one) for one in by]
    alone = everything(matrix, changes, pattern, None)
    context = multiprocessing.get_context("spawn")
    for executor in (ThreadPoolExecutor(3), ProcessPoolExecutor(1, mp_context=context)):
        with executor:
            for one, other in zip(alone, everything(matrix, changes, pattern, executor), strict=True):
                np.testing.assert_array_equal(one, other)


class Counting(ThreadPoolExecutor):
    """Counts what it is given."""

    def __init__(self):
        super().__init__(2)
        self.count = 0

    def submit(self, *arguments, **options):
        self.count += 1
        return super().submit(*arguments, **options)


class Obedient(SelectedInversion):
    """Counts its calls, and those that gave its executor nothing to do."""

    calls = idle = 0

    def _counted(self, method, *arguments, **options):
        before = self.executor.count
        found = method(*arguments, **options)
        self.calls, self.idle = self.calls + 1, self.idle + (self.executor.count == before)
        return found

    def _found(self, *arguments, **options):
        return self._counted(super()._found, *arguments, **options)

    def response(self, *arguments, **options):
        return self._counted(super().response, *arguments, **options)

    def greens(self, *arguments, **options):
        return self._counted(super().greens, *arguments, **options)


@pytest.fixture
def executor():
    with Counting() as executor:
        yield executor


def square(size=(5, 5), **given):
    return bdg.build_model(
        bdg.build_sample("square", list(size), given.pop("boundary", "periodic")),
        **{"chemical_potential": -0.5, "attraction": 3.0, "temperature": 0.1} | given,
    )


ENERGIES = {"energies": [-0.3, 0.1, 0.4], "broadening": 0.1}
MEASURED = {
    "ldos": ENERGIES,
    "dos": ENERGIES,
    "currents": {},
    "density": {},
    "grand_potential": {},
    "entropy": {},
    "stability": {"count": 2},
}


def states(model, executor, tolerance=1e-8):
    """A state whose solver counts its calls, and the same of a plain solver."""
    fields = bdg.solve(model, solver=SelectedInversion(1), observables=[]).fields
    loops = Loops(ScfOptions(tolerance))
    matrix = NambuAssembler(model).matrix(fields)
    solvers = Obedient(1, executor), SelectedInversion(1)
    return [State(model, fields, matrix, solver, loops=loops) for solver in solvers]


def assert_the_executor_takes_all(state, plain, name, parameters):
    found, expected = (measure(each, name, parameters) for each in (state, plain))
    assert state.solver.executor.count >= state.solver.calls > 0
    assert state.solver.idle == 0
    for key, quantity in expected.items():
        np.testing.assert_array_equal(found[key].values, quantity.values)


@pytest.mark.parametrize("name", MEASURED)
def test_the_executor_of_the_solver_takes_the_work_of_observables(name, executor):
    assert_the_executor_takes_all(*states(square(), executor), name, MEASURED[name])


class Counted:
    """Counts the tasks that are given to an executor."""

    def __init__(self, function):
        self.function, self.tasks = function, 0

    def __call__(self, tasks, *given):
        return self.function(self._counted(tasks), *given)

    def _counted(self, tasks):
        for task in tasks:
            self.tasks += 1
            yield task


EVERY = [
    pytest.param(one, id=name, marks=[pytest.mark.slow] * (name == "persistent_current"))
    for name, one in experiments().items()
]


@pytest.mark.parametrize("experiment", EVERY)
def test_the_executor_of_the_solver_takes_the_work_of_every_experiment(experiment, executor):
    both, parameters = states(experiment.model, executor, 1e-4), experiment.parameters
    if experiment.name == "bkt_temperature":  # superfluid_weight shows the relaxed one
        parameters = parameters | {"relax": False}
    if experiment.name in ("fraunhofer", "squid"):
        parameters = parameters | {"num": 2}
    assert_the_executor_takes_all(*both, experiment.name, parameters)


def test_loops_that_are_independent_of_each_other_are_tasks_of_threads_or_processes(executor):
    experiment = experiments()["persistent_current"]
    _, plain = states(experiment.model, executor)
    changes = [UniformPotential(a, 0) for a in (0.01, 0.02, 0.03)]
    given, context = {"is_independent": True}, multiprocessing.get_context("spawn")
    alone = [point.state.fields.delta for point in branch(plain, **given).along(changes)]
    for pool in (executor, ProcessPoolExecutor(2, mp_context=context)):
        with pool:
            scheduled = branch(plain, executor=pool, **given)
            assert scheduled._ahead is not None
            for point, delta in zip(scheduled.along(changes), alone, strict=True):
                np.testing.assert_array_equal(point.state.fields.delta, delta)


@pytest.mark.slow
def test_fluxes_through_a_junction_are_tasks_of_threads_or_processes(executor, monkeypatch):
    """Each a whole point, whose phase differences stay together; one without a state says why."""
    experiment = experiments()["fraunhofer"]
    parameters, context = experiment.parameters | {"num": 2}, multiprocessing.get_context("spawn")
    _, plain = states(experiment.model, executor, 1e-4)
    alone = measure(plain, "fraunhofer", parameters)["fraunhofer"].values
    with ProcessPoolExecutor(2, mp_context=context) as pool:
        for one in (executor, pool):
            shared = replace(plain, solver=SelectedInversion(1, one))
            monkeypatch.setattr(schedule, "in_order", counted := Counted(schedule.in_order))
            found = measure(shared, "fraunhofer", parameters)["fraunhofer"].values
            monkeypatch.undo()
            np.testing.assert_array_equal(found, alone)
            assert counted.tasks == 2


def test_measure_takes_an_executor(executor):
    result = bdg.solve(square((3, 3)), solver="selected_inversion", observables=[])
    bdg.measure(result, "superflow", stop=0.1, num=2, executor=executor)
    assert executor.count > 0


def test_the_executor_of_the_solver_takes_the_work_of_the_loop(executor):
    model, solver = square(temperature=0.05), Obedient(1, executor)
    result = bdg.solve(model, solver=solver, observables=["density"])
    assert result.status == "converged"
    assert solver.calls >= len(result.history)
    assert solver.idle == 0


@pytest.mark.parametrize("method", ["auto", "selected_inversion", "diagonalization"])
def test_solve_gives_its_executor_to_the_solver_that_it_chooses(method, executor):
    model = square((7, 5), boundary=["open", Boundary("bloch", n_k=6)])
    found = bdg.solve(model, solver=method, threads=1, executor=executor)
    expected = bdg.solve(model, solver=method, threads=1)
    assert executor.count >= len(found.history)
    np.testing.assert_array_equal(found.fields.delta, expected.fields.delta)


def test_an_executor_takes_momenta_of_dense_diagonalization_in_any_number_of_processes():
    model = square((6, 5), boundary=["open", Boundary("bloch", n_k=5)])
    fields = bdg.solve(model, observables=[]).fields
    matrix, pattern = NambuAssembler(model).matrix(fields), site_and_bond_pattern(model.sample)
    alone = Diagonalization(1).correlations(matrix, 0.1, pattern).blocks
    context = multiprocessing.get_context("spawn")
    for executor in (Counting(), ProcessPoolExecutor(1, mp_context=context)):
        with executor:
            found = Diagonalization(1, executor).correlations(matrix, 0.1, pattern).blocks
            np.testing.assert_array_equal(found, alone)


@pytest.mark.parametrize(
    ("name", "given"),
    [("bands", {"path": [[0, 0], [0.5, 0]], "num": 5}), ("superfluid_weight", {})],
)
def test_an_executor_takes_momenta_that_observables_diagonalize_themselves(name, given, executor):
    model = square((6, 5), boundary=Boundary("bloch", n_k=2))
    fields = Fields(np.full(30, 0.4), np.zeros((2, 30)), -0.5)
    state = State(model, fields, NambuAssembler(model).matrix(fields), Diagonalization(1, executor))
    measure(state, name, given)
    assert executor.count > 0


def test_a_solver_with_an_executor_of_its_own_is_not_given_another(executor):
    with pytest.raises(InputError, match="give the executor to the solver"):
        bdg.solve(square(), solver=Diagonalization(1), executor=executor)
