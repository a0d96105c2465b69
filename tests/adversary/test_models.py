"""Random small models through the gate: nothing may depend on who computes it, or how it is looked at."""

import importlib

import numpy as np
import pytest

from tests.adversary.generate import random_spec, yaml_of
from tests.adversary.judges import JUDGES
from tests.adversary.report import judged
from tests.adversary.trial import tried

BLOCK = 25


@pytest.mark.parametrize(
    "block", [*range(4), *(pytest.param(block, marks=pytest.mark.slow) for block in range(4, 8))]
)
def test_models_agree_with_their_twins_and_with_themselves_seen_otherwise(block):
    report = judged(range(BLOCK * block, BLOCK * (block + 1)), thorough=False)
    assert report.models["judged"] > BLOCK / 2
    assert not report.failures, f"{report.table()}\n{report.explained()}"


@pytest.mark.slow
@pytest.mark.parametrize("block", range(20))
def test_two_thousand_models_agree_with_their_twins_and_with_themselves_seen_otherwise(block):
    report = judged(range(100 * block, 100 * (block + 1)))
    assert {name for name, said in report.verdicts.items() if any(not v.passed_over for v in said)} == set(
        JUDGES
    )
    assert not report.failures, f"{report.table()}\n{report.explained()}"


def test_a_seed_is_a_model():
    assert yaml_of(random_spec(7)) == yaml_of(random_spec(7)) != yaml_of(random_spec(8))


FAULTS = [
    (
        "twin",
        "bdg.model.interactions.bond_hartree.BondHartree.made",
        lambda right: lambda self, model, density: -right(self, model, density),
    ),
    (
        "gauge",
        "bdg.observables.currents.currents.bond_current",
        lambda right: lambda model, f: right(model, f) + 1e-6 * np.cos(model.phase),
    ),
    (
        "origin",
        "bdg.gauge.pairs.twist_phase",
        lambda right: lambda sample, gained=None: np.zeros(sample.n_sites),
    ),
    (
        "order",
        "bdg.model.pairs.form_factor",
        lambda right: lambda symmetry, ways: right(symmetry, np.abs(ways)),
    ),
    (
        "supercell",
        "bdg.lattice.boundary.Boundary.twist_per_cell",
        lambda right: property(lambda self: right.fget(self) * self.n_k),
    ),
    (
        "temperature",
        "bdg.observables.thermodynamics.entropy._from_levels",
        lambda right: lambda *given: (1.001 * right(*given)[0], right(*given)[1]),
    ),
    (
        "sources",
        "tests.adversary.derivatives.bond_current",
        lambda right: lambda model, f: 1.001 * right(model, f),
    ),
    (  # right at self-consistency, but not stationary there
        "strengths",
        "bdg.observables.thermodynamics.grand_potential.constant",
        lambda right: (
            lambda model, name, fields, correlators: (
                float(np.sum(model.attraction.strength * np.abs(correlators["anomalous_density"]) ** 2))
                if name == "delta"
                else right(model, name, fields, correlators)
            )
        ),
    ),
    (
        "strengths",
        "bdg.model.interactions.contract.MeanField.energy",
        lambda right: (
            lambda self, model, y: (0.999 if self.field == "exchange" else 1.0) * right(self, model, y)
        ),
    ),
    (
        "strengths",
        "bdg.model.interactions.pair_hopping.PairHopping.made",
        lambda right: lambda self, model, pairs: right(self, model, np.abs(pairs)),
    ),
]
"""Faults, each with a judge that sees it: what is replaced, and by what."""


@pytest.mark.parametrize(
    ("judge", "place", "wrong"),
    FAULTS,
    ids=[f"{judge} {place.rsplit('.')[-1]}" for judge, place, _ in FAULTS],
)
def test_a_judge_sees_a_fault_of_its_kind(judge, place, wrong, monkeypatch):
    home, name = _home_of(place)
    monkeypatch.setattr(home, name, wrong(vars(home)[name]))
    assert any(tried(seed, (judge,)).failures for seed in range(60))


def _home_of(place):
    """The module or class that holds a name."""
    path, name = place.rsplit(".", 1)
    try:
        return importlib.import_module(path), name
    except ModuleNotFoundError:
        module, owner = path.rsplit(".", 1)
        return getattr(importlib.import_module(module), owner), name
