"""The phases of a state, and of those at other temperatures, as XY models: couplings and Markov chains."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

import numpy as np

from bdg.arrays import Floats
from bdg.errors import InputError
from bdg.experiments.change import Temperature
from bdg.experiments.follow import Measured, branch
from bdg.experiments.loop import require_going_on
from bdg.experiments.xy.couplings import bond_couplings
from bdg.experiments.xy.monte_carlo import Modulus, helicity_modulus
from bdg.experiments.xy.network import repeated, stiffness
from bdg.experiments.xy.unbinding import finite
from bdg.observables.loops import Numbers, fingerprint
from bdg.observables.response.superfluid_weight import area_of_a_site
from bdg.observables.state import State
from bdg.solvers import SILENT, executor_of
from bdg.solvers.tasks import in_order

CLEAN = 0.8929
"""T_BKT/J of a uniform square lattice, near which the search begins."""

COARSE = np.linspace(0.6, 1.15, 6)
"""Where it looks first, as shares of that."""

NEAR = 1e-2
"""Accuracy of where the search begins."""


class Phases:
    """The XY models of a state and of those at other temperatures.

    Parameters
    ----------
    state
        The state.
    follow
        Whether couplings are those of the state at each temperature.

    Attributes
    ----------
    area, length
        Of the sample, in a², and of a square of as many sites.
    """

    def __init__(self, state: State, follow: bool) -> None:
        self._state, self._sample = state, state.model.sample
        self.area = area_of_a_site(state.model) * self._sample.n_sites
        self.length = float(np.sqrt(self._sample.n_sites))
        self._own = None if follow else bond_couplings(state)[0]
        self._warming = branch(state, _measured)

    def couplings(self, temperature: float) -> Floats:
        """J of each bond, in t.

        Raises
        ------
        NumericalError
            If there is no state.
        """
        if self._own is not None:
            return self._own
        return np.asarray(self._warming.at(Temperature(temperature)).required().numbers["couplings"])

    def stiffness(self, temperature: float) -> float:
        """√det of the modulus without fluctuations, in t."""
        return stiffness(self._sample, self.couplings(temperature), self.area)

    def chains(self, temperature: float, copies: Sequence[int], sweeps: int, seed: int) -> list[Modulus]:
        """The modulus of the sample that many times along its directions, at a temperature."""
        couplings = self.couplings(temperature)

        def run() -> Numbers:
            require_going_on(self._state)
            solver = self._state.solver
            tasks = (
                partial(
                    helicity_modulus,
                    repeated(self._sample, couplings, self.area, many),
                    temperature,
                    sweeps,
                    (seed, many, *np.atleast_1d(temperature).view(np.uint32).tolist()),
                )
                for many in copies
            )
            found = list(in_order(tasks, executor_of(solver), getattr(solver, "monitor", SILENT)))
            return {name: np.array([getattr(one, name) for one in found]) for name in Modulus.__annotations__}

        name = fingerprint("chains", couplings, self._sample, temperature, tuple(copies), sweeps, seed)
        found = self._state.loops.points.get(name, run)
        return [
            Modulus(*(float(found[key][n]) for key in Modulus.__annotations__)) for n in range(len(copies))
        ]

    def guess(self, copies: int, sweeps: int, seed: int) -> float:
        """About T_BKT, from the sample that many times along its directions.

        Raises
        ------
        InputError
            If nothing is stiff.
        """
        first = self._without_fluctuations()
        ratios = []
        for temperature in first * COARSE:
            (one,) = self.chains(float(temperature), (copies,), sweeps, seed)
            ratios.append(np.pi * one.value / (2 * temperature))
        excess = np.array(ratios) - finite(self.length * copies)
        if not (excess < 0).any() or excess[0] < 0:
            return float(first * (COARSE[0] if excess[0] < 0 else COARSE[-1]))
        beyond = int(np.argmax(excess < 0))
        share = excess[beyond - 1] / (excess[beyond - 1] - excess[beyond])
        return float(first * (COARSE[beyond - 1] + share * (COARSE[beyond] - COARSE[beyond - 1])))

    def steepness(self, temperature: float) -> float:
        """∂ ln(T/J)/∂ ln T: 1 where the couplings hardly depend on T, more where they fall."""
        if self._own is not None:
            return 1.0
        near = temperature * (1 - NEAR)
        here, before = self.stiffness(temperature), self.stiffness(near)
        return 1.0 if here <= 0 else 1.0 + max(0.0, float(np.log(before / here)) / NEAR)

    def _without_fluctuations(self) -> float:
        """T = 0.8929 J(T), J the stiffness without fluctuations."""
        from scipy.optimize import brentq  # rarely needed, imported late

        def excess(temperature: float) -> float:
            return temperature - CLEAN * self.stiffness(temperature)

        highest = CLEAN * self.stiffness(self._state.model.temperature)
        if highest <= 0:
            raise InputError("the state has no stiffness; start below T_c")
        lowest = NEAR * highest
        while excess(highest) < 0:  # the state was warmer than what is sought
            lowest, highest = highest, 2 * highest
        return float(brentq(excess, lowest, highest, xtol=NEAR * highest))


def _measured(state: State) -> Measured:
    return {"couplings": bond_couplings(state)[0]}
