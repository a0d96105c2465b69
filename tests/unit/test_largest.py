"""The largest value of a curve is found, and its error is one."""

import numpy as np
import pytest

from bdg.experiments.josephson.largest import largest


@pytest.mark.parametrize("skew", [0.0, 0.4, 0.9])
@pytest.mark.parametrize("step", [0.25, 0.7])
def test_a_smooth_maximum(skew, step):
    def curve(x):
        return np.sin(x) * np.cos(x / 2) ** -skew

    fine = np.linspace(0.2, 3.1, 200001)
    best = float(np.max(curve(fine)))
    grid = 0.2 + step * np.arange(int(2.9 / step) + 1)
    n = int(np.argmax(curve(grid)))
    calls = []

    def counted(x):
        calls.append(x)
        return float(curve(x))

    places = tuple(float(x) for x in grid[n - 1 : n + 2])
    peak = largest(counted, places, tuple(float(curve(x)) for x in places), 1e-6)
    assert peak.value == pytest.approx(float(curve(peak.place)), abs=0)
    assert peak.value <= best + 1e-10
    assert best - peak.value <= peak.error + 1e-9
    assert best - peak.value < 1e-6
    assert len(calls) <= 10


def test_a_curve_that_breaks_off():
    """It rises to 1 at x = 1, and falls to −1 there."""

    def curve(x):
        return x if x < 1 else x - 2

    peak = largest(curve, (0.0, 0.7, 1.4), (0.0, 0.7, -0.6), 1e-3)
    assert 1 - peak.error <= peak.value < 1
    assert peak.error < 0.01


MAXIMA = {
    "two beside the middle": lambda x: 1 + x**2 - 2 * x**4,
    "two beside the middle, one higher": lambda x: 1 + x**2 - 2 * x**4 + 0.05 * x,
    "a flat one": lambda x: 1 - x**4 + 0.1 * x,
    "a narrow one beside the middle": lambda x: 1 - 0.5 * x**2 + 0.4 * np.exp(-(((x - 0.5) / 0.15) ** 2)),
    "branches that cross": lambda x: 1 - np.where(x < 0.3, 0.3 - x, 2 * (x - 0.3)),
    "branches that cross on the left": lambda x: 1 - np.where(x < -0.13, 1.6 * (-0.13 - x), 0.4 * (x + 0.13)),
    "bent branches that cross": lambda x: np.minimum(1 + x - 0.3 * x**2, 1.5 - 0.8 * x),
}


@pytest.mark.parametrize("tolerance", [1e-2, 1e-3, 1e-5])
@pytest.mark.parametrize("curve", MAXIMA.values(), ids=MAXIMA)
def test_the_error_covers_the_largest_between_three_points(curve, tolerance):
    best = float(np.max(curve(np.linspace(-1, 1, 400001))))
    places = (-1.0, 0.0, 1.0)
    peak = largest(lambda x: float(curve(x)), places, tuple(float(curve(x)) for x in places), tolerance)
    assert best - peak.value <= peak.error + 1e-9
    assert peak.error < 0.1 * best
