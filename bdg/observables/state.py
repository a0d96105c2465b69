"""A state to be measured: a model, its fields, and the entries of f(H) that several observables share."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bdg.expectations import anomalous, bond_pattern, normal, site_pattern
from bdg.model import Fields, Model
from bdg.nambu import NambuAssembler, NambuMatrix
from bdg.observables.loops import Loops, Numbers, fingerprint
from bdg.solvers import Correlations, Pattern, Solver
from bdg.solvers.contract import TOLERANCE, SolvesStates
from bdg.solvers.diagonalization import dense_beside
from bdg.solvers.diagonalization.eigensystem import STACK_ROWS

PER_BLOCK = " per repeated block"
"""End of the name of a number that is of the block an infinite sample repeats."""


@dataclass(frozen=True)
class State:
    """What every observable takes.

    Parameters
    ----------
    model
        The model; it is taken with the vector potential of the fields in its phases.
    fields
        Its self-consistent (or given) fields.
    hamiltonian
        The Nambu matrix at these fields.
    solver
        Any solver of :mod:`bdg.solvers`.
    tolerance
        Accuracy asked of the solver.
    is_converged
        Whether the loop that made the fields converged.
    loops
        How loops of an observable's own run.
    """

    model: Model
    fields: Fields
    hamiltonian: NambuMatrix
    solver: Solver
    tolerance: float = TOLERANCE
    is_converged: bool = True
    loops: Loops = field(default_factory=Loops)

    def __post_init__(self) -> None:
        object.__setattr__(self, "model", self.model.at(self.fields))

    @property
    def each(self) -> str:
        """What a number of the whole sample is per, for its name: of an infinite sample one repetition."""
        return PER_BLOCK if self.model.sample.is_infinite else ""

    def elsewhere(self, model: Model, fields: Fields) -> State:
        """Another model and its fields, with the same solver and loops."""
        matrix = NambuAssembler(model).matrix(fields)
        return State(model, fields, matrix, self.solver, self.tolerance, loops=self.loops)

    @cached_property
    def fingerprint(self) -> str:
        """What tells this state from all others: the model, its fields, the solver and its tolerance."""
        return fingerprint(self.model, self.fields, self.solver.name, self.tolerance)

    @cached_property
    def last_spectrum(self) -> dict[str, Numbers]:
        """The spectrum computed last, by what it is of; see :mod:`bdg.observables.blocks`."""
        return {}

    @cached_property
    def on_sites(self) -> Correlations:
        """f(H) on the sites."""
        return self._correlations(site_pattern(self.model.sample))

    @cached_property
    def on_bonds(self) -> Correlations:
        """f(H) on the bonds, row = target, column = source, in the Nambu order of :mod:`bdg.conventions`.

        ``blocks[b, a, a']`` = ⟨Ψ†_(source, a') Ψ_(target, a)⟩ with Ψ = (c_↑, c†_↓), or with 4 dofs
        (c_↑, c_↓, c†_↓, −c†_↑): ``blocks[:, 0, 0]`` = ⟨c†_source↑ c_target↑⟩ in both, and with 2 dofs
        ``blocks[:, 1, 1]`` = ⟨c_source↓ c†_target↓⟩ = −⟨c†_target↓ c_source↓⟩. What electrons do on bonds is
        :attr:`hops` and :attr:`bond_pairs`, the same in both.
        """
        return self._correlations(bond_pattern(self.model.sample))

    @property
    def hops(self) -> NDArray[Any]:
        """⟨c†_source,σ' c_target,σ⟩ of every bond, shape ``(n_bonds, 2, 2)``: σ, then σ', 0 up and 1 down.

        With :attr:`bdg.Model.spin_amplitude`, ⟨target σ|h|source σ'⟩, these make energies and currents of
        bonds: the energy is Σ_σσ' 2 Re h N*, the charge that flows 2q Σ_σσ' Im h N*.
        """
        return normal(self.model.sample, self.on_bonds)

    @property
    def bond_pairs(self) -> NDArray[Any]:
        """⟨c_source,σ' c_target,σ⟩ of every bond, likewise."""
        return anomalous(self.on_bonds)

    @cached_property
    def levels(self) -> tuple[NDArray[np.float64], NDArray[Any]]:
        """All energies of a finite sample, ascending, and states in columns: dense, whatever the solver."""
        solver = self.solver if isinstance(self.solver, SolvesStates) else dense_beside(self.solver)
        return solver.states(self.hamiltonian)

    @cached_property
    def all_levels(self) -> tuple[NDArray[np.float64], NDArray[np.float64]] | None:
        """Every energy of every momentum and its weight, where the solver has them or a block is small.

        Levels of small blocks take milliseconds for thousands of momenta, whatever the solver.
        """
        if isinstance(self.solver, SolvesStates):
            return self.solver.levels(self.hamiltonian)
        is_small = self.hamiltonian.dimension <= STACK_ROWS
        return dense_beside(self.solver).levels(self.hamiltonian) if is_small else None

    def _correlations(self, pattern: Pattern) -> Correlations:
        return self.solver.correlations(
            self.hamiltonian, self.model.temperature, pattern, tolerance=self.tolerance
        )
