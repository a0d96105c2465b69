"""Commands that run a simulation, what they show, and how they end."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from bdg.cli.options import (
    ConfigFile,
    Log,
    Overrides,
    Quiet,
    ResultFile,
    Scheduler,
    SharedBy,
    Workers,
)
from bdg.errors import BdgError, RunStoppedError
from bdg.words import counted

if TYPE_CHECKING:
    from bdg.result import Result
    from bdg.simulation.hooks import Hooks
    from bdg.simulation.journal import Journal
    from bdg.simulation.signals import SignalTrap


def run(
    config: ConfigFile,
    overrides: Overrides = None,
    overwrite: Annotated[bool, typer.Option("--overwrite", help="Replace an existing output.")] = False,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Say what it would take, memory, disk and time, and end.")
    ] = False,
    executor: SharedBy = "",
    workers: Workers = 0,
    scheduler: Scheduler = "",
    quiet: Quiet = False,
    log: Log = None,
) -> None:
    """Run a configuration and write its HDF5 file."""
    from bdg.simulation.files import run_file

    if dry_run:
        return _say_what_it_takes(config, tuple(overrides or ()), executor, workers)

    with _journal(log, config) as journal:
        with _watched(journal, quiet=quiet) as (trap, hooks):
            result = run_file(
                config,
                overrides or (),
                overwrite=overwrite,
                hooks=hooks,
                executor=executor or None,
                workers=workers or None,
                scheduler=scheduler,
            )
        journal.end(result)
        _report(result, trap.number, quiet=quiet)


def _say_what_it_takes(config: Path, overrides: tuple[str, ...], executor: str, workers: int) -> None:
    from bdg.executors import worker_count
    from bdg.resources import available_memory
    from bdg.simulation.dry_run import dry_run
    from bdg.words import in_bytes, in_time

    count = worker_count(workers or None) if executor else 0
    found = dry_run(config, overrides, workers=count)
    typer.echo(f"{'stage':24} {'memory':>10}  {'time':>10}")
    for stage in found.stages:
        about = "" if stage.is_measured else "about "
        taken = "not known" if stage.seconds != stage.seconds else about + in_time(stage.seconds)
        typer.echo(f"{stage.name:24} {in_bytes(stage.memory):>10}  {taken:>14}")
    typer.echo(f"peak memory {in_bytes(found.memory)}; {in_bytes(available_memory())} more are available")
    if count:
        each, together = in_bytes(found.worker_memory), in_bytes(found.memory + count * found.worker_memory)
        typer.echo(f"each of {counted(count, 'worker')} {each}; all together {together}")
    disk = f"result {in_bytes(found.result_bytes)}, checkpoint {in_bytes(found.checkpoint_bytes)}"
    typer.echo(f"disk: {disk}; nothing was solved")


def resume(
    file: Annotated[Path, typer.Argument(help="OUTPUT or OUTPUT.checkpoint.")],
    overrides: Overrides = None,
    executor: SharedBy = "",
    workers: Workers = 0,
    scheduler: Scheduler = "",
    quiet: Quiet = False,
    log: Log = None,
) -> None:
    """Continue a run that was stopped or did not converge."""
    from bdg.simulation.files import resume_file

    with _journal(log, file) as journal:
        with _watched(journal, quiet=quiet) as (trap, hooks):
            result = resume_file(
                file,
                overrides or (),
                hooks=hooks,
                executor=executor or None,
                workers=workers or None,
                scheduler=scheduler,
            )
        journal.end(result)
        _report(result, trap.number, quiet=quiet)


def _journal(log: Path | None, subject: Path) -> AbstractContextManager[Journal]:
    from bdg.simulation.journal import Journal

    return Journal(log, subject)


def measure(
    file: ResultFile,
    names: Annotated[list[str], typer.Argument(metavar="NAME...", help="Observables to add.")],
    settings: Annotated[
        list[str] | None,
        typer.Option("--set", metavar="NAME.KEY=VALUE", help="A parameter, for example ldos.sites=all."),
    ] = None,
    overwrite: Annotated[
        bool, typer.Option("--overwrite", help="Replace observables measured with other parameters.")
    ] = False,
    executor: SharedBy = "",
    workers: Workers = 0,
    scheduler: Scheduler = "",
    quiet: Quiet = False,
) -> None:
    """Add observables to a finished run; the loop is not run again."""
    from bdg.simulation.afterwards import measure_file

    with _journal(None, file) as journal, _watched(journal, quiet=quiet) as (_, hooks):
        added = measure_file(
            file,
            names,
            settings or (),
            overwrite=overwrite,
            hooks=hooks,
            executor=executor or None,
            workers=workers or None,
            scheduler=scheduler,
        )
    if not quiet:
        for name in dict.fromkeys(names):
            had = "" if name in added else "was there already, with these parameters"
            typer.echo(f"{file}: {name} {had or ': '.join(['added', ', '.join(added[name])])}")


@contextmanager
def _watched(journal: Journal, *, quiet: bool) -> Iterator[tuple[SignalTrap, Hooks]]:
    """What a run shows, and the signals it obeys."""
    from bdg.simulation.progress import Console
    from bdg.simulation.signals import SignalTrap

    with SignalTrap(is_final=True) as trap, Console(quiet=quiet) as console:
        yield (
            trap,
            replace(
                journal.hooks(console.hooks()),
                stop=trap.caught,
                keep=trap.keep,
                interrupt=trap.interrupt,
                measuring=trap.stop_immediately,
                rescue=trap.rescue,
            ),
        )


def _report(result: Result, signal_number: int | None, *, quiet: bool) -> None:
    """Say how a run ended; raise what its exit code needs."""
    from bdg.errors import ConvergenceError, NumericalError
    from bdg.scf.history import by_way_of
    from bdg.simulation.checkpointing import checkpoint_path

    assert result.path is not None
    output, made = result.path, len(result.history)
    iterations, residual = counted(made, "iteration"), f"residual {result.residual:.1e} t"
    checkpoint = checkpoint_path(output)
    for line in () if quiet or result.status == "broken" else result.warnings:
        typer.echo(f"warning: {line}", err=True)
    if result.status == "stopped":
        assert signal_number is not None
        raise RunStoppedError(
            f"stopped after {iterations}; continue with: bdg resume {checkpoint}", signal_number
        )
    if result.status == "not_converged":
        last, advice = result.history[-1], f"bdg resume {checkpoint} --set scf.max_iterations={2 * made}"
        if result.temperature == 0 and last.filling_error > last.residual_delta:
            advice = "a temperature above 0: at T = 0 the density of a finite sample jumps with mu"
        raise ConvergenceError(
            f"{output}: not converged after {iterations}, {residual}, tolerance {result.tolerance:.0e};"
            f" continue with: {advice}"
        )
    if result.status == "broken":
        raise NumericalError(
            f"{output}: numerical failure, {result.warnings[0] if result.warnings else 'NaN or infinity'};"
            " the last good fields are kept; check the input values or lower scf.damping"
        )
    if not quiet:
        if result.starts:
            best = result.starts[0]
            left = ", a saddle; the state lies below it" if result.left_saddle and best.is_saddle else ""
            typer.echo(f"best of {len(result.starts)} starts: {best.name}{left}")
        typer.echo(f"converged in {iterations}, {residual}{by_way_of(result.left_saddle)}")
        typer.echo(f"wrote {output}; now: bdg plot {output}")
    if result.failures:
        _report_failures(result.failures, output)


def _report_failures(failures: Mapping[str, BdgError], output: Path) -> None:
    """Raise the error of the first observable that failed, which says where all else is."""
    from bdg.simulation.checkpointing import checkpoint_path

    name, error = next(iter(failures.items()))
    others = f" (and {', '.join(list(failures)[1:])})" if len(failures) > 1 else ""
    failed = BdgError(
        f"{name} failed{others}: {error}; all else is in {output},"
        f" to measure again: bdg resume {checkpoint_path(output)}"
    )
    failed.exit_code = error.exit_code
    raise failed
