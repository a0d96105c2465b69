"""Runs that are killed or told to stop at any moment, and go on as if nothing had happened."""

from __future__ import annotations

import signal
import time
from functools import cache
from pathlib import Path

from tests.torture import cases
from tests.torture.child import Child, bdg, damaged, folder, same
from tests.torture.row import Trials, row

METHODS = ("diagonalization", "selected_inversion")
KEPT = Path(__file__).parent


@cache
def whole(method: str) -> tuple[bytes, float]:
    """The file of an unbroken run, and how long it takes once all is loaded."""
    with folder():
        cases.write(method)
        bdg("run", "run.yaml", "--quiet")
        ended = bdg("run", "run.yaml", "--quiet", "--overwrite")
        return Path("out.h5").read_bytes(), ended.seconds


def _goes_on(trials: Trials, path: Path, reference: bytes) -> None:
    """Nothing is damaged, and what is continued ends to the last bit as the unbroken run."""
    trials.expect(not (found := damaged(path)), f"damaged: {found}")
    if not Path("out.h5").exists():
        words = ("resume", "out.h5") if Path("out.h5.checkpoint").exists() else ("run", "run.yaml")
        trials.count("resumed" if words[0] == "resume" else "begun anew")
        ended = bdg(*words, "--quiet")
        trials.expect(ended.code == 0, f"{words}: exit {ended.code}: {ended.stderr[-300:]}")
    Path("whole.h5").write_bytes(reference)
    trials.expect(Path("out.h5").exists() and same(Path("out.h5"), Path("whole.h5")), "other bits")


@row(
    "kill -9 at a random moment: loop, checkpoint, observables, final write; both solvers", most=300, share=8
)
def kill(trials: Trials) -> None:
    for n in trials:
        method = METHODS[n % 2]
        reference, seconds = whole(method)
        with folder() as path:
            cases.write(method, interval=float(trials.rng.choice([0.0, 0.02])))
            child = Child("run", "run.yaml", "--quiet")
            time.sleep(float(trials.rng.uniform(0, 1.1 * seconds)))
            child.send(signal.SIGKILL)  # a child that has ended is there until it is waited for
            ended = child.end()
            trials.count("after the end", ended.code == 0)
            _goes_on(trials, path, reference)


@row("SIGTERM, SIGINT, SIGHUP, SIGUSR1 in turn at a random moment", most=400, share=8)
def signals(trials: Trials) -> None:
    numbers = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP, signal.SIGUSR1)
    for n in trials:
        number, method = numbers[n % 4], METHODS[n // 4 % 2]
        reference, seconds = whole(method)
        with folder() as path:
            cases.write(method, interval=60.0)
            child = Child("run", "run.yaml", "--quiet")
            time.sleep(0.05 + float(trials.rng.uniform(0, seconds)))
            sent = time.monotonic()
            child.send(number)
            ended = child.end()
            # Before the run has begun a signal ends the process, as it does any other.
            allowed = {0, -number} | (set() if number == signal.SIGUSR1 else {128 + number})
            trials.expect(ended.code in allowed, f"{number.name}: exit {ended.code}: {ended.stderr[-300:]}")
            trials.expect(ended.is_clean, f"{number.name}: {ended.stderr[-300:]}")
            trials.count("before the run began", ended.code == -number)
            if number != signal.SIGUSR1:
                trials.largest("longest stop / s", time.monotonic() - sent)
            _goes_on(trials, path, reference)


@row("a stop at 600 × 600 sites by SIGTERM or SIGINT at a random moment, within 10 s", most=6, share=6)
def large_stops(trials: Trials) -> None:
    """In the loop, where an iteration takes seconds; poles are given up in between."""
    for n in trials:
        number = (signal.SIGTERM, signal.SIGINT)[n % 2]
        with folder() as path:
            cases.write("selected_inversion", interval=600.0)
            sets = (
                "lattice.size=[600, 600]",
                "hamiltonian.filling=null",
                "hamiltonian.chemical_potential=-0.3",
            )
            child = Child("run", "run.yaml", "--quiet", *(word for one in sets for word in ("--set", one)))
            time.sleep(float(trials.rng.uniform(10, 60)))
            sent = time.monotonic()
            child.send(number)
            ended = child.end(120.0)
            taken = time.monotonic() - sent
            trials.largest("longest stop / s", taken)
            trials.expect(taken <= 10, f"{number.name}: took {taken:.1f} s")
            trials.expect(ended.code == 128 + number, f"exit {ended.code}: {ended.stderr[-300:]}")
            trials.expect(ended.is_clean and not damaged(path), ended.stderr[-300:])
            trials.count("with a checkpoint", Path("out.h5.checkpoint").exists())


@row("two runs on one output at once", most=50)
def pairs(trials: Trials) -> None:
    reference, _ = whole("diagonalization")
    for _ in trials:
        with folder() as path:
            cases.write("diagonalization")
            children = [Child("run", "run.yaml", "--quiet") for _ in range(2)]
            first, second = sorted((child.end() for child in children), key=lambda one: one.code)
            trials.expect(
                (first.code, second.code) == (0, 6), f"exits {first.code}, {second.code}: {second.stderr}"
            )
            trials.largest("longest refusal / s", second.seconds)
            Path("whole.h5").write_bytes(reference)
            trials.expect(
                same(Path("out.h5"), Path("whole.h5")) and not damaged(path), "the first was harmed"
            )
