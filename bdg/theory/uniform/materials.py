"""A small table of elements, with sources in ``data/materials.csv``.

Temperatures are in K, gaps in meV, lengths in nm, velocities in m/s.
"""

from __future__ import annotations

import csv
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from scipy import constants

from bdg.errors import InputError
from bdg.theory.uniform.response.coherence import coherence_length_si, overlapping_pairs

KELVIN_MEV = constants.k / constants.e * 1e3
"""k_B in meV/K."""


@dataclass(frozen=True)
class Material:
    """An elemental superconductor; ``None`` where the sources give no value.

    Parameters
    ----------
    symbol, name
        Of the element.
    t_c, theta_d
        Critical and Debye temperature in K.
    gap_mev
        Δ(0) in meV.
    fermi_velocity, density
        v_F in m/s and electrons per m³, of free electrons.
    lambda_nm, xi_nm
        London depth and coherence length at T = 0 in nm.
    coupling
        λ of electrons and phonons.
    """

    symbol: str
    name: str
    t_c: float
    gap_mev: float
    theta_d: float
    fermi_velocity: float | None
    density: float | None
    lambda_nm: float | None
    xi_nm: float | None
    coupling: float | None

    @property
    def gap_ratio(self) -> float:
        """2Δ(0)/k_B T_c: 3.53 in weak coupling, more in lead and mercury."""
        return float(2 * self.gap_mev / (KELVIN_MEV * self.t_c))

    @property
    def coherence_length_nm(self) -> float | None:
        """ξ₀ = ħv_F/πΔ(0) in nm, with the velocity of free electrons."""
        return None if self.fermi_velocity is None else coherence_length_si(self.fermi_velocity, self.gap_mev)

    @property
    def pairs_in_a_pair(self) -> float | None:
        """Pairs whose centre lies within ξ₀ of another's, of the ξ of the table or else of free electrons."""
        length = self.coherence_length_nm if self.xi_nm is None else self.xi_nm
        if length is None or self.density is None:
            return None
        return overlapping_pairs(self.density, length * 1e-9)


@cache
def materials() -> dict[str, Material]:
    """All of the table by symbol."""
    text = (files("bdg.theory.uniform") / "data" / "materials.csv").read_text(encoding="utf-8")
    rows = csv.DictReader(line for line in text.splitlines() if not line.startswith("#"))
    return {row["symbol"]: _material(row) for row in rows}


def material(symbol: str) -> Material:
    """One of the table.

    Raises
    ------
    InputError
        If it is not there.
    """
    found = materials().get(symbol)
    if found is None:
        raise InputError(f"no data for {symbol!r}; use {', '.join(materials())}")
    return found


def _material(row: dict[str, str]) -> Material:
    values = {
        key: float(text) if text else None for key, text in row.items() if key not in ("symbol", "name")
    }
    t_c, gap, theta = values["t_c"], values["gap_mev"], values["theta_d"]
    assert t_c is not None
    assert gap is not None
    assert theta is not None
    velocity, density = values["fermi_velocity"], values["density"]
    return Material(
        row["symbol"],
        row["name"],
        t_c,
        gap,
        theta,
        None if velocity is None else velocity * 1e6,
        None if density is None else density * 1e28,
        values["lambda_nm"],
        values["xi_nm"],
        values["coupling"],
    )


def reference_gap() -> tuple[list[float], list[float]]:
    """T/T_c and Δ(T)/Δ(0) as Mühlschlegel printed them, Z. Phys. 155, 313 (1959)."""
    text = (files("bdg.theory.uniform") / "data" / "muehlschlegel.csv").read_text(encoding="utf-8")
    rows = list(csv.DictReader(line for line in text.splitlines() if not line.startswith("#")))
    return [float(row["t"]) for row in rows], [float(row["delta"]) for row in rows]
