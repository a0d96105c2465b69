"""The map whose fixed point is sought: fields → H → entries of f(H) → fields."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bdg.expectations import bond_current, bond_stiffness, part, site_and_bond_pattern
from bdg.model import TABLE, Fields, Layout, Model
from bdg.model.interactions import acting, free_rows
from bdg.nambu import NambuAssembler, NambuMatrix
from bdg.scf.correlators import Correlators
from bdg.scf.filling import scarce
from bdg.scf.held import phase_kept, step_beside
from bdg.scf.level_bounds import LevelBounds
from bdg.scf.newton.phases import Turns, can_turn
from bdg.scf.newton.step import Blocks, among, newton_blocks, newton_step
from bdg.solvers import Correlations, Solver

COARSEST = 1e-3
"""Error of f(H) that is good enough while the fields are far from self-consistent."""

ACCURACY_SHARE = 0.01
"""Error of f(H) asked of the solver, as a share of the last residual in t."""

CREEP = 0.1
"""Change of the residual in an iteration, as a share of it, below which the accuracy follows the change."""

FINEST = 1e-13
"""Error of f(H) that every solver can reach; no tolerance asks for less."""

FINAL_SHARE = 0.1
"""Error of Δ at the end, as a share of the wanted residual."""


class FixedPoint:
    """The map whose fixed point is sought, Fields → Fields, on a model in its best gauge.

    Parameters
    ----------
    model
        The model.
    solver
        Gives f(H) on the sites.
    start
        Fixes what is not free, and whether Δ is complex.
    tolerance
        Wanted residual; at the end the solver is asked for ten times better.
    held
        Sites where Δ keeps the phase of ``start``; ``None`` for none.

    Attributes
    ----------
    gain
        The largest field that an entry of f(H) of size 1 makes, in t, and at least 1.
    coordination
        Most bonds of a site.
    mu_per_filling
        κ, the change of μ for one electron per site by which the map turns a filling error into one, in t.
    electrons
        Electrons per site in the last evaluation.
    """

    def __init__(
        self,
        model: Model,
        solver: Solver,
        start: Fields,
        tolerance: float,
        held: NDArray[np.bool_] | None = None,
    ) -> None:
        self.model, self.solver, self.start, self.held = model, solver, start, held
        self._tolerance = tolerance
        self._kinds = acting(model)
        self.gain = max([1.0, *(kind.gain(model) for kind in self._kinds)])
        self._final_accuracy = max(FINEST, FINAL_SHARE * tolerance / self.gain)
        self.layout = Layout.of(model, is_complex=start.is_complex)
        self._blocks: Blocks | None = None
        self._assembler = NambuAssembler(model)
        self._pattern = site_and_bond_pattern(model.sample)
        self.accuracy, self.is_final = self._final_accuracy, True
        self.electrons = np.nan
        self._f: Correlations | None = None
        self._last: tuple[Fields, NambuMatrix] | None = None
        self._can_turn = can_turn(model, self.layout, start)
        self._levels = LevelBounds.of(model)
        self.coordination = self._levels.coordination
        # Half the band width: density goes from 0 to 2 over twice this, so it turns a filling error into
        # a shift of μ of the right size.
        self.mu_per_filling = self._levels.hopping or 1.0

    def set_accuracy(self, residual: float, change: float = np.inf) -> None:
        """Ask the solver for what the next iteration needs: a share of the residual there was, and no more.

        A mixer learns from changes of the residual. Where the last one was but a small part of it, as along a
        soft mode, such as a vortex far from all others, errors as large as that would hide what it tells.
        """
        coarsest = COARSEST
        if self.model.filling is not None:
            coarsest = min(coarsest, ACCURACY_SHARE * scarce(self.model.filling))
        wanted = min(coarsest, max(ACCURACY_SHARE * residual, self._final_accuracy))
        if change < CREEP * residual:
            wanted = min(wanted, max(FINEST, ACCURACY_SHARE * change))
        # Powers of ten, so that a solver meets few different accuracies and can keep what it made for each.
        finest = self._final_accuracy if wanted >= self._final_accuracy else FINEST
        self.accuracy = max(finest, float(10.0 ** np.floor(np.log10(wanted))))
        self.is_final = self.accuracy <= self._final_accuracy

    def as_complex(self) -> FixedPoint:
        """The map of complex fields."""
        return FixedPoint(self.model, self.solver, self.start.as_complex(), self._tolerance, self.held)

    def of_length(self, length: int) -> FixedPoint:
        """The map whose packed fields have this length: this one, or that of complex fields."""
        own = max((place.stop for place in self.layout.slices().values()), default=0)
        return self if length == own else self.as_complex()

    @property
    def error(self) -> float:
        """Estimate of the largest error of an entry of f(H) in the last iteration."""
        return 0.0 if self._f is None else self._f.error

    def turns(self) -> Turns | None:
        """Turns of the phase of Δ at the fields of the last iteration, where it is free to turn."""
        if not self._can_turn or self._f is None or self._last is None:
            return None
        return Turns.at(self.model, self.layout, self._last[0], self._f, self.held)

    def preconditioner(self) -> Callable[[NDArray[np.float64]], NDArray[np.float64]] | None:
        """A local Newton step from what the last iteration computed, where that is known and good."""
        if self._f is None:
            return None
        if self._blocks is None:
            self._blocks = newton_blocks(self.model, self.layout)
        others = [name for name in self.layout.slices() if name != "mu" and name not in self._blocks]
        known = self.layout.without(*others)
        step = newton_step(self._f, self._blocks, known, self.mu_per_filling)
        for name, place in known.slices().items() if self.held is not None else ():
            if step is not None and TABLE[name].is_of_pairs:
                step = step_beside(step, place, self._held_like(name))
        return among(step, self.layout, others)

    def confined(self, vector: NDArray[np.float64]) -> NDArray[np.float64]:
        """The vector with μ kept where it can give the filling.

        Far below every level the density is 0 and far above it is 2, whatever μ is: a step that lands there
        tells an accelerator nothing, and it can run away.
        """
        if "mu" in self.layout:
            fields = self.layout.unpack(vector, self.start)
            vector[self.layout.slices()["mu"]] = np.clip(fields.mu, *self.mu_bounds(fields))
        return vector

    def mu_bounds(self, fields: Fields) -> tuple[float, float]:
        """Below the first there are fewer electrons than wanted, above the second more."""
        assert self.model.filling is not None
        return self._levels.mu_bounds(fields, self.model.filling)

    def hamiltonian(self, fields: Fields) -> NambuMatrix:
        """H at the fields; the last one is kept, so that asking again finds the solver's work done."""
        if self._last is None or not self._last[0].same_as(fields):
            self._last = (fields, self._assembler.matrix(fields))
        return self._last[1]

    def __call__(self, fields: Fields) -> tuple[Fields, float]:
        """The fields that f(H[fields]) makes, and the filling error.

        μ_out = μ + (half band width) · (filling − electrons per site).
        """
        model = self.model
        self._f = self.solver.correlations(
            self.hamiltonian(fields), model.temperature, self._pattern, tolerance=self.accuracy
        )
        correlators = Correlators(model.sample, self._f)
        self.electrons = float(correlators["spin_density"].sum()) / model.sample.n_sites
        out, filling_error = self._made(correlators), 0.0
        if "mu" in self.layout and model.filling is not None:
            missing = model.filling - self.electrons
            out["mu"], filling_error = fields.mu + self.mu_per_filling * missing, abs(missing)
        if fields.vector_potential is not None:
            out["vector_potential"] = self._induced(fields)
        return fields.having(out), filling_error

    def _made(self, correlators: Correlators) -> dict[str, Any]:
        """The free fields that the interactions make of correlators; of held phases the sizes alone."""
        made: dict[str, Any] = {}
        for kind in self._kinds:
            part = kind.made(self.model, correlators[kind.correlator])
            made[kind.field] = made[kind.field] + part if kind.field in made else part
        for name in made.keys() & self.start.pairs().keys() if self.held is not None else ():
            made[name] = phase_kept(made[name], self.start[name], self._held_like(name))
        return made

    def _held_like(self, name: str) -> NDArray[np.bool_]:
        """Where a field keeps its phase: on sites that are held, and on bonds between two of them."""
        assert self.held is not None
        if not TABLE[name].on_bonds:
            return self.held
        bonds = self.model.sample.bonds
        both: NDArray[np.bool_] = self.held[bonds.source] & self.held[bonds.target]
        return both[:, None, None] if TABLE[name].has_spin_matrices else both

    def _induced(self, fields: Fields) -> NDArray[np.float64] | None:
        """The vector potential a London step away: the same where the currents obey Ampère's law."""
        screening, induced = self.model.screening, fields.vector_potential
        if screening is None or induced is None or self._f is None:
            return induced
        on_bonds = part(self._f, slice(self.model.sample.n_sites, None))
        model = self.model.at(fields)
        slope = screening.free_energy_force(induced, bond_current(model, on_bonds))
        return induced + screening.step(slope, bond_stiffness(model, on_bonds))

    def conjugates(self) -> Fields:
        """The conjugates −∂Ω₀/∂f of every component f that a layout packs, at the last iteration's fields.

        That is 2⟨c_↑ c_↓⟩ of Δ, −⟨n_σ⟩ of V_σ and −2⟨c†_↓ c_↑⟩ of the exchange field. On bonds, where a
        field is Σ_c g_c S_c + h.c. with tr S_c Sᵀ_c = 2, it is 4 of each component of the pairs
        ⟨c_iσ c_jσ'⟩ and −4 of those of ⟨c†_sσ' c_tσ⟩.
        """
        assert self._f is not None
        correlators, sample = Correlators(self.model.sample, self._f), self.model.sample
        zero = {row.name: np.zeros(row.shape(sample)) for row in free_rows(self.model)}
        known = {
            row.name: row.conjugate[0] * correlators[row.conjugate[1]]
            for row in TABLE.values()
            if row.conjugate is not None
        }
        return Fields.of(zero | known | {"mu": 0.0})
