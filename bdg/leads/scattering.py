r"""Scattering between two leads that continue the ends of the sample, by matching their modes to the sample.

In the outermost layer and beyond it the wave is what comes in through lead 1 and what goes out, ψ = ψ_in +
U c, with U a basis of the outgoing modes of :mod:`bdg.leads.modes`. So the amplitudes c take the place of ψ
on the outermost layers in (E − H) ψ = 0, a sparse linear system without a surface Green's function, which
may have poles. Of what comes in with the flux 1 as an electron, the part R_A flows back as a hole, T flows
into lead 2, and R, the rest, back as it came:

    R + R_A + T = 1 for every channel

(Lambert, Raimondi, J. Phys.: Condens. Matter 10, 901 (1998)). How far the sum is off is the error.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import scipy.sparse
import scipy.sparse.linalg
from numpy.typing import NDArray

from bdg.arrays import Complexes
from bdg.errors import InputError, NumericalError
from bdg.lattice import Sample
from bdg.leads.ends import End, at_each_momentum, ends_of, layers_of
from bdg.leads.modes import OFF, Modes, flux
from bdg.nambu import NambuMatrix
from bdg.resources import blas_threads

ASIDE = 1e-8
"""How far from an energy where a channel opens the two sides of it are taken, in t."""

SINGULAR = 1e-6
"""A velocity, or |1 − |λ||, so small that the energy is that of a threshold."""

UNITARY = 1e-7
"""By how much the probabilities of a channel may miss 1."""


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
    error
        Bound on the error of these: residual of the modes, what the probabilities miss the channels by, and,
        where a channel opens, half of the difference of the two sides.
    """

    channels: NDArray[np.float64]
    turned: NDArray[np.float64]
    through: NDArray[np.float64]
    error: NDArray[np.float64]


class _Threshold(Exception):
    """The energy is one where a channel opens, a level crosses or a state is cut off."""


def scattering(
    hamiltonian: NambuMatrix, sample: Sample, energy: float, axis: int = 0, *, normal: bool = False
) -> Probabilities:
    """Probabilities of what comes in at an energy from the lower end of an axis.

    The outermost layer of cells on either side, and its bonds to the next, repeat themselves without end.
    Of a sample that is infinite across the axis: of one repetition, the mean over its momenta. At an energy
    where a channel opens they jump, and are the mean of both sides.

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
        If the modes of a lead are not found, or the probabilities do not sum up to the channels.
    """
    dofs = hamiltonian.dofs
    layers = layers_of(sample, axis, dofs)
    total = np.zeros((4, 2))
    with blas_threads(1):  # its matrices are too small for more
        for weight, matrix in at_each_momentum(hamiltonian, sample):
            matrix = without_pairs(matrix, dofs) if normal else matrix
            total += weight * _at(matrix, ends_of(matrix, layers), energy, dofs)
    return Probabilities(*total)


def upper_lead_superconducts(hamiltonian: NambuMatrix, sample: Sample, axis: int = 0) -> bool:
    """Whether there are pairs in the lead at the upper end of an axis.

    Raises
    ------
    InputError
        If the ends are no leads, see :func:`bdg.leads.ends.layers_of`.
    """
    layers = layers_of(sample, axis, hamiltonian.dofs)
    each = at_each_momentum(hamiltonian, sample)
    return any(_superconducts(ends_of(matrix, layers)[1], hamiltonian.dofs) for _, matrix in each)


def _superconducts(end: End, dofs: int) -> bool:
    """Whether a lead turns electrons into holes."""
    is_hole = np.arange(len(end.rows)) % dofs >= dofs // 2
    across = np.ix_(is_hole, ~is_hole)
    return bool(max(np.abs(part[across]).max() for part in (end.slice_, end.inward)) > OFF)


