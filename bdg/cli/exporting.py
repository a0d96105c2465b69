"""The command that writes a result in the format of another program."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from bdg.cli.drawing import Energy, energy_of
from bdg.cli.options import ResultFile
from bdg.cli.theory.options import number


def export(
    file: ResultFile,
    output: Annotated[
        Path,
        typer.Option(
            "--output",
            "-o",
            help="A .vtp, .pvd or .xdmf (ParaView), .nc (NetCDF), .csv, .gsf (Gwyddion) or .3ds (Nanonis).",
        ),
    ],
    quantity: Annotated[
        list[str] | None,
        typer.Argument(metavar="QUANTITY", help="What is written; without it, all that the format can hold."),
    ] = None,
    energy: Energy = None,
    factor: Annotated[
        float,
        typer.Option("--factor", metavar="A", parser=number, help="Of a .3ds: amperes of a current of 1."),
    ] = 1e-9,
) -> None:
    """Write a result in the format of another program."""
    from bdg.exported import export as write
    from bdg.store import read

    result = read(file)
    at = None if energy is None else energy_of(result, energy)
    write(result, output, *(quantity or ()), energy=at, factor=factor)
    typer.echo(f"wrote {output}")
