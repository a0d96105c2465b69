"""Experiments: observables that run loops of their own, along a field, a flux, a phase or a temperature.

All stand on :func:`bdg.experiments.follow.follow`; ``docs/experiments.md`` shows how one is written.
"""

from bdg.experiments.change import AppliedField, Change, Temperature, UniformPotential
from bdg.experiments.curve import Line, curves
from bdg.experiments.follow import Branch, Point, branch, follow

__all__ = [
    "AppliedField",
    "Branch",
    "Change",
    "Line",
    "Point",
    "Temperature",
    "UniformPotential",
    "branch",
    "curves",
    "follow",
]