def without_pairs(matrix: scipy.sparse.csr_array, dofs: int) -> scipy.sparse.csr_array:
    """H without what turns electrons into holes."""
    entries = matrix.tocoo()
    rows, columns = entries.coords
    keeps = (rows % dofs >= dofs // 2) == (columns % dofs >= dofs // 2)
    kept = (entries.data[keeps], (rows[keeps], columns[keeps]))
    return scipy.sparse.csr_array(kept, shape=matrix.shape)


def _at(
    matrix: scipy.sparse.csr_array, ends: tuple[End, End], energy: float, dofs: int
) -> NDArray[np.float64]:
    """The probabilities at one momentum, shape ``(4, 2)``."""
    is_hole = np.arange(len(ends[0].rows)) % dofs >= dofs // 2
    if _superconducts(ends[0], dofs):
        raise InputError("the lead that electrons come from superconducts; let Δ be 0 at that end")
    try:
        return _matched(matrix, ends, energy, is_hole, SINGULAR)
    except _Threshold:
        pass
    try:
        sides = [_matched(matrix, ends, energy + step, is_hole, 0.0) for step in (-ASIDE, ASIDE)]
    except _Threshold as error:
        raise NumericalError(f"scattering at {energy:g} t is not found: {error}; move the energy") from error
    mean = 0.5 * (sides[0] + sides[1])
    jump = 0.5 * np.abs(sides[1] - sides[0])[:3].max(axis=0)
    mean[3] = np.maximum(sides[0][3], sides[1][3]) + jump
    return mean


def _matched(
    matrix: scipy.sparse.csr_array,
    ends: tuple[End, End],
    energy: float,
    is_hole: NDArray[np.bool_],
    least: float,
) -> NDArray[np.float64]:
    """The probabilities at an energy off every threshold."""
    try:
        modes = [end.modes(energy) for end in ends]
    except NumericalError as error:
        raise _Threshold(str(error)) from error
    if min(one.threshold for one in modes) < least:
        raise _Threshold("a channel opens there")
    back, onward = _amplitudes(matrix, ends, modes, energy)
    out = [flux(one.outgoing, end.inward) for one, end in zip(modes, ends, strict=True)]
    as_hole = _flux_of(modes[0].outgoing, ends[0].inward, is_hole)
    weight = np.abs(modes[0].incoming[: len(is_hole)]) ** 2
    comes_as_hole = weight[is_hole].sum(axis=0) > weight[~is_hole].sum(axis=0)
    found = np.zeros((4, 2))
    for kind, mine in enumerate((~comes_as_hole, comes_as_hole)):
        reflected, through = _total(out[0], back[:, mine]), _total(out[1], onward[:, mine])
        hole = _total(as_hole, back[:, mine])
        n_open = float(np.count_nonzero(mine))
        turned = reflected - hole if kind else hole
        missed = abs(n_open - reflected - through)
        if not missed < UNITARY * max(1.0, n_open):
            raise _Threshold(f"the probabilities miss {n_open:g} channels by {missed:.1e}")
        off = missed + n_open * max(one.residual for one in modes)
        found[:, kind] = n_open, np.clip(turned, 0, n_open), np.clip(through, 0, n_open), off
    return found


def _amplitudes(
    matrix: scipy.sparse.csr_array, ends: tuple[End, End], modes: list[Modes], energy: float
) -> tuple[Complexes, Complexes]:
    """Amplitudes of what goes out into either lead, for all that comes in through the first."""
    size = matrix.shape[0]
    shifted = scipy.sparse.csc_array(energy * scipy.sparse.eye_array(size) - matrix)
    inner = np.ones(size)
    for end in ends:
        inner[end.rows] = 0.0
    system = shifted @ scipy.sparse.diags_array(inner)
    for end, one in zip(ends, modes, strict=True):
        system = system + _joined(shifted, end, one.outgoing) @ _columns(end.rows, size).T
    source = -_joined(shifted, ends[0], modes[0].incoming).toarray()
    try:
        found = scipy.sparse.linalg.splu(scipy.sparse.csc_array(system)).solve(source)
    except RuntimeError as error:  # exactly singular
        raise _Threshold("a state is cut off from the leads there") from error
    if not np.isfinite(found).all():
        raise _Threshold("a state is cut off from the leads there")
    return found[ends[0].rows], found[ends[1].rows]


def _joined(shifted: scipy.sparse.csc_array, end: End, states: Complexes) -> scipy.sparse.csc_array:
    """(E − H) on waves of a lead, in all rows of the sample; columns as those of ``states``."""
    n = len(end.rows)
    place = _columns(end.rows, shifted.shape[0])
    inside = shifted[:, end.rows] @ scipy.sparse.csc_array(states[:n])
    return scipy.sparse.csc_array(inside - place @ scipy.sparse.csc_array(end.inward @ states[n:]))


def _columns(rows: NDArray[np.int64], size: int) -> scipy.sparse.csc_array:
    """1 where the n-th column meets the n-th of some rows."""
    n = len(rows)
    return scipy.sparse.csc_array((np.ones(n), (rows, np.arange(n))), shape=(size, n))


def _flux_of(states: Complexes, inward: Complexes, which: NDArray[np.bool_]) -> Complexes:
    """The flux of a part of the rows of a lead that are not joined to the rest."""
    return flux(states[np.concatenate([which, which])], inward[np.ix_(which, which)])


def _total(form: Complexes, amplitudes: Complexes) -> float:
    """The flux of amplitudes, summed over their columns."""
    return float(np.real(np.sum(amplitudes.conj() * (form @ amplitudes))))
