"""Words in a plane of two keys: where which state is the best."""

from __future__ import annotations

from typing import Any

import numpy as np

from bdg.observables import Quantity
from bdg.plot.canvas.labels import add_si_axis, capital, label
from bdg.plot.canvas.style import COLOURS, add_title, new_figure, styled
from bdg.result import Units


@styled
def study_regions(quantity: Quantity, *, title: str = "", units: Units | None = None) -> Any:
    """A colour for each word of a quantity over two axes, the first upwards; points where they fill no grid.

    Parameters
    ----------
    quantity
        Words, empty where there is no result, with two axes that have numbers.
    title, units
        Of the study.
    """
    from matplotlib.colors import ListedColormap
    from matplotlib.patches import Patch

    figure = new_figure(5.6, 4.4)
    axes = figure.subplots()
    up, along = (quantity.coords[dim] for dim in quantity.dims)
    names = [str(name) for name in dict.fromkeys(quantity.values.ravel().tolist()) if name]
    index = np.array([[names.index(word) if word else -1 for word in row] for row in quantity.values])
    colours = [COLOURS[n % len(COLOURS)] for n in range(len(names))]
    look = {"cmap": ListedColormap(colours), "vmin": -0.5, "vmax": len(names) - 0.5}
    if (index >= 0).all():
        axes.pcolormesh(along.values, up.values, index, alpha=0.8, rasterized=True, **look)
    else:
        x, y = np.meshgrid(along.values, up.values)
        there = index >= 0
        axes.scatter(x[there], y[there], c=index[there], s=12, **look)
    patches = [Patch(color=colour, label=name) for colour, name in zip(colours, names, strict=True)]
    axes.legend(handles=patches, loc="upper left", bbox_to_anchor=(1.01, 1), frameon=False)
    axes.set(xlabel=label(along), ylabel=label(up), title=capital(quantity.long_name))
    add_si_axis(axes, "x", along.units, units)
    add_title(figure, title)
    return figure
