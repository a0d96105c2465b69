r"""The map of self-consistency to first order: what small changes of the fields make of all fields.

δf(H) of δH[δfields] comes from the solver, entries on sites and bonds (:meth:`bdg.solvers.Solver.response`);
expectation values and the fields that interactions make of them are linear in it. No step, no difference.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from bdg.expectations import CORRELATORS, part, site_and_bond_pattern
from bdg.lattice import Sample
from bdg.model import TABLE, Fields, Model
from bdg.model.fields import zeros_like
from bdg.model.interactions import acting, free_rows
from bdg.nambu import BlochMomenta, NambuAssembler, NambuMatrix
from bdg.solvers import Correlations, Solver

FINEST = 1e-13
"""Error of an entry, as a share of the largest that there may be; every solver reaches nearly that."""


class CorrelatorChanges:
    """Changes of the values of :data:`bdg.expectations.CORRELATORS`, from entries of δf(H)."""

    def __init__(self, sample: Sample, change: Correlations) -> None:
        self._sample, self._f, self._known = sample, change, dict[str, Any]()

    def __getitem__(self, name: str) -> Any:
        if name not in self._known:
            place, value = CORRELATORS[name]
            n = self._sample.n_sites
            own = part(self._f, slice(0, n) if place == "site" else slice(n, None))
            nothing = replace(own, blocks=np.zeros_like(own.blocks))  # of holes the value is 1 − f
            self._known[name] = value(self._sample, own) - value(self._sample, nothing)
        return self._known[name]


@dataclass(frozen=True, eq=False)
class Slope:
    """What a small change makes, for each unit of it.

    Parameters
    ----------
    fields
        δ of the fields that interactions make; zero for all others, μ and A among them.
    conjugates
        δ of −∂Ω₀/∂f of each field, see :meth:`bdg.scf.map.FixedPoint.conjugates`.
    electrons
        δ of the electrons of the sample.
    f
        δf(H) on sites and bonds.
    """

    fields: Fields
    conjugates: Fields
    electrons: float
    f: Correlations


class Derivative:
    """The map of a model at some fields, to first order.

    Parameters
    ----------
    model, solver, fields
        The state, in the gauge of the model. Changes may be complex where the fields are real.
    accuracy
        See :data:`FINEST`; it may be changed between products.

    Attributes
    ----------
    error
        Largest error, so far, of what a change makes whose δH has the norm 1, in units of it.
    """

    def __init__(self, model: Model, solver: Solver, fields: Fields, accuracy: float = FINEST) -> None:
        self._model, self._solver, self.accuracy = model, solver, accuracy
        self.fields = fields.as_real() if fields.is_real_to(0.0) else fields
        self._assembler = NambuAssembler(model)
        self._kinds, self._pattern = acting(model), site_and_bond_pattern(model.sample)
        self._gain = max([1.0, *(kind.gain(model) for kind in self._kinds)])
        self.hamiltonian = self._assembler.matrix(self.fields)
        self.error = 0.0

    def along(self, *changes: Fields) -> list[Slope]:
        """What changes of the fields make, several from one pass over the poles."""
        return self._of([self._assembler.change(self.fields, change) for change in changes])

    def in_temperature(self) -> Slope:
        """What a change of T makes at fixed fields and μ: f(H/T) sees δH = −H/T."""
        return self._of([scaled(self.hamiltonian, -1.0 / self._model.temperature)])[0]

    def _of(self, changes: Sequence[NambuMatrix]) -> list[Slope]:
        found = self._solver.response(
            self.hamiltonian, changes, self._model.temperature, self._pattern, tolerance=self.accuracy
        )
        self.error = max([self.error, *(self._gain * one.error for one in found)])
        return [self._slope(one) for one in found]

    def _slope(self, f: Correlations) -> Slope:
        correlators, model = CorrelatorChanges(self._model.sample, f), self._model
        made: dict[str, Any] = {}
        for kind in self._kinds:
            share = kind.made(model, correlators[kind.correlator])
            made[kind.field] = made[kind.field] + share if kind.field in made else share
        zero = {row.name: np.zeros(row.shape(model.sample)) for row in free_rows(model)}
        known = {
            row.name: row.conjugate[0] * correlators[row.conjugate[1]]
            for row in TABLE.values()
            if row.conjugate is not None
        }
        nothing = zeros_like(self.fields)
        conjugates = Fields.of(zero | known | {"mu": 0.0})
        return Slope(nothing.having(made), conjugates, float(correlators["spin_density"].sum()), f)


def added(one: Fields, other: Fields) -> Fields:
    """The sum of two changes."""
    both = {row.name: value + other[row.name] for row, value in one.present() if other[row.name] is not None}
    return one.having(both)


def scaled(matrix: NambuMatrix, factor: float) -> NambuMatrix:
    """A matrix times a number."""
    momenta = matrix.momenta
    if isinstance(momenta, BlochMomenta):
        links = tuple(replace(link, blocks=factor * link.blocks) for link in momenta.links)
        return replace(matrix, momenta=replace(momenta, inside=factor * momenta.inside, links=links))
    return replace(matrix, momenta=tuple(replace(one, values=factor * one.values) for one in momenta))
