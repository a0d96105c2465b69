"""``bdg theory``: the table of its commands."""

from __future__ import annotations

import typer

from bdg.cli.theory import macroscopic_commands, metal_commands, uniform_commands

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


app.command("interaction")(uniform_commands.interaction)
app.command("cooper")(uniform_commands.cooper)
app.command("state")(uniform_commands.state)
app.command("number")(uniform_commands.number)
app.command("gap")(metal_commands.gap)
app.command("tc")(metal_commands.tc)
app.command("dos")(metal_commands.density_of_states)
app.command("thermodynamics")(metal_commands.thermodynamics)
app.command("two-band")(uniform_commands.two_band)
app.command("crossover")(uniform_commands.crossover)
app.command("tunnelling")(uniform_commands.tunnelling)
app.command("nmr")(uniform_commands.nmr)
app.command("optical")(uniform_commands.optical)
app.command("superfluid")(uniform_commands.superfluid)
app.command("modes")(metal_commands.modes)
app.command("london")(uniform_commands.london)
app.command("wave")(macroscopic_commands.wave)
app.command("fluxoid")(macroscopic_commands.fluxoid)
app.command("gl")(macroscopic_commands.gl)
app.command("materials")(uniform_commands.materials)
