r"""The linearised fixed-point map, J = ∂(fields out)/∂(fields in), as an operator.

Let f be all self-consistent fields, on sites (Re Δ, Im Δ, V_↑, V_↓, exchange) and on bonds (the components of
pairs and Fock fields), and Ω₀(f) the grand potential of the quasiparticles in them. The pairs and densities
conjugate to f are y = −∂Ω₀/∂f, such as 2 Re F and −n_↑ (see :meth:`bdg.scf.map.FixedPoint.conjugates`), and
χ = ∂y/∂f is symmetric and, because Ω₀ is concave, positive. The interaction makes fields of them, f = W y:
Δ = U F, V_iσ = −U n_i,−σ − Σ_j V_ij n_j, the pair's component g = V_ij y/4, …, W symmetric. So

    J = ∂f_out/∂f_in = W χ ,

and a right eigenvector v has the left eigenvector χ v. At fixed filling μ follows the fields, and

    J_N = J − (∂f_out/∂μ)(∂N/∂f)/(∂N/∂μ) = W χ_N ,   χ_N = χ − (∂y/∂μ)(∂N/∂f)/(∂N/∂μ),

where χ_N is symmetric and positive as well.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from bdg.arrays import Floats
from bdg.model import Fields, Layout, Model
from bdg.model.fields import zeros_like
from bdg.model.interactions import given_pairs, reach
from bdg.scf.map import FINEST, FixedPoint
from bdg.scf.stability.unrestricted import spin_rotations
from bdg.solvers import Solver

NO_DELTA = 1e-10
"""An order parameter that rounding can make, in t."""

NOT_SELF_CONSISTENT = 1e-3
"""A residual, as a share of the largest Δ, with which Δ is on its way to zero rather than a solution."""


class Jacobian:
    """J (at fixed filling J_N) at given fields, by central differences of the map; all directions.

    Vectors hold what :class:`bdg.model.Layout` packs of the fields that are on, Δ and pairs with their
    imaginary parts and Hartree and Fock fields by spin, where something acts: elsewhere the fields vanish
    whatever happens.

    Parameters
    ----------
    model, solver, fields
        The state, in the gauge of the model; H may be real there, J's directions are complex all the same.
    scale
        On which the map bends, in t: f(H) has its poles at distance hypot(πT, gap). The step is
        scale · ε^{1/3}, ε the solver's error: then what the difference cuts off, of relative size
        (step/scale)², and what the solver's noise adds, ε/step, are alike.

    accuracy
        Error of f(H) that the solver is asked for.
    """

    def __init__(
        self, model: Model, solver: Solver, fields: Fields, scale: float, accuracy: float = FINEST
    ) -> None:
        self._model, self.center = model, fields.as_complex()
        self.layout = Layout.of(model, is_complex=True, spin_resolved=True, fixed=("mu", "vector_potential"))
        self._acting = acting(model, self.layout)
        self._map = FixedPoint(model, solver, self.center, FINEST)
        self._map.accuracy = accuracy
        self._point = self.layout.pack(self.center)
        self._turns = not given_pairs(model)
        out, _ = self._map(self.center)
        accuracy = max(self._map.error, float(np.finfo(float).eps))
        self.step = scale * float(np.cbrt(accuracy))
        self.noise = accuracy * self._map.gain / self.step
        self._off = float(np.abs(self.layout.pack(out) - self._point).max(initial=0.0))
        self.residual = self._off / scale
        self.holds_filling = model.filling is not None
        self._missing = 0.0
        self._mu_response = self._response_to_mu() if self.holds_filling else None

    def __len__(self) -> int:
        return len(self._acting)

    def product(self, direction: Floats, step: float | None = None) -> Floats:
        """J v, with another step if one is given; shapes ``(n_unknowns,)``."""
        return self.products(direction, step)[0]

    def left(self, vector: Floats) -> Floats:
        """χ v: of a right eigenvector v the left one."""
        return self.products(vector)[1]

    def products(self, direction: Floats, step: float | None = None) -> tuple[Floats, Floats]:
        """J v and χ v, from the same two evaluations of the map; shapes ``(n_unknowns,)``."""
        step = step or self.step
        largest = float(np.abs(direction).max())
        if largest == 0:
            return np.zeros(len(self)), np.zeros(len(self))
        whole = np.zeros(len(self._point))
        whole[self._acting] = direction * (step / largest)
        ahead, behind = (
            self._at(self.layout.unpack(self._point + sign * whole, self.center)) for sign in (1, -1)
        )
        return self.at_filling((ahead - behind) * (largest / (2 * step)))

    def at_filling(self, slopes: Floats) -> tuple[Floats, Floats]:
        """Of slopes of :meth:`made` those of fields and conjugates, μ following where a filling is given."""
        if self._mu_response is not None:
            # The map's μ_out is μ plus a multiple of the electrons that are missing.
            slopes = np.append(slopes[:-1] - self._mu_response * slopes[-1], 0.0)
        return slopes[: len(self)], slopes[len(self) : -1]

    def made(self, model: Model) -> Floats:
        """What comes out at the state's fields, what is conjugate to them, and μ_out, of a changed model."""
        changed = FixedPoint(model, self._map.solver, self.center, FINEST)
        changed.accuracy = self._map.accuracy
        return self._out(changed, self.center)

    def electrons_kept(self, slope: float) -> float:
        """−(∂N/∂T)²/(∂N/∂μ) from the slope of μ_out in T, at fixed fields; 0 where μ is given.

        μ_out has the slopes −κ ∂N/∂T/n and 1 − κ ∂N/∂μ/n, n the number of sites.
        """
        if self._mu_response is None:
            return 0.0
        return slope**2 * self._model.sample.n_sites / (self._map.mu_per_filling * self._missing)

    def image(self, vector: Floats) -> Floats:
        """What comes out a vector away from the state, less what the state is."""
        found = self._at(self.moved(vector))
        return found[: len(self)] - self._point[self._acting]

    def moved(self, vector: Floats) -> Fields:
        """The fields a vector away from the state."""
        whole = np.zeros(len(self._point))
        whole[self._acting] = vector
        return self.layout.unpack(self._point + whole, self.center)

    def rotation(self) -> Floats | None:
        """The global phase rotation, δΔ = iΔ; ``None`` where there is no Δ, or no more than what a loop left.

        J iΔ = iΔ_out: it is an eigenvector with λ = 1 as far as Δ_out = Δ. A given Δ does not turn along.
        """
        rotation = self._packed(self._nothing.having(self.center.with_pairs(1j).pairs()))
        largest = float(np.abs(rotation).max())
        if not self._turns or largest < NO_DELTA or self._off > NOT_SELF_CONSISTENT * largest:
            return None
        return rotation

    def spin_rotations(self) -> list[Floats]:
        """Rotations of all spins of a collinear state, see :func:`.unrestricted.spin_rotations`."""
        turned = [self._packed(fields.as_complex()) for fields in spin_rotations(self._model, self.center)]
        return [vector for vector in turned if np.abs(vector).max() > NOT_SELF_CONSISTENT]

    def fields_of(self, vector: Floats) -> Fields:
        """The changes of all fields that a vector stands for."""
        whole = np.zeros(len(self._point))
        whole[self._acting] = vector
        return self.layout.unpack(whole, self._nothing)

    @property
    def _nothing(self) -> Fields:
        """Fields that are zero."""
        return zeros_like(self.center)

    def _packed(self, fields: Fields) -> Floats:
        return self.layout.pack(fields)[self._acting]

    def _at(self, fields: Fields) -> Floats:
        """What comes out at given fields, what is conjugate to them, and μ_out, in one vector."""
        return self._out(self._map, fields)

    def _out(self, fixed_point: FixedPoint, fields: Fields) -> Floats:
        out, _ = fixed_point(fields)
        return np.concatenate([self._packed(out), self._packed(fixed_point.conjugates()), [out.mu]])

    def _response_to_mu(self) -> Floats | None:
        """∂(f_out, y)/∂μ over ∂μ_out/∂μ − 1; ``None`` where N does not answer to μ, as in a gap at T = 0."""
        ahead, behind = (
            self._at(replace(self.center, mu=self.center.mu + sign * self.step)) for sign in (1, -1)
        )
        slopes: Floats = (ahead - behind) / (2 * self.step)
        missing = float(slopes[-1]) - 1.0
        if abs(missing) <= self.noise:
            return None
        self._missing = missing
        return slopes[:-1] / missing


def acting(model: Model, layout: Layout) -> NDArray[np.int64]:
    """Components of a packed vector that something makes; of matrices on bonds, all that are packed."""
    made, rows = [np.zeros(0, bool)], {free.row.name: free for free in layout.free}
    for name, place in layout.slices().items():
        is_whole = rows[name].basis is not None or rows[name].row.free is not None
        made.append(np.resize(True if is_whole else reach(model, name), place.stop - place.start))
    return np.flatnonzero(np.concatenate(made))
