"""Studies that are killed, told to stop, or begun twice, and end as if nothing had happened."""

from __future__ import annotations

import json
import os
import signal
import time
from contextlib import suppress
from functools import cache
from pathlib import Path

import numpy as np

import bdg
from tests.torture.child import Child, damaged, folder
from tests.torture.row import Trials, row

CONFIG = """
lattice: {kind: square, size: [8, 8], boundary: periodic}
hamiltonian: {chemical_potential: -0.4, disorder: {width: 1.0, seed: 0}}
interaction: {onsite: 2.5}
temperature: 0.05
solver: {method: diagonalization}
scf: {tolerance: 1e-9, checkpoint: 0}
observables: {order_parameter: {}}
sweep: {hamiltonian.disorder.seed: {count: 16}}
output: seeds.h5
"""
POINTS = 16
SWEEP = ("sweep", "seeds.yaml", "--executor", "local", "--workers", "2")


@cache
def _reference() -> np.ndarray:
    with folder():
        Path("seeds.yaml").write_text(CONFIG)
        return bdg.collect(bdg.sweep("seeds.yaml", executor="serial"))["order_parameter"].values


def entries() -> list[dict]:
    lines = [
        line for file in Path("seeds").glob("index*.jsonl") for line in file.read_text().split("\n")[:-1]
    ]
    return [json.loads(line) for line in lines]


def done(entries: list[dict]) -> set[int]:
    return {entry["point"] for entry in entries if entry["status"] == "converged"}


def ends_right(trials: Trials, what: str) -> None:
    values = bdg.collect(bdg.open_study("seeds"))["order_parameter"].values
    same = values.shape == _reference().shape and np.abs(values - _reference()).max() <= 1e-12
    trials.expect(bool(same), f"{what}: other numbers")
    trials.expect(not (found := damaged(Path("seeds"))), f"{what}: damaged {found}")


def _goes_on(trials: Trials, what: str) -> None:
    """The same command runs what is left, and nothing of what is done."""
    before = entries()
    ended_before = done(before)
    ended = Child(*SWEEP, before=os.setsid).end(120)
    trials.expect(ended.code == 0 and ended.is_clean, f"{what}: exit {ended.code}: {ended.stderr[-300:]}")
    again = [entry["point"] for entry in entries()[len(before) :]]
    trials.expect(
        sorted(again) == sorted(set(range(POINTS)) - ended_before), f"{what}: done twice or not at all"
    )
    trials.count("points left", len(again))
    ends_right(trials, what)


@row("a sweep on two workers: SIGTERM, SIGINT, kill -9 of all, kill -9 of a worker", most=80, share=6)
def sweep(trials: Trials) -> None:
    for n in trials:
        what = ("SIGTERM", "SIGINT", "kill -9", "worker killed")[n % 4]
        with folder():
            Path("seeds.yaml").write_text(CONFIG)
            child = Child(*SWEEP, before=os.setsid)
            wait_for(int(trials.rng.integers(0, POINTS - 3)))
            time.sleep(float(trials.rng.uniform(0, 0.3)))
            if what == "worker killed":
                _kill_a_worker(child.pid)
            elif what == "kill -9":
                with suppress(ProcessLookupError):
                    os.killpg(child.pid, signal.SIGKILL)
            else:
                child.send(getattr(signal, what))
            ended = child.end(120)
            trials.count(f"{what}: stopped", ended.code not in (0, 97))
            allowed = {"SIGTERM": (0, 143), "SIGINT": (0, 130), "kill -9": (0, -9), "worker killed": (0,)}[
                what
            ]
            trials.expect(ended.code in allowed, f"{what}: exit {ended.code}: {ended.stderr[-300:]}")
            trials.expect(ended.is_clean, f"{what}: {ended.stderr[-300:]}")
            _goes_on(trials, what)


def wait_for(count: int, within: float = 60.0) -> None:
    """Until so many points are done."""
    began = time.monotonic()
    while len(entries()) < count and time.monotonic() - began < within:
        time.sleep(0.01)


def _kill_a_worker(master: int) -> None:
    for task in Path(f"/proc/{master}/task").glob("*/children"):
        for pid in task.read_text().split():
            words = Path(f"/proc/{pid}/cmdline").read_text()
            if "loky" in words and "tracker" not in words:
                with suppress(ProcessLookupError):
                    os.kill(int(pid), signal.SIGKILL)
                return


@row("two masters of one sweep at once", most=20, share=2)
def masters(trials: Trials) -> None:
    for _ in trials:
        with folder():
            Path("seeds.yaml").write_text(CONFIG)
            children = [Child(*SWEEP, before=os.setsid) for _ in range(2)]
            first, second = sorted((child.end(120) for child in children), key=lambda one: one.code)
            trials.expect((first.code, second.code) == (0, 6), f"exits {first.code}, {second.code}")
            trials.expect(first.is_clean and second.is_clean, second.stderr[-300:])
            trials.expect(len(entries()) == POINTS, "points computed twice")
            ends_right(trials, "two masters")
