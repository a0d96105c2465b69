"""The commands of the macroscopic theories. Heavy imports wait inside them."""

from __future__ import annotations

from typing import Annotated

import typer

from bdg.theory_command.options import Number, Out, Overwrite, Plot, Points, whole


def wave(
    magnetic: Annotated[float, typer.Option("--magnetic", **Number, help="B, ħ = e = m_e = 1.")] = 0.8,
    electric: Annotated[float, typer.Option("--electric", **Number, help="E along x.")] = 0.0,
    momentum: Annotated[float, typer.Option("--momentum", **Number, help="ħk along x at the start.")] = 1.5,
    width: Annotated[float, typer.Option("--width", **Number, help="Of the packet.")] = 1.0,
    grid: Annotated[
        int, typer.Option("--grid", metavar="N", parser=whole, help="Points a side of a square of 16.")
    ] = 79,
    points: Points = 21,
    out: Out = None,
    plot: Plot = None,
    overwrite: Overwrite = False,
) -> None:
    """The macroscopic wave function: a packet in uniform fields, beside Ehrenfest."""
    from bdg.theory_command.fluid import wave_table
    from bdg.theory_command.output import check, give

    check(out, overwrite)
    give(wave_table(magnetic, electric, momentum, width, grid, points), out, plot, overwrite=overwrite)


def gl(
    kappa: Annotated[float, typer.Option("--kappa", **Number, help="λ/ξ.")] = 2.0,
    coherence_length: Annotated[
        float | None, typer.Option("--coherence-length", **Number, help="ξ in nm, for fields in tesla.")
    ] = None,
    points: Points = 121,
    out: Out = None,
    plot: Plot = None,
    overwrite: Overwrite = False,
) -> None:
    """Ginzburg and Landau: a vortex, critical fields, Abrikosov's parameter."""
    from bdg.theory_command.fluid import gl_table
    from bdg.theory_command.output import check, give

    check(out, overwrite)
    give(gl_table(kappa, coherence_length, points), out, plot, overwrite=overwrite)


def fluxoid(
    radius: Annotated[float, typer.Option("--radius", **Number, help="R, ħ = e = m_e = 1.")] = 1.0,
    points: Points = 201,
    out: Out = None,
    plot: Plot = None,
    overwrite: Overwrite = False,
) -> None:
    """A ring: energies of whole windings and the velocity in the lowest."""
    from bdg.theory_command.fluid import fluxoid_table
    from bdg.theory_command.output import check, give

    check(out, overwrite)
    give(fluxoid_table(radius, points), out, plot, overwrite=overwrite)
