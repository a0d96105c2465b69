"""The commands of the macroscopic theories. Heavy imports wait inside them."""

from typing import TYPE_CHECKING, Annotated

import typer

from bdg.cli.theory.options import Number, Points, whole
from bdg.cli.theory.tabulated import tabulated

if TYPE_CHECKING:
    from bdg.cli.theory.table import Table


@tabulated
def wave(
    magnetic: Annotated[float, typer.Option("--magnetic", **Number, help="B, ħ = e = m_e = 1.")] = 0.8,
    electric: Annotated[float, typer.Option("--electric", **Number, help="E along x.")] = 0.0,
    momentum: Annotated[float, typer.Option("--momentum", **Number, help="ħk along x at the start.")] = 1.5,
    width: Annotated[float, typer.Option("--width", **Number, help="Of the packet.")] = 1.0,
    grid: Annotated[
        int, typer.Option("--grid", metavar="N", parser=whole, help="Points a side of a square of 16.")
    ] = 79,
    points: Points = 21,
) -> "Table":
    """The macroscopic wave function: a packet in uniform fields, beside Ehrenfest."""
    from bdg.cli.theory.macroscopic_tables import wave_table

    return wave_table(magnetic, electric, momentum, width, grid, points)


@tabulated
def gl(
    kappa: Annotated[float, typer.Option("--kappa", **Number, help="λ/ξ.")] = 2.0,
    coherence_length: Annotated[
        float | None, typer.Option("--coherence-length", **Number, help="ξ in nm, for fields in tesla.")
    ] = None,
    points: Points = 121,
) -> "Table":
    """Ginzburg and Landau: a vortex, critical fields, Abrikosov's parameter."""
    from bdg.cli.theory.macroscopic_tables import gl_table

    return gl_table(kappa, coherence_length, points)


@tabulated
def fluxoid(
    radius: Annotated[float, typer.Option("--radius", **Number, help="R, ħ = e = m_e = 1.")] = 1.0,
    points: Points = 201,
) -> "Table":
    """A ring: energies of whole windings and the velocity in the lowest."""
    from bdg.cli.theory.macroscopic_tables import fluxoid_table

    return fluxoid_table(radius, points)
