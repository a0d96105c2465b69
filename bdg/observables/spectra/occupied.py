r"""f(H) between plane waves: ⟨k| f(H) |k⟩ in the Nambu space of one momentum, of any sample."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import scipy.sparse

from bdg.arrays import Complexes, Floats, Numbers
from bdg.nambu import BlochMomenta, NambuMatrix
from bdg.observables.spectra.plane_waves import LEVELS, PlaneWaves, factors
from bdg.rational import sign_expansion, tanh_expansion
from bdg.resources import blas_threads
from bdg.solvers import SILENT, Monitor
from bdg.solvers.diagonalization import diagonalize
from bdg.solvers.diagonalization.eigensystem import Eigensystem
from bdg.solvers.selected_inversion.gap import spectral_gap
from bdg.solvers.thermal import fermi


def occupied(
    hamiltonian: NambuMatrix,
    waves: PlaneWaves,
    temperature: float,
    tolerance: float,
    monitor: Monitor = SILENT,
) -> tuple[Complexes, float]:
    """Σ_α ⟨k, α, a| f(H) |k, α, b⟩ over the orbitals α, and the estimate of the largest error.

    |k, α, a⟩ has the amplitude e^{ik·R}/√N_α on the Nambu component a of orbital α in all cells R, whatever
    the component: the c† of a pair of electrons moves as its c. From all levels of H; of a large sample from
    the poles of f, at each of which all waves are solved for.

    Parameters
    ----------
    hamiltonian, waves
        H, and the momenta.
    temperature, tolerance
        T, and the error that the poles may leave.
    monitor
        Asked from time to time whether to go on.

    Returns
    -------
    tuple
        Shape ``(n_momenta, dofs, dofs)``; the error.
    """
    momenta, every = hamiltonian.momenta, range(len(waves.coordinates))
    if not isinstance(momenta, BlochMomenta):
        if hamiltonian.dimension > LEVELS:
            return _by_poles(hamiltonian, waves, temperature, tolerance, monitor)
        (system,) = diagonalize(hamiltonian, None)
        one = _levels_of(system, temperature)
        found = [_by_levels(hamiltonian, waves.amplitudes(place), *one(0)) for place in every]
        return np.array(found), _rounding(system, temperature)
    at_k = replace(hamiltonian, momenta=momenta.at(waves.bloch))
    blocks: list[Complexes] = []
    error = 0.0
    for system in diagonalize(at_k, None, monitor=monitor):
        monitor.check()
        one = _levels_of(system, temperature)
        for number in range(system.n_momenta):
            blocks.append(_by_levels(hamiltonian, waves.amplitudes(len(blocks)), *one(number)))
        error = max(error, _rounding(system, temperature))
    return np.array(blocks), error


def _levels_of(system: Eigensystem, temperature: float) -> Callable[[int], tuple[Floats, Numbers]]:
    """Occupations and vectors of one momentum of a system."""

    def one(number: int) -> tuple[Floats, Numbers]:
        energies, vectors = system.of(number)
        return fermi(energies, temperature, system.rounding), vectors

    return one


def _by_levels(
    hamiltonian: NambuMatrix, amplitudes: Complexes, occupation: Floats, vectors: Numbers
) -> Complexes:
    n, dofs = hamiltonian.n_sites, hamiltonian.dofs
    shares = (amplitudes.conj() @ vectors.reshape(n, -1)).reshape(len(amplitudes), dofs, -1)
    found: Complexes = np.einsum("oan,n,obn->ab", shares, occupation, shares.conj(), optimize=True)
    return found


def _rounding(system: Eigensystem, temperature: float) -> float:
    """An entry of f is off by ε√dim, and by the rounding of a level times the slope of f."""
    slope = system.rounding / (4 * temperature if temperature > system.rounding else 2 * system.above_zero)
    return float(np.finfo(float).eps * np.sqrt(len(system.vectors)) + slope)


def _by_poles(
    hamiltonian: NambuMatrix, waves: PlaneWaves, temperature: float, tolerance: float, monitor: Monitor
) -> tuple[Complexes, float]:
    """From f = ½ − ½ [c·H + Σ_p w_p Herm (H − iγ_p)⁻¹], all waves at each pole at once."""
    bound = hamiltonian.norm_bound()
    expansion = (
        tanh_expansion(temperature, bound, tolerance)
        if temperature > 0
        else sign_expansion(spectral_gap(hamiltonian, monitor), bound, tolerance)
    )
    matrix = scipy.sparse.csc_array(hamiltonian.sparse()).astype(complex)
    unit = scipy.sparse.eye_array(hamiltonian.dimension, format="csc", dtype=complex)
    columns = [_columns(hamiltonian, waves.amplitudes(n)) for n in range(len(waves.coordinates))]
    total = np.array(
        [one.conj().T @ one - expansion.linear * (one.conj().T @ (matrix @ one)) for one in columns]
    )
    rest = 0.0
    for number, (gamma, weight) in enumerate(zip(expansion.gamma, expansion.weights, strict=True)):
        monitor.report("poles", number, len(expansion.gamma))
        with blas_threads(1):
            inverse = factors(scipy.sparse.csc_array(matrix - 1j * gamma * unit))
            for place, one in enumerate(columns):
                solved = inverse.solve(one)
                part = one.conj().T @ solved
                total[place] -= 0.5 * weight * (part + part.conj().T)
        off = float(np.linalg.norm(one - (matrix @ solved - 1j * gamma * solved), axis=0).max())
        rest += weight * off / gamma
    dofs, n_orbitals = hamiltonian.dofs, columns[0].shape[1] // hamiltonian.dofs
    blocks = total.reshape(-1, n_orbitals, dofs, n_orbitals, dofs)
    found: Complexes = 0.5 * np.einsum("koaob->kab", blocks)
    return found, 0.5 * n_orbitals * (expansion.error + rest)


def _columns(hamiltonian: NambuMatrix, amplitudes: Complexes) -> Complexes:
    """The waves of one momentum in columns, by orbital and component, shape ``(dimension, n)``."""
    columns = np.einsum("os,ab->saob", amplitudes, np.eye(hamiltonian.dofs))
    found: Complexes = columns.reshape(hamiltonian.dimension, -1)
    return found
