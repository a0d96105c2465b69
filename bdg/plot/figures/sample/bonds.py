"""Quantities on bonds: coloured lines on the lattice, currents with heads; along a chain, curves."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from bdg.lattice import Sample
from bdg.observables import Quantity
from bdg.plot.canvas.cells import places
from bdg.plot.canvas.geometry import Plane, infinite_directions, middle_plane, nearest_distance, profile
from bdg.plot.canvas.labels import add_caveat, add_si_axis, label, length_ticks, with_units
from bdg.plot.canvas.lines import profile_label, widen_if_uniform
from bdg.plot.canvas.scale import FLOW, Scale, add_colour_bar, amount_scale
from bdg.plot.canvas.style import COLOURS, add_title, new_figure, styled
from bdg.plot.canvas.window import in_window
from bdg.plot.figures.sample.maps import label_plane
from bdg.result import Result

ARC = 0.12
"""How far a bond that passes over other sites bends aside, in its lengths."""

MOST_LINES = 24
"""Lines of a profile; with more lengths and slants all bonds are one."""

SHORT = 1.9
"""Bonds of a thinness below are those of neighbours: their heads are in the middle."""

MOST_HEADS = 1500
"""Bond currents have arrow heads on samples of up to so many bonds."""


@styled
def bond_map(result: Result, quantity: Quantity) -> Any:
    """Numbers on bonds as coloured lines on the lattice; of a chain or strip, against the bond's middle.

    Currents have the colour of their size, and heads that say which way they flow.
    """
    result = in_window(result)
    if profile(result.sample) is not None:
        figure = new_figure(7.0, 3.6)
        draw_bond_profile(figure.subplots(), result, quantity)
    else:
        extent = np.ptp(middle_plane(result.sample).centers, axis=0) + 1.0
        figure = new_figure(6.4, float(np.clip(4.4 * extent[1] / extent[0], 1.6, 9.0)) + 0.9)
        draw_bonds(figure.subplots(), result, quantity)
    add_title(figure, result.title)
    return figure


def draw_bonds(axes: Any, result: Result, quantity: Quantity) -> None:
    """Draw the bonds within one plane of the sample, the middle one."""
    from matplotlib.collections import LineCollection

    sample = result.sample
    plane = middle_plane(sample)
    drawn = _bonds_of(sample, plane)
    flows = quantity.units == FLOW
    is_size = flows or np.iscomplexobj(quantity.values)
    drawn, values = _summed(sample, drawn, quantity.values) if flows else (drawn, quantity.values[drawn])
    shown = np.abs(values) if is_size else values
    text = f"|{quantity.long_name}|" if is_size else quantity.long_name
    scale = amount_scale(shown, text, quantity.units)
    lines = LineCollection(
        list(_half_bonds(sample, drawn)),
        array=np.repeat(shown, 2),
        **scale.look,
    )
    extent = np.ptp(sample.positions[:, :2], axis=0) + 1.0
    widest = float(np.clip(120 / extent.max(), 0.6, 5))
    lines.set_linewidth(list(widest / np.repeat(_thinness(sample, drawn), 2)))
    axes.add_collection(lines)
    if flows and len(drawn) <= MOST_HEADS:
        _add_heads(axes, sample, drawn, values, scale)
    if not is_size:
        axes.set_facecolor("#d9d9d9")  # zero is white in a scale of signed numbers
    low, high = sample.positions[:, :2].min(axis=0) - 0.7, sample.positions[:, :2].max(axis=0) + 0.7
    title = with_units(quantity.long_name, quantity.units)
    axes.set(xlim=(low[0], high[0]), ylim=(low[1], high[1]), aspect="equal")
    axes.set_title(f"{title}, {plane.height_title}" if plane.height_title else title)
    label_plane(axes, plane, result.units)
    add_caveat(axes, result, quantity)
    add_colour_bar(axes, lines, scale, result.units)


def _bonds_of(sample: Sample, plane: Plane) -> NDArray[np.intp]:
    """The bonds in the height of a plane, of all orbitals; the longest first: shorter ones lie over them."""
    bonds = sample.bonds
    level = np.ones(sample.n_sites, bool)
    if plane.height is not None:
        level = np.abs(sample.positions[:, 2] - plane.height) < 1e-5
    length = np.linalg.norm(bonds.displacement[:, :2], axis=1)
    chosen = np.flatnonzero(level[bonds.source] & level[bonds.target] & (length > 1e-6))
    return chosen[np.argsort(-bonds.shell[chosen], kind="stable")]


def _summed(
    sample: Sample, chosen: NDArray[np.intp], current: NDArray[np.float64]
) -> tuple[NDArray[np.intp], NDArray[np.float64]]:
    """One bond for all that join the same two places, and the sum of their currents along it."""
    bonds = sample.bonds
    if len(np.unique(places(sample.cell))) == sample.cell.n_orbitals:
        return chosen, current[chosen]
    step = bonds.displacement[chosen]
    first = np.argmax(np.abs(step) > 1e-6, axis=1)
    sign = np.sign(step[np.arange(len(step)), first])
    start = sample.positions[bonds.source[chosen]]
    start = np.where(sign[:, None] > 0, start, start + step)
    key = np.round(np.hstack([start, sign[:, None] * step]), 6)
    _, kept, which = np.unique(key, axis=0, return_index=True, return_inverse=True)
    total = np.bincount(which.ravel(), sign * current[chosen])
    order = np.argsort(kept)
    return chosen[kept[order]], (sign[kept] * total)[order]


def _half_bonds(sample: Sample, chosen: NDArray[np.intp]) -> NDArray[np.float64]:
    """Both halves of bonds, as points along them, shape ``(2 · n_bonds, n_points, 2)``.

    A bond around the boundary is then two stubs, not a line across the sample. Bonds in the direction of a
    shorter one are arcs, as they would cover it and one another.
    """
    bonds = sample.bonds
    at = np.linspace(0, 0.5, 9)[:, None]
    kind = bonds.kind[chosen]
    there = bonds.kinds.displacement[kind, None, :2]
    aside = 4 * at * (1 - at) * bows(sample)[kind][:, None]
    first = sample.positions[bonds.source[chosen], None, :2] + at * there + aside
    second = sample.positions[bonds.target[chosen], None, :2] - at * there + aside
    points: NDArray[np.float64] = np.stack([first, second], axis=1).reshape(-1, len(at), 2)
    return points


def bows(sample: Sample) -> NDArray[np.float64]:
    """How far the middle of each kind of bond lies beside the straight line, shape ``(n_kinds, 2)``."""
    kinds = sample.bonds.kinds
    step, length = kinds.displacement[:, :2], np.linalg.norm(kinds.displacement, axis=1)
    seen = np.linalg.norm(step, axis=1)
    unit = np.round(step / np.where(seen > 1e-6, seen, 1.0)[:, None], 6)
    first = np.where(np.abs(unit[:, 0]) > 0, unit[:, 0], unit[:, -1])
    unit = unit * np.where(first < 0, -1.0, 1.0)[:, None] + 0.0
    _, direction = np.unique(unit, axis=0, return_inverse=True)
    shortest = np.full(len(kinds), np.inf)
    in_plane = (seen > length - 1e-6) & (seen > 1e-6)
    np.minimum.at(shortest, direction.ravel()[in_plane], length[in_plane])
    over = length > shortest[direction.ravel()] + 1e-6
    across = np.zeros_like(step) if step.shape[1] < 2 else np.stack([-step[:, 1], step[:, 0]], axis=1)
    bows: NDArray[np.float64] = ARC * over[:, None] * across
    return bows


def _thinness(sample: Sample, chosen: NDArray[np.intp]) -> NDArray[np.float64]:
    """How much thinner longer bonds are drawn: the square of their length over the shortest."""
    length = np.linalg.norm(sample.bonds.displacement, axis=1)
    shortest = length[length > 1e-6].min(initial=np.inf)
    found: NDArray[np.float64] = np.round(4 * (length[chosen] / shortest) ** 2) / 4
    return found


def _add_heads(
    axes: Any, sample: Sample, chosen: NDArray[np.intp], current: NDArray[np.float64], scale: Scale
) -> None:
    """A head on each bond that points where the charge flows; none on bonds without a current.

    On nearest-neighbour bonds it is in the middle; on longer ones smaller and not there, where they cross.
    """
    bonds, size = sample.bonds, np.abs(current)
    flowing = size > 0.02 * size.max(initial=0.0)
    spacing = nearest_distance(sample.cell)
    thinness, bent = _thinness(sample, chosen), bows(sample)
    for thin in np.unique(thinness[flowing])[::-1]:
        its = flowing & (thinness == thin)
        at = 0.5 if thin < SHORT else 0.3
        step = bonds.displacement[chosen[its], :2]
        aside = 4 * at * (1 - at) * bent[bonds.kind[chosen[its]]]
        places = sample.positions[bonds.source[chosen[its]], :2] + at * step + aside
        towards = np.sign(current[its])[:, None] * step / np.linalg.norm(step, axis=1)[:, None]
        head = 0.4 * spacing / np.sqrt(float(thin))
        axes.quiver(
            *(places - 0.5 * head * towards).T,
            *(head * towards).T,
            size[its],
            **scale.look,
            angles="xy",
            scale_units="xy",
            scale=1.0,
            units="xy",
            width=0.5 * head,
            headwidth=1.9,
            headlength=2.0,
            headaxislength=2.0,
            minlength=0,
            edgecolor="black",
            linewidth=0.5,
            zorder=3,
        )


def draw_bond_profile(axes: Any, result: Result, quantity: Quantity) -> None:
    """Draw numbers on the bonds of a chain or strip against their middles, a line for each kind of bond.

    A current is positive to the right. Of a finite strip, bonds across it are left out of currents, which
    have no component along it; of bonds at a slant, those at one slant are a line.
    """
    bonds, shown = result.sample.bonds, profile(result.sample)
    assert shown is not None
    step = bonds.displacement
    along = shown.places(step)
    flows, is_infinite = quantity.units == FLOW, bool(infinite_directions(result.sample))
    values = np.abs(quantity.values) if np.iscomplexobj(quantity.values) else quantity.values
    lengthwise = np.abs(along) > 1e-9
    moves = np.linalg.norm(step, axis=1) > 1e-9  # not between two orbitals at one place
    towards = np.where(lengthwise, np.sign(along), 1.0)
    values = towards * values if flows else values
    middle = shown.places(result.sample.positions[bonds.source]) + 0.5 * along
    drawn = np.flatnonzero(moves & (lengthwise | (not flows or is_infinite)))
    slant = np.round(towards[:, None] * (step - along[:, None] * shown.direction), 6) + 0.0
    keys, line = np.unique(np.column_stack([bonds.shell, slant])[drawn], axis=0, return_inverse=True)
    if len(keys) > MOST_LINES:  # of no lattice
        keys, line = keys[:1], np.zeros(len(drawn), np.intp)
    shells = keys[:, 0].astype(int)
    for n, shell in enumerate(shells):
        its = drawn[line.ravel() == n]
        its = its[np.argsort(middle[its], kind="stable")]
        name = f"shell {shell}"
        if is_infinite and result.sample.dimension > 1:
            name = f"({', '.join(f'{part:.3g}' for part in towards[its[0]] * step[its[0]])})"
        axes.plot(
            middle[its],
            values[its],
            "o-",
            markersize=4.0 if len(its) <= 80 else 1.5,
            color=COLOURS[(n if is_infinite else shell - 1) % len(COLOURS)],
            label="_" if shell in shells[:n] and not is_infinite else name.replace("-", "−"),
        )
    axes.set(xlabel=profile_label(shown, result.units), ylabel=label(quantity))
    length_ticks(axes.xaxis, result.units)
    widen_if_uniform(axes, values[drawn])
    low, high = axes.get_ylim()
    if flows:
        low, high = min(low, 0.0), max(high, 0.0)
        axes.axhline(0, color="#888888", linewidth=0.8)
        axes.set_title("Current along the bonds, positive to the right")
        if is_infinite and result.sample.dimension > 1:
            axes.set_title("Current of the bonds along each direction")
    if len(set(axes.get_legend_handles_labels()[1])) > 1:
        high += 0.16 * (high - low)  # room for the legend
        axes.legend(loc="upper center", ncols=4, columnspacing=1.2, handlelength=1.6)
    axes.set_ylim(low, high)
    add_caveat(axes, result, quantity)
    add_si_axis(axes, "y", quantity.units, result.units)
