"""Runs the points of a study that are not done, as many at once as there are workers.

Who schedules writes the index, workers write the results. A worker that dies costs what it had in hand: the
point is tried again, and given up where it takes a worker with it each time. A scheduler of Dask that is lost
costs what was in hand as well; where it is started anew, with workers, the points are handed to it.
"""

from __future__ import annotations

import os
import time
from collections import Counter, deque
from collections.abc import Callable, Sequence
from concurrent.futures import FIRST_COMPLETED, BrokenExecutor, Executor, Future, wait
from contextlib import AbstractContextManager, ExitStack
from dataclasses import dataclass, field

from bdg.errors import InputError, WorkerLostError
from bdg.executors import is_connected, reconnects
from bdg.studies.kept.index import Entry
from bdg.studies.plan.points import Point
from bdg.studies.study import Study
from bdg.studies.work.task import Outcome, Task, run_task

ATTEMPTS = 3
"""How often a point is tried whose worker died."""

LOOK = 0.2
"""Seconds between two looks at requests to stop."""

GOES_ON = "what has ended is kept, and the same command goes on"

Made = Callable[[], AbstractContextManager[Executor]]
"""Makes an executor; once more where its workers died."""


@dataclass
class Progress:
    """How far a sweep is, for whoever watches.

    Parameters
    ----------
    total
        Points to run.
    done, failed
        How many have ended, and without convergence.
    began
        When, by :func:`time.monotonic`.
    latest
        The last entry.
    may_grow
        Whether points are added as others end.
    """

    total: int
    done: int = 0
    failed: int = 0
    began: float = field(default_factory=time.monotonic)
    latest: Entry | None = None
    may_grow: bool = False

    def add(self, entry: Entry) -> None:
        """Count a point that has ended."""
        self.done += 1
        self.failed += entry.status not in ("converged", "stopped") or bool(entry.error)
        self.latest = entry

    @property
    def left(self) -> float | None:
        """Seconds left, if the others take as long."""
        spent = time.monotonic() - self.began
        return spent * (self.total - self.done) / self.done if self.done else None


def run_points(
    study: Study,
    made: Made,
    workers: int,
    *,
    threads: int | None = None,
    watch: Callable[[Progress], None] = lambda progress: None,
    stop: Callable[[], bool] = lambda: False,
) -> Progress:
    """Run what is not done.

    Parameters
    ----------
    study
        What to run.
    made
        Makes the executor.
    workers
        How many points it runs at once; as many again wait in its queue.
    threads
        Of each point's solver, where the configuration leaves them open.
    watch
        Called after each point.
    stop
        Asked several times a second; true stops the runs of all workers, with checkpoints.

    Returns
    -------
    Progress
        How far it came.

    Raises
    ------
    WorkerLostError
        If the executor takes no more points, and no other can be made.
    """
    study.begin()
    run = _Run(study, workers, threads, watch, stop)
    is_first = True
    while run.waiting and not stop():
        with ExitStack() as opened:
            executor = opened.enter_context(made()) if is_first else _made_again(opened, made)
            took = run.until_broken(executor)
            while not is_connected(executor) and reconnects(executor, stop):
                took |= run.until_broken(executor)
            if not took and not stop():
                raise WorkerLostError(f"the executor takes no more points; {GOES_ON}")
        is_first = False
    return run.progress


def _made_again(opened: ExitStack, made: Made) -> Executor:
    """An executor in place of one that was lost.

    Raises
    ------
    WorkerLostError
        If there is none.
    """
    try:
        return opened.enter_context(made())
    except InputError as error:
        raise WorkerLostError(f"{error}; {GOES_ON}") from None


