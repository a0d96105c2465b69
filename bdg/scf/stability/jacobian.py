r"""The linearised fixed-point map, J = ∂(fields out)/∂(fields in), as an operator.

Let f be all self-consistent fields, on sites (Re Δ, Im Δ, V_↑, V_↓, exchange) and on bonds (the components of
pairs and Fock fields), and Ω₀(f) the grand potential of the quasiparticles in them. The pairs and densities
conjugate to f are y = −∂Ω₀/∂f, such as 2 Re F and −n_↑ (see :meth:`bdg.scf.map.FixedPoint.conjugates`), and
χ = ∂y/∂f is symmetric and, because Ω₀ is concave, positive. The interaction makes fields of them, f = W y:
Δ = U F, V_iσ = −U n_i,−σ − Σ_j V_ij n_j, the pair's component g = V_ij y/4, …, W symmetric. So

    J = ∂f_out/∂f_in = W χ ,

and a right eigenvector v has the left eigenvector χ v. At fixed filling μ follows the fields, and

    J_N = J − (∂f_out/∂μ)(∂N/∂f)/(∂N/∂μ) = W χ_N ,   χ_N = χ − (∂y/∂μ)(∂N/∂f)/(∂N/∂μ),

where χ_N is symmetric and positive as well. Products come from the response of f(H), see
:mod:`bdg.scf.derivative`: no differences of the map.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from bdg.arrays import Floats, Numbers
from bdg.model import Fields, Layout, Model
from bdg.model.fields import Row, zeros_like
from bdg.model.interactions import given_pairs, reach
from bdg.scf.derivative import Derivative, Slope
from bdg.scf.map import FINEST, FixedPoint
from bdg.scf.stability.unrestricted import ALIKE, spin_rotations, turned_over
from bdg.solvers import Correlations, Solver

NO_DELTA = 1e-10
"""An order parameter that rounding can make, in t."""

NOT_SELF_CONSISTENT = 1e-3
"""A residual, as a share of the largest Δ, with which Δ is on its way to zero rather than a solution."""

INCOMPRESSIBLE = 1e-12
"""∂N/∂μ a site, in 1/t, that rounding can make where no level feels μ, as in a gap at T = 0."""


@dataclass(frozen=True, eq=False)
class Linear:
    """What comes out of a small change, for each unit of it.

    Parameters
    ----------
    image
        δ of the fields that come out, shape ``(n_unknowns,)``.
    left
        δ of the conjugates y.
    electrons
        δN of the sample.
    """

    image: Floats
    left: Floats
    electrons: float


class Jacobian:
    """J (at fixed filling J_N) at given fields, as an operator; all directions.

    Vectors hold what :class:`bdg.model.Layout` packs of the fields that are on, Δ and pairs with their
    imaginary parts and Hartree and Fock fields by spin, where something acts: elsewhere the fields vanish
    whatever happens.

    Parameters
    ----------
    model, solver, fields
        The state, in the gauge of the model; H may be real there, J's directions are complex all the same.
    scale
        On which the map bends, in t: f(H) has its poles at distance hypot(πT, gap).
    accuracy
        Error of f(H) and of its response that the solver is asked for.
    """

    def __init__(
        self, model: Model, solver: Solver, fields: Fields, scale: float, accuracy: float = FINEST
    ) -> None:
        self._model, self.center = model, fields.as_complex()
        self.layout = Layout.of(model, is_complex=True, spin_resolved=True, fixed=("mu", "vector_potential"))
        self._acting = acting(model, self.layout)
        self._map = FixedPoint(model, solver, self.center, FINEST)
        self._map.accuracy = accuracy
        self.derivative = Derivative(model, solver, fields, accuracy)
        self._point = self.layout.pack(self.center)
        self._turns = not given_pairs(model)
        out, _ = self._map(self.derivative.fields)
        self._off = float(np.abs(self.layout.pack(out.as_complex()) - self._point).max(initial=0.0))
        self.residual = self._off / scale
        self.holds_filling = model.filling is not None
        self._mu_slope: Slope | None = None
        self._of_mu = self._response_to_mu() if self.holds_filling else None

    def __len__(self) -> int:
        return len(self._acting)

    @property
    def noise(self) -> float:
        """Largest error of what a change of size 1 makes, so far."""
        return self.derivative.error

    def product(self, direction: Floats) -> Floats:
        """J v; shapes ``(n_unknowns,)``."""
        return self.products(direction)[0]

    def left(self, vector: Floats) -> Floats:
        """χ v: of a right eigenvector v the left one."""
        return self.products(vector)[1]

    def products(self, direction: Floats) -> tuple[Floats, Floats]:
        """J v and χ v, from the same response; shapes ``(n_unknowns,)``."""
        if not direction.any():
            return np.zeros(len(self)), np.zeros(len(self))
        (made,) = self.linear(self.fields_of(direction))
        return made.image, made.left

    def matrix(self) -> NDArray[np.float64]:
        """All of J, shape ``(n_unknowns, n_unknowns)``."""
        made = self.linear(*map(self.fields_of, np.eye(len(self))))
        return np.stack([one.image for one in made], axis=1)

    def linear(self, *changes: Fields) -> list[Linear]:
        """What changes of the fields make, of those in the vector or of others, μ following at a filling."""
        return [self.at_filling(self.made(slope)) for slope in self.derivative.along(*changes)]

    def in_temperature(self) -> Linear:
        """∂/∂T at fixed fields, and at fixed μ."""
        return self.made(self.derivative.in_temperature())

    def at_filling(self, made: Linear) -> Linear:
        """The same with μ following where a filling is given."""
        if self._of_mu is None:
            return made
        share = made.electrons / self._of_mu.electrons
        return Linear(made.image - share * self._of_mu.image, made.left - share * self._of_mu.left, 0.0)

    def with_mu(self, slope: Slope) -> Correlations:
        """δf(H) of a slope, with that of the δμ that keeps the electrons where a filling is given."""
        if self._of_mu is None or self._mu_slope is None:
            return slope.f
        share = slope.electrons / self._of_mu.electrons
        return replace(slope.f, blocks=slope.f.blocks - share * self._mu_slope.f.blocks)

    def electrons_kept(self, made: Linear) -> float:
        """−(∂N/∂T)²/(∂N/∂μ) of ∂/∂T, at fixed fields; 0 where μ is given."""
        return 0.0 if self._of_mu is None else -(made.electrons**2) / self._of_mu.electrons

    def image(self, vector: Floats) -> Floats:
        """What comes out a vector away from the state, less what the state is."""
        out, _ = self._map(self.moved(vector))
        return self.packed(out) - self._point[self._acting]

    def moved(self, vector: Floats) -> Fields:
        """The fields a vector away from the state."""
        whole = np.zeros(len(self._point))
        whole[self._acting] = vector
        return self.layout.unpack(self._point + whole, self.center)

    def rotation(self) -> Floats | None:
        """The global phase rotation, δΔ = iΔ; ``None`` where there is no Δ, or no more than what a loop left.

        J iΔ = iΔ_out: it is an eigenvector with λ = 1 as far as Δ_out = Δ. A given Δ does not turn along.
        """
        rotation = self.packed(self._nothing.having(self.center.with_pairs(1j).pairs()))
        largest = float(np.abs(rotation).max(initial=0.0))
        if not self._turns or largest < NO_DELTA or self._off > NOT_SELF_CONSISTENT * largest:
            return None
        return rotation

    def spin_rotations(self) -> list[Floats]:
        """Rotations of all spins of a collinear state, see :func:`.unrestricted.spin_rotations`."""
        turned = [self.packed(fields) for fields in spin_rotations(self._model, self.center)]
        return [vector for vector in turned if np.abs(vector).max(initial=0.0) > NOT_SELF_CONSISTENT]

    def modulated(self, vector: Floats, wave: Floats) -> Floats:
        """A change of the pairs times a number for each site, on bonds the mean of those of their ends."""
        bonds = self._model.sample.bonds
        on_bonds = 0.5 * (wave[bonds.source] + wave[bonds.target])

        def times(row: Row, values: Numbers) -> Numbers:
            if not row.is_of_pairs:
                return values
            return values * (on_bonds[:, None, None] if row.on_bonds else wave)

        return self.packed(self.fields_of(vector).each(times))

    def sectors(self, vector: Floats) -> list[Floats]:
        """Parts of a vector that J keeps apart, where H is real or spins are alike; those that are not zero.

        J of a real H mixes no real with imaginary changes, and that of one which a turn of the spins leaves
        as it is none that are even with such that are odd under it.
        """
        parts = [vector]
        for mirror in self._mirrors:
            mirrored = [self.packed(mirror(self.fields_of(part))) for part in parts]
            both = zip(parts, mirrored, strict=True)
            parts = [half for one, other in both for half in (0.5 * (one + other), 0.5 * (one - other))]
        return [part for part in parts if part.any()]

    def sector(self, vector: Floats) -> Floats:
        """The largest of these parts."""
        return max(self.sectors(vector), key=np.linalg.norm, default=vector)

    @cached_property
    def _mirrors(self) -> list[Callable[[Fields], Fields]]:
        """Symmetries of the state, each its own inverse."""
        found: list[Callable[[Fields], Fields]] = []
        if self.derivative.hamiltonian.is_real:
            found.append(lambda fields: fields.each(lambda row, values: np.conj(values)))
        turned = turned_over(self.center)
        if self._model.is_spin_symmetric and max(turned.changes(self.center).values()) <= ALIKE:
            found.append(turned_over)
        return found

    def fields_of(self, vector: Floats) -> Fields:
        """The changes of all fields that a vector stands for."""
        whole = np.zeros(len(self._point))
        whole[self._acting] = vector
        return self.layout.unpack(whole, self._nothing)

    @property
    def _nothing(self) -> Fields:
        """Fields that are zero."""
        return zeros_like(self.center)

    def packed(self, fields: Fields) -> Floats:
        """The vector of fields."""
        return self.layout.pack(fields.as_complex())[self._acting]

    def made(self, slope: Slope) -> Linear:
        """What a slope is in the vectors of J, at the μ of the state."""
        return Linear(self.packed(slope.fields), self.packed(slope.conjugates), slope.electrons)

    def _response_to_mu(self) -> Linear | None:
        """∂/∂μ; ``None`` where N does not depend on μ."""
        (slope,) = self.derivative.along(replace(self._nothing, mu=1.0))
        if abs(slope.electrons) <= max(INCOMPRESSIBLE, self.noise) * self._model.sample.n_sites:
            return None
        self._mu_slope = slope
        return self.made(slope)


def acting(model: Model, layout: Layout) -> NDArray[np.int64]:
    """Components of a packed vector that something makes; of matrices on bonds, all that are packed."""
    made, rows = [np.zeros(0, bool)], {free.row.name: free for free in layout.free}
    for name, place in layout.slices().items():
        is_whole = rows[name].basis is not None or rows[name].row.free is not None
        made.append(np.resize(True if is_whole else reach(model, name), place.stop - place.start))
    return np.flatnonzero(np.concatenate(made))
