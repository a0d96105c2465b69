"""Solvers: selected entries of functions of H. The contract stands in :mod:`bdg.solvers.contract`."""

from bdg.solvers.choose import advice, choose, require_room
from bdg.solvers.contract import (
    Correlations,
    Estimate,
    Greens,
    Pattern,
    Solver,
    SolvesStates,
    executor_of,
)
from bdg.solvers.monitor import SILENT, Monitor, watched, watched_share

__all__ = [
    "SILENT",
    "Correlations",
    "Estimate",
    "Greens",
    "Monitor",
    "Pattern",
    "Solver",
    "SolvesStates",
    "advice",
    "choose",
    "executor_of",
    "require_room",
    "watched",
    "watched_share",
]
