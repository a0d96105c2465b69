r"""Leaving a saddle: a fixed point that the loop reached by symmetry, from which the energy falls.

The normal state solves the equations at every temperature, and a loop that starts with Δ = 0, or with a
symmetry that these bonds or these bands don't support, ends there. Likewise real fields stay real. In both
cases one sector of the linearised map J is out of the loop's reach: all pairs where there are none, and the
imaginary parts of real fields (H real, the two don't mix). Its largest eigenvalue λ is found from a few
products; above 1 the loop continues from the saddle, displaced along the mode.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from bdg.arrays import Floats
from bdg.model import Fields, Layout, Model
from bdg.model.fields import zeros_like
from bdg.model.pairs import matrices
from bdg.scf.map import FINEST, FixedPoint
from bdg.scf.stability.jacobian import acting
from bdg.scf.stability.leading_mode import Mode, leading_mode


@dataclass(frozen=True)
class Precision:
    """How J is found: by a step, as a share of πT, on which scale the map bends, and at least, in t.

    ``accuracy`` is asked of f(H), ``margin`` is what that and the step may add to λ.
    """

    step: float
    least_step: float
    accuracy: float
    margin: float


COARSE = Precision(0.1, 3e-3, 1e-6, 0.05)
FINE = Precision(3e-4, 1e-5, FINEST, 0.0)

SYMMETRY = {1: 1e-7, 1j: 1e-5}
"""λ − 1 of a symmetry, which is 0, by rounding and the residual: among pairs, among imaginary parts."""

MOST = 40
"""Products in search of λ."""

SMALL_SOLUTION = 0.01
"""Residual, as a share of (λ − 1)|Δ|, below which small pairs are no longer those of the normal state."""

TINY = float(np.finfo(float).tiny)

NOISE = 0.1
"""What of the first direction differs from cell to cell, so that no mode is missed by symmetry."""


@dataclass(frozen=True, eq=False)
class Saddle:
    """A saddle, and where a loop continues from it.

    Parameters
    ----------
    eigenvalue
        λ > 1 of the mode along which the energy falls.
    fixed_point
        The map of what follows, complex where the mode is.
    left, vector
        The saddle and what follows, packed fields of that map.
    """

    eigenvalue: float
    fixed_point: FixedPoint
    left: Floats
    vector: Floats


@dataclass(frozen=True, eq=False)
class Sector:
    """Directions out of a loop's reach, as real vectors.

    Parameters
    ----------
    fixed_point
        The map, which takes fields there.
    center
        The fields of the saddle, without pairs if these are the directions.
    layout
        How the changes of fields lie in a vector.
    factor
        1, or i for imaginary parts.
    """

    fixed_point: FixedPoint
    center: Fields
    layout: Layout
    factor: complex

    def moved(self, vector: Floats) -> Fields:
        """The fields a vector away from the centre."""
        change = self.layout.unpack(vector, self.center)
        names = [free.row.name for free in self.layout.free if free.row.may_be_complex]
        return self.center.having({name: self.center[name] + self.factor * change[name] for name in names})

    def part(self, fields: Fields) -> Floats:
        """The part of fields in these directions."""
        return self.layout.pack(fields if self.factor == 1 else fields.imaginary())

    def mode(self, first: Floats, *apart: Floats) -> Mode | None:
        """The mode that grows fastest, from a first guess of it; ``None`` where none grows."""
        model, rng = self.fixed_point.model, np.random.default_rng(0)
        guess = first / max(np.abs(first).max(), TINY) + alike(self.layout, model, self.center, rng)
        guess += NOISE * rng.standard_normal(len(first))
        found = self._mode(guess, apart, COARSE)
        if found.eigenvalue > 1.0 - COARSE.margin:
            found = self.leading(found.vector, *apart)
        return found if found.eigenvalue > 1.0 + SYMMETRY[self.factor] else None

    def leading(self, first: Floats, *apart: Floats) -> Mode:
        """The mode of the largest eigenvalue, as exactly as can be, from a good guess of it."""
        return self._mode(first, apart, FINE)

    def _mode(self, first: Floats, apart: Sequence[Floats], precision: Precision) -> Mode:
        model, before = self.fixed_point.model, self.fixed_point.accuracy
        size = max(precision.step * np.pi * model.temperature, precision.least_step)
        if self.layout.has_matrices:  # whose pairs add up
            size /= max(1, self.fixed_point.coordination)
        free = np.zeros(len(first))
        free[acting(model, self.layout)] = 1.0

        def products(vector: Floats) -> tuple[Floats, Floats]:
            scale = size / np.abs(vector).max()
            out, _ = self.fixed_point(self.moved(scale * vector))
            conjugates = self.fixed_point.conjugates()
            return free * self.part(out) / scale, free * self.part(conjugates) / scale

        self.fixed_point.accuracy = precision.accuracy
        margin = max(precision.margin, SYMMETRY[self.factor])
        spare = free * np.random.default_rng(1).standard_normal(len(first))
        found = leading_mode(products, free * first, apart=apart, most=MOST, margin=margin, spare=spare)
        self.fixed_point.accuracy = before
        return found

    def led_on(self, vector: Floats) -> Floats | None:
        """What the smallest deviations make, if the map leads on from there; else ``None``.

        Levels at zero energy at T = 0 respond to any deviation at once, so there is no linear map whose mode
        would tell: of a normal state all directions in which something attracts lead on.
        """
        normal, rng = self.center, np.random.default_rng(0)
        for start in (alike(self.layout, self.fixed_point.model, normal, rng), vector):
            made = self.part(self.fixed_point(self.moved(FINE.least_step * start))[0])
            image = self.part(self.fixed_point(self.moved(made))[0])
            if self.part(self.fixed_point.conjugates()) @ (image - made) > 0:
                return made
        return None

    def left_along(self, mode: Mode, fields: Fields) -> Saddle | None:
        """The saddle ``fields``, and what follows along a mode; ``None`` if the map leads on from nowhere."""
        beyond = mode.beyond(lambda vector: self.part(self.fixed_point(self.moved(vector))[0]))
        if beyond is None:
            beyond = self.led_on(mode.vector)
        if beyond is None:
            return None
        pack = self.fixed_point.layout.pack
        return Saddle(mode.eigenvalue, self.fixed_point, pack(fields), pack(self.moved(beyond)))


def alike(layout: Layout, model: Model, fields: Fields, rng: np.random.Generator) -> Floats:
    """A random vector that is the same in every cell: the softest modes mostly are, or nearly so."""
    sample, random = model.sample, dict[str, Any]()
    by_orbital = rng.standard_normal(len(sample.cell.basis))[sample.orbitals]
    for free in layout.free:
        if free.basis is not None:
            kinds = len(sample.bonds.kinds.shell)
            coefficients = rng.standard_normal((len(free.basis), kinds))[:, sample.bonds.kind]
            random[free.row.name] = matrices(coefficients, free.basis)
        elif free.row.dims == ("site",):
            random[free.row.name] = by_orbital
    return layout.pack(fields.having(random))


def of_no_pairs(
    fixed_point: FixedPoint, fields: Fields, pairs: Layout, relative_residual: float
) -> Saddle | None:
    """The normal state as a saddle; small pairs that solve the equations are none of it."""
    normal = pairs.unpack(np.zeros_like(pairs.pack(fields)), fields)
    sector = Sector(fixed_point, normal, pairs, 1)
    mode = sector.mode(pairs.pack(fixed_point.start))
    if mode is None or 0 < relative_residual < SMALL_SOLUTION * (mode.eigenvalue - 1):
        return None
    return sector.left_along(mode, fields)


def of_real_pairs(fixed_point: FixedPoint, fields: Fields) -> Saddle | None:
    """A state of real fields as a saddle along imaginary parts, all phases turned alike apart."""
    layout = fixed_point.layout
    turned = replace(
        layout, free=tuple(free for free in layout.free if free.row.may_be_complex), is_complex=False
    )
    sector = Sector(fixed_point.as_complex(), fields, turned, 1j)
    mode = sector.mode(np.zeros_like(turned.pack(fields)), rotation(turned, fields))
    return None if mode is None else sector.left_along(mode, fields)


def rotation(layout: Layout, fields: Fields) -> Floats:
    """The imaginary parts that a rotation of all phases of real pairs begins with."""
    return layout.pack(zeros_like(fields).having(fields.pairs()))


def pair_layout(layout: Layout) -> Layout:
    """Of a layout the pairs alone."""
    return layout.pairs()
