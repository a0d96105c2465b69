"""The gap equation: of any band, in weak coupling, of two bands, at fixed density."""

from bdg.theory.uniform.gap.contact import Crossover, contact_2d, contact_3d
from bdg.theory.uniform.gap.critical import critical_temperature, critical_temperature_from_gap
from bdg.theory.uniform.gap.solution import Uniform, solve
from bdg.theory.uniform.gap.two_band import TwoBands, two_band_critical_temperature, two_band_gaps, two_bands
from bdg.theory.uniform.gap.weak import (
    gap_ratio,
    reduced_gap,
    weak_critical_temperature,
    zero_temperature_gap,
)

__all__ = [
    "Crossover",
    "TwoBands",
    "Uniform",
    "contact_2d",
    "contact_3d",
    "critical_temperature",
    "critical_temperature_from_gap",
    "gap_ratio",
    "reduced_gap",
    "solve",
    "two_band_critical_temperature",
    "two_band_gaps",
    "two_bands",
    "weak_critical_temperature",
    "zero_temperature_gap",
]
