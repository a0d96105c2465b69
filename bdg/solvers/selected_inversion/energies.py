"""Green's functions (z − H)⁻¹ at one momentum, and which energies one factorisation serves."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from bdg.arrays import Array, Numbers
from bdg.nambu import Momentum
from bdg.solvers.selected_inversion.algebra import Algebra
from bdg.solvers.selected_inversion.factorisation import invert_accurately
from bdg.solvers.selected_inversion.plan import Plan
from bdg.solvers.selected_inversion.poles import Shift
from bdg.solvers.selected_inversion.sums import bloch_phase


@dataclass(frozen=True)
class Found:
    """What one factorisation gives.

    Parameters
    ----------
    blocks
        weight · e^{+ik·crossing} G_k(z) on the pattern, shape ``(n_entries, dofs, dofs)``.
    mirrored
        The same at −z*, where that is asked for.
    error
        Estimate of the largest error of an entry.
    """

    blocks: Array
    mirrored: Array | None
    error: float


def greens_at(
    plan: Plan,
    values: Array,
    momentum: Momentum,
    conjugation: Numbers | None,
    energies: Sequence[tuple[Shift, bool]],
) -> list[Found]:
    """Green's functions at some energies, each with whether that at −z* is wanted too.

    Parameters
    ----------
    plan, values
        In the complex algebra; from ``plan.load(momentum.values, -1.0)``.
    momentum
        Which momentum.
    conjugation
        See :func:`particle_hole`.
    energies
        With the errors that are allowed.
    """
    phase = bloch_phase(plan.pattern, momentum.k)
    factor: Array | float = 1.0 if phase is None else phase[:, None, None]
    found = []
    for shift, has_mirror in energies:
        inverse = invert_accurately(plan, values, shift.value, shift.allowed, shift.single)
        forward = plan.algebra.blocks(plan.read(inverse.entries))
        backward = None
        if momentum.is_paired:
            backward = plan.algebra.blocks(plan.read_transposed(inverse.entries))
        blocks = momentum.weight * _of_both(forward, backward, factor)
        mirrored = None
        if has_mirror:
            assert conjugation is not None
            forward = _mirrored(forward, conjugation)
            backward = None if backward is None else _mirrored(backward, conjugation)
            mirrored = momentum.weight * _of_both(forward, backward, factor)
        found.append(Found(blocks, mirrored, inverse.error))
    return found


def particle_hole(algebra: Algebra) -> Numbers | None:
    """Unitary V with H = −V H* V†, so that G(−z*) = −V G(z)* V†; ``None`` where there is none for sure."""
    if algebra.name == "quaternion":
        return np.array([[0, -1j], [1j, 0]])
    if algebra.name == "majorana":
        return np.array([[0, 0, 0, -1.0], [0, 0, 1, 0], [0, 1, 0, 0], [-1, 0, 0, 0]])
    return None


def independent_energies(z: NDArray[np.complex128], symmetric: bool) -> tuple[list[int], dict[int, int]]:
    """Energies to factorise at, and for some of them the index of the energy −z* that they serve too."""
    if not symmetric:
        return list(range(len(z))), {}
    digits = 12 - int(np.ceil(np.log10(max(1e-300, float(np.abs(z).max(initial=0.0))))))
    seen: dict[tuple[float, float], int] = {}
    own: list[int] = []
    mirror: dict[int, int] = {}
    for i, energy in enumerate(z):
        partner = seen.get((round(-energy.real, digits) + 0.0, round(energy.imag, digits)))
        if partner is not None and partner not in mirror:
            mirror[partner] = i
        else:
            seen[round(energy.real, digits) + 0.0, round(energy.imag, digits)] = i
            own.append(i)
    return own, mirror


def _of_both(forward: Array, backward: Array | None, phase_factor: Array | float) -> Array:
    """e^{+ik·crossing} G_k; where −k is to be counted too, whose G is the transpose, the mean of both."""
    if backward is None:
        return phase_factor * forward
    both: Array = 0.5 * (phase_factor * forward + np.conj(phase_factor) * backward.swapaxes(1, 2))
    return both


def _mirrored(blocks: Array, conjugation: Array) -> Array:
    """Blocks of G(−z*) = −V G(z)* V†."""
    mirrored: Array = -(conjugation @ blocks.conj() @ conjugation.conj().T)
    return mirrored
