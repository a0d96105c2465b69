"""Commands of one metal: a constant density of states, a table or a lattice. Heavy imports wait inside."""

from __future__ import annotations

from typing import Annotated

import typer

from bdg.theory_command.options import (
    Attraction,
    Broadening,
    Coupling,
    Cutoff,
    Dos,
    Filling,
    Hopping,
    Lattice,
    Mu,
    Number,
    Out,
    Overwrite,
    Pairing,
    Plot,
    Points,
    Size,
    Temperature,
)


def gap(
    coupling: Coupling = None,
    cutoff: Cutoff = None,
    lattice: Lattice = None,
    dos: Dos = None,
    hopping: Hopping = "1",
    pairing: Pairing = "s",
    attraction: Attraction = None,
    mu: Mu = None,
    filling: Filling = None,
    size: Size = None,
    points: Points = 41,
    out: Out = None,
    plot: Plot = None,
    overwrite: Overwrite = False,
) -> None:
    """The order parameter against temperature."""
    from bdg.theory_command.equilibrium import gap_table
    from bdg.theory_command.metal import metal
    from bdg.theory_command.output import check, give

    check(out, overwrite)
    given = metal(coupling, cutoff, lattice, dos, hopping, pairing, attraction, mu, filling, size)
    give(gap_table(given, points), out, plot, overwrite=overwrite)


def tc(
    coupling: Coupling = None,
    cutoff: Cutoff = None,
    repulsion: Annotated[
        float | None, typer.Option("--repulsion", **Number, help="N(0)V_c of the Coulomb repulsion.")
    ] = None,
    fermi_energy: Annotated[
        float | None, typer.Option("--fermi-energy", **Number, help="E_F, in the unit of the cut-off.")
    ] = None,
    lattice: Lattice = None,
    dos: Dos = None,
    hopping: Hopping = "1",
    pairing: Pairing = "s",
    attraction: Attraction = None,
    mu: Mu = None,
    filling: Filling = None,
    size: Size = None,
    points: Points = 21,
    out: Out = None,
    plot: Plot = None,
    overwrite: Overwrite = False,
) -> None:
    """The critical temperature against the attraction, and the isotope exponent."""
    from bdg.theory_command.equilibrium import tc_table
    from bdg.theory_command.metal import metal
    from bdg.theory_command.output import check, give

    check(out, overwrite)
    given = metal(coupling, cutoff, lattice, dos, hopping, pairing, attraction, mu, filling, size)
    give(tc_table(given, points, repulsion, fermi_energy), out, plot, overwrite=overwrite)


def density_of_states(
    coupling: Coupling = None,
    cutoff: Cutoff = None,
    lattice: Lattice = None,
    dos: Dos = None,
    hopping: Hopping = "1",
    pairing: Pairing = "s",
    attraction: Attraction = None,
    mu: Mu = None,
    filling: Filling = None,
    size: Size = None,
    temperature: Temperature = 0.0,
    broadening: Broadening = None,
    points: Points = 401,
    out: Out = None,
    plot: Plot = None,
    overwrite: Overwrite = False,
) -> None:
    """The density of states of quasiparticles."""
    from bdg.theory_command.equilibrium import dos_table
    from bdg.theory_command.metal import metal
    from bdg.theory_command.output import check, give

    check(out, overwrite)
    given = metal(coupling, cutoff, lattice, dos, hopping, pairing, attraction, mu, filling, size)
    give(dos_table(given, temperature, broadening, points), out, plot, overwrite=overwrite)


def thermodynamics(
    coupling: Coupling = None,
    cutoff: Cutoff = None,
    lattice: Lattice = None,
    dos: Dos = None,
    hopping: Hopping = "1",
    pairing: Pairing = "s",
    attraction: Attraction = None,
    mu: Mu = None,
    filling: Filling = None,
    size: Size = None,
    points: Points = 40,
    out: Out = None,
    plot: Plot = None,
    overwrite: Overwrite = False,
) -> None:
    """Entropy, specific heat, condensation energy and critical field."""
    from bdg.theory_command.equilibrium import thermodynamics_table
    from bdg.theory_command.metal import metal
    from bdg.theory_command.output import check, give

    check(out, overwrite)
    given = metal(coupling, cutoff, lattice, dos, hopping, pairing, attraction, mu, filling, size)
    give(thermodynamics_table(given, points), out, plot, overwrite=overwrite)


def modes(
    lattice: Lattice = None,
    hopping: Hopping = "1",
    pairing: Pairing = "s",
    attraction: Attraction = None,
    mu: Mu = None,
    filling: Filling = None,
    size: Size = None,
    coulomb: Annotated[
        float, typer.Option("--coulomb", **Number, help="e²/ε₀ of the charged mode, in t.")
    ] = 1.0,
    points: Points = 41,
    out: Out = None,
    plot: Plot = None,
    overwrite: Overwrite = False,
) -> None:
    """Collective modes: the weak-coupling continuum, or a lattice."""
    from bdg.theory_command.collective import continuum_table, lattice_table
    from bdg.theory_command.metal import numbers
    from bdg.theory_command.output import check, give

    check(out, overwrite)
    if lattice is None:
        if attraction is not None or filling is not None or mu is not None or size is not None:
            raise typer.BadParameter("the options of a metal need --lattice, square for example")
        table = continuum_table(points)
    else:
        if filling is None and mu is None:
            mu = 0.0
        shells = numbers("--hopping", hopping)
        strength, side = 4.0 if attraction is None else attraction, 24 if size is None else size
        table = lattice_table(lattice, shells, pairing, strength, mu, filling, side, coulomb, points)
    give(table, out, plot, overwrite=overwrite)
