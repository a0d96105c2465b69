"""The command that draws: a result, several in one figure, a study; as pictures and films."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from bdg.cli.theory.options import number, whole
from bdg.errors import InputError

if TYPE_CHECKING:
    from bdg.plot import Looks
    from bdg.result import Result

MOST_IN_A_NAME = 4
"""Files that the name of a figure names."""

FIGURE_DPI, FILM_DPI = 150, 100
"""Pixels an inch of a picture and of a film, unless others are asked for."""


def _with_or_without_unit(text: str) -> str:
    """A number, or what may be one with a unit, as it is written."""
    from bdg.parameters.quantities import QUANTITY

    if not QUANTITY.fullmatch(text):
        number(text)
    return text


Energy = Annotated[
    str | None,
    typer.Option(
        "--energy",
        metavar="E",
        parser=_with_or_without_unit,
        help="A map at this energy: a number in t, or 5 meV where the result has units.",
    ),
]


def plot(
    words: Annotated[
        list[str],
        typer.Argument(
            metavar="FILE... [QUANTITY]",
            help="A result, several in one figure, or a study; and what to draw, by default a page with all.",
        ),
    ],
    energy: Energy = None,
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
        int | None,
        typer.Option(
            "--dpi", metavar="N", parser=whole, help="Pixels an inch, of a PNG [150, of a film 100]."
        ),
    ] = None,
    cmap: Annotated[
        str, typer.Option("--cmap", metavar="NAME", help="Colour map of matplotlib, for amounts.")
    ] = "",
    vmin: Annotated[
        float | None,
        typer.Option(
            "--vmin", metavar="V", parser=number, help="Lower end of the colours, in the quantity's unit."
        ),
    ] = None,
    vmax: Annotated[
        float | None, typer.Option("--vmax", metavar="V", parser=number, help="Upper end of the colours.")
    ] = None,
    scale: Annotated[
        str, typer.Option("--scale", help="Of the colours: linear, log, or percentile (1 to 99 %).")
    ] = "linear",
    size: Annotated[
        str,
        typer.Option(
            "--size", metavar="SIZE", help="For print: single or double column, or a width in inches."
        ),
    ] = "",
    layer: Annotated[
        int | None, typer.Option("--layer", metavar="N", parser=whole, help="One plane of a stack, from 0.")
    ] = None,
    scale_bar: Annotated[
        bool, typer.Option("--scale-bar", help="A bar of a round length in place of the axes of a map.")
    ] = False,
    inset: Annotated[
        str | None,
        typer.Option(
            "--inset", metavar="X,Y:X,Y", help="Draw this part of a map larger in its corner, in a."
        ),
    ] = None,
    animate: Annotated[
        str,
        typer.Option(
            "--animate", metavar="AXIS", help="A film along energy, bias or a swept key: GIF, PNG, WebP."
        ),
    ] = "",
    rate: Annotated[
        float, typer.Option("--rate", metavar="N", parser=number, help="Of a film: figures a second.")
    ] = 8.0,
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
    from bdg.plot import Looks

    files, quantity = _files_and_quantity(words)
    looks = Looks(
        cmap=cmap,
        vmin=vmin,
        vmax=vmax,
        scale=scale,
        size=_size(size),
        layer=layer,
        scale_bar=scale_bar,
        inset=None if inset is None else _corners(inset),
    )
    how = Drawing(looks, output, dpi, animate, rate)
    if any(one.is_dir() for one in files[1:]) or (files[0].is_dir() and len(files) > 1):
        raise InputError("a study is drawn alone; give one folder, or results")
    if files[0].is_dir():
        from bdg.cli.studies import draw

        options = {"x": x, "y": y, "hue": hue, "over": over or (), "bins": bins, "by": derivative}
        draw(files[0], quantity, how, options, statistic=statistic, at=at or (), is_best=best)
        return
    _draw(files, quantity, how, energy, site or [], line)


@dataclass(frozen=True)
class Drawing:
    """How a picture or a film is made, whatever it shows.

    Parameters
    ----------
    looks
        Of the figures.
    output
        Where to; ``None`` for a name of its own beside the file.
    dpi
        Pixels an inch, if given.
    animate
        The axis of a film; empty for a picture.
    rate
        Figures a second.
    """

    looks: Looks
    output: Path | None
    dpi: int | None
    animate: str
    rate: float

    def save(self, figure: Any, name: Path) -> None:
        """Write a picture, by default as ``name`` with the ending of a PNG."""
        from bdg.plot import save_figure

        target = self.output or name.with_name(f"{name.name}.png")
        save_figure(figure, target, dpi=FIGURE_DPI if self.dpi is None else self.dpi)
        typer.echo(f"wrote {target}")

    def film(self, frames: Any, name: Path) -> None:
        """Write a film, by default as ``name`` with what it is along and the ending of a GIF."""
        from bdg.plot.animation import save_film

        target = self.output or name.with_name(f"{name.name}_along_{self.animate}.gif")
        save_film(frames, target, dpi=FILM_DPI if self.dpi is None else self.dpi, rate=self.rate)
        typer.echo(f"wrote {target}: {len(frames)} figures")


def _draw(
    files: list[Path],
    quantity: str | None,
    how: Drawing,
    energy: str | None,
    site: list[str],
    line: str | None,
) -> None:
    """Draw a result, or several."""
    from bdg import plot as drawing
    from bdg.plot.animation import frames_of
    from bdg.store import read

    result = read(files[0])
    sites = [_site(result, "--site", place) for place in site] or None
    ends = None if line is None else _ends(result, line)
    bias = None if energy is None else energy_of(result, energy)
    stem = "_".join(one.stem for one in files[:MOST_IN_A_NAME])
    name = files[0].with_name(_figure_name(stem, quantity, bias, site, line))
    if how.animate:
        if len(files) > 1 or quantity is None or sites or ends or bias is not None:
            raise InputError(
                "a film is of one quantity of one result, or of a study; name the quantity alone"
            )
        how.film(frames_of(result, quantity, how.animate, how.looks), name)
        return
    if len(files) == 1:
        figure = drawing.plot(result, quantity, energy=bias, sites=sites, line=ends, looks=how.looks)
    else:
        what = quantity or ("ldos" if energy or site or line else "")
        figure = drawing.overlay(
            result, *files[1:], quantity=what, energy=bias, sites=sites, line=ends, looks=how.looks
        )
    how.save(figure, name)


def _size(text: str) -> str | float:
    """``single``, ``double``, or a width in inches."""
    return number(text) if text[:1].isdigit() else text


def _corners(text: str) -> tuple[tuple[float, float], tuple[float, float]]:
    """The two corners of ``3,4:8,9``."""
    try:
        (a, b), (c, d) = (map(number, end.split(",")) for end in text.split(":"))
    except ValueError:
        raise InputError(f"--inset {text}: give two corners, 3,4:8,9 for example") from None
    return (a, b), (c, d)


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


def energy_of(result: Result, text: str) -> float:
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
