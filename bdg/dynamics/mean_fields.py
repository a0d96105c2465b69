"""H(t) of the correlators at a time, and energies: what the loop makes self-consistent follows at once."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bdg.arrays import Complexes
from bdg.dynamics.drives import Drives
from bdg.dynamics.generators import Entries
from bdg.dynamics.orbitals import Orbitals
from bdg.expectations import CORRELATORS, bond_current, part, site_and_bond_pattern, site_pattern
from bdg.model import TABLE, Fields, Model
from bdg.model.interactions import acting, mean_field
from bdg.nambu import NambuAssembler, NambuMatrix
from bdg.nambu.assembly import site_matrices
from bdg.scf.correlators import Correlators
from bdg.solvers import Correlations, Pattern


@dataclass(frozen=True)
class MeanFields:
    """The Hamiltonian of a model whose mean fields follow its state.

    Parameters
    ----------
    model
        The model at rest.
    fields
        The fields of the state at rest; those that no interaction makes stay, μ among them.
    drives
        What changes with time.
    """

    model: Model
    fields: Fields
    drives: Drives

    @cached_property
    def assembler(self) -> NambuAssembler:
        """Of the model at rest."""
        return NambuAssembler(self.model)

    @cached_property
    def entries(self) -> Entries:
        """Where H has entries."""
        return Entries.of(self.assembler.sparsity, self.model.dofs)

    @cached_property
    def pattern(self) -> Pattern:
        """Sites, then bonds."""
        return site_and_bond_pattern(self.model.sample)

    @cached_property
    def names(self) -> dict[str, str]:
        """The correlator of each field that interactions make, by the name of the field."""
        return {kind.field: kind.correlator for kind in acting(self.model)}

    @cached_property
    def gain(self) -> float:
        """The largest field that a correlator of size 1 makes, in t."""
        return max((kind.gain(self.model) for kind in acting(self.model)), default=0.0)

    @cached_property
    def _needed(self) -> Pattern:
        """Entries of ρ that the fields are made of."""
        on_bonds = any(CORRELATORS[name][0] == "bond" for name in self.names.values())
        return self.pattern if on_bonds else site_pattern(self.model.sample)

    def packed(self, orbitals: Orbitals) -> Complexes:
        """The correlators of a state."""
        if not self.names:
            return np.zeros(0, np.complex128)
        known = Correlators(self.model.sample, orbitals.correlations(self._needed))
        parts = [np.asarray(known[name]).ravel() for name in dict.fromkeys(self.names.values())]
        return np.concatenate(parts).astype(np.complex128)

    def unpacked(self, packed: Complexes) -> dict[str, Any]:
        """The correlators by name, in the shapes of the fields that are made of them."""
        found: dict[str, Any] = {}
        begin = 0
        for field, name in self.names.items():
            if name in found:
                continue
            shape = TABLE[field].shape(self.model.sample)
            end = begin + int(np.prod(shape))
            values = packed[begin:end].reshape(shape)
            found[name] = values if TABLE[field].may_be_complex else np.ascontiguousarray(values.real)
            begin = end
        return found

    def made(self, correlators: Mapping[str, Any], time: float) -> Fields:
        """The fields that the interactions of a time make, and those that stay."""
        model = self.drives.strengths(self.model, time)
        made = {field: mean_field(model, field, correlators[name]) for field, name in self.names.items()}
        return self.fields.having(made)

    def matrix(self, packed: Complexes, time: float) -> NambuMatrix:
        """H(t)."""
        fields = self.made(self.unpacked(packed), time)
        potential = self.drives.energies(self.model.sample, time)
        return self.assembler_at(time).matrix(fields.having({"hartree": fields.hartree + potential}))

    def assembler_at(self, time: float) -> NambuAssembler:
        """That of the vector potential of a time."""
        along = self.drives.line_integrals(self.model.sample, time)
        if along is None:
            return self.assembler
        at_rest = self.model.vector_potential
        return self.assembler.in_potential(along if at_rest is None else at_rest + along)

    def energy(self, f: Correlations, time: float) -> float:
        """⟨H_0(t) − μN⟩ + E_int of a state with these entries of ρ on sites and bonds, in t.

        E_int is what the mean fields stand for, half of their expectation values; of given pairs it is whole.
        """
        sample, known = self.model.sample, Correlators(self.model.sample, f)
        model, moved = self.drives.strengths(self.model, time), self.assembler_at(time).model
        bare = Fields(np.zeros(sample.n_sites), np.zeros((2, sample.n_sites)), self.fields.mu)
        h = site_matrices(model, bare)
        density, flip = known["spin_density"], known["spin_flip"]
        potential = self.drives.energies(sample, time)
        value = float(np.sum((np.real(h[:, [0, 1], [0, 1]]).T + potential) * density))
        value += 2.0 * float(np.sum(np.real(np.conj(h[:, 0, 1]) * flip)))
        value += 2.0 * float(np.sum(np.real(moved.spin_amplitude * np.conj(known["normal"]))))
        value += sum(kind.energy(model, known[kind.correlator]) for kind in acting(model))
        given = [(row, self.fields[row.name]) for row in TABLE.values() if row.is_of_pairs and row.given]
        for row, values in given:
            if row.name not in self.names and values is not None and row.conjugate is not None:
                value += row.expectation(values, known[row.conjugate[1]])
        return value

    def currents(self, f: Correlations, time: float) -> NDArray[np.float64]:
        """Charge flowing source → target of each bond, in e t/ħ, shape ``(n_bonds,)``."""
        on_bonds = part(f, slice(self.model.sample.n_sites, None))
        return bond_current(self.assembler_at(time).model, on_bonds)
