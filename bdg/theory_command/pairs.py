"""Cooper's problem as a table over the coupling."""

from __future__ import annotations

import numpy as np

from bdg.theory import cooper
from bdg.theory.checks import require_positive
from bdg.theory.gap import zero_temperature_gap
from bdg.theory_command.table import Column, Panel, Table


def cooper_table(coupling: float, cutoff: float, levels: int, points: int) -> Table:
    """Binding energy and size of one pair, with and without a Fermi sea, against N(0)V."""
    require_positive("the coupling", coupling, "it is N(0)V")
    strengths = coupling * np.linspace(0.25, 4, points)
    xi = (np.arange(levels) + 0.5) * cutoff / levels
    closed = np.array([cooper.cooper_binding(v, cutoff) for v in strengths])
    summed = [cooper.cooper_binding_discrete(xi, v * cutoff / levels) for v in strengths]
    columns = [
        Column("coupling", strengths, "1", "N(0)V"),
        Column("binding", closed / cutoff, "cutoff", "on a Fermi sea"),
        Column("binding_discrete", np.array(summed) / cutoff, "cutoff", f"sum over {levels} levels"),
        Column(
            "twice_gap",
            2 * np.array([zero_temperature_gap(v, 1.0) for v in strengths]),
            "cutoff",
            "2Δ of BCS",
        ),
        *(
            Column(
                f"vacuum_{d}d",
                np.array([cooper.binding_without_sea(v, 1.0, d) for v in strengths]),
                "cutoff",
                f"no sea, {d}D",
            )
            for d in (2, 3)
        ),
        Column(
            "size",
            np.array([cooper.cooper_pair_size(b, cutoff, cutoff) for b in closed]),
            "hbar v_F/cutoff",
            "size of the pair",
        ),
    ]
    shown = ["binding", "twice_gap", "vacuum_2d", "vacuum_3d"]
    panels = [
        Panel(shown, "binding energy (ħω_D)", (), ["twice_gap"], log="y"),
        Panel(["size"], "size of the pair (ħv_F/ħω_D)", log="y"),
    ]
    facts = {
        "binding energy": cooper.cooper_binding(coupling, cutoff),
        "threshold of N(0)V without a sea, 3D": cooper.binding_threshold(),
    }
    return Table(f"One pair: N(0)V = {coupling:g}, cut-off {cutoff:g}", columns, facts, panels)
