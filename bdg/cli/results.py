"""Commands on a file that a run left: look into it, check it, repeat it."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from bdg.cli.options import Quiet, ResultFile
from bdg.errors import NumericalError


def info(file: ResultFile) -> None:
    """Say what is in a result."""
    from bdg.store import summary

    typer.echo(summary(file))


def check(file: Annotated[Path, typer.Argument(help="A result or a checkpoint.")]) -> None:
    """Read all of a file and say whether it is whole."""
    from bdg.upkeep import check as examine

    whole, *remarks = examine(file)
    typer.echo("\n".join([f"{file}: {whole}", *(f"  {line}" for line in remarks)]))


def rerun(file: ResultFile, quiet: Quiet = False) -> None:
    """Repeat a run from what its file holds, and compare."""
    from bdg.simulation.progress import Console
    from bdg.upkeep import rerun as repeat

    with Console(quiet=quiet) as console:
        _, rows = repeat(file, console.hooks())
    typer.echo(f"{'quantity':28} {'difference':>10}  {'allowed':>8}  units")
    for row in rows:
        typer.echo(f"{row.quantity:28} {row.largest:10.1e}  {row.allowed:8.1e}  {row.units}")
    apart = [row.quantity for row in rows if not row.agrees]
    if apart:
        raise NumericalError(f"{file}: {', '.join(apart)} did not come out again; compare bdg info: versions")
    typer.echo(f"{file}: comes out again")
