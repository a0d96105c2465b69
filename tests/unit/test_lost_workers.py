"""Workers that lack parts, forget them, die or fail: the work is done all the same, or ends with one line."""

import pickle
import sys
from concurrent.futures import BrokenExecutor, Executor, Future
from dataclasses import replace

import numpy as np
import pytest

import bdg
from bdg.errors import InputError, NumericalError, WorkerLostError
from bdg.executors import Serial, opened, workers_of
from bdg.expectations import site_and_bond_pattern
from bdg.lattice import Boundary, build_sample
from bdg.model import Disorder, build_model
from bdg.nambu import NambuAssembler
from bdg.resources import THREAD_VARIABLES, as_worker, default_threads, is_worker, usable_cores
from bdg.scf.starts.initial import initial_fields
from bdg.solvers import parts
from bdg.solvers.diagonalization import Diagonalization
from bdg.solvers.selected_inversion import SelectedInversion
from bdg.solvers.tasks import ATTEMPTS, in_order


class Remote(Executor):
    """Workers of other machines in this process: tasks are pickled, each worker keeps what it was sent."""

    def __init__(self, workers, lost=()):
        self._max_workers, self.lost, self.sent = workers, set(lost), []
        self._shelves = [parts._Shelf() for _ in range(workers)]

    def submit(self, function, /, *arguments, **options):
        number, future = len(self.sent), Future()
        message = pickle.dumps((function, arguments))
        self.sent.append(len(message))
        if number in self.lost:
            self._shelves[number % len(self._shelves)] = parts._Shelf()
            future.set_exception(BrokenExecutor("a worker died"))
            return future
        function, arguments = pickle.loads(message)
        before = parts._SHELF
        parts._SHELF = self._shelves[number % len(self._shelves)]
        try:
            future.set_result(pickle.loads(pickle.dumps(function(*arguments))))
        finally:
            parts._SHELF = before
        return future


INFINITE = ["open", Boundary("bloch", n_k=6)]
SAMPLES = {
    "finite": build_sample("square", [14, 12]),
    "infinite": build_sample("square", [9, 1], INFINITE),
}
Z = np.array([0.1 + 0.1j, 0.3 + 0.1j, -0.1 + 0.1j])


def matrices(name, count=3):
    model = build_model(SAMPLES[name], attraction=2.0, temperature=0.05, disorder=Disorder(1.0))
    assembler = NambuAssembler(model)
    return [assembler.matrix(initial_fields(model, "random", seed)) for seed in range(count)]


def everything(solver, name, count=3):
    """Numbers of a few matrices after each other, as in a loop."""
    pattern, found = site_and_bond_pattern(SAMPLES[name]), []
    for matrix in matrices(name, count):
        one = solver.evaluate(matrix, 0.05, pattern)
        found += [one.correlations.blocks, np.array(one.grand_potential.value)]
        found += [] if one.correlations.response is None else [one.correlations.response]
        found.append(solver.greens(matrix, Z, pattern).blocks)
    return found


def assert_the_same_bits(some, others):
    for one, other in zip(some, others, strict=True):
        np.testing.assert_array_equal(one, other)


@pytest.fixture(params=SAMPLES)
def name(request):
    return request.param


@pytest.mark.parametrize("workers", [1, 2, 5])
def test_any_number_of_workers_gives_the_same_bits(name, workers):
    expected = everything(SelectedInversion(1), name)
    assert_the_same_bits(everything(SelectedInversion(1, Remote(workers)), name), expected)


@pytest.mark.parametrize("lost", [(), (1,)])
def test_momenta_are_diagonalized_by_workers(lost):
    executor, sample = Remote(2, lost), build_sample("square", [8, 4], INFINITE)
    model = build_model(sample, attraction=2.0, temperature=0.05, disorder=Disorder(1.0))
    matrix = NambuAssembler(model).matrix(initial_fields(model, "random"))
    solvers = Diagonalization(1, executor), Diagonalization(1)
    one, other = (s.correlations(matrix, 0.05, site_and_bond_pattern(sample)).blocks for s in solvers)
    np.testing.assert_array_equal(one, other)
    assert len(executor.sent) >= 4 + len(lost)


@pytest.mark.parametrize("lost", [(0,), (1, 2), (4, 5, 9)])
def test_what_a_lost_worker_had_in_hand_is_done_by_another(name, lost):
    executor = Remote(2, lost)
    found = everything(SelectedInversion(1, executor), name)
    assert len(executor.sent) > max(lost)
    assert_the_same_bits(found, everything(SelectedInversion(1), name))


def test_a_worker_that_forgets_says_so(name, monkeypatch):
    monkeypatch.setattr(parts, "KEPT", {"graph": 1, "plan": 1, "base": 1, "matrix": 1})
    executor = Remote(1)
    solver = SelectedInversion(1, executor)
    found = everything(solver, name)
    executor._shelves[0] = parts._Shelf()
    again = everything(solver, name)
    expected = everything(SelectedInversion(1), name)
    assert_the_same_bits(found, expected)
    assert_the_same_bits(again, expected)


