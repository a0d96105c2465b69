"""``bdg theory``: the table of its commands."""

from __future__ import annotations

import typer

from bdg.cli.theory import fluids, metals, universal

app = typer.Typer(
    help="Uniform theory: BCS numbers as a table, a file and a figure.",
    no_args_is_help=False,
    rich_markup_mode=None,
)


@app.callback(invoke_without_command=True)
def options(context: typer.Context) -> None:
    """Uniform theory: BCS numbers as a table, a file and a figure."""
    if context.invoked_subcommand is None:
        typer.echo(context.get_help())


app.command("interaction")(universal.interaction)
app.command("cooper")(universal.cooper)
app.command("state")(universal.state)
app.command("number")(universal.number)
app.command("gap")(metals.gap)
app.command("tc")(metals.tc)
app.command("dos")(metals.density_of_states)
app.command("thermodynamics")(metals.thermodynamics)
app.command("two-band")(universal.two_band)
app.command("crossover")(universal.crossover)
app.command("tunnelling")(universal.tunnelling)
app.command("nmr")(universal.nmr)
app.command("optical")(universal.optical)
app.command("superfluid")(universal.superfluid)
app.command("modes")(metals.modes)
app.command("london")(universal.london)
app.command("wave")(fluids.wave)
app.command("fluxoid")(fluids.fluxoid)
app.command("gl")(fluids.gl)
app.command("materials")(universal.materials)
