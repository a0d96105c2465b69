"""London's closed forms as a table."""

from __future__ import annotations

import numpy as np

from bdg.cli.theory.table import Column, Panel, Table
from bdg.theory.macroscopic.london import (
    cylinder_field,
    cylinder_magnetisation,
    half_space_field,
    slab_field,
    slab_magnetisation,
    sphere_field,
    sphere_moment,
)
from bdg.theory.uniform.checks import require_positive


def london_table(radius: float, points: int) -> Table:
    """The field in a slab, a cylinder and a sphere of the same half width; lengths in λ."""
    require_positive("the radius", radius, "it is the half width of the bodies, in λ")
    x = np.linspace(0.0, 1.4 * radius, points)
    polar = np.full(points, np.pi / 2)
    sphere = -sphere_field(np.maximum(x, 1e-9 * radius), polar, radius, 1.0, 1.0)[1]
    columns = [
        Column("x", x, "1", "distance from the middle/λ"),
        Column("slab", slab_field(x, 2 * radius, 1.0, 1.0), "B_a", "slab, cosh"),
        Column("cylinder", cylinder_field(x, radius, 1.0, 1.0), "B_a", "cylinder, Bessel"),
        Column("sphere", sphere, "B_a", "sphere, at the equator"),
        Column("half_space", half_space_field(radius - x, 1.0, 1.0), "B_a", "half space, exp"),
    ]
    volume = 4 * np.pi / 3 * radius**3
    facts = {
        "radius/lambda": radius,
        "mu0 M/B_a, slab": slab_magnetisation(2 * radius, 1.0, 1.0),
        "mu0 M/B_a, cylinder": cylinder_magnetisation(radius, 1.0, 1.0),
        "mu0 M/B_a, sphere": sphere_moment(radius, 1.0, 1.0) / volume,
    }
    panel = Panel(["slab", "cylinder", "sphere", "half_space"], "B/B_a", (), ["half_space"])
    return Table(f"London: bodies of half width {radius:g} λ", columns, facts, [panel])