def test_workers_that_die_each_time_end_the_work_with_one_line(name):
    executor = Remote(2, range(100))
    with pytest.raises(WorkerLostError, match=r"the workers were lost.*a worker died\)$") as caught:
        everything(SelectedInversion(1, executor), name)
    assert "\n" not in str(caught.value)
    assert caught.value.exit_code == 5
    assert len(executor.sent) <= 2 * ATTEMPTS + 3


def test_an_executor_that_takes_no_tasks_ends_the_work_with_one_line():
    class Closed(Remote):
        def submit(self, function, /, *arguments, **options):
            raise RuntimeError("cannot schedule new futures after shutdown")

    with pytest.raises(WorkerLostError, match="cannot schedule"):
        everything(SelectedInversion(1, Closed(2)), "finite")


def fails():
    raise NumericalError("no gap")


def test_a_task_that_fails_by_itself_is_not_tried_again():
    executor = Remote(2)
    with pytest.raises(NumericalError, match=r"^no gap$"):
        list(in_order([fails], executor))
    assert len(executor.sent) == 1


def test_only_the_first_tasks_carry_what_all_need():
    executor, sample = Remote(2), build_sample("square", [40, 40])
    solver, pattern = SelectedInversion(1, executor), site_and_bond_pattern(sample)
    model = build_model(sample, attraction=2.0, temperature=0.05, disorder=Disorder(1.0))
    assembler, fields = NambuAssembler(model), initial_fields(model, "uniform")
    for scale in (1.0, 0.9, 0.8):
        shape = 1.0 + 0.1 * np.random.default_rng(0).random(sample.n_sites)
        solver.evaluate(assembler.matrix(replace(fields, delta=scale * shape)), 0.05, pattern)
    first, later = executor.sent[:2], executor.sent[2:]
    assert len(later) == 4
    fields_alone = 8 * sample.n_sites
    assert max(later) < fields_alone + 3000 < min(first)


def test_a_worker_opens_no_executor_and_has_its_share_of_threads(monkeypatch):
    for name in THREAD_VARIABLES:
        monkeypatch.delenv(name, raising=False)
    with as_worker(), opened("local", 2) as executor:
        assert executor is None
        assert default_threads() == 1
        assert SelectedInversion().threads == 1
    with as_worker(3):
        assert default_threads() == min(3, usable_cores())
    assert not is_worker()


def test_an_executor_of_ones_own_is_left_open_and_names_are_checked():
    mine = Remote(2)
    with opened(mine) as executor:
        assert executor is mine
    for wrong in ({"workers": 2}, {"scheduler": "tcp://a:1"}):
        with pytest.raises(InputError, match="for an executor given by name"), opened(None, **wrong):
            pass
    with pytest.raises(InputError, match="at least one worker, not 0"), opened("local", 0):
        pass
    with pytest.raises(InputError, match="for the executor 'dask', not 'local'"), opened("local", 1, "a:1"):
        pass
    with pytest.raises(InputError, match="there is no executor 'slrum'"), opened("slrum"):
        pass
    model = build_model(SAMPLES["finite"], attraction=2.0, temperature=0.1)
    with pytest.raises(InputError, match="has its executor already"):
        bdg.solve(model, solver=SelectedInversion(1), executor="serial")


def test_an_executor_by_its_name_gives_the_same_numbers():
    model = build_model(SAMPLES["finite"], attraction=2.0, temperature=0.1)
    given = {"observables": {"ldos": {"energies": [0.1, 0.5], "broadening": 0.1}}, "threads": 1}
    alone = bdg.solve(model, **given)
    shared = bdg.solve(model, executor="serial", workers=2, **given)
    np.testing.assert_array_equal(shared.fields.delta, alone.fields.delta)
    np.testing.assert_array_equal(shared["ldos"].values, alone["ldos"].values)
    again = bdg.measure(shared, "ldos", executor="serial", energies=[0.1, 0.5], broadening=0.1)
    np.testing.assert_array_equal(again["ldos"].values, alone["ldos"].values)


@pytest.mark.parametrize("package", ["dask", "mpi"])
def test_a_package_that_is_missing_is_named_in_one_line(package, monkeypatch):
    monkeypatch.setitem(sys.modules, {"dask": "distributed", "mpi": "mpi4py.futures"}[package], None)
    with pytest.raises(InputError, match=r"cannot be imported .* pip install 'bdg\["), opened(package):
        pass


def test_many_workers_are_counted():
    class Client:
        def nthreads(self):
            return {"tcp://a:1": 2, "tcp://b:1": 1}

    class Dask(Remote):
        def __init__(self):
            super().__init__(1)
            del self._max_workers
            self._client = Client()

    assert workers_of(Dask()) == 3
    assert workers_of(None) == workers_of(Serial()) == 1
    assert workers_of(Remote(5)) == 5
