"""Drives of a spectrum: waves over the sample, sites, and the pattern of Δ itself."""

from __future__ import annotations

from typing import Any, Literal

import numpy as np

from bdg.arrays import Floats
from bdg.lattice import Sample
from bdg.model import Fields
from bdg.model.fields import zeros_like
from bdg.observables.response.sources import Channel, SpinAxis, source
from bdg.scf.derivative import CorrelatorChanges

Pattern = Literal["uniform", "order_parameter"]
"""Whether a drive is as strong on every site, or as strong as Δ is there."""

CHANNELS: tuple[Channel, ...] = ("amplitude", "phase", "charge", "spin")
"""What is measured, in this order."""


def drive(
    channel: Channel, axis: SpinAxis, pattern: Pattern, sample: Sample, fields: Fields, strength: Floats
) -> Fields:
    """The change of the fields that −Σ λ_i O_i is, λ of shape ``(n_sites,)``.

    In the pattern of the order parameter that of pairs, on sites and bonds, is λ Δ over the root mean square
    of Δ, or iλ Δ; on a bond λ is the mean of its ends.
    """
    if pattern == "uniform" or channel in ("charge", "spin"):
        return source(channel, axis, fields, strength)
    turn = (1.0 if channel == "amplitude" else 1.0j) / float(np.sqrt(np.mean(fields.moduli**2)))
    return zeros_like(fields).having(
        {name: turn * _times(strength, values, sample) for name, values in fields.pairs().items()}
    )


def _times(strength: Floats, values: Any, sample: Sample) -> Any:
    """Pairs of sites, or the matrices of bonds, times λ."""
    if values.ndim == 1:
        return strength * values
    ends = sample.bonds.source, sample.bonds.target
    return 0.5 * (strength[ends[0]] + strength[ends[1]])[:, None, None] * values


def waves(sample: Sample, q: Floats) -> list[Floats]:
    """The waves cos q·r and sin q·r of every site, without the one that is zero."""
    both = (np.cos(sample.positions @ q), np.sin(sample.positions @ q))
    return [wave for wave in both if np.abs(wave).max() > 1e-12]


def expected(driven: Fields, changes: CorrelatorChanges) -> float:
    """δ⟨Σ λ_i O_i⟩, of a drive −Σ λ_i O_i and changes of expectation values."""
    return -sum(
        row.expectation(values, changes[row.conjugate[1]])
        for row, values in driven.present()
        if row.conjugate is not None and np.any(values)
    )
