"""Self-consistency: the loop, its start and its record."""

from bdg.scf.history import Iteration, Status
from bdg.scf.initial import InitialKind, fields_by_symmetry, fields_from, initial_fields
from bdg.scf.loop import Outcome, ScfOptions, Snapshot, self_consistency
from bdg.scf.map import FixedPoint

__all__ = [
    "FixedPoint",
    "InitialKind",
    "Iteration",
    "Outcome",
    "ScfOptions",
    "Snapshot",
    "Status",
    "fields_by_symmetry",
    "fields_from",
    "initial_fields",
    "self_consistency",
]
