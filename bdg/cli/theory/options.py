"""The options of ``bdg theory`` that several commands share."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

LARGEST = 1e50
"""Of a number whose powers are finite."""


def number(text: str) -> float:
    """A number of the command line, quoted if it is none."""
    try:
        value = float(text)
    except ValueError:
        raise typer.BadParameter(f"{text} is no number") from None
    if not abs(value) <= LARGEST:  # NaN is not, either
        raise typer.BadParameter(f"{text} is not finite, or too large; give a number up to {LARGEST:.0e}")
    return value


def whole(text: str) -> int:
    """A whole number of the command line, likewise."""
    try:
        return int(text)
    except ValueError:
        raise typer.BadParameter(f"{text} is no whole number") from None


def several(text: str) -> int:
    """How many lines a table has."""
    value = whole(text)
    if not 2 <= value <= 100_000:
        raise typer.BadParameter(f"{text} points are no curve; give 2 to 100000")
    return value


Out = Annotated[Path | None, typer.Option("--out", help="Write the table there, as .csv or .h5.")]
Plot = Annotated[Path | None, typer.Option("--plot", help="Draw it there, as .png, .pdf or .svg.")]
Overwrite = Annotated[bool, typer.Option("--overwrite", help="Replace an existing --out.")]
Points = Annotated[int, typer.Option("--points", metavar="N", parser=several, help="Lines of the table.")]
Number = {"metavar": "X", "parser": number}
Coupling = Annotated[
    float | None, typer.Option("--coupling", **Number, help="N(0)V of a constant density of states [0.3].")
]
Cutoff = Annotated[float | None, typer.Option("--cutoff", **Number, help="Its ħω_D, in any unit [1].")]
Lattice = Annotated[
    str | None, typer.Option("--lattice", help="chain, square, triangular or cubic; energies in t.")
]
Dos = Annotated[
    Path | None, typer.Option("--dos", help="A file of two columns, energy and states per energy and spin.")
]
Hopping = Annotated[
    str | None, typer.Option("--hopping", metavar="T,…", help="By shell, 1,-0.3 for example [1].")
]
Pairing = Annotated[str | None, typer.Option("--pairing", help="s, extended_s or d [s].")]
Attraction = Annotated[
    float | None, typer.Option("--attraction", **Number, help="V of a lattice or a table, per site or bond.")
]
Mu = Annotated[float | None, typer.Option("--mu", **Number, help="Chemical potential [0].")]
Filling = Annotated[float | None, typer.Option("--filling", **Number, help="Electrons per site.")]
Size = Annotated[int | None, typer.Option("--size", metavar="N", parser=whole, help="Momenta a side.")]
Shift = Annotated[
    float | None,
    typer.Option("--shift", **Number, help="Of the momenta 2π(n + shift)/N, as in {bloch: N, shift: X} [0]."),
]
Temperature = Annotated[float, typer.Option("--temperature", **Number, help="T.")]
Broadening = Annotated[float | None, typer.Option("--broadening", **Number, help="Γ or η.")]
