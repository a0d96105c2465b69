r"""Screening: the vector potential that a sample's own currents make.

The state is stationary in G = Ω[Δ, n, A] + E[B], with J = −∂Ω/∂A and the energy of the currents' field,

    E = ½ φᵀ W φ,    φ_p = Σ_{bonds around p} ± A_b,

φ the fluxes, beside those applied, through the faces of :class:`bdg.lattice.plaquettes.circuits.Circuits`.
Stationarity is Ampère's law on the lattice, J_b = Σ_p ± (W φ)_p: what the currents around two neighbouring
faces leave on the bond between them. (M27) of docs/theory/mean_field.md.

- ``cylinder``, ``slab``: infinite along z, layers one lattice constant apart. W_pp = 1/(μ₀ a_p), a the area,
  so that E = Σ a (B − B_a)²/2μ₀; outside the field is the applied one, in a hole it is uniform.
- ``film``: one layer with its field around it, W = (μ₀ M)⁻¹ with the mutual inductances M of
  :mod:`bdg.gauge.film`.

B is in ħ/ea². The coupling μ₀ is that of SI times e²t/ħ² and a²/d for layers d apart, a for a film.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Literal, get_args

import numpy as np
import scipy.sparse
import scipy.sparse.linalg
from numpy.typing import NDArray

from bdg.errors import InputError
from bdg.gauge.film import mutual_inductance
from bdg.lattice import Sample
from bdg.lattice.plaquettes.circuits import Circuits, circuits
from bdg.lattice.plaquettes.detours import along_edges

Geometry = Literal["slab", "cylinder", "film"]

GEOMETRIES: tuple[str, ...] = get_args(Geometry)

SOFTEST = 1e-3
"""Least share of the mean stiffness that a bond has in a step, so that normal regions don't run away."""


DERIVED = {"derived": True}
"""Marks what follows from the sample and the rest, so that no file need keep it."""


@dataclass(frozen=True, eq=False)
class Screening:
    """The field around a sample and what it costs; make one with :func:`screening_of`.

    Parameters
    ----------
    geometry
        See the module.
    mu0
        Strength of the coupling, μ₀ > 0.
    faces
        Faces and closed directions of the sample.
    basis
        Line integrals on bonds of the unknowns, shape ``(n_bonds, n_unknowns)``: a circulation around each
        face, A_b = Σ_p ± y_p (without divergence), then a uniform vector for each closed direction, along
        which no net current flows.
    inverse_inductance
        W, shape ``(n_faces, n_faces)``: diagonal and sparse, or for films dense.
    applied
        Line integrals of the applied field's A, shape ``(n_bonds,)``.
    """

    geometry: Geometry
    mu0: float
    faces: Circuits = field(metadata=DERIVED)
    basis: scipy.sparse.csr_array = field(metadata=DERIVED)
    inverse_inductance: Any = field(metadata=DERIVED)
    applied: NDArray[np.float64]

    @classmethod
    def restored(
        cls, sample: Sample, *, geometry: Geometry, mu0: float, applied: NDArray[np.float64]
    ) -> Screening:
        """The screening of which a file keeps only what is not derived from the sample."""
        return screening_of(sample, mu0, geometry, applied=applied)

    @cached_property
    def _by_unknown(self) -> scipy.sparse.csr_array:
        """Fluxes of the unknowns, shape ``(n_faces, n_unknowns)``."""
        return scipy.sparse.csr_array(self.faces.curl @ self.basis)

    @cached_property
    def _cost(self) -> Any:
        """Second derivative of E by the unknowns."""
        cost = self._by_unknown.T @ (self.inverse_inductance @ self._by_unknown)
        return scipy.sparse.csc_array(cost) if scipy.sparse.issparse(cost) else np.asarray(cost)

    def flux(self, vector_potential: NDArray[np.float64]) -> NDArray[np.float64]:
        """Flux through each face of line integrals on bonds, shape ``(n_faces,)``, in ħ/e."""
        through: NDArray[np.float64] = self.faces.curl @ vector_potential
        return through

    def circulating(self, vector_potential: NDArray[np.float64]) -> NDArray[np.float64]:
        """W φ of an induced A: the current around each face, moment over area, shape ``(n_faces,)``."""
        around: NDArray[np.float64] = self.inverse_inductance @ self.flux(vector_potential)
        return around

    def energy(self, vector_potential: NDArray[np.float64]) -> float:
        """E of an induced A, in t."""
        return 0.5 * float(self.flux(vector_potential) @ self.circulating(vector_potential))

    @property
    def energy_error_bound(self) -> float:
        """Bound on ½ Σ_p W_pp (Σ_b |±|)²: the energy, in t, of an error of 1 ħ/e on every bond."""
        around = np.asarray(abs(self.faces.curl).sum(axis=1)).ravel()
        return 0.5 * float(self.inverse_inductance.diagonal() @ around**2)

    def free_energy_force(
        self, vector_potential: NDArray[np.float64], current: NDArray[np.float64]
    ) -> NDArray[np.float64]:
        """−∂G/∂y: what the currents on bonds are more than Ampère's law has them, by unknown."""
        slope = self.basis.T @ current - self._by_unknown.T @ self.circulating(vector_potential)
        return np.asarray(slope)

    def step(self, slope: NDArray[np.float64], stiffness: NDArray[np.float64]) -> NDArray[np.float64]:
        """The change of A that brings a slope to zero where J = −(stiffness) A on every bond: London's law.

        A Newton step if the stiffness were exact; (−∇² + μ₀ D)⁻¹ times ∇² in a uniform slab.

        Parameters
        ----------
        slope
            From :meth:`free_energy_force`.
        stiffness
            −∂J/∂A of each bond, shape ``(n_bonds,)``.
        """
        least = SOFTEST * float(np.abs(stiffness).mean()) or 1.0
        weight = scipy.sparse.diags_array(np.maximum(np.abs(stiffness), least))
        of_matter = self.basis.T @ weight @ self.basis
        if scipy.sparse.issparse(self._cost):
            solved = scipy.sparse.linalg.spsolve(scipy.sparse.csc_array(of_matter + self._cost), slope)
        else:
            solved = np.linalg.solve(of_matter.toarray() + self._cost, slope)
        change: NDArray[np.float64] = self.basis @ np.atleast_1d(solved)
        return change

    def london(self, momentum: NDArray[np.float64], stiffness: NDArray[np.float64]) -> NDArray[np.float64]:
        """The induced A of J = −(stiffness) (momentum + A): London's theory with uniform |Δ|.

        Parameters
        ----------
        momentum
            A less the phase gradient over 2q, on bonds, before anything is screened; shape ``(n_bonds,)``.
        stiffness
            −∂J/∂A of each bond, shape ``(n_bonds,)``.
        """
        return self.step(-(self.basis.T @ (stiffness * momentum)), stiffness)


