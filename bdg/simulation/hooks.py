"""What a caller may do while a simulation runs: watch it, stop it, rescue it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from bdg.ground_state import Progress, Watch
from bdg.observables.loops import Loops, Points
from bdg.observables.loops import Watch as LoopWatch
from bdg.scf import Iteration, ScfOptions
from bdg.solvers import Monitor


@dataclass(frozen=True)
class Hooks:
    """What a caller may do while a simulation runs.

    Parameters
    ----------
    after_iteration
        Called with each iteration of the loop.
    stop
        Asked after each iteration; true ends the loop with a checkpoint.
    keep
        Asked after each iteration; true writes a checkpoint, and the loop goes on.
    stage
        Called with a line on each stage: an observable, for example.
    measuring
        Called when the fields are done: from here on an exception, a signal's too, costs none of them.
    interrupt
        Asked many times within an iteration, between the poles of an expansion or the momenta: true, or the
        number of a signal, abandons the iteration, and the loop ends as it was before it.
    progress
        Called with the parts that the current work has, how many are done and how many there are:
        ``("poles", 3, 16)``.
    rescue
        Called with a function that writes the checkpoint of the last complete iteration, from any thread, and
        returns the file; ``None`` where there is none.
    """

    after_iteration: Callable[[Iteration], None] = lambda iteration: None
    stop: Callable[[], bool] = lambda: False
    keep: Callable[[], bool] = lambda: False
    stage: Callable[[str], None] = lambda name: None
    measuring: Callable[[], None] = lambda: None
    interrupt: Callable[[], int] = lambda: 0
    progress: Callable[[str, int, int], None] = lambda part, done, total: None
    rescue: Callable[[Callable[[], Path | None]], None] = lambda write: None

    @property
    def watch(self) -> Watch:
        """What a search calls, without a checkpoint."""

        def after_iteration(iteration: Iteration, take: Callable[[], Progress]) -> bool:
            self.after_iteration(iteration)
            return self.stop()

        return Watch(after_iteration, stage=self.stage)

    def loops(self, scf: ScfOptions, points: Points | None = None) -> Loops:
        """How the loops of experiments run, with the points that are known of them."""
        points = Points(is_kept=False) if points is None else points
        return Loops(scf, LoopWatch(points, self.stop, self.stage))

    @property
    def monitor(self) -> Monitor:
        """What a solver reports to."""
        return Monitor(self.interrupt, self.progress)
