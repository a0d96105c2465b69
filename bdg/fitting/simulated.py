"""The spectrum of a configuration at the measured biases, for any values of its keys."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

import numpy as np

from bdg import setup
from bdg.arrays import Floats
from bdg.config import Config, ConfigSource
from bdg.errors import ConfigError, ConvergenceError, InputError, NumericalError
from bdg.observables import measure
from bdg.result import Result
from bdg.simulation.hooks import Hooks
from bdg.simulation.run import run, solve

TOLERANCE = 1e-8
"""Largest tolerance of the loop, since derivatives are differences."""

KEPT = 4
"""States that are kept, for keys that do not touch them."""


@dataclass
class SimulatedSpectrum:
    """The mean of a spectrum of ``stm`` over its sites, as a function of the keys that are varied.

    Parameters
    ----------
    source
        The configuration; of its observables ``stm`` alone is measured, at ``biases``.
    biases
        In t/e, ascending, shape ``(n_biases,)``.
    quantity
        The quantity of ``stm`` that was measured.
    """

    source: ConfigSource
    biases: Floats
    quantity: str = "stm_conductance"
    kept: setup.Kept = field(default_factory=setup.Kept)
    states: dict[str, Result] = field(default_factory=dict)

    def __post_init__(self) -> None:
        asked = (self.source.tree.plain().get("observables") or {}).get("stm")
        if asked is None:
            raise InputError(
                f"{self.source.path}: nothing to fit, it has no stm; write for example"
                " observables: {stm: {biases: [0, 1], sites: [[0, 0]]}}"
            )
        self._stm = {**asked, "biases": [float(one) for one in self.biases]}

    def at(self, values: Mapping[str, float]) -> tuple[Config, ConfigSource]:
        """The configuration with these values."""
        tolerance = min(self.source.parse().scf.tolerance, TOLERANCE)
        own = (("observables", {"stm": self._stm}), ("scf.tolerance", tolerance))
        source = replace(self.source, values=(*self.source.values, *own, *values.items()))
        return source.parse(), source

    def first(self, values: Mapping[str, float]) -> Floats:
        """The spectrum at the first values, whose errors are raised.

        Raises
        ------
        BdgError
            If they can't be used or the loop does not converge.
        """
        return self._spectrum(*self.at(values))

    def __call__(self, values: Mapping[str, float]) -> Floats:
        """The spectrum, shape ``(n_biases,)``; NaN where the values can't be used or no state is found."""
        try:
            return self._spectrum(*self.at(values))
        except (ConfigError, NumericalError, ConvergenceError):
            return np.full(len(self.biases), np.nan)

    def _spectrum(self, config: Config, source: ConfigSource) -> Floats:
        result = self._result(config, source)
        model = setup.model_of(config, source, self.kept.sample(config, source))
        ((_, parameters),) = setup.observable_parameters(config, source, model)
        found = measure(result.state(self.kept.solver(config, model)), "stm", parameters)
        if self.quantity not in found:
            raise InputError(f"stm has no {self.quantity!r} here; it has {', '.join(found)}")
        spectrum = found[self.quantity]
        if spectrum.dims[0] != "bias":
            raise InputError(f"{self.quantity} is no spectrum; fit stm_conductance")
        return np.asarray(spectrum.values.reshape(len(self.biases), -1).mean(axis=1), float)

    def _result(self, config: Config, source: ConfigSource) -> Result:
        """The state: one that is known, or a new one from the last."""
        key = _digest(config)
        if key not in self.states:
            bare = config.model_copy(
                update={"observables": config.observables.model_copy(update={"stm": None})}
            )
            found = self._solved(bare, source)
            if found.status != "converged":
                raise NumericalError(
                    f"{source.path}: the loop of the fit does not converge, residual {found.residual:.1e} t;"
                    " set scf.max_iterations higher"
                )
            while len(self.states) >= KEPT:
                self.states.pop(next(iter(self.states)))
            self.states[key] = found
        return self.states[key]

    def _solved(self, config: Config, source: ConfigSource) -> Result:
        if not self.states:
            return run(config, source, kept=self.kept)
        model = setup.model_of(config, source, self.kept.sample(config, source))
        return solve(
            model,
            observables=(),
            initial=next(reversed(self.states.values())),
            scf=setup.scf_options_of(config),
            solver=self.kept.solver(config, model),
            solver_tolerance=config.solver.tolerance,
            hooks=Hooks(),
        )


def _digest(config: Config) -> str:
    """What a state is known by: all that is not measured."""
    plain = config.model_dump(mode="json", exclude={"observables", "title", "output", "units", "sweep"})
    return json.dumps(plain, sort_keys=True)
