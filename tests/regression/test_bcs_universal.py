"""The uniform BCS limit: numbers that theory fixes, from the gap equation at weak coupling."""

from __future__ import annotations

import numpy as np
import pytest

from bdg.theory.uniform import thermodynamics as thermo
from bdg.theory.uniform.band import constant_dos
from bdg.theory.uniform.gap import critical_temperature, solve
from tests.regression.tables import rows

WEAK = 0.2
"""N(0)V; N(0) is 1."""


@pytest.fixture(scope="module")
def found():
    metal = constant_dos(1.0)
    ground, critical = solve(metal, WEAK, mu=0.0), critical_temperature(metal, WEAK, mu=0.0)
    near = solve(metal, WEAK, critical * (1 - 1e-4), mu=0.0)
    return {
        "gap_ratio": 2 * ground.delta / critical,
        "specific_heat_jump": thermo.specific_heat_jump(solve(metal, WEAK, critical, mu=0.0), "mu"),
        "gap_slope": near.delta / critical / np.sqrt(1e-4),
        "condensation_energy": thermo.condensation_energy(ground) / ground.delta**2,
    }


@pytest.mark.parametrize("row", rows("bcs_universal.csv"), ids=lambda row: row["name"])
def test_a_number_that_theory_fixes(found, row):
    assert found[row["name"]] == pytest.approx(float(row["value"]), rel=float(row["tolerance"]))


def test_every_number_is_in_the_table(found):
    assert set(found) == {row["name"] for row in rows("bcs_universal.csv")}
