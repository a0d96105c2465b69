"""Shifted sums in registers against NumPy, at every length up to more than two tiles."""

import numpy as np
import pytest

from bdg.kernels.compiler import jit
from bdg.kernels.registers.lanes import LANES
from bdg.kernels.registers.shifts import WIDE, shifted_sum


@jit
def summed(y, start, length, x, source, factor, stored, entries, low, middle, high, sums):
    shifted_sum(y, start, length, x, source, factor, stored, entries, low, middle, high, sums)


@pytest.mark.parametrize("terms", [(0, 0, 0), (0, 3, 3), (1, 1, 4), (1, 3, 6)])
def test_a_shifted_sum_is_what_it_says_and_touches_nothing_else(terms):
    low, middle, high = terms
    rng, room = np.random.default_rng(sum(terms)), 3 * WIDE * LANES
    source, stored = rng.integers(0, room, 6), rng.integers(0, room, 6)
    factor, entries, x = rng.standard_normal(6), rng.standard_normal(2 * room), rng.standard_normal(2 * room)
    for length in range(2 * WIDE * LANES + 10):
        y, sums, start = rng.standard_normal(2 * room), rng.standard_normal(2 * LANES), 5
        old, before = y.copy(), sums.copy()
        summed(y, start, length, x, source, factor, stored, entries, low, middle, high, sums)
        expected = -old[start : start + length]
        for t in range(low, high):
            value = entries[stored[t] : stored[t] + length] if t >= middle else 1.0
            expected = expected + factor[t] * value * x[source[t] : source[t] + length]
        np.testing.assert_allclose(y[start : start + length], expected, rtol=1e-13, atol=1e-13)
        np.testing.assert_array_equal(y[:start], old[:start])
        np.testing.assert_array_equal(y[start + length :], old[start + length :])
        added = (sums - before).reshape(2, LANES).sum(axis=1)
        here = x[start : start + length]
        np.testing.assert_allclose(added, [expected @ expected, expected @ here], rtol=1e-11, atol=1e-11)
