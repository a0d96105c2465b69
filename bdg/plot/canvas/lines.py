"""Quantities on sites as lines: along a chain, across a strip, along a cut through a map."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from bdg.lattice import Sample
from bdg.plot.canvas.geometry import Profile, profile
from bdg.plot.canvas.labels import add_si_axis, is_uniform, length_label, length_ticks, with_units
from bdg.plot.canvas.scale import Scale
from bdg.plot.canvas.style import COLOURS, CYCLIC
from bdg.result import Units


def draw_profile(axes: Any, sample: Sample, values: NDArray[Any], scale: Scale, si: Units | None) -> None:
    """Draw numbers on the sites of a chain or strip against the position, a line for each orbital."""
    shown = profile(sample)
    assert shown is not None
    place = shown.places(sample.positions)
    orbitals = np.unique(sample.orbitals)
    for n, orbital in enumerate(orbitals):
        its = np.flatnonzero(sample.orbitals == orbital)
        its = its[np.argsort(place[its], kind="stable")]
        colour = COLOURS[n % len(COLOURS)]
        plot_values(axes, place[its], values[its], scale, color=colour, label=f"orbital {orbital}")
    if 1 < len(orbitals) <= len(COLOURS):
        axes.legend(loc="best")
    axes.set_xlabel(profile_label(shown, si))
    length_ticks(axes.xaxis, si)
    finish_values(axes, values, scale, si)


def plot_values(axes: Any, place: NDArray[Any], values: NDArray[Any], scale: Scale, **style: Any) -> None:
    """Draw numbers against positions, joined by a line; phases as points."""
    is_phase = scale.colours == CYCLIC
    marker = max(_marker(len(place)), 1.0 * is_phase)
    axes.plot(place, values, "none" if is_phase else "-", marker="o", markersize=marker, **style)


def finish_values(axes: Any, values: NDArray[Any], scale: Scale, si: Units | None) -> None:
    """Label the axis of the values, and give it limits."""
    axes.set_ylabel(with_units(scale.text, scale.units))
    if scale.colours == CYCLIC:
        axes.set_yticks([-np.pi, 0, np.pi], labels=["−π", "0", "π"])
        axes.set_ylim(-1.1 * np.pi, 1.1 * np.pi)
    else:
        widen_if_uniform(axes, values)
        add_si_axis(axes, "y", scale.units, si)


def profile_label(shown: Profile, si: Units | None) -> str:
    """``x (a), infinite along y``."""
    text = length_label(shown.name if len(shown.name) == 1 else shown.name.capitalize(), si)
    return f"{text}, {shown.note}" if shown.note else text


def widen_if_uniform(axes: Any, values: NDArray[Any]) -> None:
    """Give equal values limits that do not show their rounding errors."""
    if is_uniform(np.asarray(values)):
        middle = float(np.nanmean(values)) if np.size(values) else 0.0
        half = 0.1 * abs(middle) or 1.0
        axes.set_ylim(middle - half, middle + half)


def _marker(count: int) -> float:
    return 4.0 if count <= 80 else (2.0 if count <= 400 else 0.0)
