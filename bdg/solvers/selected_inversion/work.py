"""What an evaluation is asked for."""

from __future__ import annotations

from concurrent.futures import Executor
from dataclasses import dataclass
from typing import Literal

from bdg.nambu import NambuMatrix
from bdg.rational import Expansion
from bdg.solvers.contract import Pattern

Lacking = Literal["potential", "correlations"] | None
"""What an evaluation leaves out."""


@dataclass(frozen=True)
class Work:
    """What an evaluation of f(H), or of its response, is asked for.

    ``without`` names what it may leave out where that takes time of its own: the grand potential or the
    correlations.
    """

    hamiltonian: NambuMatrix
    pattern: Pattern
    expansion: Expansion
    tolerance: float
    executor: Executor | None
    without: Lacking = None
