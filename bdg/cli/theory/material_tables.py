"""The table of elements and what follows from it."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from bdg.cli.theory.table import Column, Panel, Table
from bdg.theory.uniform.gap import gap_ratio
from bdg.theory.uniform.materials import Material, material, materials

COLUMNS: tuple[tuple[str, str, str, Callable[[Material], float | None]], ...] = (
    ("t_c", "K", "T_c", lambda m: m.t_c),
    ("gap", "meV", "Δ(0)", lambda m: m.gap_mev),
    ("theta_d", "K", "θ_D", lambda m: m.theta_d),
    ("v_f", "m/s", "Fermi velocity", lambda m: m.fermi_velocity),
    ("lambda_l", "nm", "London depth", lambda m: m.lambda_nm),
    ("xi", "nm", "coherence length", lambda m: m.xi_nm),
    ("coupling", "1", "λ", lambda m: m.coupling),
    ("gap_ratio", "1", "2Δ(0)/k_BT_c", lambda m: m.gap_ratio),
    ("hbar_v_f_over_pi_gap", "nm", "ħv_F/πΔ(0)", lambda m: m.coherence_length_nm),
    ("pairs_within_xi", "1", "pairs within ξ of one", lambda m: m.pairs_in_a_pair),
)


def materials_table(symbols: list[str]) -> Table:
    """All elements, or those asked for; NaN where the sources say nothing."""
    chosen = [material(symbol) for symbol in symbols] or list(materials().values())
    columns = [Column("symbol", np.array([m.symbol for m in chosen]), "1", "element")]
    for name, units, long_name, value in COLUMNS:
        values = [value(m) for m in chosen]
        columns.append(Column(name, np.array([np.nan if x is None else x for x in values]), units, long_name))
    weak = np.full(len(chosen), gap_ratio())
    columns.append(Column("weak_coupling", weak, "1", "weak coupling"))
    panels = [
        Panel(["gap_ratio", "weak_coupling"], "2Δ(0)/k_BT_c", (), ["weak_coupling"], ["gap_ratio"]),
        Panel(["xi", "hbar_v_f_over_pi_gap"], "length (nm)", (), (), ["xi", "hbar_v_f_over_pi_gap"], log="y"),
        Panel(["pairs_within_xi"], "pairs within ξ of one", (), (), ["pairs_within_xi"], log="y"),
    ]
    title = "Elements; sources in bdg/theory/data/materials.csv"
    return Table(title, columns, {}, panels)
