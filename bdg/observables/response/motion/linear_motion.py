r"""The equation of motion of δρ with the self-consistent fields following, i dx/dt = M x.

Of transition amplitudes x (:mod:`.transitions`) with the levels d = E_n − E_m and δH[x] what the interactions
make of δρ,

    M x = d x + √(f_m − f_n) ⟨n|δH[x]|m⟩ .

M is linear over the real numbers, symmetric in Re Σ x* y and, at a minimum of Ω, not negative: it is the
second variation of Ω (Thouless, Nucl. Phys. 21, 225 (1960)). So −iM is antisymmetric in the product
⟨x, y⟩ = Re Σ x* M y, and its frequencies are real. The phase of Δ is a direction that M takes to zero.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from bdg.arrays import Complexes, Numbers
from bdg.errors import InputError
from bdg.expectations import CORRELATORS, site_and_bond_pattern, site_pattern
from bdg.model import Fields, Model
from bdg.model.fields import zeros_like
from bdg.model.interactions import acting
from bdg.nambu import NambuAssembler
from bdg.observables.response.motion.transitions import Transitions
from bdg.observables.response.sources import source
from bdg.observables.response.vector_potential import model_in_potential
from bdg.observables.state import State
from bdg.resources import GIB, require_memory
from bdg.scf.derivative import CorrelatorChanges
from bdg.scf.stability.unrestricted import with_all_spins
from bdg.solvers import Correlations
from bdg.solvers.diagonalization import Diagonalization

MOST_WORK = 5e14
"""Multiplications of the longest chain that is begun: some hours."""

RATE = 2.5e10
"""Multiplications that a core does in a second, for the time that is said."""


class LinearMotion:
    """The motion of a state to first order.

    Parameters
    ----------
    state
        A self-consistent state.
    broadening
        Of the spectra that are asked for; the time is estimated with it.
    with_bonds
        Whether what is measured needs the bonds too.
    all_spins
        Whether spins may turn out of their axis.
    """

    def __init__(
        self, state: State, broadening: float, *, with_bonds: bool = False, all_spins: bool = False
    ) -> None:
        fields = replace(state.fields, vector_potential=None)
        model = replace(state.model, chemical_potential=fields.mu, filling=None)
        model = model_in_potential(model, np.zeros(model.sample.n_bonds))
        if all_spins:
            model, fields = with_all_spins(model, fields)
        self.model, self.fields = model, fields.as_real() if fields.is_real_to(0.0) else fields
        self._assembler = NambuAssembler(model)
        self._kinds = acting(model)
        on_bonds = with_bonds or any(CORRELATORS[kind.correlator][0] == "bond" for kind in self._kinds)
        self.pattern = (site_and_bond_pattern if on_bonds else site_pattern)(model.sample)
        hamiltonian = self._assembler.matrix(self.fields)
        self.cost = Cost.of(model, hamiltonian.dimension, hamiltonian.norm_bound(), broadening)
        self.cost.require(Diagonalization.bytes_of(hamiltonian))
        self.transitions = Transitions.of(hamiltonian, state)

    def driven(self, change: Fields) -> Complexes:
        """√(f_m − f_n) ⟨n|δH|m⟩ of a change of the fields or of A."""
        return self.transitions.between(self._assembler.change(self.fields, change))

    def changes(self, f: Correlations) -> CorrelatorChanges:
        """Changes of expectation values, from δf(H) on the pattern."""
        return CorrelatorChanges(self.model.sample, f)

    def entries(self, amplitudes: Complexes) -> Correlations:
        """δf(H) on the pattern."""
        f = self.transitions.entries(amplitudes, self.pattern)
        return f if self.model.dofs == 2 else replace(f, blocks=both_copies(f.blocks))

    def product(self, amplitudes: Complexes) -> tuple[Complexes, Correlations]:
        """M x, and the δf(H) of x."""
        f, free = self.entries(amplitudes), self.transitions.energy * amplitudes
        return (free + self.driven(self._made(f)) if self._kinds else free), f

    def free(self) -> Complexes | None:
        """The turn of the phase of Δ, of norm 1, where nothing holds it."""
        uniform = np.full(self.model.sample.n_sites, 1.0)
        turn = -1j * self.driven(source("charge", "z", self.fields, uniform))
        size = float(np.linalg.norm(turn))
        if size <= FREE * np.sqrt(turn.size):
            return None
        turn = turn / size
        left = float(np.linalg.norm(self.product(turn)[0]))
        return turn if left <= HELD * float(self.transitions.energy.max()) else None

    def _made(self, f: Correlations) -> Fields:
        """The fields that the interactions make of δf(H)."""
        correlators, made = self.changes(f), dict[str, Any]()
        for kind in self._kinds:
            share = kind.made(self.model, correlators[kind.correlator])
            made[kind.field] = made[kind.field] + share if kind.field in made else share
        return zeros_like(self.fields).having(made)


def both_copies(blocks: Numbers) -> Numbers:
    """Entries with 4 dofs, electrons and holes averaged: rounding makes them differ, and M sees electrons."""
    found, holes = blocks.copy(), np.conj(blocks[:, 2:])
    found[:, :2, :2] = 0.5 * (blocks[:, :2, :2] - _W.T @ holes[:, :, 2:] @ _W)
    found[:, :2, 2:] = 0.5 * (blocks[:, :2, 2:] - _W.T @ holes[:, :, :2] @ _W.T)
    return found


_W = np.array([[0.0, 1.0], [-1.0, 0.0]])

FREE, HELD = 1e-12, 1e-6
"""Norm of a turn of phases that is none, and share of M, at its largest, that holds one in place."""


@dataclass(frozen=True)
class Cost:
    """What a chain takes: transitions, its length and what one of its steps multiplies.

    Parameters
    ----------
    n_sites
        Of the sample.
    transitions
        How many there are.
    steps
        About so many for a resolution of the broadening: half the width of the spectrum over it, some times.
    multiplications
        Of a step.
    """

    n_sites: int
    transitions: float
    steps: float
    multiplications: float

    @classmethod
    def of(cls, model: Model, dimension: int, largest: float, broadening: float) -> Cost:
        """That of a model whose H has so many rows, and no level beyond the largest."""
        n_k = len(model.sample.momenta)
        share = 0.25 if model.temperature == 0 else 0.6
        pairs = share * n_k * float(dimension) ** 2
        # The amplitudes of some two hundred levels and more are never all exhausted.
        steps = min(4.0 * 2.0 * largest / broadening, 2.0 * pairs)
        return cls(model.sample.n_sites, pairs, steps, 2.0 * pairs * dimension)

    def require(self, eigenvectors: float) -> None:
        """Refuse what there is no memory, or no time, for.

        Raises
        ------
        InputError
            If it takes more than some hours.
        ResourceError
            If there is not enough memory.
        """
        needed, what = eigenvectors + 16.0 * 9.0 * self.transitions, "the motion of all pairs of levels"
        hint = "make the sample smaller, or take T = 0, which leaves a quarter of them"
        require_memory(needed, f"{what} of {self.n_sites} sites", hint)
        if self.multiplications * self.steps > MOST_WORK:
            hours = self.multiplications * self.steps / RATE / 3600
            raise InputError(
                f"{what} of {self.n_sites} sites takes {needed / GIB:.1f} GiB and, of one core, about"
                f" {hours:.0f} hours for each drive; {hint}, or broaden more"
            )
