"""No room: on the disk, in files, in memory; no folder for temporary files."""

from __future__ import annotations

import errno
import os
import resource
import signal
import tempfile
from pathlib import Path

from bdg.store import load_checkpoint
from bdg.store.safety import atomic
from tests.torture import cases
from tests.torture.child import Child, bdg, damaged, folder, limited
from tests.torture.row import Trials, row


def _full_after(number: int):
    """A disk that takes so many bytes more."""

    def before() -> None:
        left, real = [number], atomic.write_all

        def write(stream, data):
            left[0] -= len(memoryview(data).cast("B"))
            if left[0] < 0:
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
            real(stream, data)

        from bdg.store import files
        from bdg.store.safety import checksum

        for module in (atomic, checksum, files):
            module.write_all = write

    return before


def _no_temporary_folder() -> None:
    tempfile.tempdir = "/nowhere"


@row("a full disk, a limit on file sizes, no temporary folder", most=60)
def disk(trials: Trials) -> None:
    for n in trials:
        level = int(trials.rng.integers(1_000, 400_000))
        faults = [
            _full_after(level),
            lambda level=level: (
                signal.signal(signal.SIGXFSZ, signal.SIG_IGN),
                limited(resource.RLIMIT_FSIZE, level)(),
            ),
            lambda level=level: (_no_temporary_folder(), _full_after(level)()),
        ]
        with folder() as path:
            cases.write("diagonalization")
            child = Child("run", "run.yaml", "--quiet", "--set", "scf.max_iterations=4")
            child.end()
            before = load_checkpoint("out.h5.checkpoint").history
            Path("out.h5").unlink()
            ended = bdg(
                "resume", "out.h5", "--quiet", "--set", "scf.max_iterations=200", before=faults[n % 3]
            )
            trials.expect(ended.code in (0, 5), f"exit {ended.code}: {ended.stderr[-300:]}")
            trials.expect(ended.is_clean, ended.stderr[-500:])
            trials.expect(not damaged(path), "damaged")
            if ended.code:
                trials.count("refused")
                trials.expect(
                    load_checkpoint("out.h5.checkpoint").history[: len(before)] == before, "checkpoint lost"
                )


@row("RLIMIT_AS at six levels", most=6, share=0.7)
def memory_limit(trials: Trials) -> None:
    for n in trials:
        with folder() as path:
            cases.write("selected_inversion", interval=60)
            now = int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()
            limit = now + int((0.02, 0.05, 0.1, 0.2, 0.4, 0.8)[n] * 2**30)
            words = (
                "run",
                "run.yaml",
                "--quiet",
                "--set",
                "lattice.size=[120, 120]",
                "--set",
                "scf.max_iterations=2",
            )
            words += ("--set", "observables={density: {}}")
            ended = bdg(*words, before=limited(resource.RLIMIT_AS, limit), within=120)
            trials.expect(ended.code in (3, 5), f"exit {ended.code}: {ended.stderr[-300:]}")
            trials.expect(ended.is_clean and not damaged(path), ended.stderr[-500:])
            trials.count("refused", ended.code == 5)
