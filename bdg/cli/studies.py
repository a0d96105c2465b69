"""Commands on studies: run a sweep, look how far it is, collect and draw its results."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from bdg.cli.options import ConfigFile, Overrides, Quiet, Scheduler, Workers
from bdg.cli.theory.options import whole
from bdg.errors import BdgError, ConvergenceError, InputError, RunStoppedError
from bdg.words import counted

if TYPE_CHECKING:
    from bdg.cli.drawing import Drawing
    from bdg.studies import Study
    from bdg.studies.schedule import Progress

StudyFolder = Annotated[Path, typer.Argument(metavar="DIR", help="The folder of a study.")]

MOST_NAMED = 5
"""Points that are named one by one."""

EVERY = 10.0
"""Seconds between two lines off a terminal."""


def sweep(
    config: ConfigFile,
    overrides: Overrides = None,
    folder: Annotated[
        Path | None, typer.Option("--folder", metavar="DIR", help="Where the study lies; by default OUTPUT.")
    ] = None,
    executor: Annotated[
        str, typer.Option("--executor", help="local, serial, dask or mpi: where the points run.")
    ] = "local",
    workers: Workers = 0,
    scheduler: Scheduler = "",
    threads: Annotated[
        int, typer.Option("--threads", metavar="N", parser=whole, help="Of each point; 0 for a fair share.")
    ] = 0,
    share: Annotated[
        str | None,
        typer.Option("--share", metavar="K/N", help="Run share K of N only, as other calls do the others."),
    ] = None,
    quiet: Quiet = False,
) -> None:
    """Run every combination of swept values, or what is left of it."""
    from bdg.simulation.signals import SignalTrap
    from bdg.studies import sweep as run

    with SignalTrap() as trap:
        study = run(
            config,
            folder=folder,
            overrides=overrides or (),
            executor=executor,
            workers=workers or None,
            scheduler=scheduler,
            threads=threads or None,
            share=share,
            watch=(lambda progress: None) if quiet else _told_now_and_then(),
            stop=trap.caught,
        )
    _report(study, trap.number, quiet=quiet)


def status(folder: StudyFolder) -> None:
    """Say how far a study is, and what failed."""
    from bdg.studies import open_study

    typer.echo("\n".join(_facts(open_study(folder))))


def collect(
    folder: StudyFolder,
    output: Annotated[
        Path | None, typer.Option("--output", "-o", help="A NetCDF file; by default DIR/collected.nc.")
    ] = None,
) -> None:
    """Put the results of a study into one file."""
    from bdg.studies import collect as gather
    from bdg.studies import open_study
    from bdg.studies.collected.netcdf import write_netcdf

    together = gather(open_study(folder))
    target = output or folder / "collected.nc"
    write_netcdf(together, target)
    for name, why in together.left_out.items():
        typer.echo(f"warning: {name} is left out: it {why}", err=True)
    axes = ", ".join(f"{dim} {len(together.coords[dim].values)}" for dim in together.dims)
    typer.echo(f"wrote {target}: {len(together.quantities)} quantities along {axes}")


def draw(
    folder: Path,
    quantity: str | None,
    how: Drawing,
    options: Mapping[str, Any],
    *,
    statistic: str,
    at: Sequence[str],
    is_best: bool,
) -> None:
    """Draw a quantity of a study; ``options`` are those of its figure."""
    from bdg.studies import collect as gather
    from bdg.studies import open_study
    from bdg.studies.collected.branches import best
    from bdg.studies.collected.figure import study_figure
    from bdg.studies.collected.film import study_frames

    study, places = open_study(folder), dict(map(_place, at))
    together = gather(study)
    together = best(together) if is_best else together
    together = together.at(**places)
    if quantity is None:
        raise InputError(f"{folder}: name what to draw, one of {', '.join(together.quantities)}")
    shown = [options["x"], options["y"], options["hue"], *options["over"]]
    words = [*shown, "" if statistic == "mean" else statistic, "best" if is_best else "", *at]
    words += [f"by_{options['by']}"] if options["by"] else []
    name = folder / "_".join([folder.name, quantity, *(word for word in words if word)])
    if how.animate:
        more = {**options, **({} if statistic == "mean" else {"statistic": statistic})}
        how.film(study_frames(study, together, quantity, how.animate, places, how.looks, **more), name)
        return
    with how.looks.opened():
        figure = study_figure(together, quantity, **options, statistic=statistic)
    how.save(figure, name)


def _place(text: str) -> tuple[str, str]:
    """The axis and the value of ``KEY=VALUE``."""
    key, sign, value = text.partition("=")
    if not (key and sign and value):
        raise InputError(f"--at {text}: write KEY=VALUE, temperature=0.1")
    return key, value


def _told_now_and_then() -> Callable[[Progress], None]:
    """Shows how far a sweep is: one line that changes on a terminal, a line every while elsewhere."""
    last = [0.0]

    def watch(progress: Progress) -> None:
        now, is_last = time.monotonic(), progress.done == progress.total and not progress.may_grow
        is_terminal = sys.stderr.isatty()
        if now - last[0] < (0.2 if is_terminal else EVERY) and not is_last:
            return
        last[0] = now
        failed = f", {progress.failed} not converged or failed" if progress.failed else ""
        left = "" if progress.left is None or is_last else f", {progress.left:.0f} s left"
        line = f"point {progress.done} of {progress.total}{failed}{left}"
        typer.echo(f"\r{line}\x1b[K" if is_terminal else line, err=True, nl=not is_terminal or is_last)

    return watch


def _facts(study: Study) -> list[str]:
    """A line with all, and one for each of the first points that are not well."""
    entries = [(point, study.entry(point)) for point in study.own_points]
    bad = [
        (point, entry)
        for point, entry in entries
        if entry is not None and (entry.status != "converged" or entry.error)
    ]
    spent = sum(entry.seconds for _, entry in entries if entry is not None)
    lines = [f"{study}, {spent:.4g} s of work"]
    find = study.recipe.sweep.find
    lines += [f"  {find.key} {find.place}: {one}" for one in study.found] if find is not None else []
    if study.unsettled:
        lines.append(f"  {counted(study.unsettled, 'point')} may be lower yet: raise sweep.spread.at_most")
    for point, entry in bad[:MOST_NAMED]:
        why = f": {entry.error}" if entry.error else ""
        if entry.status == "not_converged" and entry.residual is not None:
            why = f", residual {entry.residual:.2g} t{why}"
        lines.append(f"  {point}: {entry.status.replace('_', ' ')}{why}")
    if len(bad) > MOST_NAMED:
        lines.append(f"  and {len(bad) - MOST_NAMED} more, see {study.index.path}")
    return lines


def _report(study: Study, signal_number: int | None, *, quiet: bool) -> None:
    """Say how a sweep ended; raise what its exit code needs."""
    first, *others = _facts(study)
    again = "continue with the same command"
    if signal_number is not None:
        raise RunStoppedError(f"{first}; stopped, {again}", signal_number)
    if not quiet:
        typer.echo("\n".join([first, *others]))
    counts = study.counts()
    if counts["failed"]:
        failed = next(
            one for point in study.own_points if (one := study.entry(point)) and one.status == "failed"
        )
        error = BdgError(f"{counted(counts['failed'], 'point')} failed, the first with: {failed.error}")
        error.exit_code = 4
        raise error
    if study.todo:
        raise ConvergenceError(
            f"{counted(len(study.todo), 'point')} did not converge; raise scf.max_iterations"
        )
    if not quiet:
        typer.echo(f"now: bdg plot {study.folder} QUANTITY")
