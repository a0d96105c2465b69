"""Commands in forked children: what is imported once serves all of them, and each can be killed."""

from __future__ import annotations

import os
import resource
import signal
import sys
import tempfile
import time
from collections.abc import Callable
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from typer.testing import CliRunner

from bdg.cli import app, main
from bdg.errors import BdgError
from bdg.store import load_checkpoint, read
from tests.store.made_up import differences

PLACE = "/dev/shm" if os.access("/dev/shm", os.W_OK) else None
"""Where the trials are: in memory, where writing to disk takes no time, so that there are more of them."""


@dataclass(frozen=True)
class Ended:
    """How a child ended: its exit code, or minus the number of the signal that did; and what it printed."""

    code: int
    stderr: str
    seconds: float

    @property
    def is_clean(self) -> bool:
        """Whether nothing was printed that is no line of ours."""
        return "Traceback" not in self.stderr


class Child:
    """``bdg`` with some words, in a forked process, in the working directory.

    Parameters
    ----------
    words
        The words after ``bdg``.
    before
        Called in the child first: limits, faults.
    """

    def __init__(self, *words: str, before: Callable[[], None] = lambda: None) -> None:
        log, name = tempfile.mkstemp(suffix=".log")
        os.close(log)
        self.log, self.began = Path(name), time.monotonic()
        sys.stdout.flush()
        self.pid = os.fork()
        if self.pid == 0:
            self._run(words, before)

    def _run(self, words: tuple[str, ...], before: Callable[[], None]) -> None:
        code = 97
        try:
            out = os.open(self.log, os.O_WRONLY | os.O_TRUNC)
            os.dup2(out, 1)
            os.dup2(out, 2)
            sys.stdout, sys.stderr = (os.fdopen(number, "w", closefd=False) for number in (1, 2))
            sys.argv = ["bdg", *words]
            before()
            main()
            code = 0
        except SystemExit as ended:
            code = ended.code if isinstance(ended.code, int) else int(ended.code is not None)
        except BaseException:
            import traceback

            traceback.print_exc()
        finally:
            sys.stdout.flush()
            sys.stderr.flush()
            os._exit(code or 0)

    def send(self, number: int) -> None:
        """Send a signal."""
        os.kill(self.pid, number)

    def end(self, within: float = 60.0) -> Ended:
        """Wait for the end; a child that takes too long is killed, and its code is −1000."""
        limit, code = time.monotonic() + within, -1000
        while time.monotonic() < limit:
            pid, status = os.waitpid(self.pid, os.WNOHANG)
            if pid:
                code = os.waitstatus_to_exitcode(status)
                break
            time.sleep(0.002)
        else:
            os.kill(self.pid, signal.SIGKILL)
            os.waitpid(self.pid, 0)
        text = self.log.read_text(errors="replace")
        self.log.unlink()
        return Ended(code, text, time.monotonic() - self.began)


def bdg(*words: str, before: Callable[[], None] = lambda: None, within: float = 60.0) -> Ended:
    """Run ``bdg`` to its end."""
    return Child(*words, before=before).end(within)


def load_all() -> None:
    """Run once in this process, so that children find all modules and kernels loaded."""
    import bdg as package
    from tests.torture import cases

    for method in cases.SIZES:
        with folder():
            cases.write(method, interval=60.0)
            package.run_file("run.yaml", hooks=package.Hooks())
            for words in (["run", "run.yaml", "--overwrite"], ["check", "out.h5"], ["plot", "out.h5"]):
                CliRunner().invoke(app, words)


@contextmanager
def folder():
    """A working directory for a trial."""
    before = os.getcwd()
    with tempfile.TemporaryDirectory(prefix="torture-", dir=PLACE) as path:
        os.chdir(path)
        try:
            yield Path(path)
        finally:
            os.chdir(before)


def damaged(path: Path) -> list[str]:
    """The files in a folder that are neither a whole result nor a whole checkpoint."""
    found = []
    for file in path.rglob("*"):
        reader = load_checkpoint if file.name.endswith(".checkpoint") else read
        if file.is_file() and (file.suffix == ".h5" or file.suffix == ".checkpoint") and file.parent == path:
            try:
                reader(file)
            except BdgError as error:
                found.append(str(error))
    return found


def same(one: Path, other: Path) -> bool:
    """Whether two results hold the same to the last bit."""
    left, right = read(one), read(other)
    is_same = differences(dict(left.observables), dict(right.observables)) == []
    return is_same and np.array_equal(left.fields.delta, right.fields.delta) and left.history == right.history


def limited(kind: int, value: int) -> Callable[[], None]:
    """A limit on the resources of a child."""
    return lambda: resource.setrlimit(kind, (value, value))
