"""Random curves with a known largest value: smooth, with corners, that break off or end, flat, with humps."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Curve = Callable[[NDArray[np.float64]], NDArray[np.float64]]

KINDS = ("smooth", "corner", "kink", "break", "end", "fold", "onset", "flat", "humps", "three branches")
GRID = np.linspace(-1, 1, 3001)


@dataclass(frozen=True)
class Case:
    """A curve, points of it, and what is known of it.

    Parameters
    ----------
    kind, curve
        What it is.
    places, values
        Three points or five, the middle one the highest, at −1, 0, 1 and ±2.
    largest
        The largest value on [−1, 1].
    extent
        Largest value less the lowest of the three points.
    tolerance
        The error that is asked for.
    noise
        By which the values are wrong.
    """

    kind: str
    curve: Curve
    places: list[float]
    values: list[float]
    largest: float
    extent: float
    tolerance: float
    noise: float


def cases(number: int, seed: int) -> Iterator[Case]:
    """So many curves whose largest value is beside the highest point of a list with half the step."""
    rng, found = np.random.default_rng(seed), 0
    while found < number:
        case = _case(rng, KINDS[found % len(KINDS)])
        if case is not None:
            found += 1
            yield case


def _case(rng: np.random.Generator, kind: str) -> Case | None:
    """A curve; none where the middle point is not the highest, or the largest value shows in no point."""
    curve, special = _curve(rng, kind)
    places = [-2.0, -1.0, 0.0, 1.0, 2.0] if rng.random() < 0.5 else [-1.0, 0.0, 1.0]
    values = [float(value) for value in curve(np.array(places))]
    middle = len(places) // 2
    if values[middle] < max(values):
        return None
    place, largest = _largest(curve, special)
    halves = np.array([-1.0, -0.5, 0.0, 0.5, 1.0])
    extent = largest - min(values[middle - 1 : middle + 2])
    if extent < 1e-6 or abs(place - halves[np.argmax(curve(halves))]) > 0.5:
        return None
    tolerance = float(10 ** rng.uniform(-5.5, -2)) * extent
    return Case(kind, curve, places, values, largest, extent, tolerance, float(rng.choice([0, 1e-9, 1e-8])))


def _largest(curve: Curve, special: list[float]) -> tuple[float, float]:
    """Where a curve is largest, or what it comes to there."""
    fine = np.geomspace(1e-13, 1e-3, 300)
    near = [place + offset for place in special for offset in (-fine, np.zeros(1), fine)]
    grid = np.unique(np.clip(np.concatenate([GRID, *near]), -1, 1))
    for _ in range(3):
        n = int(np.argmax(curve(grid)))
        place, value = grid[n], float(curve(grid)[n])
        low, high = grid[max(n - 1, 0)], grid[min(n + 1, len(grid) - 1)]
        grid = np.append(np.linspace(low, high, 301), place)
    return float(place), value


def _branch(rng: np.random.Generator) -> Curve:
    """A smooth curve."""
    kind, phase, rate = rng.integers(5), rng.uniform(0, 6), rng.uniform(0.5, 1.5)
    if kind == 0:
        coefficients = rng.normal(size=4) * [0.3, 0.6, 1.0, 0.0]
        return lambda x: np.polyval(coefficients, x)
    if kind == 1:
        height = rng.uniform(0.3, 2)
        return lambda x: height * np.sin(2 * rate * x + phase)
    if kind == 2:
        height, growth = rng.uniform(0.2, 1.5), rng.uniform(-2, 2)
        return lambda x: height * np.exp(growth * x)
    if kind == 3:  # a junction of the transparency t
        t = rng.uniform(0.1, 0.97)
        return lambda x: np.sin(rate * x + phase) / np.sqrt(1 - t * np.sin((rate * x + phase) / 2) ** 2)
    slope = rng.uniform(0.3, 2) * rng.choice([-1, 1])
    return lambda x: slope * x


def _curve(rng: np.random.Generator, kind: str) -> tuple[Curve, list[float]]:
    """A curve of a kind, and where it is not smooth."""
    left, right, third = _branch(rng), _branch(rng), _branch(rng)
    at, size = float(rng.uniform(-0.95, 0.95)), float(rng.uniform(0.05, 2))
    here = np.array([at])
    shift = float((left(here) - right(here))[0])
    if kind == "corner":
        return (lambda x: np.minimum(left(x), right(x) + shift)), [at]
    if kind == "kink":
        return (lambda x: np.where(x < at, left(x), right(x) + shift)), [at]
    if kind == "break":
        jump = shift + size * float(rng.choice([-1, 1]))
        return (lambda x: np.where(x < at, left(x), right(x) + jump)), [at]
    if kind == "end":
        side, low = float(rng.choice([-1, 1])), float(left(GRID).min()) - size
        return (lambda x: np.where(side * (x - at) < 0, left(x), low)), [at]
    if kind == "fold":
        return (lambda x: np.where(x <= at, left(x) + size * np.sqrt(np.maximum(at - x, 0)), -3.0)), [at]
    if kind == "onset":  # of a superflow whose pairs break
        return (lambda x: (1 + x) * np.maximum(1 - ((1 + x) / (1.5 + 0.5 * at)) ** 2, 0) ** size), []
    if kind == "flat":
        power = 2 * int(rng.integers(2, 5))
        return (lambda x: 1 - np.abs(x - 0.6 * at) ** power), []
    if kind == "humps":
        phase = 3 * at
        return (lambda x: np.cos(size * x + phase) + 0.3 * size * np.cos((4 + 2 * at) * x + 7 * size)), []
    if kind == "three branches":
        return (lambda x: np.minimum(np.minimum(left(x), right(x)), third(x))), []
    return left, []
