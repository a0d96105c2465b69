"""Numbers that depend on the place, as a user writes them and as a function of their own."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

NAMES = ("x", "y", "z")


@dataclass(frozen=True)
class Value:
    """mean + slope·r + size·cos(wave·r + phase)."""

    mean: float = 0.0
    size: float = 0.0
    wave: tuple[float, ...] = ()
    phase: float = 0.0
    slope: tuple[float, ...] = ()

    def at(self, positions):
        """The values at positions, shape ``(n, dimension)``."""
        positions = np.asarray(positions, float)
        slope = positions @ np.array(self.slope) if self.slope else 0.0
        wave = positions @ np.array(self.wave) if self.wave else 0.0
        return self.mean + slope + self.size * np.cos(wave + self.phase) + np.zeros(len(positions))

    def shifted(self, by):
        """The function that is at r + by what this one is at r."""
        mean = self.mean - (float(np.dot(self.slope, by)) if self.slope else 0.0)
        phase = self.phase - (float(np.dot(self.wave, by)) if self.wave else 0.0)
        return replace(self, mean=mean, phase=phase)

    def written(self):
        """A number, or the text of an expression."""
        if not self.size and not any(self.slope):
            return float(self.mean)
        text = f"{self.mean!r}" + _linear(self.slope)
        if self.size:
            text += f" + {self.size!r}*cos({self.phase!r}{_linear(self.wave)})"
        return text.replace("+ -", "- ")


def _linear(coefficients):
    return "".join(f" + {c!r}*{name}" for c, name in zip(coefficients, NAMES, strict=False) if c)


def values_at(value, positions, orbitals):
    """What stands for a value over sites: a number, one number for each orbital, or a :class:`Value`."""
    if isinstance(value, Value):
        return value.at(positions)
    if isinstance(value, list | tuple):
        return np.array(value, float)[orbitals]
    return np.full(len(positions), float(value))


def changed(part, change):
    """The nested dictionary with ``change`` applied to every :class:`Value` in it."""
    if isinstance(part, Value):
        return change(part)
    if isinstance(part, dict):
        return {key: changed(entry, change) for key, entry in part.items()}
    if isinstance(part, list | tuple):
        return [changed(entry, change) for entry in part]
    return part.item() if isinstance(part, np.generic) else part


def plain(spec):
    """The nested dictionary of numbers, texts and lists that a YAML file holds."""
    return changed(spec, Value.written)
