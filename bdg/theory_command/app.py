"""The commands of ``bdg theory``. Heavy imports wait inside them."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

app = typer.Typer(
    help="Uniform theory: BCS numbers as a table, a file and a figure.",
    no_args_is_help=False,
    rich_markup_mode=None,
)


def _number(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        raise typer.BadParameter(f"{text} is no number") from None


def _whole(text: str) -> int:
    try:
        return int(text)
    except ValueError:
        raise typer.BadParameter(f"{text} is no whole number") from None


def _points(text: str) -> int:
    value = _whole(text)
    if not 2 <= value <= 100_000:
        raise typer.BadParameter(f"{text} points are no curve, give 2 to 100000")
    return value


Out = Annotated[Path | None, typer.Option("--out", help="Write the table there, as .csv or .h5.")]
Plot = Annotated[Path | None, typer.Option("--plot", help="Draw it there, as .png, .pdf or .svg.")]
Overwrite = Annotated[bool, typer.Option("--overwrite", help="Replace an existing --out.")]
Points = Annotated[int, typer.Option("--points", metavar="N", parser=_points, help="Lines of the table.")]
Number = {"metavar": "X", "parser": _number}
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
Hopping = Annotated[str, typer.Option("--hopping", metavar="T,…", help="By shell, 1,-0.3 for example.")]
Pairing = Annotated[str, typer.Option("--pairing", help="s, extended_s or d.")]
Attraction = Annotated[
    float | None, typer.Option("--attraction", **Number, help="V of a lattice or a table, per site or bond.")
]
Mu = Annotated[float | None, typer.Option("--mu", **Number, help="Chemical potential [0].")]
Filling = Annotated[float | None, typer.Option("--filling", **Number, help="Electrons per site.")]
Size = Annotated[int | None, typer.Option("--size", metavar="N", parser=_whole, help="Momenta a side.")]
Temperature = Annotated[float, typer.Option("--temperature", **Number, help="T.")]
Broadening = Annotated[float | None, typer.Option("--broadening", **Number, help="Γ or η.")]


@app.callback(invoke_without_command=True)
def options(context: typer.Context) -> None:
    """Uniform theory: BCS numbers as a table, a file and a figure."""
    if context.invoked_subcommand is None:
        typer.echo(context.get_help())


@app.command()
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


@app.command()
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


@app.command("dos")
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


@app.command()
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


@app.command()
def cooper(
    coupling: Annotated[float, typer.Option("--coupling", **Number, help="N(0)V.")] = 0.3,
    cutoff: Annotated[float, typer.Option("--cutoff", **Number, help="ħω_D, in any unit.")] = 1.0,
    levels: Annotated[
        int, typer.Option("--levels", metavar="N", parser=_points, help="Of the discrete sum.")
    ] = 2000,
    points: Points = 31,
    out: Out = None,
    plot: Plot = None,
    overwrite: Overwrite = False,
) -> None:
    """One pair on a filled sea: binding energy and size."""
    from bdg.theory_command.output import check, give
    from bdg.theory_command.pairs import cooper_table

    check(out, overwrite)
    give(cooper_table(coupling, cutoff, levels, points), out, plot, overwrite=overwrite)


@app.command()
def tunnelling(
    temperature: Annotated[float, typer.Option("--temperature", **Number, help="T/T_c.")] = 0.2,
    broadening: Annotated[float, typer.Option("--broadening", **Number, help="Dynes's Γ/Δ(0).")] = 0.01,
    second_gap: Annotated[
        float | None, typer.Option("--second-gap", **Number, help="Δ of the other side over the first's [1].")
    ] = None,
    points: Points = 301,
    out: Out = None,
    plot: Plot = None,
    overwrite: Overwrite = False,
) -> None:
    """Current and conductance of NIS and SIS contacts."""
    from bdg.theory_command.answers import tunnelling_table
    from bdg.theory_command.output import check, give

    check(out, overwrite)
    give(tunnelling_table(temperature, broadening, second_gap, points), out, plot, overwrite=overwrite)


@app.command()
def nmr(
    broadening: Annotated[
        float, typer.Option("--broadening", **Number, help="Γ/Δ(0), spread of gaps, ħω/Δ(0).")
    ] = 0.01,
    points: Points = 109,
    out: Out = None,
    plot: Plot = None,
    overwrite: Overwrite = False,
) -> None:
    """Nuclear relaxation with the Hebel-Slichter peak, Knight shift, ultrasound."""
    from bdg.theory_command.answers import nmr_table
    from bdg.theory_command.output import check, give

    check(out, overwrite)
    give(nmr_table(broadening, points), out, plot, overwrite=overwrite)


@app.command()
def optical(
    temperature: Annotated[float, typer.Option("--temperature", **Number, help="T/T_c.")] = 0.5,
    points: Points = 300,
    out: Out = None,
    plot: Plot = None,
    overwrite: Overwrite = False,
) -> None:
    """Mattis-Bardeen conductivity."""
    from bdg.theory_command.answers import optical_table
    from bdg.theory_command.output import check, give

    check(out, overwrite)
    give(optical_table(temperature, points), out, plot, overwrite=overwrite)


@app.command()
def superfluid(
    points: Points = 98,
    out: Out = None,
    plot: Plot = None,
    overwrite: Overwrite = False,
) -> None:
    """Superfluid fraction and penetration depth."""
    from bdg.theory_command.answers import superfluid_table
    from bdg.theory_command.output import check, give

    check(out, overwrite)
    give(superfluid_table(points), out, plot, overwrite=overwrite)


@app.command()
def materials(
    symbols: Annotated[
        list[str] | None, typer.Argument(help="Elements, Al for example; all without.")
    ] = None,
    out: Out = None,
    plot: Plot = None,
    overwrite: Overwrite = False,
) -> None:
    """A table of elements, and how many pairs overlap one."""
    from bdg.theory_command.elements import materials_table
    from bdg.theory_command.output import check, give

    check(out, overwrite)
    give(materials_table(symbols or []), out, plot, overwrite=overwrite)


@app.command()
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


@app.command()
def interaction(
    points: Points = 301, out: Out = None, plot: Plot = None, overwrite: Overwrite = False
) -> None:
    """The attraction by phonons: a kicked ion, Bardeen and Pines, the square well."""
    from bdg.theory_command.output import check, give
    from bdg.theory_command.pairs import interaction_table

    check(out, overwrite)
    give(interaction_table(points), out, plot, overwrite=overwrite)


@app.command()
def state(points: Points = 121, out: Out = None, plot: Plot = None, overwrite: Overwrite = False) -> None:
    """The BCS state: occupation, pair amplitude, quasiparticles."""
    from bdg.theory_command.output import check, give
    from bdg.theory_command.pairs import state_table

    check(out, overwrite)
    give(state_table(points), out, plot, overwrite=overwrite)


@app.command()
def number(
    levels: Annotated[
        int, typer.Option("--levels", metavar="N", parser=_whole, help="Levels of a ladder, half full.")
    ] = 10,
    attraction: Annotated[
        float, typer.Option("--attraction", **Number, help="G over the spacing of the levels.")
    ] = 0.7,
    out: Out = None,
    plot: Plot = None,
    overwrite: Overwrite = False,
) -> None:
    """How many pairs the BCS state has, and its energy at fixed number."""
    from bdg.theory_command.output import check, give
    from bdg.theory_command.pairs import number_table

    check(out, overwrite)
    give(number_table(levels, attraction), out, plot, overwrite=overwrite)


@app.command()
def crossover(points: Points = 61, out: Out = None, plot: Plot = None, overwrite: Overwrite = False) -> None:
    """From BCS to molecules at fixed density."""
    from bdg.theory_command.output import check, give
    from bdg.theory_command.pairs import crossover_table

    check(out, overwrite)
    give(crossover_table(points), out, plot, overwrite=overwrite)


@app.command()
def london(
    radius: Annotated[
        float, typer.Option("--radius", **Number, help="Half width of the bodies, in λ.")
    ] = 5.0,
    points: Points = 141,
    out: Out = None,
    plot: Plot = None,
    overwrite: Overwrite = False,
) -> None:
    """The field in a slab, a cylinder and a sphere after London."""
    from bdg.theory_command.output import check, give
    from bdg.theory_command.screening import london_table

    check(out, overwrite)
    give(london_table(radius, points), out, plot, overwrite=overwrite)


@app.command("two-band")
def two_band(
    couplings: Annotated[
        str, typer.Option("--couplings", metavar="V11,V12,V22", help="Attractions.")
    ] = "0.3,0.03,0.2",
    densities: Annotated[str, typer.Option("--densities", metavar="N1,N2", help="N(0) of each.")] = "1,1",
    cutoff: Annotated[float, typer.Option("--cutoff", **Number, help="ħω_D, in any unit.")] = 1.0,
    points: Points = 41,
    out: Out = None,
    plot: Plot = None,
    overwrite: Overwrite = False,
) -> None:
    """The gaps of two coupled bands."""
    from bdg.theory_command.equilibrium import two_band_table
    from bdg.theory_command.metal import numbers
    from bdg.theory_command.output import check, give

    check(out, overwrite)
    strengths, states = numbers("--couplings", couplings), numbers("--densities", densities)
    give(two_band_table(strengths, states, cutoff, points), out, plot, overwrite=overwrite)
