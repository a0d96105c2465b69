"""Tables of collective modes: closed forms of the continuum, and a lattice."""

from __future__ import annotations

from typing import Any

import numpy as np

from bdg.cli.theory.table import Column, Panel, Table
from bdg.errors import InputError
from bdg.theory.uniform.lattices import Dispersion
from bdg.theory.uniform.modes import (
    amplitude_denominator,
    fluctuations,
    higgs_energy,
    lattice_plasma_frequency,
    longitudinal_response,
    mode_energies,
    pair_breaking_edge,
    phase_mode,
    phase_velocity,
)


def continuum_table(points: int) -> Table:
    """The phase mode in one to three dimensions with straight lines, and the amplitude response."""
    q = np.linspace(0.0, 4.0, points)
    omega = np.linspace(1.0, 3.0, points)
    columns = [Column("q", q, "1", "ħv_F q/Δ")]
    facts = {"Higgs energy/Delta": higgs_energy(1.0)}
    for dimension in (3, 2):
        velocity = phase_velocity(1.0, dimension)
        facts[f"velocity/v_F, {dimension}D"] = velocity
        name = f"phase_{dimension}d"
        columns.append(Column(name, phase_mode(q, 1.0, 1.0, dimension), "Delta", f"{dimension}D"))
        fit = np.where(velocity * q < 2, velocity * q, np.nan)
        columns.append(Column(f"{name}_line", fit, "Delta", f"{velocity:.4f} v_F q"))
    columns.append(Column("frequency", omega, "Delta", "frequency of the amplitude response"))
    with np.errstate(divide="ignore"):  # at 2Δ itself the response is infinite
        response = 1 / np.abs(amplitude_denominator(omega, 0.0, 1.0, 1.0, 3))
    columns.append(Column("amplitude", response, "1", "amplitude response at q = 0"))
    shown = ["phase_3d", "phase_3d_line", "phase_2d", "phase_2d_line"]
    panels = [
        Panel(shown, "ω/Δ", (), ["phase_3d_line", "phase_2d_line"]),
        Panel(["amplitude"], "amplitude response at q = 0", log="y", x="frequency"),
    ]
    return Table("Anderson–Bogoliubov and Higgs modes in weak coupling, T = 0", columns, facts, panels)


def lattice_table(
    lattice: str,
    hopping: tuple[float, ...],
    pairing: str,
    attraction: float,
    mu: float | None,
    filling: float | None,
    size: int,
    shift: float,
    coulomb: float,
    points: int,
) -> Table:
    """ω(q) along the first direction at T = 0: without the density, with it, and with charge."""
    if size < 6:
        raise InputError(f"--size {size}: too few momenta for a dispersion; give at least 6")
    if coulomb < 0:
        raise InputError(f"--coulomb {coulomb:g}: charges repel each other; give 0 or more")
    dispersion = Dispersion(lattice, hopping)
    sides = [size] * dispersion.dimension
    kinds: dict[str, dict[str, Any]] = {
        "neutral": {},
        "hartree": {"hartree": True},
        "charged": {"coulomb": coulomb},
    }
    if pairing != "s":
        del kinds["hartree"]
    names = {"neutral": "neutral, without density", "hartree": "neutral, with density", "charged": "charged"}
    steps = np.arange(1, min(points, size // 2) + 1)
    q = 2 * np.pi * steps / size
    columns, facts = [Column("q", q, "1/a", "q")], {}
    for kind, given in kinds.items():
        system = fluctuations(
            dispersion, sides, attraction, mu=mu, filling=filling, form=pairing, shift=shift, **given
        )
        found = np.array([_lowest(mode_energies(system, _along(n, sides))) for n in steps])
        columns.append(Column(kind, found, "t", names[kind]))
        if kind != "charged":
            facts[f"velocity, {names[kind]} (a t)"] = float(found[0] / q[0])
            columns.append(Column(f"{kind}_line", found[0] / q[0] * q, "t", "through the first point"))
        else:
            facts["plasma frequency (t)"] = lattice_plasma_frequency(system)
        if kind == "neutral":
            edge = np.array([pair_breaking_edge(system, _along(n, sides)) for n in steps])
            first = _along(1, sides)
            facts["longitudinal response with the mode"] = longitudinal_response(system, first)
            facts["longitudinal response without it"] = longitudinal_response(system, first, with_mode=False)
            facts["Delta (t)"] = system.state.delta
    columns.append(Column("edge", edge, "t", "pair breaking"))
    lines = [c.name for c in columns if c.name.endswith("_line")]
    shown = [c.name for c in columns[1:]]
    top = 1.1 * float(np.nanmax(edge))
    panel = Panel(shown, "ω (t)", (), [*lines, "edge"], limits=(0, top))
    title = (
        f"Phase mode: {lattice} lattice of {size} sites a side, {pairing}-wave, V = {attraction:g} t, T = 0"
    )
    return Table(title, columns, facts, [panel])


def _along(step: int | np.integer[Any], sides: list[int]) -> list[int]:
    return [int(step), *([0] * (len(sides) - 1))]


def _lowest(energies: np.ndarray) -> float:
    """The lowest mode, or NaN where there is none below the edge."""
    return float(energies[0]) if energies.size else float("nan")
