"""Fields and currents after London."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from bdg.plot.canvas.style import COLOURS, DIVERGING, SEQUENTIAL, new_figure, styled
from bdg.theory.macroscopic import london
from bdg.theory.macroscopic.london import Section


@styled
def screening(sizes: Sequence[float] = (0.5, 2.0, 8.0), lengths: Sequence[float] = (0.1, 1.0, 10.0)) -> Any:
    """Slab, cylinder and sphere in a field, closed forms as lines and finite differences as dots; strips;
    vortices.

    Parameters
    ----------
    sizes
        Thickness of the slab, diameter of cylinder and sphere, in λ.
    lengths
        Pearl lengths of the strips, in half widths.

    Returns
    -------
    matplotlib.figure.Figure
        The figure.
    """
    figure = new_figure(10.0, 6.2)
    panels = figure.subplots(2, 3)
    for colour, size in zip(COLOURS, sizes, strict=False):
        _bodies(panels, size, colour)
    for axes, title in zip(
        (panels[0, 0], panels[0, 1], panels[0, 2]),
        ("Slab, field along it", "Cylinder, field along it", "Sphere, equator"),
        strict=True,
    ):
        axes.set(
            title=title,
            xlabel="place over half the size",
            ylabel="B / B applied",
            xlim=(-1, 1),
            ylim=(0, 1.04),
        )
        axes.legend(title="size (dots: grid)", loc="center", bbox_to_anchor=(0.5, 0.37))
    panels[0, 2].legend(title="size (dots: grid)", loc="upper center")
    panels[0, 2].set(ylabel="B at the equator / B applied", ylim=(0, 1.6), xlim=(-2, 2))
    _strips(panels[1, 0], lengths)
    _vortices(panels[1, 1])
    _temperatures(panels[1, 2])
    return figure


def _bodies(panels: Any, size: float, colour: str) -> None:
    half, name = size / 2, f"{size:g} λ"
    x = np.linspace(-1, 1, 401)
    dots: dict[str, Any] = {"marker": "o", "markersize": 3, "linestyle": "none", "color": colour}
    panels[0, 0].plot(x, london.slab_field(x * half, size, 1.0, 1.0), color=colour, label=name)
    slab = london.solve_slab(size, 1.0, 1.0, cells=160)
    panels[0, 0].plot(slab.faces[::10] / half, slab.field[::10], **dots)
    panels[0, 1].plot(x, london.cylinder_field(np.abs(x) * half, half, 1.0, 1.0), color=colour, label=name)
    cylinder = london.solve_cylinder(half, 1.0, 1.0, cells=160)
    panels[0, 1].plot(cylinder.faces[::10] / half, cylinder.field[::10], **dots)
    wide = np.linspace(-2, 2, 801)
    place = np.maximum(np.abs(wide), 1e-6) * half
    _, across = london.sphere_field(place, np.pi / 2, half, 1.0, 1.0)
    panels[0, 2].plot(wide, -across, color=colour, label=name)
    sphere = london.solve_sphere(half, 1.0, 1.0, cells=160)
    enclosed = sphere.place * sphere.vector_potential
    field = np.diff(enclosed) / np.diff(sphere.place) / sphere.faces[1:-1]
    panels[0, 2].plot(sphere.faces[1:-1:10] / half, field[::10], **dots)


def _strips(axes: Any, lengths: Sequence[float]) -> None:
    x = np.linspace(-0.995, 0.995, 400)
    axes.plot(x, london.strip_current(x, 1.0, 1.0), "--", color=COLOURS[5], label="0, closed form")
    for colour, length in zip(COLOURS, lengths, strict=False):
        place, sheet = london.solve_strip(1.0, length, 1.0, cells=300)
        axes.plot(place, sheet, color=colour, label=f"{length:g}")
    axes.set(title="Thin strip, field through it", xlabel="place over half the width", ylim=(-6, 6))
    axes.set_ylabel("sheet current / (B applied/μ₀)")
    axes.legend(title="Pearl length/half width", loc="upper right")


def _vortices(axes: Any) -> None:
    r = np.geomspace(0.03, 30, 300)
    flux = np.pi
    axes.loglog(r, london.vortex_field(r, 1.0) * 2 * np.pi / flux, color=COLOURS[0], label="bulk, λ: K₀")
    axes.loglog(
        r, london.pearl_vortex_field(r, 1.0) * 2 * np.pi / flux, color=COLOURS[1], label="film, Λ: Pearl"
    )
    axes.loglog(r, r**-3.0, ":", color=COLOURS[5], label="1/r³")
    axes.set(title="Field of a vortex", xlabel="distance (λ or Λ)", ylim=(1e-5, 1e2))
    axes.set_ylabel("B / (Φ₀/2πλ²)")
    axes.legend()


def _temperatures(axes: Any) -> None:
    t = np.linspace(0, 0.999, 300)
    axes.plot(t, london.two_fluid_depth(1.0, t, 1.0), color=COLOURS[0], label="λ(T)/λ(0)")
    axes.plot(t, london.two_fluid_fraction(t, 1.0), color=COLOURS[1], label="n_s(T)/n_s(0)")
    axes.set(title="Two fluids", xlabel="T / T_c", ylim=(0, 5), xlim=(0, 1))
    axes.legend()


@styled
def cross_section(section: Section, title: str = "Field and current of a long body") -> Any:
    """B of a cross-section as a map; the lines of equal B are those of the current.

    Parameters
    ----------
    section
        From :func:`bdg.theory.macroscopic.london.solve_section`.
    title
        Above the map.
    """
    n_x, n_y = section.field.shape
    width, height = n_x * section.spacing, n_y * section.spacing
    figure = new_figure(5.8, 0.6 + 4.6 * height / width)
    axes = figure.subplots()
    signed = section.field.min() < 0
    # B has a logarithmic peak at a vortex: colours end below it, and the bar says so.
    limit = float(np.quantile(np.abs(section.field), 0.998))
    extent = (-width / 2, width / 2, -height / 2, height / 2)
    drawn = axes.imshow(
        section.field.T,
        origin="lower",
        extent=extent,
        cmap=DIVERGING if signed else SEQUENTIAL,
        vmin=-limit if signed else 0.0,
        vmax=limit,
    )
    # J is along the lines of equal B, and the closer they are the more of it there is.
    levels = np.linspace(-limit if signed else 0.0, limit, 26)[1:-1]
    axes.contour(section.field.T, levels=levels, extent=extent, colors="white", linewidths=0.5, alpha=0.8)
    axes.set(title=title, xlabel="x", ylabel="y", aspect="equal")
    figure.colorbar(drawn, ax=axes, label="B", extend="max" if not signed else "both")
    return figure
