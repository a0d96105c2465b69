"""The command that fits keys of a configuration to a measured spectrum."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from bdg.cli.options import ConfigFile, Overrides, Quiet
from bdg.cli.tables import show
from bdg.cli.theory.options import number
from bdg.errors import InputError

if TYPE_CHECKING:
    from bdg.config import ConfigSource
    from bdg.measured import Measured


def fit(
    config: ConfigFile,
    measured: Annotated[
        Path, typer.Argument(help="What was measured: .csv, .txt, .dat, .3ds (biases in V, mV, or t/e).")
    ],
    vary: Annotated[
        list[str],
        typer.Option(
            "--vary",
            metavar="KEY[=FIRST[:LOW:HIGH]]",
            help="A key that is fitted, and where it starts: interaction.onsite=2.5:2:3.",
        ),
    ],
    channel: Annotated[str, typer.Option("--channel", metavar="NAME", help="The channel of the file.")] = "",
    point: Annotated[
        str, typer.Option("--point", metavar="X,Y", help="The point of a grid, by index; else the mean.")
    ] = "",
    quantity: Annotated[
        str, typer.Option("--quantity", help="What the channel is: a spectrum of stm.")
    ] = "stm_conductance",
    is_tilted: Annotated[
        bool, typer.Option("--tilted", help="Fit a slope of the normal state, too.")
    ] = False,
    overrides: Overrides = None,
    output: Annotated[
        Path | None, typer.Option("--output", "-o", help="The table, a .csv; the figure lies beside it.")
    ] = None,
    quiet: Quiet = False,
) -> None:
    """Fit keys of a configuration to a measured spectrum."""
    from bdg import fitting
    from bdg.config import load_config
    from bdg.measured import read
    from bdg.plot import fitted_curve, save_figure

    target = output or Path("results") / f"{config.stem}_fit.csv"
    if target.suffix != ".csv":
        raise InputError(f"--output {target}: a fit is written as a .csv")
    source = load_config(config, overrides or ())[1]
    grid = read(measured)
    biases, spectrum = grid.spectrum(_channel(grid, channel), **_point(point))
    factor, unit = _unit(grid, source)
    found = fitting.fit(
        source, biases / factor, spectrum, dict(map(_varied, vary)), quantity=quantity,
        slope=None if is_tilted else 0.0, watch=lambda *one: None if quiet else _say(*one),
    )  # fmt: skip
    rows = [(key, f"{one:.6g}", _width(found.intervals, key)) for key, one in found.values.items()]
    show(("parameter", "value", "95 % interval"), rows)
    for line in found.warnings:
        typer.echo(f"warning: {line}", err=True)
    target.parent.mkdir(parents=True, exist_ok=True)
    fitting.write_fit(target, found)
    shown = (1e3 * factor, "mV") if unit == "V" else (factor, unit)
    save_figure(fitted_curve(found, factor=shown[0], unit=shown[1]), target.with_suffix(".png"))
    typer.echo(f"residual {found.residual:.3g}; wrote {target} and {target.with_suffix('.png')}")


def _varied(text: str) -> tuple[str, list[float] | None]:
    """``interaction.onsite=2.5:2:3`` taken apart."""
    key, equals, numbers = text.partition("=")
    return key.strip(), [number(one) for one in numbers.split(":")] if equals else None


def _channel(grid: Measured, name: str) -> str:
    spectra = [one for one, channel in grid.channels.items() if "bias" in channel.dims]
    if not name and len(spectra) != 1:
        raise InputError(
            f"{grid.name} has {len(spectra)} spectra; give --channel, one of {', '.join(spectra)}"
        )
    return name or spectra[0]


def _point(text: str) -> dict[str, int]:
    if not text:
        return {}
    try:
        x, y = map(int, text.split(","))
    except ValueError:
        raise InputError(f"--point {text}: give two indices, 3,1 for example") from None
    return {"x": x, "y": y}


def _unit(grid: Measured, source: ConfigSource) -> tuple[float, str]:
    """How much 1 t/e is in the unit of the measured biases, and that unit."""
    from bdg.parameters.dimensions import ENERGY, UnitError
    from bdg.parameters.quantities import decimal
    from bdg.result import Units

    unit = grid.axes["bias"][1]
    if unit in ("", "t/e"):
        return 1.0, "t/e"
    laboratory = Units.of(source.parse().units)
    try:
        one = ENERGY.number(f"1 {unit}", None if laboratory is None else decimal(laboratory.energy))
    except UnitError as error:
        raise InputError(f"{grid.name}: its biases are in {unit}: {error.text}; {error.hint}") from None
    assert one is not None
    return 1 / one, unit


def _say(values: Mapping[str, float], residual: float) -> None:
    typer.echo(f"residual {residual:.4g}: {', '.join(f'{key} = {one:.6g}' for key, one in values.items())}")


def _width(intervals: Mapping[str, float], key: str) -> str:
    return f"± {intervals[key]:.2g}" if key in intervals else "fixed"
