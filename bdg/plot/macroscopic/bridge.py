"""London's current from a lattice result beside that of the quasiparticles."""

from __future__ import annotations

from typing import Any

import numpy as np

from bdg.bridge import MacroscopicState
from bdg.plot.canvas.labels import add_caveat
from bdg.plot.canvas.scale import add_colour_bar, amount_scale
from bdg.plot.canvas.style import add_title, new_figure, styled
from bdg.plot.figures.sample.currents import NOTHING, required
from bdg.plot.figures.sample.maps import draw_plane, shown_planes
from bdg.result import Result


@styled
def london_beside_bdg(result: Result, state: MacroscopicState) -> Any:
    """Two maps with arrows on one scale: the observable ``site_current``, and J = D (ħ∇θ/q − A).

    Parameters
    ----------
    result
        Of a sample in the plane, with the observable ``currents``.
    state
        From :func:`bdg.bridge.macroscopic_state`.
    """
    current = required(result, "site_current")
    flows = {"Quasiparticles": current.values, "London: n_s and θ alone": state.current}
    sizes = [np.linalg.norm(flow, axis=1) for flow in flows.values()]
    scale = amount_scale(np.concatenate([*sizes, [0.0]]), "|current|", current.units)
    plane = shown_planes(result.sample)[0]
    figure = new_figure(10.6, 4.6)
    longest = max(float(size.max()) for size in sizes)
    for axes, (name, flow), size in zip(figure.subplots(1, 2), flows.items(), sizes, strict=True):
        drawn = draw_plane(axes, result.sample, plane, size, scale, result.units)
        axes.set_title(name)
        if longest > NOTHING:
            axes.quiver(
                *plane.centers.T,
                *flow[plane.sites, :2].T,
                angles="xy",
                scale_units="xy",
                scale=longest / 1.8,
                pivot="mid",
                color="white",
                edgecolor="black",
                linewidth=0.4,
                width=0.006,
                minlength=0.1,
            )
    add_colour_bar(axes, drawn, scale, result.units)
    add_caveat(axes, result, current)
    add_title(figure, result.title)
    return figure
