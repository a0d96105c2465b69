"""A request to stop is obeyed within an iteration and costs no complete one; a resumed run never knows."""

import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import numpy as np
import pytest

import bdg
from bdg.errors import RunInterruptedError, RunStoppedError
from bdg.nambu import NambuAssembler
from bdg.simulation import signals
from bdg.solvers import Monitor, choose
from bdg.solvers.diagonalization import Diagonalization

ROOT = Path(__file__).parents[2]
RUN = """
lattice: {kind: square, size: [10, 9], boundary: open}
hamiltonian: {chemical_potential: -0.4, disorder: {distribution: uniform, width: 1.0, seed: 2}}
interaction: {onsite: 2.5, fields: [pairing, hartree]}
temperature: 0.05
scf: {tolerance: 1e-9}
solver: {method: selected_inversion, threads: 2}
output: run.h5
"""
VARIANTS = {
    "poles": [],
    "momenta": ["lattice.size=[10,1]", "lattice.boundary=[open,{bloch: 6}]"],
    "dense": ["lattice.size=[10,1]", "lattice.boundary=[open,{bloch: 6}]", "solver.method=diagonalization"],
    "gaps": ["temperature=0"],
    "filling": ["hamiltonian.chemical_potential=null", "hamiltonian.filling=0.9", "scf.mixer=pulay"],
    "starts": ["scf.initial=[random,uniform]"],
}


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    Path("run.yaml").write_text(RUN)
    return tmp_path


def counting():
    """A question whether to go on, and how often it was asked; from the given time on it is to stop."""
    asked = []

    def interrupt(at=None):
        asked.append(None)
        return at is not None and len(asked) >= at

    return asked, interrupt


@pytest.mark.parametrize("changes", VARIANTS.values(), ids=VARIANTS)
@pytest.mark.parametrize("share", [0.0, 0.3, 0.7])
def test_interrupted_anywhere_and_resumed_is_as_if_nothing_had_happened(folder, changes, share):
    asked, interrupt = counting()
    whole = bdg.run_file("run.yaml", [*changes, "output=whole.h5"], hooks=bdg.Hooks(interrupt=interrupt))
    assert whole.status == "converged"
    at = max(1, int(share * len(asked)))
    asked.clear()
    iterations = []
    hooks = bdg.Hooks(after_iteration=iterations.append, interrupt=lambda: interrupt(at))
    try:
        stopped = bdg.run_file("run.yaml", changes, hooks=hooks)
    except RunStoppedError:  # after the loop of a start, while its energy or its stability is found
        assert "starts" in str(changes) or "initial" in str(changes)
    else:
        assert stopped.status == "stopped"
        assert not Path("run.h5").exists()
        assert len(iterations) < sum(len(start.history) for start in whole.starts or [whole])
    result = bdg.resume_file("run.h5")
    assert result.history == whole.history
    np.testing.assert_array_equal(result.fields.delta, whole.fields.delta)
    assert len(asked) >= at


@pytest.mark.parametrize("changes", [VARIANTS["poles"], VARIANTS["momenta"], VARIANTS["dense"]])
def test_an_iteration_is_left_between_its_parts(folder, changes):
    """The reply to stop comes with a part of the second iteration; the rest of it is not computed."""
    iterations, parts = [], []

    def progress(part, done, total):
        if len(iterations) == 1:
            parts.append((done, total))

    hooks = bdg.Hooks(after_iteration=iterations.append, progress=progress, interrupt=lambda: len(parts) >= 2)
    result = bdg.run_file("run.yaml", changes, hooks=hooks)
    assert (result.status, len(iterations), len(result.history)) == ("stopped", 1, 1)
    assert parts[-1][0] < parts[-1][1] or len(parts) == 2


def test_what_has_not_begun_is_cancelled():
    """At once, although a part that was begun is not done."""
    from concurrent.futures import ThreadPoolExecutor

    from bdg.solvers.tasks import in_order

    begun, finish = [], []

    def slow(number):
        begun.append(number)
        while not finish:
            time.sleep(0.01)

    with ThreadPoolExecutor(2) as pool:
        tasks = (lambda n=n: slow(n) for n in range(9))
        with pytest.raises(RunInterruptedError):
            list(in_order(tasks, pool, Monitor(interrupt=lambda: len(begun) == 2)))
        finish.append(True)
    assert sorted(begun) == [0, 1]


@pytest.mark.parametrize("method", ["selected_inversion", "diagonalization"])
def test_progress_counts_all_parts_of_a_solver_and_of_many_energies(method):
    sample = bdg.build_sample("square", [6, 1], ["open", bdg.Boundary("bloch", n_k=4)])
    model = bdg.build_model(sample, given_delta=0.3, fields=(), temperature=0.1, zeeman=0.1)
    seen = []
    hooks = bdg.Hooks(progress=lambda *told: seen.append(told))
    bdg.solve(
        model,
        observables={"ldos": {"energies": np.linspace(-1, 1, 7), "broadening": 0.1}},
        solver=method,
        hooks=hooks,
    )
    assert ("momenta", 3, 3) in seen  # of four, two are k and −k
    energies = [done / total for part, done, total in seen if part == "energies"]
    if method == "selected_inversion":
        assert energies == sorted(energies)
        assert energies[-1] == 1.0
        assert len(set(energies)) >= 14


