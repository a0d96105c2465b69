"""The self-consistent fields around impurities in an infinite lattice, by embedding."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from bdg.arrays import Array, Floats
from bdg.errors import InputError, NumericalError
from bdg.expectations import site_and_bond_pattern
from bdg.fixed_point import make_mixer
from bdg.leads.embedding import Embedding
from bdg.leads.infinite import InfiniteLattice
from bdg.model import Fields, Layout, Model
from bdg.model.interactions import acting
from bdg.nambu import NambuAssembler
from bdg.observables.impurities.region import Region, region_around
from bdg.observables.state import State
from bdg.resources import blas_threads
from bdg.scf.correlators import Correlators
from bdg.scf.starts.start import in_working_gauge, start_fields
from bdg.solvers import Correlations, Pattern

LARGEST = 2000
"""Rows of H of a region at most: a dense matrix of it is kept for each pole, of 64 MB."""

TOLERANCE = 1e-10
"""Of the expansion and of the bulk's Green's functions, at the least."""


@dataclass(frozen=True, eq=False)
class Relaxed:
    """What the fields around impurities are.

    Parameters
    ----------
    region
        The sites that follow, and the ring around them where the fields are those of the bulk.
    model, fields
        On the region, the impurities included.
    potential
        V, all that the impurities and the fields add to H, shape ``(n·dofs, n·dofs)``.
    rim
        The largest change of a field that the ring would have, in t: what the radius leaves out.
    residual
        Of the loop, in t.
    iterations
        Its iterations.
    """

    region: Region
    model: Model
    fields: Fields
    potential: Array
    rim: float
    residual: float
    iterations: int


def relaxed(
    state: State, cells: Array, orbitals: Array, potentials: Floats, moments: Floats, radius: float
) -> Relaxed:
    r"""Let the fields within a radius of impurities follow them, all else being the uniform bulk.

    The density matrix of the region is that of the bulk and what H changes of it, δf of
    :mod:`bdg.leads.embedding`; the interactions make of it the change of the fields, so that without
    impurities nothing changes, and beyond the region nothing does.

    Parameters
    ----------
    state
        Of one cell that is infinite along all directions.
    cells, orbitals, potentials, moments
        The impurities: where, U in t, and J S in t, shape ``(n, 3)``.
    radius
        In lattice constants.

    Raises
    ------
    InputError
        If T = 0, nothing is self-consistent in the model, or the region has too many sites.
    NumericalError
        If the loop does not converge.
    """
    _require(state)
    most = LARGEST // state.hamiltonian.dofs
    region = region_around(state.model.sample, cells, orbitals, radius, most)
    problem = _Problem.of(state, region, cells, orbitals, potentials, moments)
    with blas_threads(1):  # of matrices this small
        return problem.solved()


def _require(state: State) -> None:
    model = state.model
    if not acting(model):
        raise InputError(
            "nothing is self-consistent in this model: its fields are given; leave out the radius"
        )
    if model.temperature <= 0:
        raise InputError(
            "around an impurity the fields follow at a temperature above 0 alone; a hundredth of Δ is as good"
        )


class _Problem:
    """The map of the fields of a region, in a gauge where H of the region is real if it can be.

    Parameters
    ----------
    state
        Of the bulk.
    region
        The sites.
    bulk, impure
        Their model without and with the impurities, in the gauge of the bulk.
    """

    def __init__(self, state: State, region: Region, bulk: Model, impure: Model) -> None:
        self.state, self.region = state, region
        self.model, angle = in_working_gauge(impure)
        self.angle = np.zeros(region.sample.n_sites) if angle is None else angle
        own = region.fields(state.fields)
        self.bulk = start_fields(self.model, own, (0, 0), angle)
        self.layout = Layout.of(self.model, is_complex=self.bulk.is_complex)
        self.free = self._mask()
        self.pattern = site_and_bond_pattern(region.sample)
        # H of the bulk and its density matrix in the gauge of the bulk, in which G₀ is.
        self.reference = NambuAssembler(bulk).matrix(own).dense()
        self.assembler = NambuAssembler(self.model)
        self.known = self._bulk_correlations()
        self.embedding = Embedding(
            InfiniteLattice(state.hamiltonian),
            region.cells,
            region.sample.orbitals,
            state.model.temperature,
            max(state.tolerance, TOLERANCE),
        )
        self.made_of_bulk = self._made(self.known)

    @classmethod
    def of(
        cls, state: State, region: Region, cells: Array, orbitals: Array, potentials: Floats, moments: Floats
    ) -> _Problem:
        """The problem of impurities at some sites."""
        bulk = region.model(state.model, state.fields)
        places = [
            int(np.flatnonzero((region.cells == c).all(axis=1) & (region.sample.orbitals == o))[0])
            for c, o in zip(cells, orbitals, strict=True)
        ]
        onsite, zeeman = bulk.onsite.copy(), bulk.zeeman.copy()
        np.add.at(onsite, places, potentials)
        zeeman[:, places] -= moments.T  # +m·σ, where H_Z = −h·σ
        return cls(state, region, bulk, replace(bulk, onsite=onsite, zeeman=zeeman))

    def solved(self) -> Relaxed:
        """Iterate until nothing changes."""
        options = self.state.loops.options
        mixer = make_mixer(options.mixer, options.damping, options.history)
        vector, residual = self.layout.pack(self.bulk), np.inf
        for iteration in range(1, options.max_iterations + 1):
            fields = self.layout.unpack(vector, self.bulk)
            out, error = self._map(fields)
            change = self.layout.pack(out) - vector
            residual = float(np.abs(change[self.free]).max(initial=0.0))
            if residual <= options.tolerance:
                rim = float(np.abs(change[~self.free]).max(initial=0.0))
                return self._ended(fields, rim, residual, iteration)
            vector = mixer.step(vector, np.where(self.free, change, 0.0), error)
            self.state.loops.watch.say(f"around the impurity: residual {residual:.1e} t")
        raise NumericalError(
            f"the fields around the impurity do not converge, residual {residual:.1e} t after"
            f" {options.max_iterations} iterations; lower scf.damping"
        )

    def _ended(self, fields: Fields, rim: float, residual: float, iterations: int) -> Relaxed:
        own = fields.transformed(-self.angle, self.region.sample.bonds)
        return Relaxed(
            self.region,
            self.model.transformed(-self.angle),
            own,
            self._potential(fields),
            rim,
            residual,
            iterations,
        )

    def _map(self, fields: Fields) -> tuple[Fields, float]:
        """The fields that f(H) makes, with the change of what it makes of the bulk."""
        pattern = self.pattern
        rows, columns = (one.astype(np.intp) for one in (pattern.rows, pattern.columns))
        change, error = self.embedding.change(self._potential(fields), rows, columns)
        turned = self._turned(change, pattern)
        blocks = self.known.blocks + (turned if np.iscomplexobj(self.known.blocks) else turned.real)
        made = self._made(Correlations(pattern, blocks, error))
        bulk = self.made_of_bulk
        return fields.having({n: self.bulk[n] + (one - bulk[n]) for n, one in made.items()}), error

    def _potential(self, fields: Fields) -> Array:
        """V in the gauge of the bulk."""
        phases = self._phases()
        here = self.assembler.matrix(fields).dense()
        if self.angle.any():
            here = np.conj(phases)[:, None] * here * phases
        found: Array = here - self.reference
        return found

    def _made(self, f: Correlations) -> dict[str, Any]:
        """What the interactions make of correlators; see :class:`bdg.scf.FixedPoint`."""
        correlators, made = Correlators(self.region.sample, f), dict[str, Any]()
        for kind in acting(self.model):
            part = kind.made(self.model, correlators[kind.correlator])
            made[kind.field] = made[kind.field] + part if kind.field in made else part
        return made

    def _bulk_correlations(self) -> Correlations:
        """F(H) of the bulk on the region."""
        sites, bonds = self.state.on_sites, self.state.on_bonds
        blocks = np.concatenate([sites.blocks[self.region.sample.orbitals], bonds.blocks[self.region.bonds]])
        turned = self._turned(blocks, self.pattern)
        is_real = self.assembler.matrix(self.bulk).is_real
        return Correlations(self.pattern, turned.real if is_real else turned, max(sites.error, bonds.error))

    def _turned(self, blocks: Array, pattern: Pattern) -> Array:
        """Entries of f in the gauge of the region."""
        if not self.angle.any():
            return blocks
        phases = self._phases().reshape(-1, self.state.hamiltonian.dofs)
        turned: Array = phases[pattern.rows][:, :, None] * blocks * np.conj(phases[pattern.columns])[:, None]
        return turned

    def _phases(self) -> Array:
        """e^{±iχ} of electrons and holes, by row of H."""
        dofs = self.state.hamiltonian.dofs
        signs = np.repeat([1, -1], dofs // 2)
        phases: Array = np.exp(1j * np.outer(self.angle, signs)).ravel()
        return phases

    def _mask(self) -> Array:
        """Which packed numbers are of fields within the radius."""
        lengths, parts = self.layout.slices(), []
        for free in self.layout.free:
            inside = self.region.inside_bonds if free.row.on_bonds else self.region.inside
            if free.basis is not None and free.acting is not None:
                own = np.tile(inside[free.acting], len(free.basis))
            else:
                own = np.broadcast_to(inside, free.shape[1:] if free.alike else free.shape).ravel()
            place = lengths.get(free.row.name, slice(0, 0))
            parts.append(np.resize(own, place.stop - place.start))
        return np.concatenate(parts) if parts else np.zeros(0, bool)
