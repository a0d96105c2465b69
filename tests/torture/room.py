"""No room: on the disk, in files, in memory, in a control group; no folder to write to."""

from __future__ import annotations

import errno
import os
import resource
import signal
import subprocess
import sys
import tempfile
from pathlib import Path

from bdg.store import load_checkpoint
from bdg.store.safety import atomic
from tests.torture import cases
from tests.torture.child import Child, bdg, damaged, folder, limited
from tests.torture.row import Trials, row

GROUPS, LIMIT = Path("/sys/fs/cgroup"), "memory.max"
if (GROUPS / "memory").is_dir():  # version 1
    GROUPS, LIMIT = GROUPS / "memory", "memory.limit_in_bytes"


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


@row("a folder that may not be written to, with and without a checkpoint in it", most=12)
def read_only(trials: Trials) -> None:
    """As root there is no such folder: the child is nobody then."""
    for n in trials:
        with folder() as path:
            cases.write("diagonalization", interval=60)
            Path("there").mkdir()
            words = ("run", "run.yaml", "--quiet", "--set", "output=there/out.h5")
            kept = b""
            if n % 2:
                bdg(*words, "--set", "scf.max_iterations=4")
                Path("there/out.h5").unlink()
                kept, words = Path("there/out.h5.checkpoint").read_bytes(), ("resume", "there/out.h5")
            Path("there").chmod(0o555)
            path.chmod(0o755)
            ended = bdg(*words, before=_nobody)
            trials.expect(ended.code == 5 and ended.is_clean, f"exit {ended.code}: {ended.stderr[-300:]}")
            left = {file.name: file.read_bytes() for file in Path("there").iterdir()}
            trials.expect(left == ({"out.h5.checkpoint": kept} if kept else {}), f"left {[*left]}")


def _nobody() -> None:
    if os.getuid() == 0:
        os.setgroups([])
        os.setgid(65534)
        os.setuid(65534)


LARGE = ("run", "run.yaml", "--quiet", "--set", "lattice.size=[120, 120]", "--set", "scf.max_iterations=2")
LARGE += ("--set", "observables={density: {}}")


@row("RLIMIT_AS at six levels", most=6, share=0.7)
def memory_limit(trials: Trials) -> None:
    for n in trials:
        now = int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()
        limit = now + int((0.02, 0.05, 0.1, 0.2, 0.4, 0.8)[n] * 2**30)
        with folder() as path:
            cases.write("selected_inversion", interval=60)
            ended = bdg(*LARGE, before=limited(resource.RLIMIT_AS, limit), within=120)
            _is_refused_or_done(trials, path, ended.code, ended.stderr)


@row("a control group with a limit on memory, 150 to 800 MiB", most=6, share=0.7)
def control_group(trials: Trials) -> None:
    """A group of one's own below that of this process, as a batch system makes for each job.

    In processes that are started anew: of a forked one, all that it touches of its parent's counts once more.
    """
    own = GROUPS / f"bdg-torture-{os.getpid()}"
    root = str(Path(__file__).parents[2])
    for n in trials:
        try:
            own.mkdir()
        except OSError:
            trials.count("none can be made")
            continue
        try:
            (own / LIMIT).write_text(str((150, 190, 230, 270, 350, 800)[n] << 20))
            with folder() as path:
                cases.write("selected_inversion", interval=60)
                ended = subprocess.run(
                    [sys.executable, "-m", "bdg", *LARGE],
                    preexec_fn=lambda: (own / "cgroup.procs").write_text(str(os.getpid())),
                    env={**os.environ, "PYTHONPATH": root},
                    capture_output=True,
                    text=True,
                )
                _is_refused_or_done(trials, path, ended.returncode, ended.stderr)
        finally:
            own.rmdir()


def _is_refused_or_done(trials: Trials, path: Path, code: int, stderr: str) -> None:
    trials.expect(code in (3, 5), f"exit {code}: {stderr[-300:]}")
    trials.expect("Traceback" not in stderr and not damaged(path), stderr[-500:])
    trials.count("refused", code == 5)
