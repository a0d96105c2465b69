"""The model: every term of the Hamiltonian on a sample, as frozen arrays."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from bdg.arrays import Numbers
from bdg.conventions import ELECTRON_CHARGE
from bdg.gauge import Screening, peierls_phase, phase_factor, transformed_phase
from bdg.lattice import Sample
from bdg.model.couplings.bonds import BondAttraction
from bdg.model.couplings.onsite import OnsiteAttraction
from bdg.model.fields import TABLE, Fields, Row
from bdg.model.spin import spin_matrices

Magnetism = Literal["off", "collinear", "noncollinear"]
"""Whether the fields may distinguish spins that H does not; see :mod:`bdg.model.magnetism`."""


@dataclass(frozen=True, repr=False)
class Model:
    r"""H = Σ c†_i e^{iφ_ij} (−t_ij + a_ij·σ) c_j + Σ (ε_i − μ) n_iσ − Σ c†_i h_i·σ c_i − Σ U_i n_i↑ n_i↓
    + Σ_bonds (−V_ij n_i n_j + J_ij S_i·S_j).

    Build one with :func:`bdg.build_model`, which checks everything; here it is trusted.

    Parameters
    ----------
    sample
        Sites and bonds.
    hopping
        t of each bond, shape ``(n_bonds,)``, in t; of a complex t, the modulus.
    phase
        Phase of each bond's hop source → target, shape ``(n_bonds,)``: Peierls phase and argument of t.
    onsite
        ε_i of the cell's orbitals, impurities and disorder, shape ``(n_sites,)``.
    zeeman
        h_i, magnetic impurities included, shape ``(3, n_sites)``.
    spin_orbit
        a_ij of each bond's hop source → target, shape ``(n_bonds, 3)``; ``None`` where there is none.
    attraction
        The on-site interaction and which of its mean fields are on.
    given_delta
        A fixed order parameter, shape ``(n_sites,)``, in place of a self-consistent one; else ``None``.
    chemical_potential, filling
        Exactly one is given: μ in t, or electrons per site.
    temperature
        k_B T in t, 0 included.
    least_dofs
        4 takes the general Nambu space also where 2 dofs an orbital would do.
    bond_attraction
        The interaction on bonds; ``None`` where there is none.
    given_bonds
        Fixed pairs Δ_{source σ, target σ'}, shape ``(n_bonds, 2, 2)``, in place of self-consistent ones; else
        ``None``.
    vector_potential
        A_ij = ∫ A·dl of each bond, shape ``(n_bonds,)``, in ħ/e: its part of ``phase`` is (q/ħ)A_ij. ``None``
        for zero. See :meth:`in_potential` for another one.
    start_shape
        Δ to start from over its size, shape ``(n_sites,)``, of size 1 at most: that of a vortex lattice in a
        field on a torus, the phases of a twist; ``None`` for 1. See :func:`bdg.gauge.start_shape`.
    screening
        How the sample's currents make a field; ``None`` where the vector potential is the applied one alone.
    magnetism
        Whether the fields may distinguish spins that H does not; see :mod:`bdg.model.magnetism`.
    warnings
        What a reader of its results must know, a line each.
    """

    sample: Sample
    hopping: NDArray[np.float64]
    phase: NDArray[np.float64]
    onsite: NDArray[np.float64]
    zeeman: NDArray[np.float64]
    spin_orbit: NDArray[np.complex128] | None
    attraction: OnsiteAttraction
    given_delta: Numbers | None
    chemical_potential: float | None
    filling: float | None
    temperature: float
    least_dofs: int = 2
    bond_attraction: BondAttraction | None = None
    given_bonds: Numbers | None = None
    vector_potential: NDArray[np.float64] | None = None
    start_shape: NDArray[np.complex128] | None = None
    screening: Screening | None = None
    magnetism: Magnetism = "off"
    warnings: tuple[str, ...] = ()

    def __repr__(self) -> str:
        """``T = 0.05 t, mu = -0.5 t, U from 0 to 2.5 t, pairing, on square 24 × 24 …``."""
        electrons = f"filling {self.filling:g}" if self.chemical_potential is None else None
        parts = [
            f"T = {self.temperature:g} t",
            electrons or f"mu = {self.chemical_potential:g} t",
            *self.attraction.described(),
            *self.on_bonds.described(),
            *([] if self.spin_orbit is None else [spin_terms(self.spin_orbit)]),
            *(["given delta"] if self.given_delta is not None else []),
            *([] if self.magnetism == "off" else [f"{self.magnetism} magnetism"]),
        ]
        return f"{', '.join(parts)}, on {self.sample!r}"

    @property
    def on_bonds(self) -> BondAttraction:
        """The interaction on bonds; of strength zero, and nothing on, where there is none."""
        return self.bond_attraction or BondAttraction.none(self.sample.n_bonds)

    @property
    def amplitude(self) -> Numbers:
        """−t e^{iφ} of each bond, ⟨target|h|source⟩ without spin; real where every phase is 0 or π."""
        return -self.hopping * phase_factor(self.phase)

    @property
    def spin_amplitude(self) -> Numbers:
        """⟨target|h|source⟩ = e^{iφ}(−t + a·σ) of each bond, shape ``(n_bonds, 2, 2)``; real if it can be."""
        if self.spin_orbit is None:
            return spin_matrices(self.amplitude)
        return spin_matrices(self.amplitude, phase_factor(self.phase)[:, None] * self.spin_orbit)

    @property
    def peierls_phase(self) -> NDArray[np.float64]:
        """Part of the phase of each bond that the vector potential and the twists make."""
        a = np.zeros(self.sample.n_bonds) if self.vector_potential is None else self.vector_potential
        return peierls_phase(self.sample, a)

    @property
    def dofs(self) -> int:
        """Nambu components an orbital: 2 where spin along z is conserved, 4 where it is not."""
        mixed = (
            self.magnetism == "noncollinear",
            self.zeeman[:2].any(),
            self.spin_orbit is not None and self.spin_orbit[:, :2].any(),
            "triplet" in self.on_bonds.channels,
            self.given_bonds is not None and self.given_bonds[:, [0, 1], [0, 1]].any(),
        )
        return 4 if any(mixed) or self.least_dofs == 4 else 2

    @property
    def is_spin_symmetric(self) -> bool:
        """Whether spin up and down feel the same Hamiltonian, whatever fields there are."""
        singlets = self.given_bonds is None and set(self.on_bonds.channels) <= {"singlet"}
        return self.spin_orbit is None and not self.zeeman.any() and singlets and self.magnetism == "off"

    def at(self, fields: Fields) -> Model:
        """The model with the applied vector potential and, where it is screened, that of these fields."""
        if self.screening is None or fields.vector_potential is None:
            return self
        return self.in_potential(self.screening.applied + fields.vector_potential)

    def transformed(self, angle: NDArray[np.float64]) -> Model:
        """The same physics after c_i → e^{iχ_i} c_i."""
        if not angle.any():
            return self
        phase = transformed_phase(self.sample, self.phase, angle)
        gained = (phase - self.phase) / ELECTRON_CHARGE
        a = gained if self.vector_potential is None else self.vector_potential + gained

        def moved(row: Row, values: Any) -> Any:
            return None if values is None else row.transformed(values, angle, self.sample.bonds)

        given = {row.given: moved(row, getattr(self, row.given)) for row in TABLE.values() if row.given}
        return replace(
            self,
            phase=phase,
            vector_potential=a,
            start_shape=moved(TABLE["delta"], self.start_shape),
            bond_attraction=self.on_bonds.transformed(angle, self.sample),
            **given,
        )

    def in_potential(self, vector_potential: NDArray[np.float64]) -> Model:
        """The same model with other line integrals A_ij on its bonds, shape ``(n_bonds,)``, in ħ/e."""
        before = 0.0 if self.vector_potential is None else self.vector_potential
        phase = self.phase + ELECTRON_CHARGE * (vector_potential - before)
        return replace(self, phase=phase, vector_potential=vector_potential)


def spin_terms(spin_orbit: NDArray[np.complex128]) -> str:
    """What hopping that depends on spin is called: without phases it is an altermagnet's."""
    return "spin-orbit coupling" if spin_orbit.imag.any() else "spin-dependent hopping"
