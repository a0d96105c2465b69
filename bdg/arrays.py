"""Types of arrays, by what they hold; shapes stand in docstrings."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
"""Real numbers."""

Complexes = NDArray[np.complex128]
"""Complex numbers."""

Numbers = NDArray[np.float64] | NDArray[np.complex128]
"""Real numbers, or complex ones where the physics makes them so."""

Indices = NDArray[np.intp]
"""Places in another array."""

Array = NDArray[Any]
"""Anything: in single or double precision, or of a kind that only the caller knows."""
