"""Commands that need no metal, or bring their own. Heavy imports wait inside."""

from typing import TYPE_CHECKING, Annotated

import typer

from bdg.cli.theory.options import Number, Points, several, whole
from bdg.cli.theory.tabulated import tabulated

if TYPE_CHECKING:
    from bdg.cli.theory.table import Table


@tabulated
def cooper(
    coupling: Annotated[float, typer.Option("--coupling", **Number, help="N(0)V.")] = 0.3,
    cutoff: Annotated[float, typer.Option("--cutoff", **Number, help="ħω_D, in any unit.")] = 1.0,
    levels: Annotated[
        int, typer.Option("--levels", metavar="N", parser=several, help="Of the discrete sum.")
    ] = 2000,
    points: Points = 31,
) -> "Table":
    """One pair on a filled sea: binding energy and size."""
    from bdg.cli.theory.pair_tables import cooper_table

    return cooper_table(coupling, cutoff, levels, points)


@tabulated
def tunnelling(
    temperature: Annotated[float, typer.Option("--temperature", **Number, help="T/T_c.")] = 0.2,
    broadening: Annotated[float, typer.Option("--broadening", **Number, help="Dynes's Γ/Δ(0).")] = 0.01,
    second_gap: Annotated[
        float | None, typer.Option("--second-gap", **Number, help="Δ of the other side over the first's [1].")
    ] = None,
    points: Points = 301,
) -> "Table":
    """Current and conductance of NIS and SIS contacts."""
    from bdg.cli.theory.response_tables import tunnelling_table

    return tunnelling_table(temperature, broadening, second_gap, points)


@tabulated
def nmr(
    broadening: Annotated[
        float, typer.Option("--broadening", **Number, help="Γ/Δ(0), spread of gaps, ħω/Δ(0).")
    ] = 0.01,
    points: Points = 109,
) -> "Table":
    """Nuclear relaxation with the Hebel-Slichter peak, Knight shift, ultrasound."""
    from bdg.cli.theory.response_tables import nmr_table

    return nmr_table(broadening, points)


@tabulated
def optical(
    temperature: Annotated[float, typer.Option("--temperature", **Number, help="T/T_c.")] = 0.5,
    points: Points = 300,
) -> "Table":
    """Mattis-Bardeen conductivity."""
    from bdg.cli.theory.response_tables import optical_table

    return optical_table(temperature, points)


@tabulated
def superfluid(points: Points = 98) -> "Table":
    """Superfluid fraction and penetration depth."""
    from bdg.cli.theory.response_tables import superfluid_table

    return superfluid_table(points)


@tabulated
def materials(
    symbols: Annotated[
        list[str] | None, typer.Argument(help="Elements, Al for example; all without.")
    ] = None,
) -> "Table":
    """A table of elements, and how many pairs overlap one."""
    from bdg.cli.theory.material_tables import materials_table

    return materials_table(symbols or [])


@tabulated
def interaction(points: Points = 301) -> "Table":
    """The attraction by phonons: a kicked ion, Bardeen and Pines, the square well."""
    from bdg.cli.theory.pair_tables import interaction_table

    return interaction_table(points)


@tabulated
def state(points: Points = 121) -> "Table":
    """The BCS state: occupation, pair amplitude, quasiparticles."""
    from bdg.cli.theory.pair_tables import state_table

    return state_table(points)


@tabulated
def number(
    levels: Annotated[
        int, typer.Option("--levels", metavar="N", parser=whole, help="Levels of a ladder, half full.")
    ] = 10,
    attraction: Annotated[
        float, typer.Option("--attraction", **Number, help="G over the spacing of the levels.")
    ] = 0.7,
) -> "Table":
    """How many pairs the BCS state has, and its energy at fixed number."""
    from bdg.cli.theory.pair_tables import number_table

    return number_table(levels, attraction)


@tabulated
def crossover(points: Points = 61) -> "Table":
    """From BCS to molecules at fixed density."""
    from bdg.cli.theory.pair_tables import crossover_table

    return crossover_table(points)


@tabulated
def london(
    radius: Annotated[
        float, typer.Option("--radius", **Number, help="Half width of the bodies, in λ.")
    ] = 5.0,
    body: Annotated[
        str | None,
        typer.Option(
            "--body", help="One of slab, cylinder, sphere, strip, vortex: its current, finite differences."
        ),
    ] = None,
    temperature: Annotated[
        float, typer.Option("--temperature", **Number, help="T/T_c; λ is at T = 0.")
    ] = 0.0,
    points: Points = 141,
) -> "Table":
    """The field in a slab, a cylinder and a sphere after London."""
    from bdg.cli.theory.macroscopic_tables import body_table, depth_at, london_table

    reduced = radius / depth_at(temperature)
    table = london_table(reduced, points) if body is None else body_table(body, reduced, points)
    return table


@tabulated
def two_band(
    couplings: Annotated[
        str, typer.Option("--couplings", metavar="V11,V12,V22", help="Attractions.")
    ] = "0.3,0.03,0.2",
    densities: Annotated[str, typer.Option("--densities", metavar="N1,N2", help="N(0) of each.")] = "1,1",
    cutoff: Annotated[float, typer.Option("--cutoff", **Number, help="ħω_D, in any unit.")] = 1.0,
    points: Points = 41,
) -> "Table":
    """The gaps of two coupled bands."""
    from bdg.cli.theory.equilibrium_tables import two_band_table
    from bdg.cli.theory.metal_input import numbers

    strengths, states = numbers("--couplings", couplings), numbers("--densities", densities)
    return two_band_table(strengths, states, cutoff, points)
