"""What a person sees while a run goes on."""

from __future__ import annotations

import sys
import threading
import time
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import Any, Protocol

from bdg.model import Model
from bdg.scf import Iteration
from bdg.simulation.hooks import Hooks
from bdg.simulation.part import Part
from bdg.simulation.widget import Widget, is_installed
from bdg.solvers import Solver, advice
from bdg.words import counted

EVERY = 10.0
"""Seconds between two lines where there is no terminal."""


class Display(Protocol):
    """Where a person looks.

    ``every`` is the time between two refreshes, in seconds; ``keeps`` says whether lines stay, so that each
    stage deserves one.
    """

    every: float
    keeps: bool

    def show(self, line: str, part: Part | None) -> None:
        """Show what is done now, and how far it is."""
        ...

    def close(self) -> None:
        """Show nothing any more."""
        ...


class Lines:
    """Plain lines, for files."""

    every, keeps = EVERY, True

    def show(self, line: str, part: Part | None) -> None:
        """Print a line."""
        print(line if part is None else f"{line}; {part.told(time.monotonic())}", flush=True)

    def close(self) -> None:
        """Leave the lines where they are."""


class OneLine:
    """A line that is written over, for notebooks."""

    every, keeps = 0.5, False

    def __init__(self) -> None:
        self._width = 0

    def show(self, line: str, part: Part | None) -> None:
        """Write over the last line."""
        text = line if part is None else f"{line}; {part.told(time.monotonic())}"
        print(f"\r{text.ljust(self._width)}", end="", flush=True)
        self._width = len(text)

    def close(self) -> None:
        """Wipe it."""
        print("\r" + " " * self._width, end="\r", flush=True)


class Bar:
    """A bar with the time left, for terminals.

    Parameters
    ----------
    stream
        The terminal.
    """

    every, keeps = 0.2, False

    def __init__(self, stream: Any) -> None:
        from rich.console import Console as RichConsole
        from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TextColumn

        columns = (
            SpinnerColumn(),
            TextColumn("{task.description}", markup=False),
            BarColumn(20),
            MofNCompleteColumn(),
            TextColumn("{task.fields[left]}"),
        )
        self._live = Progress(*columns, console=RichConsole(file=stream), transient=True)
        self._task = self._live.add_task("", total=None, left="")

    def show(self, line: str, part: Part | None) -> None:
        """Move the bar."""
        left = None if part is None else part.left(time.monotonic())
        self._live.update(
            self._task,
            description=line if part is None else f"{line}; {part.name}",
            completed=0 if part is None else part.done,
            left="" if left is None else f"{left:.0f} s left",
        )
        (task,) = self._live.tasks
        task.total = (part and part.total) or None  # None is what update takes for no change
        self._live.start()  # the first time

    def close(self) -> None:
        """Take the bar away."""
        self._live.stop()


class Console(AbstractContextManager["Console"]):
    """Shows the stages of a run, the iterations of its loop and how far each is, as time goes by.

    A thread of its own refreshes the display, so that work without an end in sight is shown too.

    Parameters
    ----------
    quiet
        Show nothing.
    display
        Where; without one a bar on a terminal, else plain lines.
    """

    def __init__(self, *, quiet: bool = False, display: Display | None = None) -> None:
        self._display = None if quiet else display or (Bar(sys.stdout) if sys.stdout.isatty() else Lines())
        self._line, self._part = "setting up", None  # type: str, Part | None
        self._shown = time.monotonic()
        self._lock, self._ended = threading.Lock(), threading.Event()

    def __enter__(self) -> Console:
        if self._display is not None:
            threading.Thread(target=self._refresh, args=(self._display,), daemon=True).start()
        return self

    def __exit__(self, *exception: object) -> None:
        self._ended.set()
        if self._display is not None:
            with self._lock:
                self._display.close()

    def iteration(self, iteration: Iteration) -> None:
        """Take note of an iteration of the loop."""
        line = f"iteration {iteration.iteration}: residual {iteration.residual:.2e} t"
        line += f", mean |Δ| {iteration.mean_delta:.6f} t"
        if iteration.filling_error:
            line += f", μ {iteration.mu:.6f} t, filling off by {iteration.filling_error:.1e}"
        if iteration.saddle:
            line += f", a saddle: deviations grow by λ = {iteration.saddle:.6g}"
        self._say(line, at_once=iteration.iteration == 1 or iteration.saddle > 0)

    def stage(self, name: str) -> None:
        """Take note of what is done now."""
        self._say(name, at_once=True)

    def part(self, name: str, done: int, total: int) -> None:
        """Take note of how far it is."""
        before, now = self._part, time.monotonic()
        begins = before is None or (before.name, before.total) != (name, total) or done < before.done
        self._part = Part(name, done, total, now if begins or before is None else before.began)

    def refresh(self) -> None:
        """Show where the work is, if that was shown long enough ago."""
        if self._display is not None and time.monotonic() - self._shown >= self._display.every:
            self._show(self._display)

    def hooks(self) -> Hooks:
        """What a run calls."""
        return Hooks(after_iteration=self.iteration, stage=self.stage, progress=self.part)

    def _say(self, line: str, *, at_once: bool) -> None:
        self._line, self._part = line, None
        if at_once and self._display is not None and self._display.keeps:
            self._show(self._display)

    def _show(self, display: Display) -> None:
        with self._lock:
            if not self._ended.is_set():
                display.show(self._line, self._part)
                self._shown = time.monotonic()

    def _refresh(self, display: Display) -> None:
        while not self._ended.wait(min(1.0, display.every)):
            self.refresh()


def in_short(model: Model, solver: Solver) -> str:
    """The job in a line: its size, what solves it and whether something else is faster, the temperature."""
    sample, name = model.sample, solver.name.replace("_", " ")
    size = f"{counted(sample.n_sites, 'site')}, {counted(sample.n_bonds, 'bond')}"
    remark = advice(solver, model.dofs * sample.n_sites)
    return f"{size}, {name}{f' ({remark})' if remark else ''}, T = {model.temperature:g} t"


@contextmanager
def shown(hooks: Hooks | None) -> Iterator[Hooks]:
    """The hooks that a caller gives; without any, a bar in a notebook or on a terminal, nothing else.

    A notebook without the package anywidget has a line in place of the bar.
    """
    display = _own_display() if hooks is None else None
    if hooks is not None or display is None:
        yield hooks or Hooks()
        return
    with Console(display=display) as console:
        yield console.hooks()


def _own_display() -> Display | None:
    """Where somebody watches: the output of a notebook's cell, or the terminal that errors go to."""
    shell = getattr(sys.modules.get("IPython"), "get_ipython", lambda: None)()
    if shell is not None and getattr(shell, "kernel", None) is not None:
        return Widget() if is_installed() else OneLine()
    return Bar(sys.stderr) if sys.stderr.isatty() else None
