"""What six other packages agree about in nine digits."""

from __future__ import annotations

import numpy as np
import pytest

import bdg
from bdg.lattice import build_sample
from bdg.model import build_model
from tests.regression.tables import DATA, rows

AGREEMENT = 2e-6
"""The peers stopped where their fields still changed by 1e-6."""

SOLVERS = ("diagonalization", "selected_inversion")
LARGEST_DENSE = 16


def test_every_table_names_its_source_and_stands_in_the_index():
    index = (DATA / "README.md").read_text(encoding="utf-8")
    for table in DATA.glob("*.csv"):
        assert table.read_text(encoding="utf-8").startswith("# ")
        assert rows(table.name)
        assert f"`{table.name}`" in index


@pytest.mark.parametrize("row", rows("peers_gap.csv"), ids=lambda row: f"{row['case']} {row['L']}")
@pytest.mark.parametrize("solver", SOLVERS)
def test_the_order_parameter_of_squares(row, solver):
    size = int(row["L"])
    if solver == "diagonalization" and size > LARGEST_DENSE:
        pytest.skip("large for dense diagonalization")
    sample = build_sample("square", [size, size])
    onsite = np.zeros((size, size))
    if row["case"] == "disorder":
        onsite = np.random.default_rng(0).uniform(-1, 1, size=(size, size))
        onsite[size // 2, size // 2] += 4.0
    x, y = sample.cells.T
    model = build_model(
        sample, chemical_potential=-0.5, attraction=2.5, temperature=0.05, onsite=onsite[x, y]
    )
    result = bdg.solve(model, solver=solver, observables=())
    delta = np.abs(result.fields.delta)
    found = {
        "mean": delta.mean(),
        "centre": delta[sample.site_at([size // 2, size // 2])],
        "corner": delta[sample.site_at([0, 0])],
    }
    expected = {name: float(row[name]) for name in found if row[name]}
    assert "mean" in expected
    assert {name: found[name] for name in expected} == pytest.approx(expected, abs=AGREEMENT)


@pytest.mark.parametrize("row", rows("peers_ring_current.csv"), ids=lambda row: f"L = {row['L']}")
@pytest.mark.parametrize("solver", SOLVERS)
def test_the_current_through_a_ring(row, solver):
    width = int(row["L"])
    if solver == "diagonalization" and width > LARGEST_DENSE:
        pytest.skip("large for dense diagonalization")
    sample = build_sample("square", [2 * width, width], ["periodic", "open"])
    model = build_model(
        sample,
        chemical_potential=-0.5,
        given_delta=0.5,
        fields=(),
        temperature=0.05,
        vector_potential=[2 * np.pi * 0.1 / (2 * width), 0.0],
    )
    result = bdg.solve(model, solver=solver, observables=["currents"])
    through = result["bond_current"].values[sample.bonds.crossing[:, 0] != 0]
    assert abs(through.sum()) == pytest.approx(float(row["current"]), abs=2e-9)
