"""The commands of ``bdg``, in the order of its help."""

from __future__ import annotations

from typing import Annotated

import typer

from bdg.cli.configurations import crosscheck, init, schema, validate
from bdg.cli.drawing import plot
from bdg.cli.exporting import export
from bdg.cli.fitting import fit
from bdg.cli.machine import bench, doctor
from bdg.cli.records import cite, diff, list_results
from bdg.cli.results import check, info, rerun
from bdg.cli.runs import measure, resume, run
from bdg.cli.studies import collect, status, sweep
from bdg.cli.submission import submit
from bdg.cli.theory import app as theory
from bdg.cli.view import view

app = typer.Typer(
    help="Self-consistent Bogoliubov-de Gennes simulations on a lattice: YAML in, HDF5 out.",
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)


def _version(wanted: bool) -> None:
    if wanted:
        from bdg._version import __version__

        typer.echo(f"bdg {__version__}")
        raise typer.Exit


@app.callback(invoke_without_command=True)
def options(
    context: typer.Context,
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version.")
    ] = False,
) -> None:
    """Self-consistent Bogoliubov-de Gennes simulations on a lattice: YAML in, HDF5 out."""
    if context.invoked_subcommand is None:
        typer.echo(context.get_help())


_COMMANDS = (
    *(
        init,
        run,
        resume,
        measure,
        sweep,
        submit,
        status,
        collect,
        validate,
        crosscheck,
        schema,
        info,
        check,
        rerun,
    ),
    *(diff, cite, doctor, plot, view, export, fit),
)

for command in _COMMANDS:
    app.command()(command)
app.command("list")(list_results)
app.command(hidden=True, context_settings={"ignore_unknown_options": True})(bench)
app.add_typer(theory, name="theory")
