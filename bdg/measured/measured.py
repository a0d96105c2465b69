"""What a file of a microscope holds: channels on axes, names and units as they stand in it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bdg.arrays import Floats
from bdg.errors import InputError
from bdg.keywords import did_you_mean

Axis = tuple[Floats, str]
"""Values along an axis, and their unit."""


@dataclass(frozen=True, eq=False)
class Channel:
    """One quantity.

    Parameters
    ----------
    values
        Shape as ``dims``.
    dims
        Names of the axes: ``bias``, ``y``, ``x`` or the file's own.
    unit
        As it stands in the file, ``A``; empty if there is none.
    """

    values: NDArray[Any]
    dims: tuple[str, ...]
    unit: str


@dataclass(frozen=True, eq=False)
class Measured:
    """The channels of a file.

    Parameters
    ----------
    name
        What it is called in figures.
    channels
        By name.
    axes
        By name.
    notes
        The header, as texts and numbers.
    """

    name: str
    channels: Mapping[str, Channel]
    axes: Mapping[str, Axis]
    notes: Mapping[str, Any] = field(default_factory=dict)

    def __getitem__(self, name: str) -> Channel:
        """A channel.

        Raises
        ------
        InputError
            If there is none of that name.
        """
        if name not in self.channels:
            known = ", ".join(self.channels)
            raise InputError(
                f"{self.name} has no channel {name!r}{did_you_mean(name, self.channels)}; use one of {known}"
            )
        return self.channels[name]

    def __repr__(self) -> str:
        """``grid.3ds: Current (A) bias × y × x, …``."""
        each = (f"{n} ({c.unit}) {' × '.join(c.dims)}" for n, c in self.channels.items())
        return f"{self.name}: {', '.join(each)}"

    def spectrum(self, channel: str, x: int | None = None, y: int | None = None) -> tuple[Floats, Floats]:
        """Biases and values of a channel at a point of its grid, by index; without one the mean of all.

        Raises
        ------
        InputError
            If it is no spectrum, or there is no such point.
        """
        chosen = self[channel]
        if "bias" not in chosen.dims:
            raise InputError(f"{channel} has no axis of biases, only {', '.join(chosen.dims)}")
        values = np.moveaxis(chosen.values, chosen.dims.index("bias"), -1)
        dims = [dim for dim in chosen.dims if dim != "bias"]
        for dim, place in (("y", y), ("x", x)):
            if place is None or dim not in dims:
                continue
            axis = dims.index(dim)
            if not -values.shape[axis] <= place < values.shape[axis]:
                raise InputError(
                    f"{dim} = {place} is outside of the grid, which has {values.shape[axis]} points"
                )
            values = np.take(values, place, axis)
            dims.remove(dim)
        while values.ndim > 1:
            values = np.nanmean(values, axis=0)
        return np.asarray(self.axes["bias"][0], float), np.asarray(values, float)
