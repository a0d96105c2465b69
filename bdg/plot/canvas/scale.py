"""Colour scales: what the colours of a map mean."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from matplotlib.colors import LogNorm, Normalize, SymLogNorm
from numpy.typing import NDArray

from bdg.errors import InputError
from bdg.plot.canvas.labels import is_uniform, number, spelled, with_units
from bdg.plot.canvas.looks import SHARE, looks
from bdg.plot.canvas.style import CYCLIC, DIVERGING, LIGHT, SEQUENTIAL
from bdg.plot.canvas.together import with_the_others
from bdg.result import Units

FLOW = "e t/hbar"
"""Numbers in this unit are signed by nature: zero is the middle of their scale."""

SHALLOW = 0.5
"""Share of the largest value below which no value of a shallow map lies."""

LINEAR_WITHIN = 1e-3
"""Share of the largest value within which a logarithmic scale of numbers of both signs is linear."""

ROUNDING = 1e-10
"""Negative numbers this small, next to the largest, are rounding and not a sign."""


@dataclass(frozen=True)
class Scale:
    """Colours and what they stand for.

    Parameters
    ----------
    colours
        Name of a colour map: perceptually uniform for amounts, without its dark end where all are far from
        zero, diverging about zero for signed numbers, cyclic for phases.
    low, high
        Values at its ends: the data's own limits, or ± their largest modulus.
    text, units
        The label of the colour bar.
    uniform
        The one value there is, if all are equal.
    is_log
        Whether colours follow the logarithm.
    beyond
        At which ends values lie beyond the scale: ``neither``, ``min``, ``max`` or ``both``.
    """

    colours: str
    low: float
    high: float
    text: str
    units: str
    uniform: float | None = None
    is_log: bool = False
    beyond: str = "neither"

    @property
    def look(self) -> dict[str, Any]:
        """What matplotlib needs to colour numbers: ``cmap`` and ``norm``."""
        return {"cmap": self.colours, "norm": self._norm()}

    def _norm(self) -> Normalize:
        if not self.is_log:
            return Normalize(self.low, self.high)
        if self.low > 0:
            return LogNorm(self.low, self.high)
        largest = max(-self.low, self.high)
        return SymLogNorm(LINEAR_WITHIN * largest, vmin=self.low, vmax=self.high)


def amount_scale(
    values: NDArray[Any],
    text: str,
    units: str,
    *,
    signed: bool = False,
    up_to: float = 100.0,
    from_zero: bool = False,
) -> Scale:
    """The scale of a map of real numbers, as far as :class:`bdg.plot.canvas.looks.Looks` does not say.

    Parameters
    ----------
    values
        All that the scale must hold; NaN is left out.
    text, units
        For the label.
    signed
        Whether zero is the middle even if all values lie on one side.
    up_to
        Percentile of the sizes at which colours end.
    from_zero
        Whether a scale of positive numbers begins at zero.

    Raises
    ------
    InputError
        If the looks ask for a logarithm of what has none.
    """
    every = with_the_others(values, text, units)
    finite = every[np.isfinite(every)]
    least, most = (float(finite.min()), float(finite.max())) if finite.size else (0.0, 0.0)
    if is_uniform(finite):
        middle = 0.5 * (least + most)
        half = 0.1 * abs(middle) or 1.0
        return Scale(SEQUENTIAL, middle - half, middle + half, text, units, middle)
    low, high = least, most
    if up_to < 100:
        limit = float(np.percentile(np.abs(finite), up_to)) or max(-low, high)
        low, high = max(low, -limit), min(high, limit)
    if signed or (least < -ROUNDING * most and most > -ROUNDING * least):
        limit = max(-low, high)
        found = Scale(DIVERGING, -limit, limit, text, units)
    elif low > SHALLOW * high > 0 and not from_zero:
        found = Scale(LIGHT, low, high, text, units)
    else:
        found = Scale(SEQUENTIAL, 0.0 if from_zero else low, high, text, units)
    found = _as_asked(found, finite)
    ends = (least < found.low, most > found.high)
    beyond = {(True, False): "min", (False, True): "max", (True, True): "both"}.get(ends, "neither")
    return replace(found, beyond=beyond)


def _as_asked(found: Scale, values: NDArray[Any]) -> Scale:
    """The scale with the colours and the ends that the looks ask for."""
    asked = looks()
    signed, low, high = found.colours == DIVERGING, found.low, found.high
    if asked.scale == "percentile":
        low, high = (float(end) for end in np.percentile(values, (SHARE, 100.0 - SHARE)))
        if signed:
            low, high = -max(-low, high), max(-low, high)
    if asked.scale == "log" and not signed:
        positive = values[values > 0]
        if not positive.size:
            raise InputError(f"{found.text}: there is no positive value for a logarithmic scale")
        low = max(low, float(positive.min()))
    low = low if asked.vmin is None else asked.vmin
    high = high if asked.vmax is None else asked.vmax
    if not low < high:
        raise InputError(
            f"{found.text}: a scale from {low:.4g} to {high:.4g} is empty; its values go from"
            f" {values.min():.4g} to {values.max():.4g}"
        )
    if asked.scale == "log" and not signed and low <= 0:
        raise InputError(f"{found.text}: a logarithmic scale cannot begin at {low:g}; let vmin be above 0")
    colours = SEQUENTIAL if found.colours == LIGHT and low < SHALLOW * high else found.colours
    return replace(found, colours=asked.cmap or colours, low=low, high=high, is_log=asked.scale == "log")


def phase_scale() -> Scale:
    """The scale of a map of phases, −π to π."""
    return Scale(CYCLIC, -np.pi, np.pi, "phase", "rad")


def add_colour_bar(axes: Any, drawn: Any, scale: Scale, si: Units | None) -> None:
    """Put a colour bar as high as the map beside it, or below a wide one; SI units on its other side.

    The bar of amounts goes down to zero; where all are far from it, the label says which part of the largest
    they span. One value that all have is written beside the map.
    """
    if scale.uniform is not None:
        text = f"uniform:\n{number(scale.uniform, scale.units, si)}".replace(" = ", "\n= ")
        axes.text(1.03, 0.5, text, transform=axes.transAxes, va="center")
        return
    (left, right), (bottom, top) = axes.get_xlim(), axes.get_ylim()
    flat = abs(right - left) > 3 * abs(top - bottom)
    convertible = si is not None and si.si(scale.units) is not None
    if flat:
        bar = axes.figure.colorbar(
            drawn, ax=axes, location="bottom", aspect=40, pad=0.02, extend=scale.beyond
        )
    else:
        # As an inset it has the height of the map itself, which the map's equal aspect decides.
        widths = max(1.0, abs(top - bottom) / abs(right - left))
        room = (0.17 if convertible else 0.04) * widths
        if looks().width is not None:  # letters take more of a small figure
            room *= 2.4 if scale.is_log and convertible else 1.6
        place = axes.inset_axes([1 + room, 0, 0.05 * widths, 1])
        bar = axes.figure.colorbar(drawn, cax=place, extend=scale.beyond)
    bar.outline.set_linewidth(0.6)
    if scale.colours == CYCLIC:
        bar.set_ticks([-np.pi, 0, np.pi], labels=["−π", "0", "π"])
        bar.set_label(with_units(scale.text, scale.units))
    else:
        largest = max(abs(scale.low), abs(scale.high))
        power = "" if scale.is_log else _formatted(bar.ax.xaxis if flat else bar.ax.yaxis, largest)
        unit = "" if scale.units == "1" else spelled(scale.units)
        bar.set_label(f"{with_units(scale.text, f'{power} {unit}'.strip())}{_span(scale)}")
        if scale.colours == SEQUENTIAL and scale.low > 0 and looks().keeps_zero:
            _show_zero(bar.ax, flat, scale)
        if convertible:
            _si_ticks(bar.ax, flat, scale, si)


def _span(scale: Scale) -> str:
    """What a range that is far from zero spans."""
    return f"\n{100 * scale.low / scale.high:.3g} to 100 % of its largest" if scale.colours == LIGHT else ""


def _show_zero(bar: Any, flat: bool, scale: Scale) -> None:
    """Let a bar go down to zero; what no value has is grey."""
    bar.set_facecolor("#dddddd")
    (bar.set_xlim if flat else bar.set_ylim)(0.0, scale.high)


def _si_ticks(bar: Any, flat: bool, scale: Scale, si: Units | None) -> None:
    converted = si.si(scale.units) if si is not None else None
    assert converted is not None
    factor, name = converted
    functions = (lambda value: value * factor, lambda value: value / factor)
    second = (
        bar.secondary_xaxis("top", functions=functions)
        if flat
        else bar.secondary_yaxis("left", functions=functions)
    )
    largest = abs(factor) * max(abs(scale.low), abs(scale.high))
    power = "" if scale.is_log else _formatted(second.xaxis if flat else second.yaxis, largest)
    text = f"{power} {name}".strip()
    second.tick_params(labelsize=8)
    if flat:
        second.set_xlabel(text, fontsize=8)
    else:
        bar.text(-0.3, 1.02, text, transform=bar.transAxes, ha="right", va="bottom", fontsize=8)


def _formatted(axis: Any, largest: float) -> str:
    """Give an axis plain numbers, and return the power of ten that they must be multiplied by, if any."""
    exponent = int(np.floor(np.log10(largest))) if largest > 0 else 0
    if -3 < exponent < 4:
        # Never matplotlib's own power of ten: it stands over the other axis of the bar.
        axis.get_major_formatter().set_scientific(False)
        return ""
    factor = 10.0**exponent
    axis.set_major_formatter(lambda value, _: f"{value / factor:.6g}".replace("-", "−"))
    return f"10$^{{{exponent}}}$"
