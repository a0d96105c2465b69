r"""Which arithmetic a matrix allows: the numbers that γ + iH is made of.

=============  =================================  ======  ====  ==================
algebra        matrix                             planes  rows  symmetric
=============  =================================  ======  ====  ==================
``quaternion`` 2 dofs, spin-singlet (class C)     4       1     real h and Δ
``majorana``   4 dofs (class D)                   1       4     never (real matrix)
``complex``    any, and z − H at any energy       1       dofs  real H
``real``       none of these: any real one        1       any   where it is
=============  =================================  ======  ====  ==================

A quaternion block [[a, b], [−b*, a*]] has the planes (Re a, Im a, Re b, Im b) on 1, iτ_z, iτ_y, iτ_x; of
iH they are (−Im h, Re h, −Im Δ, Re Δ). In the Majorana basis c = (a + ib)/√2 particle-hole symmetry makes
iH real. (M14) of docs/theory/mean_field.md.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np

from bdg.arrays import Array
from bdg.nambu import Momentum, NambuMatrix

# Columns: the Majorana operators a↑, b↑, a↓, b↓; rows: c↑, c↓, c†↓, −c†↑ (the Nambu order).
_MAJORANA = np.array([[1, 1j, 0, 0], [0, 0, 1, 1j], [0, 0, 1, -1j], [-1, 1j, 0, 0]]) / np.sqrt(2)


@dataclass(frozen=True)
class Algebra:
    """How blocks of γ + iH (or z − H) are stored in planes; see the module."""

    name: Literal["quaternion", "majorana", "complex", "real"]
    planes: int
    rows: int
    symmetric: bool

    def load(self, values: Array, factor: complex = 1j) -> Array:
        """Planes of ``factor``·H, shape ``(planes, n_blocks * rows * rows)``, from the blocks of H.

        A factor other than i is for the complex algebra only; real matrices have a real one.
        """
        if self.name == "quaternion":
            h, delta = values[:, 0, 0], values[:, 0, 1]
            planes: Array = np.stack([-h.imag, h.real, -delta.imag, delta.real])
            return planes
        if self.name == "majorana":
            real: Array = np.ascontiguousarray((1j * _to_majorana(values)).real).reshape(1, -1)
            return real
        number = factor.real if self.name == "real" else complex(factor)
        scaled: Array = (number * values).reshape(1, -1)
        return scaled

    def blocks(self, planes: Array) -> Array:
        """Blocks (n, dofs, dofs) that planes of shape (planes, n, rows, rows) stand for."""
        if self.name == "quaternion":
            q0, q1, q2, q3 = planes[:, :, 0, 0].astype(float)
            a, b = q0 + 1j * q1, q2 + 1j * q3
            blocks: Array = np.stack([a, b, -b.conj(), a.conj()], axis=1).reshape(-1, 2, 2)
            return blocks
        if self.name == "majorana":
            unmixed: Array = _MAJORANA @ planes[0] @ _MAJORANA.conj().T
            return unmixed
        plain: Array = planes[0]
        return plain

    def transposed(self, planes: Array) -> Array:
        """Blocks of the transposed matrix: each block transposed, which changes the sign of q₂."""
        swapped = np.swapaxes(planes, -1, -2).copy()
        if self.planes == 4:
            swapped[2] *= -1
        return swapped


def _to_majorana(values: Array) -> Array:
    rotated: Array = _MAJORANA.conj().T @ values @ _MAJORANA
    return rotated


def choose_algebra(hamiltonian: NambuMatrix, momentum: Momentum | None = None) -> Algebra:
    """The cheapest algebra for γ + iH at one momentum.

    The structure is checked on the values: with Bloch phases and a field the blocks at k alone need not
    have it, although H of the whole system does.
    """
    values = (momentum or hamiltonian.momenta[0]).values
    margin = 1e-13 * max(1.0, float(np.abs(values).max(initial=0.0)))
    if hamiltonian.symmetry == "singlet" and _is_quaternion(values, margin):
        return Algebra("quaternion", 4, 1, bool(np.isrealobj(values)))
    if hamiltonian.symmetry == "general" and np.abs(_to_majorana(values).real).max(initial=0.0) <= margin:
        return Algebra("majorana", 1, 4, False)
    return complex_algebra(hamiltonian, momentum)


def complex_algebra(hamiltonian: NambuMatrix, momentum: Momentum | None = None) -> Algebra:
    """The algebra for any complex energy."""
    real = bool(np.isrealobj((momentum or hamiltonian.momenta[0]).values))
    return Algebra("complex", 1, hamiltonian.dofs, real)


def _is_quaternion(values: Array, margin: float) -> bool:
    a = np.abs(values[:, 1, 1] + values[:, 0, 0].conj()).max(initial=0.0)
    b = np.abs(values[:, 1, 0] - values[:, 0, 1].conj()).max(initial=0.0)
    return bool(max(a, b) <= margin)
