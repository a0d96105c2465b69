"""Sums along a tree: the same bits for any number of workers, who are busy for about the same time."""

import numpy as np
import pytest

from bdg.solvers.pairwise import added, pairwise, shares

COSTS = {
    "one": (1.0,),
    "equal": (1.0,) * 16,
    "odd": (1.0,) * 11,
    "two precisions": (1.0,) * 5 + (0.75,) * 6,
    "one is dear": (1.0, 1.0, 9.0, 1.0, 1.0, 1.0),
    "many": tuple(np.random.default_rng(1).uniform(0.1, 1.0, 60)),
}


def terms(costs):
    return list(zip(10.0 ** np.random.default_rng(0).uniform(-8, 8, len(costs)), costs, strict=True))


def total(some):
    return pairwise(some, lambda term: term[1], lambda term: term[0])


@pytest.mark.parametrize("name", COSTS)
@pytest.mark.parametrize("workers", [1, 2, 3, 7, 100])
def test_any_number_of_workers_gives_the_same_bits(name, workers):
    costs, all_terms = COSTS[name], terms(COSTS[name])
    parts = shares(costs, workers)
    assert [index for part in parts for index in part] == list(range(len(costs)))
    sums = [total(all_terms[part.start : part.stop]) for part in parts]
    assert added(costs, parts, iter(sums)) == total(all_terms)


def test_the_order_matters_to_these_bits():
    values = [value for value, _ in terms(COSTS["many"])]
    assert sum(values) != total(terms(COSTS["many"]))


@pytest.mark.parametrize(
    ("costs", "workers", "expected"),
    [
        ((1.0,) * 16, 2, [8, 8]),
        ((1.0,) * 11, 2, [6, 5]),
        ((1.0,) * 9, 1, [9]),
        ((1.0,) * 3, 8, [1, 1, 1]),
        ((3.0, 1.0, 1.0, 1.0), 2, [3.0, 3.0]),
    ],
)
def test_shares_are_few_and_of_equal_cost(costs, workers, expected):
    found = [sum(costs[part.start : part.stop]) for part in shares(costs, workers)]
    assert sorted(found) == sorted(expected)


def test_shares_for_three_workers_are_finer():
    found = [len(part) for part in shares((1.0,) * 14, 3)]
    assert max(found) <= 5
    assert len(found) > 3
