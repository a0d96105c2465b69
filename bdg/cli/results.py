"""Commands on a file that a run left: look into it, check it, repeat it, draw it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from bdg.cli.options import Quiet, ResultFile
from bdg.cli.theory.options import number, whole
from bdg.errors import InputError, NumericalError

if TYPE_CHECKING:
    from bdg.result import Result

MOST_IN_A_NAME = 4
"""Files that the name of a figure names."""


def info(file: ResultFile) -> None:
    """Say what is in a result."""
    from bdg.store import summary

    typer.echo(summary(file))


def check(file: Annotated[Path, typer.Argument(help="A result or a checkpoint.")]) -> None:
    """Read all of a file and say whether it is whole."""
    from bdg.upkeep import check as examine

    whole, *remarks = examine(file)
    typer.echo("\n".join([f"{file}: {whole}", *(f"  {line}" for line in remarks)]))


def rerun(file: ResultFile, quiet: Quiet = False) -> None:
    """Repeat a run from what its file holds, and compare."""
    from bdg.simulation.progress import Console
    from bdg.upkeep import rerun as repeat

    with Console(quiet=quiet) as console:
        _, rows = repeat(file, console.hooks())
    typer.echo(f"{'quantity':28} {'difference':>10}  {'allowed':>8}  units")
    for row in rows:
        typer.echo(f"{row.quantity:28} {row.largest:10.1e}  {row.allowed:8.1e}  {row.units}")
    apart = [row.quantity for row in rows if not row.agrees]
    if apart:
        raise NumericalError(f"{file}: {', '.join(apart)} did not come out again; compare bdg info: versions")
    typer.echo(f"{file}: comes out again")


def plot(
    words: Annotated[
        list[str],
        typer.Argument(
            metavar="FILE... [QUANTITY]",
            help="A result, several in one figure, or a study; and what to draw, by default a page with all.",
        ),
    ],
    energy: Annotated[
        str | None,
        typer.Option(
            "--energy",
            metavar="E",
            parser=_with_or_without_unit,
            help="A map at this energy: a number in t, or 5 meV where the result has units.",
        ),
    ] = None,
    site: Annotated[
        list[str] | None,
        typer.Option("--site", metavar="X,Y", help="The spectrum at this site; may be given again."),
    ] = None,
    line: Annotated[
        str | None, typer.Option("--line", metavar="X,Y:X,Y", help="A cut from one site to another.")
    ] = None,
    output: Annotated[
        Path | None, typer.Option("--output", "-o", help="PNG, PDF or SVG; by default beside the file.")
    ] = None,
    dpi: Annotated[
        int, typer.Option("--dpi", metavar="N", parser=whole, help="Pixels an inch, of a PNG.")
    ] = 150,
    x: Annotated[str, typer.Option("--x", metavar="KEY", help="Of a study: along the figure.")] = "",
    y: Annotated[
        str, typer.Option("--y", metavar="KEY", help="Of a study: upwards, which makes a map.")
    ] = "",
    hue: Annotated[
        str, typer.Option("--hue", metavar="KEY", help="Of a study: a line for each of its values.")
    ] = "",
    over: Annotated[
        list[str] | None,
        typer.Option("--over", metavar="KEY", help="Of a study: the mean over it, with its standard error."),
    ] = None,
    statistic: Annotated[
        str, typer.Option("--statistic", help="Of a study: mean, typical or median over the members.")
    ] = "mean",
    at: Annotated[
        list[str] | None,
        typer.Option("--at", metavar="KEY=VALUE", help="Of a study: at this value of a key."),
    ] = None,
    best: Annotated[
        bool, typer.Option("--best", help="Of a study: at each point the branch of lowest energy.")
    ] = False,
    derivative: Annotated[
        str, typer.Option("--derivative", metavar="KEY", help="Of a study: its derivative by this key.")
    ] = "",
    bins: Annotated[
        int,
        typer.Option("--bins", metavar="N", parser=whole, help="Of a study: the distribution, in N bins."),
    ] = 0,
) -> None:
    """Draw a result, several in one figure, or a study."""
    from bdg import plot as drawing
    from bdg.store import read

    files, quantity = _files_and_quantity(words)
    file = files[0]
    if any(one.is_dir() for one in files[1:]) or (file.is_dir() and len(files) > 1):
        raise InputError("a study is drawn alone; give one folder, or results")
    if file.is_dir():
        from bdg.cli.studies import draw

        draw(
            *(file, quantity, output, dpi),
            x=x,
            y=y,
            hue=hue,
            over=over or (),
            statistic=statistic,
            by=derivative,
            bins=bins,
            at=at or (),
            is_best=best,
        )
        return
    result = read(file)
    sites = None if not site else [_site(result, "--site", place) for place in site]
    ends = None if line is None else _ends(result, line)
    bias = None if energy is None else _energy(result, energy)
    if len(files) == 1:
        figure = drawing.plot(result, quantity, energy=bias, sites=sites, line=ends)
    else:
        name = quantity or ("ldos" if energy or site or line else "")
        figure = drawing.overlay(result, *files[1:], quantity=name, energy=bias, sites=sites, line=ends)
    stem = "_".join(one.stem for one in files[:MOST_IN_A_NAME])
    target = output or file.with_name(f"{_figure_name(stem, quantity, bias, site, line)}.png")
    drawing.save_figure(figure, target, dpi=dpi)
    typer.echo(f"wrote {target}")


def _files_and_quantity(words: list[str]) -> tuple[list[Path], str | None]:
    """Files, and the name of a quantity behind them."""
    from bdg.plot.overlay import is_file_name

    last = words[-1]
    quantity = last if len(words) > 1 and not is_file_name(last) else None
    return [Path(word) for word in (words if quantity is None else words[:-1])], quantity


def _figure_name(
    stem: str, quantity: str | None, energy: float | None, sites: list[str] | None, line: str | None
) -> str:
    """A name of its own for every figure of a result: ``q``, ``q_ldos_at_0.5``, ``q_site_12_12``."""
    parts = [stem] if quantity is None else [stem, quantity]
    parts += [] if energy is None else [f"at_{energy:g}"]
    parts += ["site", *sites] if sites else []
    parts += ["line", *line.split(":")] if line else []
    return "_".join("_".join(part.replace(",", " ").split()) for part in parts)


def _with_or_without_unit(text: str) -> str:
    """A number, or what may be one with a unit, as it is written."""
    from bdg.parameters.quantities import QUANTITY

    if not QUANTITY.fullmatch(text):
        number(text)
    return text


def _energy(result: Result, text: str) -> float:
    """The energy ``0.6``, in t, or ``5 meV``."""
    from bdg.parameters.dimensions import ENERGY, UnitError
    from bdg.parameters.quantities import decimal

    try:
        given = ENERGY.number(text, None if result.units is None else decimal(result.units.energy))
    except UnitError as error:
        raise InputError(f"--energy {text}: {error.text}; {error.hint}") from None
    return number(text) if given is None else given


def _ends(result: Result, text: str) -> tuple[int, int]:
    """The two sites of ``0,12:23,12``."""
    ends = text.split(":")
    if len(ends) != 2:
        raise InputError(f"--line {text}: give two sites with a colon between them, 0,12:23,12 for example")
    return _site(result, "--line", ends[0]), _site(result, "--line", ends[1])


def _site(result: Result, option: str, text: str) -> int:
    """Index of the site ``12,12``."""
    try:
        place = [int(part) for part in text.split(",")]
    except ValueError:
        raise InputError(f"{option} {text}: give the cell of a site, 12,12 for example") from None
    return result.sample.site_at(place)
