r"""Scattering between two leads that go on as the sample ends.

With Σ = α g β of each lead, Γ = i(Σ − Σ†) and G = (E + i0 − H − Σ_1 − Σ_2)⁻¹, an electron that comes in
through lead 1 leaves it as a hole, or gets into lead 2, with the probabilities (summed over channels)

    R_A = tr Γ_1e G_eh Γ_1h G_eh†,      T = tr Γ_1e G_12 Γ_2 G_12†

(Caroli et al., J. Phys. C 4, 916 (1971); Lambert, Raimondi, J. Phys.: Condens. Matter 10, 901 (1998)). What
is left of it is reflected as it came.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import scipy.sparse
import scipy.sparse.linalg
from numpy.typing import NDArray

from bdg.errors import InputError
from bdg.lattice import Sample
from bdg.leads.surface import Matrix, surface_green
from bdg.nambu import NambuMatrix

ABOVE = 1e-9
"""Imaginary part of the energy, in t."""

OFF = 1e-12
"""A matrix element that is none."""


class Probabilities(NamedTuple):
    """Of what comes in as an electron and as a hole, summed over channels; shape ``(2,)`` each.

    Parameters
    ----------
    channels
        Open channels of lead 1.
    turned
        Reflected as the other kind: Andreev's.
    through
        Transmitted to lead 2 as the same kind, or as a quasiparticle of a superconductor.
    """

    channels: NDArray[np.float64]
    turned: NDArray[np.float64]
    through: NDArray[np.float64]


def scattering(hamiltonian: NambuMatrix, sample: Sample, energy: float, axis: int = 0) -> Probabilities:
    """Probabilities of what comes in at an energy from the lower end of an axis.

    The outermost layer of cells on either side, and its bonds to the next, repeat themselves without end.

    Raises
    ------
    InputError
        If the sample is infinite or closed along the axis, its two outermost layers differ in their sites, or
        bonds reach over a layer; or lead 1 superconducts.
    """
    dofs = hamiltonian.dofs
    layers = _layers(sample, axis, dofs)
    matrix = scipy.sparse.csr_array(hamiltonian.sparse(0))
    first, last = layers[0], layers[-1]
    if np.abs(_block(matrix, first, layers[2])).max() > OFF:
        raise InputError("bonds reach over a layer of cells; leads have bonds to the next layer only")
    z = energy + 1j * ABOVE
    own, width = [], []
    for end, near in ((first, layers[1]), (last, layers[-2])):
        alpha = _block(matrix, near, end)
        beta = alpha.conj().T
        sigma = alpha @ surface_green(z, _block(matrix, end, end), alpha, beta) @ beta
        own.append(sigma)
        width.append(1j * (sigma - sigma.conj().T))
    is_hole = np.arange(len(first)) % dofs >= dofs // 2
    if np.abs(own[0][np.ix_(is_hole, ~is_hole)]).max() > OFF:
        raise InputError("the lead that electrons come from superconducts; let Δ be 0 at that end")
    inverse = scipy.sparse.lil_array(z * scipy.sparse.eye_array(matrix.shape[0]) - matrix, dtype=complex)
    for end, sigma in zip((first, last), own, strict=True):
        inverse[np.ix_(end, end)] = inverse[np.ix_(end, end)].toarray() - sigma
    source = np.zeros((matrix.shape[0], len(first)), complex)
    source[first, np.arange(len(first))] = 1.0
    green = scipy.sparse.linalg.splu(scipy.sparse.csc_array(inverse)).solve(source)
    return _probabilities(green[first], green[last], width, is_hole)


def _probabilities(
    back: Matrix, through: Matrix, width: list[Matrix], is_hole: NDArray[np.bool_]
) -> Probabilities:
    channels, turned, passed = np.zeros(2), np.zeros(2), np.zeros(2)
    for kind, mine in enumerate((~is_hole, is_hole)):
        incoming = width[0][np.ix_(mine, mine)]
        outgoing = width[0][np.ix_(~mine, ~mine)]
        channels[kind] = np.count_nonzero(np.linalg.eigvalsh(incoming) > 1e-6)
        other, onward = back[np.ix_(~mine, mine)], through[:, mine]
        turned[kind] = np.trace(incoming @ other.conj().T @ outgoing @ other).real
        passed[kind] = np.trace(incoming @ onward.conj().T @ width[1] @ onward).real
    return Probabilities(channels, turned, passed)


def _block(matrix: scipy.sparse.csr_array, rows: NDArray[np.int64], columns: NDArray[np.int64]) -> Matrix:
    block: Matrix = matrix[rows][:, columns].toarray().astype(complex)
    return block


def _layers(sample: Sample, axis: int, dofs: int) -> list[NDArray[np.int64]]:
    """Rows of H of each layer of cells along the axis, those of layers that are alike in the same order."""
    if sample.is_infinite or axis >= len(sample.size) or sample.boundary[axis].is_periodic:
        raise InputError(f"leads along axis {axis} need a finite sample with open ends there; open them")
    place = sample.cells[:, axis]
    across = np.delete(sample.cells, axis, axis=1)
    values = np.unique(place)
    if len(values) < 4:
        raise InputError(f"{len(values)} layers are too few for two leads; give 4 or more along axis {axis}")
    layers, shapes = [], []
    for value in values:
        sites = np.flatnonzero(place == value)
        keys = np.column_stack([across[sites], sample.orbitals[sites]])
        order = np.lexsort(keys.T)
        layers.append((sites[order][:, None] * dofs + np.arange(dofs)).ravel())
        shapes.append(keys[order])
    for one, two in ((0, 1), (-1, -2)):
        if not np.array_equal(shapes[one], shapes[two]):
            raise InputError("the two outermost layers of cells differ in their sites; leads repeat the last")
    return layers
