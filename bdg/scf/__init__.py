"""Self-consistency: the loop, its start and its record."""

from bdg.scf.history import Iteration, Status
from bdg.scf.loop import Outcome, ScfOptions, Snapshot, self_consistency
from bdg.scf.map import FixedPoint
from bdg.scf.starts.density import density_of
from bdg.scf.starts.initial import InitialKind, fields_by_symmetry, fields_from, initial_fields, start_factor
from bdg.scf.starts.magnetic import PATTERNS, magnetisation_of

__all__ = [
    "PATTERNS",
    "FixedPoint",
    "InitialKind",
    "Iteration",
    "Outcome",
    "ScfOptions",
    "Snapshot",
    "Status",
    "density_of",
    "fields_by_symmetry",
    "fields_from",
    "initial_fields",
    "magnetisation_of",
    "self_consistency",
    "start_factor",
]