def test_solve_ends_as_stopped_and_the_solver_keeps_its_own_monitor():
    sample = bdg.build_sample("square", [8, 8], "open")
    model = bdg.build_model(sample, attraction=2.5, temperature=0.05)
    iterations, solver = [], Diagonalization(threads=1)
    before = solver.monitor
    hooks = bdg.Hooks(after_iteration=iterations.append, interrupt=lambda: len(iterations) == 2)
    result = bdg.solve(model, solver=solver, hooks=hooks)
    assert (result.status, len(result.history), dict(result.observables)) == ("stopped", 2, {})
    assert solver.monitor is before
    stopped = bdg.solve(model, hooks=bdg.Hooks(after_iteration=iterations.append, stop=lambda: True))
    assert (stopped.status, len(stopped.history)) == ("stopped", 1)
    choice, matrix = choose("auto", rows=8, temperature=0.1), NambuAssembler(model).matrix(result.fields)
    choice.monitor = Monitor(interrupt=lambda: int(signal.SIGTERM))
    with pytest.raises(RunInterruptedError) as caught:
        choice.grand_potential(matrix, 0.05)
    assert caught.value.exit_code == 143


DEAF = """
import signal, sys, time
import bdg.solvers.selected_inversion.poles as poles
from bdg.cli import main
from bdg.simulation import signals

signals.GRACE = 1.0
real = poles.sum_crowd

def deaf(*arguments):
    iteration.append(None)
    if len(iteration) > {after}:
        print("deaf now", flush=True)
        {pause}
    return real(*arguments)

iteration = []
poles.sum_crowd = deaf
sys.argv = ["bdg", "run", "run.yaml", "--set", "solver.threads={threads}"]
main()
"""
PAUSES = {
    # Compiled code of many seconds that lets other threads run, in the thread of the signals.
    "compiled": ("import ctypes; ctypes.CDLL(None).sleep(60)", 1),
    # Work of many seconds in another thread, which the interpreter waits for at its end.
    "in a thread": ("time.sleep(60)", 2),
}


@pytest.mark.skipif(sys.platform == "win32", reason="POSIX signals")
@pytest.mark.parametrize(("pause", "threads"), PAUSES.values(), ids=PAUSES)
@pytest.mark.parametrize("number", [signal.SIGTERM, pytest.param(signal.SIGINT, marks=pytest.mark.slow)])
def test_a_signal_ends_a_run_within_seconds_whatever_it_is_busy_with(folder, pause, threads, number):
    program = DEAF.format(after=6, pause=pause, threads=threads)
    process = subprocess.Popen(
        [sys.executable, "-c", program],
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    while process.stdout.readline() != "deaf now\n":
        assert process.poll() is None
    process.send_signal(number)
    _, errors = process.communicate(timeout=30)  # of the 60 that the work would take
    assert process.returncode == 128 + number
    assert "continue with: bdg resume run.h5.checkpoint" in errors
    assert "Traceback" not in errors
    assert Path("run.h5.checkpoint").exists()
    result = bdg.resume_file("run.h5", ["solver.threads=2"])
    whole = bdg.run_file("run.yaml", ["output=whole.h5"])
    assert result.history == whole.history
    np.testing.assert_array_equal(result.fields.delta, whole.fields.delta)


@pytest.mark.skipif(sys.platform == "win32", reason="POSIX signals")
@pytest.mark.parametrize("number", [None, signal.SIGTERM, signal.SIGINT])
def test_a_session_that_goes_on_after_a_signal_is_left_alone(number, monkeypatch, capsys):
    """As one that calls the command line from Python: nothing ends it later."""
    monkeypatch.setattr(signals, "GRACE", 0.2)
    monkeypatch.setattr(signals, "LATEST", 0.5)
    threads = threading.active_count()
    with signals.SignalTrap(is_final=True) as trap:
        if number is not None:
            os.kill(os.getpid(), number)
        assert trap.number == number
    assert signal.set_wakeup_fd(-1) == -1
    deadline = time.monotonic() + 20
    while threading.active_count() > threads:  # the watch ends by itself
        assert time.monotonic() < deadline
        time.sleep(0.05)


@pytest.mark.skipif(sys.platform == "win32", reason="POSIX signals")
def test_a_process_with_thousands_of_open_files_obeys_too(monkeypatch, capsys):
    fcntl, resource = pytest.importorskip("fcntl"), pytest.importorskip("resource")
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if hard < 3000:
        pytest.skip("this machine allows too few open files")
    pipe, raised = os.pipe, []

    def far_away():
        ends = pipe()
        moved = tuple(fcntl.fcntl(end, fcntl.F_DUPFD, 2000) for end in ends)
        for end in ends:
            os.close(end)
        return moved

    monkeypatch.setattr(threading, "excepthook", raised.append)
    monkeypatch.setattr(signals, "GRACE", 0.3)
    monkeypatch.setattr(signals, "LATEST", 0.2)
    resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, 3000), hard))
    try:
        monkeypatch.setattr(signals.os, "pipe", far_away)
        threads = threading.active_count()
        with signals.SignalTrap(is_final=True) as trap:
            monkeypatch.setattr(signals.os, "pipe", pipe)
            os.kill(os.getpid(), signal.SIGTERM)
            time.sleep(0.15)  # so that the watch is at work
        deadline = time.monotonic() + 20
        while threading.active_count() > threads:
            assert time.monotonic() < deadline
            time.sleep(0.05)
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
    assert trap.number == signal.SIGTERM
    assert not raised
