r"""The linearised self-consistency of pairs in a normal state, K = W χ.

Without pairs everything else is even in them: Hartree, exchange and Fock fields and μ stay what they are, and
what comes out of small pairs is linear in them, Δ_out = K Δ. χ is the pair susceptibility of the normal
state, of the sites

    χ_ij = T Σ_n G_↑(i, j; iω_n) G_↓(i, j; −iω_n) ,

W the interaction. K commutes with a turn of all phases, so that it is linear over the complex numbers, and
self-adjoint in the metric of χ. Its products come from the map of the loop at pairs of a small size s,

    K v = [Δ_out(s v)]/s + O(s²) ,

an odd function of s, of which the quadratic part goes where s and 2s are known.
D. J. Thouless, Ann. Phys. 10, 553 (1960). (M26) of docs/theory/mean_field.md.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from bdg.arrays import Floats, Numbers
from bdg.model import Fields, Layout, Model
from bdg.model.fields import zeros_like
from bdg.scf.map import FINEST, FixedPoint
from bdg.scf.stability.jacobian import acting
from bdg.scf.stability.ritz import Goal, Modes, largest_modes
from bdg.scf.stability.saddle import NOISE, alike
from bdg.scf.starts.start import in_working_gauge, start_fields
from bdg.solvers import Solver

STEP = 1e-3
"""s, the largest pair of a product, as a share of πT: the scale on which the map bends."""

SOLVED = 0.1
"""Error of f(H), as a share of the error that an eigenvalue may have."""

MOST = 120
"""Products at most in search of the modes at one temperature."""


@dataclass(frozen=True, eq=False)
class PairMap:
    """K at a normal state. Directions hold the pairs that something makes, complex where H is.

    Parameters
    ----------
    fixed_point
        The map of all fields, in the working gauge.
    normal
        The normal state in that gauge.
    layout
        How real parts of pairs lie in a vector.
    places
        Those of them that something makes.
    angle
        χ of each site that turned the model into the working gauge; ``None`` for none.
    """

    fixed_point: FixedPoint
    normal: Fields
    layout: Layout
    places: NDArray[np.int64]
    angle: Floats | None

    @classmethod
    def of(cls, model: Model, solver: Solver, fields: Fields) -> PairMap:
        """The map at the normal state that fields are without their pairs, in the gauge of the model."""
        work, angle = in_working_gauge(model)
        normal = start_fields(work, fields.with_pairs(0.0), (0, 0), angle)
        fixed_point = FixedPoint(work, solver, normal, FINEST)
        layout = Layout.of(work, is_complex=False).pairs()
        return cls(fixed_point, normal, layout, acting(work, layout), angle)

    def __len__(self) -> int:
        return len(self.places)

    def starts(self, count: int) -> list[Numbers]:
        """First directions: one that is much the same in every cell, as modes often are, and random ones."""
        rng, found = np.random.default_rng(0), list[Numbers]()
        for n in range(min(count, len(self))):
            whole = rng.standard_normal(sum(free.length for free in self.layout.free))
            if n == 0:
                normal = self.normal.as_real()
                whole = NOISE * whole + alike(self.layout, self.fixed_point.model, normal, rng)
            found.append(whole[self.places])
        return found

    def products(self, vector: Numbers, stretch: float = 1.0) -> tuple[Numbers, Numbers]:
        """K v and χ v, from pairs ``stretch`` times as large as :data:`STEP` says."""
        size = stretch * STEP * np.pi * self.fixed_point.model.temperature
        if self.layout.has_matrices:  # whose pairs add up
            size /= max(1, self.fixed_point.coordination)
        scale = size / float(np.abs(vector).max())
        out, _ = self.fixed_point(self._moved(scale * vector))
        return self._part(out) / scale, self._part(self.fixed_point.conjugates()) / scale

    def modes(self, known: list[Numbers], *, sought: int, goal: Goal, looks: bool) -> Modes:
        """The modes of the largest eigenvalues, from some nearly known; ``looks`` for others as well."""
        fresh = self.starts(sought + 2)
        starts = known + fresh[len(known) : sought + 1]
        self.fixed_point.accuracy = max(FINEST, SOLVED * goal.least)
        return largest_modes(
            self.products,
            starts,
            sought=sought,
            goal=goal,
            most=MOST,
            spares=[fresh[-1:]] if looks else (),
        )

    def sharpened(self, vector: Numbers) -> tuple[float, float]:
        """The eigenvalue of a mode without what a finite size of the pairs does to it, and what may be left.

        A Rayleigh quotient, with the square of the error of the mode, from sizes s and 2s.
        """
        self.fixed_point.accuracy = FINEST
        one, two = (self._quotient(vector, stretch) for stretch in (1.0, 2.0))
        bend = (one - two) / 3
        rounding = self.fixed_point.gain * max(self.fixed_point.error, float(np.finfo(float).eps))
        size = STEP * np.pi * self.fixed_point.model.temperature
        return one + bend, abs(bend) * 2 * (4 * STEP) ** 2 + rounding / size

    def pairs_of(self, vector: Numbers) -> Fields:
        """The pairs that a direction stands for, in the gauge of the model."""
        pairs = self._moved(vector)
        if self.angle is None or not self.angle.any():
            return pairs
        return pairs.transformed(-self.angle, self.fixed_point.model.sample.bonds)

    def _quotient(self, vector: Numbers, stretch: float) -> float:
        image, left = self.products(vector, stretch)
        return float(np.real(np.vdot(left, image) / np.vdot(left, vector)))

    def _moved(self, vector: Numbers) -> Fields:
        """The normal state with pairs."""
        pairs = self._unpacked(np.real(vector))
        if not self.normal.is_complex:
            return self.normal.having(pairs)
        turned = self._unpacked(np.imag(vector))
        return self.normal.having({name: values + 1j * turned[name] for name, values in pairs.items()})

    def _unpacked(self, vector: Floats) -> dict[str, Numbers]:
        whole = np.zeros(sum(free.length for free in self.layout.free))
        whole[self.places] = vector
        return self.layout.unpack(whole, zeros_like(self.normal)).pairs()

    def _part(self, fields: Fields) -> Numbers:
        """The direction that the pairs of fields are."""
        real = self.layout.pack(fields)[self.places]
        if not self.normal.is_complex:
            return real
        return real + 1j * self.layout.pack(fields.imaginary())[self.places]
