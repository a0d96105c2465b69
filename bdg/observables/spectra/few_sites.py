"""Local densities of states at a few sites, and a stochastic trace, by Chebyshev moments."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from bdg.arrays import Complexes, Floats
from bdg.nambu import NambuMatrix
from bdg.observables.state import State
from bdg.solvers import Solver
from bdg.solvers.chebyshev import (
    Jackson,
    Line,
    Lorentz,
    RandomSources,
    Source,
    is_cheaper,
    seconds_of,
    spectra,
)

Method = Literal["auto", "solver", "chebyshev", "jackson"]
"""How a spectrum is computed."""

METHOD = (
    "chebyshev: polynomials of H on a vector of each site, the same Lorentzians, cheap for few sites of"
    " large samples; jackson: those with Gaussians of standard deviation η; solver: inverses of ω + iη − H,"
    " or levels; auto: what takes less."
)
"""Description of the parameter."""

TRACE = 1e-6
"""Tolerance of the Green's function of a random vector at the least: its scatter is larger by far."""


def by_moments(
    matrix: NambuMatrix, solver: Solver, z: Complexes, n_sites: int, method: Method, tolerance: float
) -> bool:
    """Whether moments are what the method says, or what is cheaper."""
    if method != "auto":
        return method != "solver"
    vectors = n_sites * len(_components(matrix))
    return is_cheaper(matrix, solver, Lorentz(z), vectors, tolerance)


def expected_seconds(
    matrix: NambuMatrix, solver: Solver, parameters: Mapping[str, Any], tolerance: float
) -> float | None:
    """Time that ``ldos`` or ``dos`` with these parameters takes by moments; ``None`` if by the solver."""
    z: Complexes = np.asarray(parameters["energies"]) + 1j * parameters["broadening"]
    sites, method = parameters.get("sites"), parameters["method"]
    n_sites = matrix.n_sites if sites is None else len(sites)
    if vectors := parameters.get("random_vectors"):
        return seconds_of(matrix, Lorentz(z), vectors, max(tolerance, TRACE))
    if not by_moments(matrix, solver, z, n_sites, method, tolerance):
        return None
    line = Jackson(z.real, float(z.imag.min())) if method == "jackson" else Lorentz(z)
    return seconds_of(matrix, line, n_sites * len(_components(matrix)), tolerance)


def local_spectra(
    state: State, z: Complexes, sites: NDArray[np.integer], method: Method
) -> tuple[Floats, Floats, float]:
    """N_iσ and S_i, shapes ``(2, n_energies, n_sites)`` and ``(3, n_energies, n_sites)``, and their error.

    The blocks of the spectral function between up and down are those of ↑ + ↓ and ↑ + i↓, less ↑ and ↓. With
    2 dofs the second component destroys holes: down is its spectrum at −ω.
    """
    components = _components(state.hamiltonian)
    vectors = [one if one.imag.any() else one.real for one in components]
    sources = [Source(np.array([site]), one[None]) for site in sites for one in vectors]
    line = _line(state, z, method)
    found = spectra(state.hamiltonian, sources, line, tolerance=state.tolerance, solver=state.solver)
    each = np.moveaxis(found.values.reshape(len(sites), len(components), -1), 0, 2)
    up = each[0, : len(z)]
    down = up if len(components) == 1 else each[1, -len(z) :]
    spin = np.zeros((3, *up.shape))
    spin[2] = up - down
    if len(components) == 4:
        spin[:2] = each[2:] - up - down
    return np.stack([up, down]), spin, found.error


def stochastic_trace(
    state: State, z: Complexes, method: Method, vectors: int, seed: int
) -> tuple[Floats, Floats, float]:
    """Mean over random vectors of the density of states per site, its standard error, and the bound beside.

    Shapes ``(n_energies,)``; Σ_σ ⟨r|δ(ω − H)|r⟩/n_sites with r of random signs (Hutchinson's estimator).
    """
    matrix, line = state.hamiltonian, _line(state, z, method)
    n, is_general = matrix.n_sites, matrix.dofs == 4
    total, bound, tolerance = np.zeros((vectors, len(z))), 0.0, max(state.tolerance, TRACE)
    for component in range(1 if is_general or matrix.symmetry == "singlet" else 2):
        where = (0, 1) if is_general else (component,)
        sources = RandomSources(n, matrix.dofs, where, vectors, seed)
        found = spectra(matrix, sources, line, tolerance=tolerance, solver=state.solver)
        total += found.values[:, -len(z) :] if component else found.values[:, : len(z)]
        bound += found.error
    if matrix.symmetry == "singlet":
        total, bound = 2 * total, 2 * bound
    error = total.std(axis=0, ddof=1) / np.sqrt(vectors) / n
    return total.mean(axis=0) / n, error, bound / n


def _components(matrix: NambuMatrix) -> Complexes:
    """Nambu vectors of one site whose spectra are what there is to know of it, in rows."""
    if matrix.dofs == 4:
        rows = [[1, 0, 0, 0], [0, 1, 0, 0], [1, 1, 0, 0], [1, 1j, 0, 0]]
        return np.array(rows, complex)
    return np.eye(1 if matrix.symmetry == "singlet" else 2, 2, dtype=complex)


def _line(state: State, z: Complexes, method: Method) -> Line:
    """Of all energies; those of holes follow where they are apart."""
    both = state.hamiltonian.dofs == 2 and state.hamiltonian.symmetry != "singlet"
    energies = np.concatenate([z, -z.conj()]) if both else z
    return Jackson(energies.real, float(z.imag.min())) if method == "jackson" else Lorentz(energies)