def physical_mu0(energy: float, length: float, layer: float | None = None) -> float:
    """μ₀ of the SI in units of the calculation: μ₀ e² t a²/ħ²d for layers d apart, μ₀ e² t a/ħ² for a film.

    Parameters
    ----------
    energy, length
        The hopping t in joule and the lattice constant a in metres.
    layer
        The spacing d of layers in metres; ``None`` takes d = a, which is a film's as well.
    """
    import scipy.constants  # slow to import, and rarely wanted

    charge_over_hbar = scipy.constants.e / scipy.constants.hbar
    across = length if layer is None else length**2 / layer
    return float(scipy.constants.mu_0 * charge_over_hbar**2 * energy * across)


def require_geometry(sample: Sample, geometry: str) -> None:
    """Refuse a sample whose ends do not suit the geometry.

    Raises
    ------
    InputError
        If they do not, or the geometry is unknown.
    """
    if geometry not in GEOMETRIES:
        raise InputError(f"unknown geometry {geometry!r}; use {', '.join(GEOMETRIES)}")
    n_closed = sum(ends.is_periodic for ends in sample.boundary)
    if geometry == "slab" and n_closed != 1:
        raise InputError(
            "a slab is closed (bloch or periodic) in one direction and open in the other; write"
            " lattice.boundary: [open, periodic], for example, or the geometry cylinder or film"
        )
    if geometry == "film" and n_closed:
        raise InputError(
            "a film needs open boundaries: its field reaches around it; write lattice.boundary: open"
        )


def screening_of(
    sample: Sample, mu0: float, geometry: str = "cylinder", *, applied: NDArray[np.float64]
) -> Screening:
    """How the field around a sample answers its currents.

    Parameters
    ----------
    sample
        Planar, in one piece.
    mu0
        The coupling.
    geometry
        ``slab`` (one direction closed: periodic or infinite), ``cylinder`` or ``film`` (all open).
    applied
        Line integrals of the applied A, shape ``(n_bonds,)``.

    Raises
    ------
    InputError
        If a value is out of range, or the sample does not suit the geometry.
    """
    if not (np.isfinite(mu0) and mu0 > 0):
        raise InputError(f"mu0 {mu0} is impossible; give a positive number")
    require_geometry(sample, geometry)
    faces = circuits(sample)
    if not len(faces):
        raise InputError("the sample encloses no face for a field to pass through; make it wider")
    around = faces.curl.T
    if sum(ends.is_periodic for ends in sample.boundary) == 2:  # currents around all faces alike cancel
        around = around[:, :-1]
    edges = along_edges(sample)
    basis = scipy.sparse.csr_array(
        edges @ scipy.sparse.hstack([around, scipy.sparse.csr_array(faces.closed.T)])
    )
    if geometry == "film":
        inverse = np.linalg.inv(mu0 * mutual_inductance(sample, faces))
        inverse = 0.5 * (inverse + inverse.T)
    else:
        inverse = scipy.sparse.diags_array(1 / (mu0 * faces.area))
    return Screening(geometry, float(mu0), faces, basis, inverse, applied)  # type: ignore[arg-type]
