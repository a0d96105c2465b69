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
from bdg.leads.ends import OFF, End, at_each_momentum, ends_of, layers_of
from bdg.leads.surface import Matrix
from bdg.nambu import NambuMatrix

ABOVE = 1e-9
"""Imaginary part of the energy, in t."""


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


def scattering(
    hamiltonian: NambuMatrix, sample: Sample, energy: float, axis: int = 0, *, normal: bool = False
) -> Probabilities:
    """Probabilities of what comes in at an energy from the lower end of an axis.

    The outermost layer of cells on either side, and its bonds to the next, repeat themselves without end.
    Of a sample that is infinite across the axis: of one repetition, the mean over its momenta.

    Parameters
    ----------
    hamiltonian, sample
        H and its sites.
    energy
        In t.
    axis
        The direction of the leads.
    normal
        Without the pairs, in the sample and in both leads.

    Raises
    ------
    InputError
        If the ends are no leads, see :func:`bdg.leads.ends.layers_of`; or lead 1 superconducts.
    NumericalError
        If the surface of a lead is not found.
    """
    dofs = hamiltonian.dofs
    layers = layers_of(sample, axis, dofs)
    total = np.zeros((3, 2))
    for weight, matrix in at_each_momentum(hamiltonian, sample):
        matrix = without_pairs(matrix, dofs) if normal else matrix
        total += weight * np.array(_between(matrix, ends_of(matrix, layers), energy, dofs))
    return Probabilities(*total)


def without_pairs(matrix: scipy.sparse.csr_array, dofs: int) -> scipy.sparse.csr_array:
    """H without what turns electrons into holes."""
    entries = matrix.tocoo()
    rows, columns = entries.coords
    keeps = (rows % dofs >= dofs // 2) == (columns % dofs >= dofs // 2)
    kept = (entries.data[keeps], (rows[keeps], columns[keeps]))
    return scipy.sparse.csr_array(kept, shape=matrix.shape)


def _between(
    matrix: scipy.sparse.csr_array, ends: tuple[End, End], energy: float, dofs: int
) -> Probabilities:
    """The probabilities at one momentum."""
    z = energy + 1j * ABOVE
    own = [end.self_energy(z) for end in ends]
    width = [1j * (sigma - sigma.conj().T) for sigma in own]
    first, last = (end.rows for end in ends)
    is_hole = np.arange(len(first)) % dofs >= dofs // 2
    if np.abs(own[0][np.ix_(is_hole, ~is_hole)]).max() > OFF:
        raise InputError("the lead that electrons come from superconducts; let Δ be 0 at that end")
    inverse = scipy.sparse.lil_array(z * scipy.sparse.eye_array(matrix.shape[0]) - matrix, dtype=complex)
    for rows, sigma in zip((first, last), own, strict=True):
        inverse[np.ix_(rows, rows)] = inverse[np.ix_(rows, rows)].toarray() - sigma
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
