"""Random small models through the gate: nothing may depend on who computes it, or how it is looked at."""

import pytest

from tests.adversary.generate import random_spec, yaml_of
from tests.adversary.judges import JUDGES
from tests.adversary.report import judged

BLOCK = 25


@pytest.mark.parametrize("block", range(8))
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
