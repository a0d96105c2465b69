"""Commands about this machine: whether it computes right, and how fast."""

from __future__ import annotations

from typing import Annotated

import typer

from bdg.errors import InputError, NumericalError
from bdg.words import counted


def bench(names: Annotated[list[str] | None, typer.Argument()] = None) -> None:
    """Point to where the benchmarks are."""
    raise InputError(
        "there is no bdg bench: bdg doctor --speed times this installation, and scripts/bench, in a checkout"
        " of the sources, prints every table"
    )


def doctor(
    speed: Annotated[
        bool, typer.Option("--speed", help="Time it too, beside the README's numbers: half a minute.")
    ] = False,
    warm: Annotated[
        bool, typer.Option("--warm", help="Compile all kernels, a minute or two, so that no run has to.")
    ] = False,
) -> None:
    """Look over this installation; check its numbers."""
    from bdg.upkeep import examine

    wrong = []
    for finding in examine():
        typer.echo(f"{finding.topic:34} {finding.text}{finding.advice and f'; {finding.advice}'}")
        wrong += [finding.topic] if finding.is_wrong else []
    if wrong:
        raise NumericalError(f"wrong numbers by {', '.join(wrong)}: results cannot be trusted here")
    typer.echo("all is well")
    if warm:
        _compile()
    if speed:
        _time()


def _compile() -> None:
    """A line for each kind of matrix whose kernels are ready."""
    from bdg.upkeep import warm

    typer.echo("")
    for ready in warm():
        typer.echo(f"{ready.what:34} {ready.seconds:6.1f} s")


def _time() -> None:
    """A line for each thing that is timed, beside the README's time of it."""
    from bdg.resources import default_threads
    from bdg.upkeep import timings

    threads = counted(default_threads(), "thread")
    typer.echo(f"\n{threads:34} {'here':>10} {'README':>10} {'ratio':>6}")
    for timing in timings():
        here, readme = (f"{1e3 * seconds:.1f} ms" for seconds in (timing.seconds, timing.readme))
        typer.echo(f"{timing.what:34} {here:>10} {readme:>10} {timing.seconds / timing.readme:6.1f}")
