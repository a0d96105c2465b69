"""What other packages get."""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np

import bdg
from docs.validation.check import PEERS, Row, Rows, check

DATA = Path(__file__).parents[2] / "data"


def table(name: str) -> list[dict[str, str]]:
    """The rows of a table of ``data/``, by column."""
    lines = (DATA / name).read_text(encoding="utf-8").splitlines()
    return list(csv.DictReader(line for line in lines if not line.startswith("#")))


@check(PEERS, "NumPy script, bodge, kwant, pybinding, pyqula, TBTK: `data/peers_gap.csv`")
def peers_gap() -> Rows:
    """Self-consistent Δ of open squares, clean and disordered, in nine digits.

    The others stopped where Δ still changed by 10⁻⁶.
    """
    for row in table("peers_gap.csv"):
        size, case = int(row["L"]), row["case"]
        sample = bdg.build_sample("square", [size, size])
        onsite = np.zeros((size, size))
        if case == "disorder":
            onsite = np.random.default_rng(0).uniform(-1, 1, size=(size, size))
            onsite[size // 2, size // 2] += 4.0
        x, y = sample.cells.T
        model = bdg.build_model(
            sample, chemical_potential=-0.5, attraction=2.5, temperature=0.05, onsite=onsite[x, y]
        )
        delta = np.abs(bdg.solve(model, observables=()).fields.delta)
        centre = delta[sample.site_at([size // 2, size // 2])]
        found = {"mean": delta.mean(), "centre": centre, "corner": delta[sample.site_at([0, 0])]}
        for name, value in found.items():
            if row[name]:
                yield Row(f"{case}, L = {size}, {name} / t", float(row[name]), value, 2e-6)


@check(PEERS, "kwant, pybinding, TBTK, bodge, pyqula, NumPy: `data/peers_ring_current.csv`")
def peers_ring_current() -> Rows:
    """The current through a ring of given Δ, in nine digits."""
    for row in table("peers_ring_current.csv"):
        width = int(row["L"])
        sample = bdg.build_sample("square", [2 * width, width], ["periodic", "open"])
        flux = [2 * np.pi * 0.1 / (2 * width), 0.0]
        terms = {"given_delta": 0.5, "fields": (), "vector_potential": flux}
        model = bdg.build_model(sample, chemical_potential=-0.5, temperature=0.05, **terms)
        result = bdg.solve(model, observables=["currents"])
        through = result["bond_current"].values[sample.bonds.crossing[:, 0] != 0]
        yield Row(f"L = {width}, I ħ/t", float(row["current"]), abs(through.sum()), 2e-9)
