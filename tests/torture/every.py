"""All rows: those that the modules imported here declare."""

from tests.torture import ends, inputs, memory, numbers, room, schedulers, soak, sweeps  # noqa: F401
from tests.torture.row import ROWS

__all__ = ["ROWS"]
