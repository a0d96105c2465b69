r"""The linearised fixed-point map, J = ∂(fields out)/∂(fields in), as an operator.

Let f be the fields (Re Δ, Im Δ, V_↑, V_↓) and Ω₀(f) the grand potential of the quasiparticles in them. The
pairs and densities conjugate to f are y = −∂Ω₀/∂f = (2 Re F, 2 Im F, −n_↑, −n_↓), with F = ⟨c_↑ c_↓⟩, and
χ = ∂y/∂f is symmetric and, because Ω₀ is concave, positive. The interaction makes fields of them, f = W y:
Δ = U F and V_σ = −U n_−σ; where spins mix, x = U s of the spin flip s = ⟨c†_↓ c_↑⟩, conjugate to −2s. So

    J = ∂f_out/∂f_in = W χ ,

and a right eigenvector v has the left eigenvector W⁻¹v. At fixed filling μ follows the fields, and

    J_N = J − (∂f_out/∂μ)(∂N/∂f)/(∂N/∂μ) = W χ_N ,   χ_N = χ − (∂y/∂μ)(∂N/∂f)/(∂N/∂μ),

where χ_N is symmetric and positive as well.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from bdg.errors import InputError
from bdg.model import Fields, Layout, Model
from bdg.scf.map import FINEST, FixedPoint
from bdg.solvers import Solver

Vector = NDArray[np.float64]

NO_DELTA = 1e-10
"""An order parameter that rounding can make, in t."""

NOT_SELF_CONSISTENT = 1e-3
"""A residual, as a share of the largest Δ, with which Δ is on its way to zero rather than a solution."""


class Jacobian:
    """J (at fixed filling J_N) at given fields, by central differences of the map; all directions of Δ and V.

    Vectors hold Re Δ, Im Δ, V_↑, V_↓ (those that are on) of the sites with U ≠ 0: elsewhere the fields
    vanish whatever happens.

    Parameters
    ----------
    model, solver, fields
        The state, in the gauge of the model; H may be real there, J's directions are complex all the same.
    scale
        On which the map bends, in t: f(H) has its poles at distance hypot(πT, gap). The step is
        scale · ε^{1/3}, ε the solver's error: then what the difference cuts off, of relative size
        (step/scale)², and what the solver's noise adds, ε/step, are alike.

    Raises
    ------
    InputError
        If there is nothing self-consistent, or fields on bonds are.
    """

    def __init__(self, model: Model, solver: Solver, fields: Fields, scale: float) -> None:
        interaction = model.attraction
        if model.bond_attraction is not None:
            raise InputError("stability knows fields on sites alone, and bonds have an attraction; drop it")
        self.center = replace(fields, delta=fields.delta.astype(np.complex128))
        if fields.exchange is not None:
            self.center = replace(self.center, exchange=fields.exchange.astype(np.complex128))
        self.layout = Layout(
            n_sites=model.sample.n_sites,
            delta=interaction.pairing,
            hartree=interaction.hartree,
            mu=False,
            is_complex=True,
            spin_resolved=True,
            exchange=model.has_exchange,
        )
        parts = 2 * sum((interaction.pairing, interaction.hartree, model.has_exchange))
        self._acting = np.flatnonzero(np.tile(interaction.strength != 0, parts))
        if not len(self._acting):
            raise InputError("nothing is self-consistent, so nothing can be unstable; drop stability")
        self._strength = interaction.strength
        self._map = FixedPoint(model, solver, self.center, FINEST)
        self._point = self.layout.pack(self.center)
        out, _ = self._map(self.center)
        accuracy = max(self._map.error, float(np.finfo(float).eps))
        self.step = scale * float(np.cbrt(accuracy))
        self.noise = accuracy * float(np.abs(self._strength).max()) / self.step
        self._off = float(np.abs(self.layout.pack(out) - self._point).max())
        self.residual = self._off / scale
        self.holds_filling = model.filling is not None
        self._mu_response = self._response_to_mu() if self.holds_filling else None

    def __len__(self) -> int:
        return len(self._acting)

    def product(self, direction: Vector, step: float | None = None) -> Vector:
        """J v, with another step if one is given; shapes ``(n_unknowns,)``."""
        step = step or self.step
        largest = float(np.abs(direction).max())
        if largest == 0:
            return np.zeros(len(self))
        whole = np.zeros(len(self._point))
        whole[self._acting] = direction * (step / largest)
        ahead = self._map(self.layout.unpack(self._point + whole, self.center))[0]
        behind = self._map(self.layout.unpack(self._point - whole, self.center))[0]
        slope = (self._packed(ahead) - self._packed(behind)) * (largest / (2 * step))
        if self._mu_response is not None:
            # The map's μ_out is μ plus a multiple of the electrons that are missing.
            slope -= self._mu_response * ((ahead.mu - behind.mu) * (largest / (2 * step)))
        return slope

    def left(self, vector: Vector) -> Vector:
        """W⁻¹v, the left eigenvector of a right eigenvector v: 2 δΔ/U, −δn_σ = δV_−σ/U, and −2 δx/U."""
        whole = np.zeros(len(self._point))
        whole[self._acting] = vector
        where, n = self.layout.slices(), self.layout.n_sites
        if "delta" in where:
            whole[where["delta"]] *= 2.0
        if "hartree" in where:
            whole[where["hartree"]] = whole[where["hartree"]].reshape(2, n)[::-1].ravel()
        if "exchange" in where:
            whole[where["exchange"]] *= -2.0
        parts = len(whole) // n
        return whole[self._acting] / np.tile(self._strength, parts)[self._acting]

    def rotation(self) -> Vector | None:
        """The global phase rotation, δΔ = iΔ; ``None`` where there is no Δ, or no more than what a loop left.

        J iΔ = iΔ_out: it is an eigenvector with λ = 1 as far as Δ_out = Δ.
        """
        largest = float(np.abs(self.center.delta).max(initial=0.0))
        if not self.layout.delta or largest < NO_DELTA or self._off > NOT_SELF_CONSISTENT * largest:
            return None
        delta = (1j * self.center.delta).astype(np.complex128)
        return self._packed(replace(self._nothing, delta=delta))

    def delta_of(self, vector: Vector) -> NDArray[np.complex128]:
        """δΔ of a vector on every site, shape ``(n_sites,)``."""
        whole = np.zeros(len(self._point))
        whole[self._acting] = vector
        return self.layout.unpack(whole, self._nothing).delta.astype(np.complex128)

    @property
    def _nothing(self) -> Fields:
        """Fields that are zero."""
        exchange = None if self.center.exchange is None else np.zeros_like(self.center.exchange)
        return Fields(np.zeros_like(self.center.delta), np.zeros_like(self.center.hartree), 0.0, exchange)

    def _packed(self, fields: Fields) -> Vector:
        return self.layout.pack(fields)[self._acting]

    def _response_to_mu(self) -> Vector | None:
        """∂f_out/∂μ over ∂μ_out/∂μ − 1; ``None`` where N does not answer to μ, as in a gap at T = 0."""
        ahead = self._map(replace(self.center, mu=self.center.mu + self.step))[0]
        behind = self._map(replace(self.center, mu=self.center.mu - self.step))[0]
        missing = (ahead.mu - behind.mu) / (2 * self.step) - 1.0
        if abs(missing) <= self.noise:
            return None
        slope: Vector = (self._packed(ahead) - self._packed(behind)) / (2 * self.step)
        return slope / missing
