"""The error that a largest value of a random curve states covers the truth, and is no wider than asked."""

from dataclasses import dataclass

import numpy as np
import pytest

from bdg.experiments.josephson.largest import MOST, largest
from tests.support.curves import KINDS, Case, cases

SEED = 20


@dataclass(frozen=True)
class Found:
    """How far below the largest value the found one is, the error that it states, and what it took."""

    case: Case
    miss: float
    error: float
    evaluations: int


def found(case: Case, rng: np.random.Generator) -> Found:
    calls = []

    def curve(place):
        calls.append(place)
        return float(case.curve(np.array([place]))[0]) + case.noise * rng.uniform(-1, 1)

    peak = largest(curve, case.places, case.values, case.tolerance)
    assert peak.error is not None
    assert min(calls) > -1
    assert max(calls) < 1
    return Found(case, case.largest - peak.value, peak.error, len(calls))


@pytest.fixture(scope="module", params=[200, pytest.param(1500, marks=pytest.mark.slow)])
def every(request):
    rng = np.random.default_rng(SEED)
    return [found(case, rng) for case in cases(request.param, SEED)]


def test_the_error_covers_the_largest_value(every):
    missed = [each for each in every if each.miss > each.error + each.case.noise + 1e-12]
    assert len(missed) <= len(every) // 1000
    assert all(each.miss <= 2 * each.error + each.case.noise for each in missed)


@pytest.mark.parametrize("kind", KINDS)
def test_the_error_is_what_was_asked_for_or_small(every, kind):
    """All points used up, a break is known to its slope times 2⁻¹¹ of the interval, for one."""
    mine = [each for each in every if each.case.kind == kind]
    share = [each.error / each.case.extent for each in mine]
    assert all(each.error <= each.case.tolerance or each.evaluations == MOST for each in mine)
    assert np.median(share) < 2e-3
    assert np.quantile(share, 0.95) < 0.01
    assert max(share) < 0.05


def test_few_evaluations_are_made(every):
    used = {kind: [each.evaluations for each in every if each.case.kind == kind] for kind in KINDS}
    assert max(map(max, used.values())) <= MOST
    assert np.median(used["smooth"]) <= 7
    assert np.median(used["corner"]) <= 10
    assert np.median(used["onset"]) <= 10
