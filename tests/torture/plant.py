"""Faults planted one at a time in a scratch copy: which tests go red. ``python -m tests.torture.plant [NAME …]``."""

from __future__ import annotations

import shutil
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]


@dataclass(frozen=True)
class Fault:
    """What is replaced by what in a file, and the tests that are there to notice."""

    file: str
    old: str
    new: str
    tests: str


FAULTS = {
    "no fsync": Fault("store/safety/atomic.py", "os.fsync(stream.fileno())", "pass", "store/test_atomicity.py"),
    "written in place": Fault(
        "store/safety/atomic.py", "temporary = _temporary(target)\n        try:",
        "temporary = target\n        target.unlink(missing_ok=True)\n        try:", "store/test_atomicity.py",
    ),
    "temporaries of killed runs stay": Fault(
        "store/safety/atomic.py", "            left.unlink()", "            left.exists()", "reliability/test_checkpoints.py"
    ),
    "fields are not looked at for NaN": Fault(
        "scf/evaluation.py", "if (name := out.first_not_finite()) is not None:", "if (name := None) is not None:",
        "reliability/test_not_finite.py",
    ),
    "NaN is dropped from the residual": Fault(
        "scf/history.py", "if all(value == value for value in values) else math.nan", "", "reliability/test_not_finite.py"
    ),
    "the history is not restored": Fault(
        "scf/loop.py", "vector, history = resume.vector, resume.history", "vector, history = resume.vector, ()",
        "reliability/test_interruption.py",
    ),
    "the mixer is not restored": Fault(
        "scf/loop.py", "mixer.restore(resume.mixer_state)", "pass", "reliability/test_interruption.py"
    ),
    "whose a checkpoint is does not count": Fault(
        "simulation/checkpointing.py", "    if not (started and created):", "    if True:", "reliability/test_checkpoints.py"
    ),
    "an earlier checkpoint is not set aside": Fault(
        "simulation/checkpointing.py", '    output = checkpoint.with_suffix("")\n    if not checkpoint.exists():',
        '    output = checkpoint.with_suffix("")\n    if True:', "reliability/test_checkpoints.py",
    ),
    "the estimate of memory is halved": Fault(
        "solvers/selected_inversion/memory.py", "return _itemsize(plan.algebra) *", "return 0.5 * _itemsize(plan.algebra) *",
        "reliability/test_dry_run.py",
    ),
    "the checksum of the file is not compared": Fault(
        "store/safety/checksum.py", "        return trailer.startswith(FORMAT[:11]) and", "        return False and", "cli/test_upkeep.py"
    ),
    "SHA-256 is not compared": Fault(
        "store/safety/digests.py", "if digest(np.asarray(values)) != member.attrs[SHA256]:", "if False:", "store/test_digests.py"
    ),
    "later versions of the layout are read": Fault(
        "store/files.py", "if version > SCHEMA_VERSION:", "if False:", "store/test_old_files.py"
    ),
    "links are followed": Fault(
        "store/safety/guard.py", "if not isinstance(group.get(name, getlink=True), h5py.HardLink):", "if False:",
        "reliability/test_hostile_files.py",
    ),
    "two runs share an output": Fault(
        "store/safety/lock.py", "fcntl.flock(stream, fcntl.LOCK_EX | fcntl.LOCK_NB)", "pass", "store/test_lock.py"
    ),
    "SIGHUP is not obeyed": Fault(
        "simulation/signals.py", '("SIGINT", "SIGTERM", "SIGHUP", "SIGXCPU")', '("SIGINT", "SIGTERM", "SIGXCPU")',
        "reliability/test_signals.py",
    ),
    "what was found for other parameters is taken": Fault(
        "simulation/measuring.py", "state.loops.scf, parameters\n", "state.loops.scf\n", "reliability/test_parts.py"
    ),
    "parts are not written": Fault(
        "simulation/keeping.py", "            write_parts(self._folder, fresh)", "            pass", "reliability/test_parts.py"
    ),
    "a failing observable costs all": Fault(
        "simulation/run.py", "keeps=(Exception,)", "keeps=()", "reliability/test_measuring.py"
    ),
    "a loop in a circle is left there": Fault(
        "scf/stagnation.py", "return period if period > 1 else 0", "return 0", "unit/test_stagnation.py"
    ),
    "what a lost scheduler had in hand is not tried again": Fault(
        "studies/schedule.py", "if future.cancelled():", "if False:", "unit/studies/test_lost_executors.py"
    ),
    "a Hamiltonian that is not Hermitian passes": Fault(
        "simulation/soundness.py", "if not error <= allowed:", "if error > 1e9:", "reliability/test_soundness.py"
    ),
}  # fmt: skip


def planted(copy: Path, fault: Fault) -> str:
    """The tests that go red with a fault in a copy of the tree."""
    path = copy / "bdg" / fault.file
    before = path.read_text()
    if fault.old not in before:
        return "the place is not there"
    path.write_text(before.replace(fault.old, fault.new, 1))
    try:
        words = [sys.executable, "-m", "pytest", "-q", "-x", "-p", "no:randomly", f"tests/{fault.tests}"]
        told = subprocess.run(words, cwd=copy, capture_output=True, text=True).stdout
    finally:
        path.write_text(before)
    red = [
        line.partition(" - ")[0].removeprefix("FAILED tests/")
        for line in told.splitlines()
        if line.startswith("FAILED")
    ]
    return ", ".join(red) or "NONE"


def main() -> int:
    """Plant the faults that were named, or all; 1 if one is not noticed."""
    names, unnoticed = sys.argv[1:] or list(FAULTS), 0
    with tempfile.TemporaryDirectory(prefix="planted-") as folder:
        copy = Path(folder) / "tree"
        shutil.copytree(ROOT, copy, ignore=shutil.ignore_patterns(".git", ".venv", "results"))
        for name in names:
            red = planted(copy, FAULTS[name])
            unnoticed += "::" not in red
            print(f"{name}: {red}", flush=True)
    return int(unnoticed > 0)


if __name__ == "__main__":
    sys.exit(main())
