"""Published numbers of uniform and of Ginzburg and Landau's theory, beside what is computed."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from scipy.optimize import brentq

from bdg.theory.macroscopic import ginzburg_landau as gl
from bdg.theory.uniform import thermodynamics as thermo
from bdg.theory.uniform.band import constant_dos, fermi_surface, panels
from bdg.theory.uniform.gap import contact_3d, critical_temperature, reduced_gap, solve
from docs.validation.check import PUBLISHED, Row, Rows, check
from docs.validation.peers import table

TABLE = {row["name"]: row for row in table("published.csv")}


def beside(found: Mapping[str, float]) -> Rows:
    """The rows of the table that are computed."""
    for name, value in found.items():
        row = TABLE[name]
        yield Row(row["quantity"], float(row["value"]), value, float(row["digits"]), row["source"])


@check(PUBLISHED, "`data/published.csv`")
def bcs_tables() -> Rows:
    """The gap and the critical field against temperature.

    Weak coupling, N(0)V = 0.1.
    """
    found = {f"muehlschlegel_{t:g}": float(reduced_gap(t)) for t in (0.9, 0.7, 0.5, 0.3)}
    metal = constant_dos(1.0)
    critical = critical_temperature(metal, 0.1, mu=0.0)
    t = np.linspace(0.0, 1.0, 41)
    field = np.array([thermo.critical_field(solve(metal, 0.1, one * critical, mu=0.0)) for one in t])
    found["muehlschlegel_deviation"] = thermo.deviation_function(field / field[0], t).min()
    yield from beside(found)


@check(PUBLISHED, "`data/published.csv`")
def d_wave_metal() -> Rows:
    """A d wave on a round Fermi surface, weak coupling."""
    angle, weight = panels(np.linspace(0, np.pi / 2, 9))
    metal = fermi_surface(np.cos(2 * angle), weight, 1.0)
    critical = critical_temperature(metal, 0.2, mu=0.0)
    jump = thermo.specific_heat_jump(solve(metal, 0.2, critical, mu=0.0))
    yield from beside({"d_wave_ratio": solve(metal, 0.2, mu=0.0).delta / critical, "d_wave_jump": jump})


@check(PUBLISHED, "`data/published.csv`")
def crossover() -> Rows:
    """From BCS to molecules with a contact attraction, mean field at T = 0."""
    unitary = contact_3d(0.0)
    zero = brentq(lambda length: contact_3d(length).mu, 0.3, 0.8, xtol=1e-6)
    yield from beside(
        {"unitarity_delta": unitary.delta, "unitarity_mu": unitary.mu, "crossover_mu_zero": zero}
    )


@check(PUBLISHED, "`data/published.csv`")
def ginzburg_landau_numbers() -> Rows:
    """Vortices, walls and surfaces of Ginzburg and Landau's theory.

    κ = 200 for H_c1; 1 − T/T_c = 10⁻⁶ for the length.
    """
    near = gl.gorkov(
        density_of_states=0.7, fermi_velocity=1.3, critical_temperature=0.2, temperature=0.2 * (1 - 1e-6)
    )
    pippard = 1.3 / (np.pi * np.pi * np.exp(-np.euler_gamma) * 0.2)
    yield from beside(
        {
            "abrikosov_triangular": gl.abrikosov_parameter(),
            "abrikosov_square": gl.abrikosov_parameter(gl.SQUARE),
            "surface_field": gl.surface_critical_ratio(),
            "lower_field": 2 * 200.0**2 * gl.vortex(200.0).lower_critical_field - np.log(200.0),
            "wall_zero": brentq(gl.wall_energy, 0.6, 0.8, xtol=1e-7),
            "gor_kov_length": near.coherence_length * 1e-3 / pippard,
        }
    )
