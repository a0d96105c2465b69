"""Frames of a macroscopic wave function."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from bdg.errors import InputError
from bdg.plot.canvas.style import COLOURS, SEQUENTIAL, add_title, new_figure, styled
from bdg.theory.macroscopic.carriers import PAIRS, Carriers
from bdg.theory.macroscopic.grid import Grid, Links, on_points
from bdg.theory.macroscopic.wave import Evolution, density, supercurrent


@styled
def wave_frames(
    grid: Grid,
    evolution: Evolution,
    phases: Links | None = None,
    *,
    frames: int = 4,
    path: Sequence[Sequence[float]] | None = None,
    carriers: Carriers = PAIRS,
    title: str = "",
) -> Any:
    """n_s = |Ψ|² at several times: maps with the current as arrows, or lines in one dimension.

    Parameters
    ----------
    grid, evolution
        From :func:`bdg.theory.macroscopic.wave.evolve`.
    phases
        Link phases for the current; ``None`` for none.
    frames
        How many of the states, evenly spaced, the first and the last among them.
    path
        Places (x, y) of Ehrenfest's trajectory to draw over the maps.
    title
        Above all.

    Raises
    ------
    InputError
        If there are fewer states than frames.
    """
    if not 1 <= frames <= len(evolution.times):
        raise InputError(
            f"{frames} frames of {len(evolution.times)} states; keep more of them, or give fewer frames"
        )
    chosen = np.unique(np.linspace(0, len(evolution.times) - 1, frames).round().astype(int))
    links = phases if phases is not None else [np.zeros(grid.shape)] * grid.dimension
    if grid.dimension == 1:
        figure = new_figure(6.4, 3.6)
        axes = figure.subplots()
        for n, number in enumerate(chosen):
            axes.plot(
                grid.coordinates()[0],
                density(evolution.states[number]),
                color=COLOURS[n % len(COLOURS)],
                label=f"t = {evolution.times[number]:.3g}",
            )
        axes.set(xlabel="x", ylabel="n_s", ylim=(0, None))
        axes.legend()
    else:
        figure = new_figure(2.6 * len(chosen) + 0.8, 3.1)
        panels = np.atleast_1d(figure.subplots(1, len(chosen), sharex=True, sharey=True))
        top = max(float(density(evolution.states[number]).max()) for number in chosen)
        for axes, number in zip(panels, chosen, strict=True):
            drawn = _frame(axes, grid, evolution.states[number], links, carriers, top)
            axes.set(title=f"t = {evolution.times[number]:.3g}", xlabel="x")
            if path is not None:
                axes.plot(*np.asarray(path, float).T, "--", color="white", linewidth=0.9)
        panels[0].set_ylabel("y")
        figure.colorbar(drawn, ax=panels, label="n_s")
    add_title(figure, title)
    return figure


def _frame(axes: Any, grid: Grid, psi: Any, links: Links, carriers: Carriers, top: float) -> Any:
    half = [0.5 * n * step for n, step in zip(grid.shape, grid.spacing, strict=True)]
    extent = (-half[0], half[0], -half[1], half[1])
    drawn = axes.imshow(density(psi).T, origin="lower", extent=extent, cmap=SEQUENTIAL, vmin=0.0, vmax=top)
    flow = on_points(grid, supercurrent(grid, psi, links, carriers))
    every = max(1, round(max(grid.shape) / 18))
    pick = (slice(every // 2, None, every),) * 2
    arrows = [part[pick] for part in flow]
    places = [part[pick] for part in grid.coordinates()]
    longest = max(float(np.hypot(*arrows).max()), 1e-300)
    # Arrows along the velocity of the carriers: the current's direction times the sign of the charge.
    sign = np.sign(carriers.charge)
    axes.quiver(
        *places,
        *(sign * part for part in arrows),
        color="white",
        pivot="mid",
        width=0.009,
        angles="xy",
        scale_units="xy",
        scale=longest / (1.5 * every * max(grid.spacing)),
        minlength=0.1,
    )
    axes.set_aspect("equal")
    return drawn
