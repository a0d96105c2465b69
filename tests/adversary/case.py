"""A model through the gate, and the states that are judged: random fields, and those the loop finds."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

import numpy as np

from bdg import setup
from bdg.config import Config, ConfigSource
from bdg.model import Fields, Model
from bdg.nambu import NambuAssembler
from bdg.observables import State
from bdg.scf import ScfOptions, initial_fields, self_consistency
from bdg.scf.map import FixedPoint
from bdg.solvers import choose
from tests.adversary.generate import yaml_of

EXACT = 1e-13
"""Accuracy asked of solvers."""


def solver_of(model, method="diagonalization"):
    """A solver by name."""
    return choose(method, rows=model.dofs * model.sample.n_sites, temperature=model.temperature, threads=1)


@dataclass(frozen=True)
class Case:
    """A configuration and the model it describes; ``moved`` keeps what it is after each move."""

    spec: dict[str, Any]
    config: Config
    source: ConfigSource
    model: Model
    seed: int = 0
    moved: dict[Any, Any] = field(default_factory=dict)

    @classmethod
    def of(cls, spec, seed=0):
        """Through the gate as a user's file goes; raises what the gate raises."""
        source = ConfigSource(yaml_of(spec))
        config = source.parse()
        sample = setup.sample_of(config, source)
        return cls(spec, config, source, setup.model_of(config, source, sample), seed)

    @property
    def sample(self):
        """Its sites and bonds."""
        return self.model.sample

    def rng(self, stream):
        """Random numbers of a judge's own."""
        return np.random.default_rng([self.seed, stream])

    @cached_property
    def random_fields(self) -> Fields:
        """Fields that nothing makes, far from self-consistent, in all that the model has unknown."""
        start = initial_fields(self.model, "random", self.seed, is_complex=True).as_complex()
        layout = FixedPoint(self.model, solver_of(self.model), start, 1e-8).layout
        rng = self.rng(1)
        size = len(layout.pack(start))
        fields = layout.unpack(0.4 * rng.normal(size=size), start)
        return fields if self.model.filling is None else replace(fields, mu=float(rng.uniform(-1, 1)))

    @cached_property
    def found(self):
        """How the loop ends; ``None`` where nothing is to be found."""
        layout = FixedPoint(self.model, solver_of(self.model), self.random_fields, 1e-8).layout
        if not layout.slices():
            return None
        options = ScfOptions(tolerance=1e-11, max_iterations=80)
        return self_consistency(self.model, solver_of(self.model), options, initial="random", seed=self.seed)


def state_of(model, fields, method="diagonalization"):
    """The state of fields, to be measured."""
    return State(model, fields, NambuAssembler(model).matrix(fields), solver_of(model, method), EXACT)