class _Run:
    """The points in hand of an executor, those that wait, and the requests of whoever watches."""

    def __init__(
        self,
        study: Study,
        workers: int,
        threads: int | None,
        watch: Callable[[Progress], None],
        stop: Callable[[], bool],
    ) -> None:
        self._study, self._workers, self._threads = study, workers, threads
        self._watch, self._stop = watch, stop
        self._running: dict[Future[Outcome], Point] = {}
        self._attempts: Counter[int] = Counter()
        self._is_stopping = False
        study.restart()
        self.waiting = _Waiting(study)
        self.progress = Progress(len(self.waiting))
        self._grow()

    def until_broken(self, executor: Executor) -> bool:
        """Run points until all have ended, a stop was asked for, or the executor is lost.

        Whether it took any is returned.
        """
        is_broken = not self._fill(executor)
        has_taken = bool(self._running)
        while self._running:
            if not is_connected(executor):
                self._take_back()
                break
            done = wait(self._running, timeout=LOOK, return_when=FIRST_COMPLETED).done
            for future in [one for one in self._running if one in done]:
                is_broken |= not self._end(future)
            if self._stop() and not self._is_stopping:
                self._ask_to_stop()
            if not self._is_stopping:
                self._grow()
            is_broken = is_broken or not self._fill(executor)
        return has_taken

    def _take_back(self) -> None:
        """Put all points back that a lost scheduler had: what became of them cannot be known."""
        for point in self._running.values():
            self.waiting.again(point)
        self._running.clear()

    def _grow(self) -> None:
        """When all points have ended, take those that follow from them; of these some may be done as well."""
        while not len(self.waiting) and (added := self._study.grow()):
            self.progress.total += self.waiting.add(added)
            self.progress.may_grow = True

    def _fill(self, executor: Executor) -> bool:
        """Give the executor what it can take; whether it did."""
        while self.waiting.ready and len(self._running) < 2 * self._workers and not self._is_stopping:
            if not is_connected(executor):
                return False
            point = self.waiting.next()
            try:
                future = executor.submit(run_task, task_of(self._study, point, self._threads))
            except RuntimeError:  # it is broken, or has been shut down
                self.waiting.again(point)
                return False
            self._running[future] = point
        return True

    def _end(self, future: Future[Outcome]) -> bool:
        """Take note of how a point ended; whether its worker lived."""
        point = self._running.pop(future)
        if future.cancelled():  # by its scheduler, of which the client has lost sight
            self.waiting.again(point)
            return False
        error = future.exception()
        is_broken = isinstance(error, BrokenExecutor)
        self._attempts[point.number] += is_broken
        if is_broken and self._attempts[point.number] < ATTEMPTS:
            self.waiting.again(point)
            return False
        outcome = future.result() if error is None else Outcome("failed", 0.0, error=_told(error))
        entry = _entry(self._study, point, outcome)
        self._study.index.add(entry)
        self.waiting.ended(point)
        self.progress.add(entry)
        self._watch(self.progress)
        return not is_broken

    def _ask_to_stop(self) -> None:
        self._is_stopping = True
        self._study.stop()
        for future in [one for one in self._running if one.cancel()]:
            self.waiting.again(self._running.pop(future))


def task_of(study: Study, point: Point, threads: int | None) -> Task:
    """What a worker is sent."""
    return Task(
        study.recipe.work(point, threads),
        str(study.file(point)),
        str(study.stop_file),
        os.getcwd(),
        os.getpid(),
        _start_of(study, point),
        study.recipe.sweep.compete,
        threads or 1,
    )


def _start_of(study: Study, point: Point) -> str:
    """The result whose fields a point starts from: of the nearest one before in its chain that has one."""
    before = point.after
    while before is not None:
        entry = study.entry(study.points[before])
        if entry is not None and entry.file:
            return str(study.folder / entry.file)
        before = study.points[before].after
    return ""


def _entry(study: Study, point: Point, outcome: Outcome) -> Entry:
    file = study.file(point)
    return Entry(
        point.number,
        study.digest(point),
        outcome.status,
        point.values,
        point.branch,
        "" if outcome.stamp is None else str(file.relative_to(study.folder)),
        round(outcome.seconds, 4),
        outcome.iterations,
        outcome.numbers,
        outcome.error,
        outcome.residual,
        outcome.stamp,
    )


def _told(error: BaseException) -> str:
    if isinstance(error, BrokenExecutor):
        return f"its worker died {ATTEMPTS} times, for want of memory perhaps; run it alone to see"
    return f"{type(error).__name__}: {' '.join(str(error).split())[:300]}"


class _Waiting:
    """Points that are not done: those that may run now, and those whose neighbour has not ended."""

    def __init__(self, study: Study) -> None:
        self.ready: deque[Point] = deque()
        self._after: dict[int, list[Point]] = {}
        self._study, self._count = study, 0
        self.add(study.own_points)

    def add(self, points: Sequence[Point]) -> int:
        """Take more points; how many of them are not done."""
        todo = [point for point in points if not self._study.is_done(point)]
        numbers = {point.number for point in todo}
        for point in todo:
            if point.after in numbers:
                self._after.setdefault(point.after, []).append(point)
            else:
                self.ready.append(point)
        self._count += len(todo)
        return len(todo)

    def __len__(self) -> int:
        return self._count

    def next(self) -> Point:
        """The next point to run."""
        return self.ready.popleft()

    def again(self, point: Point) -> None:
        """Put a point back."""
        self.ready.appendleft(point)

    def ended(self, point: Point) -> None:
        """Let the points run that start from this one."""
        self._count -= 1
        self.ready.extend(self._after.pop(point.number, ()))
