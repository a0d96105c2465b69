r"""What a state may be driven by, H − Σ_i λ_i O_i, and the ⟨O_i⟩ that are measured.

=============  ==========================  ====================================
channel        O_i                         λ_i
=============  ==========================  ====================================
``charge``     n_i                         −(a potential)
``spin``       σ_i along an axis           a Zeeman field, in t
``amplitude``  e^{−iθ_i} c_↑ c_↓ + h.c.    what is added to |Δ_i|
``phase``      −i e^{−iθ_i} c_↑ c_↓ + h.c.  what is added to Δ_i at a right angle
=============  ==========================  ====================================

θ_i is the phase of Δ_i, 0 where there is none.
"""

from __future__ import annotations

from typing import Literal

import numpy as np

from bdg.arrays import Floats, Numbers
from bdg.lattice import Sample
from bdg.model import Fields
from bdg.model.fields import zeros_like
from bdg.scf.derivative import CorrelatorChanges
from bdg.scf.stability.jacobian import NO_DELTA
from bdg.solvers import Correlations

Channel = Literal["charge", "spin", "amplitude", "phase"]
"""What is driven, and what is measured."""

SpinAxis = Literal["x", "y", "z"]
"""Direction of spins."""

ACROSS = {"x": 1.0, "y": -1.0j}
"""⟨↑|σ|↓⟩."""


def source(channel: Channel, axis: SpinAxis, fields: Fields, strength: Floats) -> Fields:
    """The change of the fields that −Σ λ_i O_i is, shape of ``strength`` ``(n_sites,)``."""
    nothing = zeros_like(fields)
    if channel == "charge":
        return nothing.having({"hartree": np.array([-strength, -strength])})
    if channel == "spin" and axis == "z":
        return nothing.having({"hartree": np.array([-strength, strength])})
    if channel == "spin":
        return nothing.having({"exchange": -ACROSS[axis] * strength})
    turn = 1.0 if channel == "amplitude" else 1.0j
    return nothing.having({"delta": turn * _phase_factor(fields) * strength})


def measured(channel: Channel, axis: SpinAxis, fields: Fields, sample: Sample, f: Correlations) -> Floats:
    """δ⟨O_i⟩ from entries of δf(H) on sites and bonds, shape ``(n_sites,)``."""
    changes = CorrelatorChanges(sample, f)
    if channel == "charge" or (channel == "spin" and axis == "z"):
        up, down = changes["spin_density"]
        return np.asarray(up + down if channel == "charge" else up - down)
    if channel == "spin":
        return np.asarray(2.0 * np.real(ACROSS[axis] * np.conj(changes["spin_flip"])))
    turned = np.conj(_phase_factor(fields)) * changes["anomalous_density"]
    return 2.0 * np.asarray(np.real(turned) if channel == "amplitude" else np.imag(turned))


def _phase_factor(fields: Fields) -> Numbers:
    """Δ/|Δ|, and 1 where there is no more Δ than rounding makes; real where Δ is."""
    size = np.abs(fields.delta)
    is_there = size > NO_DELTA
    factor: Numbers = np.divide(fields.delta, size, out=np.ones_like(fields.delta), where=is_there)
    return factor
