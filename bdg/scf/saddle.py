r"""Leaving a saddle: a fixed point that the loop reached by symmetry, from which the energy falls.

The normal state solves the equations at every temperature, and a loop that starts with Δ = 0, or with a
symmetry that these bonds or these bands don't support, ends there. Likewise real fields stay real. In both
cases one sector of the linearised map J is out of the loop's reach: all pairs where there are none, and the
imaginary parts of real fields (H real, the two don't mix). Its largest eigenvalue λ is found from a few
products; above 1 the loop goes on from the saddle, displaced along the mode.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bdg.errors import NumericalError
from bdg.model import Fields, Layout, Model
from bdg.model.pairs import matrices
from bdg.scf.history import Iteration
from bdg.scf.jacobian import acting
from bdg.scf.leading_mode import Mode, leading_mode
from bdg.scf.map import FINEST, FixedPoint

Vector = NDArray[np.float64]


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

DEPARTURES = 8
"""Saddles that a loop leaves before it takes what it finds."""


@dataclass(frozen=True, eq=False)
class Saddle:
    """A saddle, and where a loop goes on from it.

    Parameters
    ----------
    eigenvalue
        λ > 1 of the mode along which the energy falls.
    fixed_point
        The map of what follows, complex where the mode is.
    left, vector
        The saddle and what follows, packed fields of that map.
    is_kept
        Whether it is what was asked for: fields or a symmetry given by name.
    """

    eigenvalue: float
    fixed_point: FixedPoint
    left: Vector
    vector: Vector
    is_kept: bool = False


@dataclass(frozen=True)
class Lookout:
    """Which saddles a loop looks out for.

    Parameters
    ----------
    tolerance
        Residual below which fields are a state; pairs below its root are none.
    is_on
        Whether it looks at all.
    start_is_named
        Whether the first pairs are those of given fields or of a symmetry by name: real pairs that they lead
        to with the signs that they have, as across a π junction, are kept, and said to be a saddle.
    """

    tolerance: float
    is_on: bool
    start_is_named: bool

    def saddle(
        self, fixed_point: FixedPoint, vector: Vector, history: tuple[Iteration, ...], residual: float
    ) -> Saddle | None:
        """The saddle that packed fields with a residual are, or ``None`` if they are none as far as one sees.

        Looks where no pairs are left though something attracts them, at the end and at the start, from where
        they would take long to grow; and at the end along imaginary parts where real pairs have several signs
        or vanish in places. A state without either costs nothing.
        """
        is_state, none = residual <= self.tolerance, float(np.sqrt(self.tolerance))
        nearly, left = not history and residual < none, sum(turn.saddle > 0 for turn in history)
        may_look = self.is_on and fixed_point.held is None and could_pair(fixed_point.model)
        if not may_look or not (is_state or nearly) or left >= DEPARTURES:
            return None
        fields = fixed_point.layout.unpack(vector, fixed_point.start)
        pairs = pair_layout(fixed_point.layout)
        sizes = pairs.pack(fields)[acting(fixed_point.model, pairs)]
        largest = float(np.abs(sizes).max(initial=0.0))
        try:
            if largest < none:
                return _of_no_pairs(fixed_point, fields, pairs, residual / max(largest, residual, TINY))
            if (
                is_state
                and not fields.is_complex
                and (np.abs(sizes).min() < none or sizes.min() < 0 < sizes.max())
            ):
                found = _of_real_pairs(fixed_point, fields)
                first = pairs.pack(fixed_point.start)[acting(fixed_point.model, pairs)]
                is_kept = self.start_is_named and not left and _same_signs(first, sizes, none)
                return found and replace(found, is_kept=is_kept)
        except NumericalError:  # the state is as good as it was
            pass
        return None


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

    def moved(self, vector: Vector) -> Fields:
        """The fields a vector away from the centre."""
        change = self.layout.unpack(vector, self.center)
        names = {"delta", "exchange", "bond_delta", "fock"} & set(self.layout.slices())
        return replace(
            self.center,
            **{name: getattr(self.center, name) + self.factor * getattr(change, name) for name in names},
        )

    def part(self, fields: Fields) -> Vector:
        """The part of fields in these directions."""
        return self.layout.pack(fields if self.factor == 1 else fields.imaginary())

    def mode(self, first: Vector, *apart: Vector) -> Mode | None:
        """The mode that grows fastest, from a first guess of it; ``None`` where none grows."""
        model, rng = self.fixed_point.model, np.random.default_rng(0)
        guess = first / max(np.abs(first).max(), TINY) + alike(self.layout, model, self.center, rng)
        guess += NOISE * rng.standard_normal(len(first))
        found = self._mode(guess, apart, COARSE)
        if found.eigenvalue > 1.0 - COARSE.margin:
            found = self._mode(found.vector, apart, FINE)
        return found if found.eigenvalue > 1.0 + SYMMETRY[self.factor] else None

    def _mode(self, first: Vector, apart: Sequence[Vector], precision: Precision) -> Mode:
        model, before = self.fixed_point.model, self.fixed_point.accuracy
        size = max(precision.step * np.pi * model.temperature, precision.least_step)
        if self.layout.bonds is not None:  # whose pairs add up
            size /= max(1, self.fixed_point.coordination)
        free = np.zeros(len(first))
        free[acting(model, self.layout)] = 1.0

        def products(vector: Vector) -> tuple[Vector, Vector]:
            scale = size / np.abs(vector).max()
            out, _ = self.fixed_point(self.moved(scale * vector))
            conjugates = self.fixed_point.conjugates()
            return free * self.part(out) / scale, free * self.part(conjugates) / scale

        self.fixed_point.accuracy = precision.accuracy
        margin = max(precision.margin, SYMMETRY[self.factor])
        found = leading_mode(products, free * first, apart=apart, most=MOST, margin=margin)
        self.fixed_point.accuracy = before
        return found

    def left_along(self, mode: Mode, fields: Fields) -> Saddle | None:
        """The saddle ``fields``, and what follows along a mode; ``None`` if the map leads on from nowhere."""
        beyond = mode.beyond(lambda vector: self.part(self.fixed_point(self.moved(vector))[0]))
        if beyond is None:
            return None
        pack = self.fixed_point.layout.pack
        return Saddle(mode.eigenvalue, self.fixed_point, pack(fields), pack(self.moved(beyond)))


def alike(layout: Layout, model: Model, fields: Fields, rng: np.random.Generator) -> Vector:
    """A random vector that is the same in every cell: the softest modes mostly are, or nearly so."""
    sample, random = model.sample, dict[str, Any]()
    by_orbital = rng.standard_normal(len(sample.cell.basis))[sample.orbitals]
    for name in ("delta", "exchange"):
        if getattr(fields, name) is not None:
            random[name] = by_orbital
    if layout.bonds is not None:
        kinds = len(sample.bonds.kinds.shell)
        for name, basis in (("bond_delta", layout.bonds.pairs), ("fock", layout.bonds.hops)):
            if getattr(fields, name) is not None:
                coefficients = rng.standard_normal((len(basis), kinds))[:, sample.bonds.kind]
                random[name] = matrices(coefficients, basis)
    return layout.pack(replace(fields, **random))


def _same_signs(one: Vector, other: Vector, none: float) -> bool:
    """Whether two vectors have the same signs, or opposite ones everywhere, where the second is not small."""
    signs = np.sign(one * other)[np.abs(other) > none]
    return bool(np.all(signs == signs[0]) and signs[0] != 0)


def _of_no_pairs(
    fixed_point: FixedPoint, fields: Fields, pairs: Layout, relative_residual: float
) -> Saddle | None:
    """The normal state as a saddle; small pairs that solve the equations are none of it."""
    normal = pairs.unpack(np.zeros_like(pairs.pack(fields)), fields)
    sector = Sector(fixed_point, normal, pairs, 1)
    mode = sector.mode(pairs.pack(fixed_point.start))
    if mode is None or 0 < relative_residual < SMALL_SOLUTION * (mode.eigenvalue - 1):
        return None
    return sector.left_along(mode, fields)


def _of_real_pairs(fixed_point: FixedPoint, fields: Fields) -> Saddle | None:
    """A state of real fields as a saddle along imaginary parts, all phases turned alike apart."""
    turned = replace(fixed_point.layout, is_complex=False, hartree=False, mu=False, vector_potential=0)
    sector = Sector(fixed_point.as_complex(), fields, turned, 1j)
    mode = sector.mode(np.zeros_like(turned.pack(fields)), rotation(turned, fields))
    return None if mode is None else sector.left_along(mode, fields)


def rotation(layout: Layout, fields: Fields) -> Vector:
    """The imaginary parts that a rotation of all phases of real pairs begins with."""
    nothing = {
        name: np.zeros_like(field)
        for name in ("exchange", "fock")
        if (field := getattr(fields, name)) is not None
    }
    return layout.pack(replace(fields, **nothing))


def could_pair(model: Model) -> bool:
    """Whether some interaction attracts free pairs."""
    onsite, bonds = model.attraction, model.bond_attraction
    if onsite.pairing and (bool(np.any(onsite.strength > 0)) or model.hops_pairs):
        return True
    return bonds is not None and bonds.pairing and bool(np.any(bonds.pair_strength > 0))


def pair_layout(layout: Layout) -> Layout:
    """Of a layout the pairs alone."""
    bonds = None if layout.bonds is None else replace(layout.bonds, hops=layout.bonds.hops[:0])
    return replace(layout, hartree=False, exchange=False, mu=False, vector_potential=0, bonds=bonds)
