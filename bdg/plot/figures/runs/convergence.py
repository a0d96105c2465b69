"""How the self-consistency loop went."""

from __future__ import annotations

from typing import Any

import numpy as np

from bdg.plot.canvas.labels import delta_is_given
from bdg.plot.canvas.style import COLOURS, add_title, new_figure, styled
from bdg.result import Result
from bdg.scf.history import columns

LINES = (
    ("residual_delta", "order parameter (t)"),
    ("residual_hartree", "Hartree potential (t)"),
    ("residual_bond", "fields on bonds (t)"),
    ("residual_field", "vector potential (ħ/e)"),
    ("filling_error", "electrons per site"),
)


@styled
def convergence(result: Result) -> Any:
    """Residuals against iteration on a logarithmic axis, and the tolerance.

    Parameters
    ----------
    result
        Its history; residuals that are zero throughout (fields held fixed) are left out.

    Returns
    -------
    matplotlib.figure.Figure
        The figure.
    """
    figure = new_figure(6.0, 4.0)
    draw_convergence(figure.subplots(), result)
    add_title(figure, result.title)
    return figure


def has_iterations(result: Result) -> bool:
    """Whether there is a residual to draw."""
    return bool(_shown(result))


def draw_convergence(axes: Any, result: Result) -> None:
    """Draw the residuals into one panel."""
    from matplotlib.ticker import MaxNLocator

    table = columns(result.history)
    status = result.status.replace("_", " ")
    axes.set(xlabel="Iteration", ylabel="Change in one iteration (t)", title=f"Self-consistency: {status}")
    shown = _shown(result)
    if not shown:
        axes.set_axis_off()
        axes.set_title("Self-consistency" if result.status == "converged" else axes.get_title())
        axes.text(0.5, 0.5, why_nothing(result), ha="center", va="center", transform=axes.transAxes)
        return
    for n, (name, text) in enumerate(shown):
        values = np.where(table[name] > 0, table[name], np.nan)
        axes.plot(table["iteration"], values, "o-", markersize=3, color=COLOURS[n], label=text)
    axes.set_yscale("log")
    axes.axhline(
        result.tolerance,
        color="#555555",
        linewidth=1,
        linestyle="--",
        label=f"tolerance {result.tolerance:.0e}",
    )
    axes.xaxis.set_major_locator(MaxNLocator(nbins=8, integer=True))
    axes.grid(axis="y", color="#dddddd", linewidth=0.6)
    axes.legend(loc="upper right")


def _shown(result: Result) -> list[tuple[str, str]]:
    table = columns(result.history)
    return [(name, text) for name, text in LINES if np.any(table[name] > 0)]


def why_nothing(result: Result) -> str:
    """Why a result has no iterations to show."""
    if result.status == "broken":
        return "NaN or infinity from the start"
    return "nothing to iterate: Δ is given" if delta_is_given(result) else "nothing to iterate"
