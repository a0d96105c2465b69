"""Commands about this machine: how fast it is, and whether it computes right."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from bdg.errors import NumericalError


def bench(
    names: Annotated[list[str] | None, typer.Argument(help="Which; without names, all.")] = None,
    json: Annotated[Path | None, typer.Option("--json", help="Write the tables there.")] = None,
    large: Annotated[bool, typer.Option("--large", help="Run what is extrapolated otherwise.")] = False,
) -> None:
    """Measure how fast and how exact this machine does it."""
    from bdg.bench import bench as measure

    measure(names or [], json, large)


def doctor() -> None:
    """Look over this installation; check its numbers."""
    from bdg.upkeep import examine

    wrong = []
    for finding in examine():
        typer.echo(f"{finding.topic:34} {finding.text}{finding.advice and f'; {finding.advice}'}")
        wrong += [finding.topic] if finding.is_wrong else []
    if wrong:
        raise NumericalError(f"wrong numbers by {', '.join(wrong)}: results cannot be trusted here")
    typer.echo("all is well")
