"""Vortices, films and critical fields after Ginzburg and Landau."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from bdg.plot.canvas.style import COLOURS, CYCLIC, SEQUENTIAL, add_title, new_figure, styled
from bdg.theory.macroscopic import ginzburg_landau as gl
from bdg.theory.macroscopic import london


@styled
def vortex_profiles(kappas: Sequence[float] = (np.sqrt(0.5), 2.0, 10.0)) -> Any:
    """|ψ|, B and J of a vortex for several κ, against the distance in ξ.

    Parameters
    ----------
    kappas
        λ/ξ of each.
    """
    figure = new_figure(10.0, 3.4)
    panels = figure.subplots(1, 3)
    for colour, kappa in zip(COLOURS, kappas, strict=False):
        found = gl.vortex(kappa)
        shown, name = found.r < 12, f"κ = {kappa:.3g}"
        for axes, values in zip(
            panels,
            (found.amplitude, found.field * 2 * kappa**2, found.current * kappa**2),
            strict=True,
        ):
            axes.plot(found.r[shown], values[shown], color=colour, label=name)
    for axes, title, text in zip(
        panels,
        ("Order parameter", "Field", "Current"),
        ("|ψ| / ψ_∞", "B / (Φ₀/4πλ²)", "J / (B_c2/μ₀ξκ²)"),
        strict=True,
    ):
        axes.set(title=title, ylabel=text, xlabel="distance (ξ)", xlim=(0, 12), ylim=(0, None))
    panels[0].legend()
    return figure


@styled
def film_state(state: gl.FilmState, title: str = "") -> Any:
    """|ψ|², the phase and B of a film.

    Parameters
    ----------
    state
        From :func:`bdg.theory.macroscopic.ginzburg_landau.relax` or ``minimise``.
    title
        Above all.
    """
    grid = state.film.grid
    width, height = (n * step for n, step in zip(grid.shape, grid.spacing, strict=True))
    extent = (-width / 2, width / 2, -height / 2, height / 2)
    square = state.field if state.film.is_torus else state.field[:-1, :-1]
    maps: list[tuple[Any, str, str, dict[str, Any]]] = [
        (np.abs(state.psi) ** 2, "|ψ|² / ψ_∞²", SEQUENTIAL, {"vmin": 0.0}),
        (np.angle(state.psi), "phase (rad)", CYCLIC, {"vmin": -np.pi, "vmax": np.pi}),
    ]
    if np.isfinite(state.film.kappa):
        maps.append((square, "B / B_c2", SEQUENTIAL, {}))
    figure = new_figure(3.6 * len(maps), 3.3 * height / width + 0.4)
    panels = figure.subplots(1, len(maps), sharex=True, sharey=True)
    for axes, (values, text, colours, limits) in zip(panels, maps, strict=True):
        drawn = axes.imshow(values.T, origin="lower", extent=extent, cmap=colours, **limits)
        axes.set(xlabel="x (ξ)", title=text.split(" /")[0].split(" (")[0])
        figure.colorbar(drawn, ax=axes, label=text, shrink=0.85)
    panels[0].set_ylabel("y (ξ)")
    add_title(figure, title)
    return figure


@styled
def critical_fields(kappas: Sequence[float] | None = None) -> Any:
    """B_c1, B_c2 and B_c3 in B_c against κ, and what β_A makes of the magnetisation below B_c2.

    Parameters
    ----------
    kappas
        Where to compute B_c1; fifteen from 1/√2 to 20, if nothing is said.
    """
    figure = new_figure(9.4, 3.6)
    left, right = figure.subplots(1, 2)
    points = np.geomspace(np.sqrt(0.5), 20, 15) if kappas is None else np.asarray(kappas)
    upper = np.sqrt(2) * points
    lower = np.array([gl.lower_critical_field(kappa) for kappa in points])
    every = np.geomspace(0.3, 20, 100)
    left.loglog(every, gl.surface_critical_ratio() * np.sqrt(2) * every, color=COLOURS[2], label="B_c3")
    left.loglog(every, np.sqrt(2) * every, color=COLOURS[0], label="B_c2")
    left.loglog(points, lower * upper, "o-", markersize=3, color=COLOURS[1], label="B_c1, computed")
    large = every[every > 1.5]
    left.loglog(
        large,
        (np.log(large) + 0.497) / (np.sqrt(2) * large),
        ":",
        color=COLOURS[5],
        label="(ln κ + 0.497)/√2κ",
    )
    left.axhline(1, color="#888888", linewidth=0.8)
    left.axvline(np.sqrt(0.5), color="#888888", linewidth=0.8, linestyle="--")
    left.set(xlabel="κ", ylabel="field / B_c", title="Critical fields")
    left.legend()
    ratio = np.linspace(0.2, 1.8, 120)
    right.plot(
        ratio,
        [gl.abrikosov_parameter(1j * r) for r in ratio],
        color=COLOURS[0],
        label="rectangles, sides 1 : s",
    )
    beta = [gl.abrikosov_parameter(0.5 + 1j * r) for r in ratio]
    right.plot(ratio, beta, color=COLOURS[1], label="rhombs, height s")
    right.plot([1], [gl.abrikosov_parameter(gl.SQUARE)], "s", color=COLOURS[0], label="square 1.1803")
    right.plot([np.sqrt(0.75)], [gl.abrikosov_parameter()], "^", color=COLOURS[1], label="triangular 1.1596")
    right.set(xlabel="s", ylabel="β_A", title="Abrikosov's parameter", ylim=(1.1, 1.6))
    right.legend()
    return figure


@styled
def slab_in_field(
    thickness: float,
    depth: float,
    coherence_length: float,
    applied: float,
    measured: tuple[Any, Any] | None = None,
    order: tuple[Any, Any] | None = None,
    *,
    upper_field: float = 1.0,
    length_unit: str = "a",
) -> Any:
    """B(x) of a slab after London and after Ginzburg and Landau, and beside them that of something measured.

    Parameters
    ----------
    thickness, depth, coherence_length
        d, λ and ξ, in one unit of length.
    applied
        B_a.
    measured
        (x, B), x from the middle of the slab: a lattice result with screening, for example.
    order
        (x, |ψ|/ψ_∞) of the same.
    upper_field
        B_c2 in the units of ``applied``: ħ/|q|ξ².
    length_unit
        For the label.
    """
    figure = new_figure(9.0, 3.4)
    left, right = figure.subplots(1, 2)
    x = np.linspace(-thickness / 2, thickness / 2, 401)
    found = gl.slab(thickness / coherence_length, depth / coherence_length, applied / upper_field)
    place = found.x * coherence_length
    left.plot(x, london.slab_field(x, thickness, depth, applied) / applied, color=COLOURS[0], label="London")
    left.plot(place, found.field * upper_field / applied, "--", color=COLOURS[1], label="Ginzburg–Landau")
    if measured is not None:
        left.plot(
            measured[0],
            np.asarray(measured[1]) / applied,
            "o",
            markersize=3,
            color=COLOURS[5],
            label="lattice",
        )
    left.set(title="Field", xlabel=f"x ({length_unit})", ylabel="B / B applied", ylim=(0, None))
    left.legend()
    right.plot(place, found.amplitude, "--", color=COLOURS[1])
    if order is not None:
        right.plot(*order, "o", markersize=3, color=COLOURS[5])
    top = max(1.05, 1.05 * float(np.max(order[1]))) if order is not None else 1.05
    right.set(title="Order parameter", xlabel=f"x ({length_unit})", ylabel="|ψ| / ψ_∞", ylim=(0, top))
    return figure
