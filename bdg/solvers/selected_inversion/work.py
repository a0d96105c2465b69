"""What an evaluation is asked for."""

from __future__ import annotations

from concurrent.futures import Executor
from dataclasses import dataclass

from bdg.nambu import NambuMatrix
from bdg.rational import Expansion
from bdg.solvers.contract import Pattern


@dataclass(frozen=True)
class Work:
    """What an evaluation of f(H), or of its response, is asked for."""

    hamiltonian: NambuMatrix
    pattern: Pattern
    expansion: Expansion
    tolerance: float
    executor: Executor | None
