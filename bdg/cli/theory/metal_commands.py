"""Commands of one metal: a constant density of states, a table or a lattice. Heavy imports wait inside."""

from typing import TYPE_CHECKING, Annotated

import typer

from bdg.cli.theory.options import (
    Attraction,
    Broadening,
    Filling,
    Hopping,
    Lattice,
    Mu,
    Number,
    Pairing,
    Points,
    Shift,
    Size,
    Temperature,
)
from bdg.cli.theory.tabulated import of_metal, tabulated

if TYPE_CHECKING:
    from bdg.cli.theory.metal_input import Metal
    from bdg.cli.theory.table import Table


@tabulated
@of_metal
def gap(metal: "Metal", points: Points = 41) -> "Table":
    """The order parameter against temperature."""
    from bdg.cli.theory.equilibrium_tables import gap_table

    return gap_table(metal, points)


@tabulated
@of_metal
def tc(
    metal: "Metal",
    repulsion: Annotated[
        float | None, typer.Option("--repulsion", **Number, help="N(0)V_c of the Coulomb repulsion.")
    ] = None,
    fermi_energy: Annotated[
        float | None, typer.Option("--fermi-energy", **Number, help="E_F, in the unit of the cut-off.")
    ] = None,
    points: Points = 21,
) -> "Table":
    """The critical temperature against the attraction, and the isotope exponent."""
    from bdg.cli.theory.equilibrium_tables import tc_table

    return tc_table(metal, points, repulsion, fermi_energy)


@tabulated
@of_metal
def density_of_states(
    metal: "Metal",
    temperature: Temperature = 0.0,
    broadening: Broadening = None,
    points: Points = 401,
) -> "Table":
    """The density of states of quasiparticles."""
    from bdg.cli.theory.equilibrium_tables import dos_table

    return dos_table(metal, temperature, broadening, points)


@tabulated
@of_metal
def thermodynamics(metal: "Metal", points: Points = 40) -> "Table":
    """Entropy, specific heat, condensation energy and critical field."""
    from bdg.cli.theory.equilibrium_tables import thermodynamics_table

    return thermodynamics_table(metal, points)


@tabulated
def modes(
    lattice: Lattice = None,
    hopping: Hopping = None,
    pairing: Pairing = None,
    attraction: Attraction = None,
    mu: Mu = None,
    filling: Filling = None,
    size: Size = None,
    shift: Shift = None,
    coulomb: Annotated[
        float | None, typer.Option("--coulomb", **Number, help="e²/ε₀ of the charged mode, in t [1].")
    ] = None,
    points: Points = 41,
) -> "Table":
    """Collective modes: the weak-coupling continuum, or a lattice."""
    from bdg.cli.theory.collective_tables import continuum_table, lattice_table
    from bdg.cli.theory.metal_input import numbers

    if lattice is None:
        if any(
            given is not None for given in (hopping, pairing, attraction, mu, filling, size, shift, coulomb)
        ):
            raise typer.BadParameter("the options of a metal need --lattice, square for example")
        return continuum_table(points)
    if filling is None and mu is None:
        mu = 0.0
    shells = numbers("--hopping", hopping or "1")
    strength, side = 4.0 if attraction is None else attraction, 24 if size is None else size
    charge = 1.0 if coulomb is None else coulomb
    return lattice_table(
        lattice, shells, pairing or "s", strength, mu, filling, side, shift or 0.0, charge, points
    )
