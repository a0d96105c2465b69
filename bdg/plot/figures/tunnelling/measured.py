"""A measured spectrum or map and a simulated one in one figure."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from bdg.arrays import Floats
from bdg.errors import InputError
from bdg.measured import CurveFit, Measured, SpectrumFit
from bdg.plot.canvas.style import COLOURS, SEQUENTIAL, new_figure, styled

Curve = tuple[str, Floats, Floats]
"""Name, biases and values."""


@styled
def spectra_beside(
    curves: Sequence[Curve], fit: SpectrumFit | None = None, *, normalised: bool = True, unit: str = "mV"
) -> Any:
    """Spectra over one another, measured and simulated, and the fit of the first.

    Parameters
    ----------
    curves
        Name, biases and values of each; biases in one unit.
    fit
        Of the first.
    normalised
        Whether each is divided by its mean over the outer fifth of its biases, where they are a normal
        state's.
    unit
        Of the biases, for the axis.

    Returns
    -------
    matplotlib.figure.Figure
        The figure.
    """
    figure = new_figure(5.6, 4.2)
    axes = figure.subplots()
    factors = [_outer(biases, values) if normalised else 1.0 for _, biases, values in curves]
    for n, ((name, biases, values), factor) in enumerate(zip(curves, factors, strict=True)):
        axes.plot(
            biases, values / factor, "." if n == 0 else "-", color=COLOURS[n % 6], label=name, markersize=4
        )
    if fit is not None:
        label = f"fit: Δ = {fit.values['delta']:.4g} {unit}, Γ = {fit.values['gamma']:.3g} {unit}"
        axes.plot(fit.biases, fit.curve / factors[0], "--", color="#3c3f44", label=label)
    axes.set(xlabel=f"Bias ({unit})", ylabel="dI/dV, over the normal state" if normalised else "dI/dV")
    axes.set_ylim(bottom=min(0.0, axes.get_ylim()[0]), top=1.35 * axes.get_ylim()[1])
    axes.legend(loc="upper left")
    return figure


def _outer(biases: Floats, values: Floats) -> float:
    far = np.abs(biases) >= 0.8 * np.abs(biases).max()
    return float(np.mean(values[far])) or 1.0


@styled
def fitted_curve(fit: CurveFit, *, factor: float = 1.0, unit: str = "t/e") -> Any:
    """A measured spectrum with the fit over it, and below what the fit leaves.

    Parameters
    ----------
    fit
        Of :func:`bdg.fit` or :func:`bdg.measured.fit_curve`.
    factor, unit
        1 t/e in the unit of the axis, and that unit.

    Returns
    -------
    matplotlib.figure.Figure
        The figure.
    """
    figure = new_figure(5.6, 5.0)
    above, below = figure.subplots(2, 1, sharex=True, height_ratios=[3, 1])
    above.plot(factor * fit.biases, fit.measured, ".", color=COLOURS[0], markersize=4, label="measured")
    above.plot(factor * fit.biases, fit.curve, "-", color="#3c3f44", label=_named(fit))
    above.set(ylabel="dI/dV", ylim=(min(0.0, float(fit.measured.min())), None))
    above.set_ylim(top=above.get_ylim()[1] * (1.15 + 0.08 * len(fit.intervals)))
    above.legend(loc="upper left")
    below.axhline(0.0, color="#3c3f44", linewidth=0.8)
    below.plot(factor * fit.biases, fit.residuals, ".", color=COLOURS[0], markersize=3)
    below.set(xlabel=f"Bias ({unit})", ylabel="residual")
    return figure


def _named(fit: CurveFit) -> str:
    """The fitted keys with their intervals, a line each."""
    keys = [name for name in fit.intervals if name not in ("level", "slope")]
    rows = (f"{name} = {fit.values[name]:.4g} ± {fit.intervals[name]:.1g}" for name in keys)
    return "\n".join(["fit", *rows])


@styled
def maps_beside(maps: Sequence[tuple[Measured, str]]) -> Any:
    """Maps side by side in the same colours, from the 1st to the 99th percentile of all, each less its mean.

    Parameters
    ----------
    maps
        What was measured or simulated, and the channel, over y and x.

    Raises
    ------
    InputError
        If one is no map.
    """
    shown = []
    for grid, name in maps:
        channel = grid[name]
        if channel.dims != ("y", "x"):
            raise InputError(f"{name} of {grid.name} is no map over y and x; choose one")
        shown.append((channel.values - np.nanmean(channel.values)) / (np.nanstd(channel.values) or 1.0))
    low, high = np.nanpercentile(np.concatenate([one.ravel() for one in shown]), [1, 99])
    figure = new_figure(4.4 * len(maps) + 0.8, 4.2)
    panels = figure.subplots(1, len(maps), squeeze=False)[0]
    for axes, (grid, name), values in zip(panels, maps, shown, strict=True):
        (x, unit), (y, _) = grid.axes["x"], grid.axes["y"]
        factor, unit = (1e9, "nm") if unit == "m" else (1.0, unit or "pixel")
        drawn = axes.pcolormesh(
            factor * x, factor * y, values, cmap=SEQUENTIAL, vmin=low, vmax=high, rasterized=True
        )
        axes.set(xlabel=f"x ({unit})", ylabel=f"y ({unit})", title=f"{grid.name}: {name}", aspect="equal")
    figure.colorbar(drawn, ax=list(panels), label="less the mean, in standard deviations")
    return figure
