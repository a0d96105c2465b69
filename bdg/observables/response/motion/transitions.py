r"""The density matrix to first order, in the transitions between levels.

With i dρ/dt = [H, ρ] and ρ = f(H) at rest, only elements between levels of different occupation move. Of
E_n > E_m let

    δρ_nm = √(f_m − f_n) x_nm,    δρ_mn = δρ_nm* ,

so that real amplitudes of a drive stand for the real and the imaginary part of x at once. At T = 0 n is empty
and m filled. Over momenta the weight of each, √w_k, belongs to x as well: the norm Σ |x|² is that of δρ.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bdg.arrays import Complexes, Floats, Numbers
from bdg.nambu import BlochMomenta, Momentum, NambuMatrix
from bdg.observables.state import State
from bdg.solvers import Correlations, Pattern, executor_of
from bdg.solvers.diagonalization import diagonalize
from bdg.solvers.diagonalization.response import require_response
from bdg.solvers.thermal import fermi

FULL = 1e-15
"""A level is filled, or empty, to this."""

TOGETHER = 1 << 22
"""Numbers held at a time where entries are summed."""


@dataclass(frozen=True, eq=False)
class Transitions:
    """The transitions of a state.

    Parameters
    ----------
    upper, lower
        Eigenvectors of the levels n and m, shapes ``(n_momenta, dimension, n_upper)`` and ``n_lower``.
    energy
        E_n − E_m, shape ``(n_momenta, n_upper, n_lower)``.
    root
        √(w_k (f_m − f_n)); zero where E_n ≤ E_m.
    k
        Bloch phases, shape ``(n_momenta, n_directions)``.
    dofs
        Nambu components of a site.
    """

    upper: Numbers
    lower: Numbers
    energy: Floats
    root: Floats
    k: Floats
    dofs: int

    @classmethod
    def of(cls, hamiltonian: NambuMatrix, state: State) -> Transitions:
        """Those of a matrix at the temperature of a state, at every momentum of its sample.

        Raises
        ------
        InputError
            If T = 0 and a level lies at zero energy.
        """
        k, temperature = state.model.sample.momenta.k, state.model.temperature
        levels, vectors, rounding = [], [], 0.0
        for system in diagonalize(on_whole_grid(hamiltonian, k), None, executor_of(state.solver)):
            require_response(system, temperature)
            shape = system.n_momenta, -1
            levels.append(system.energies.reshape(shape))
            vectors.append(system.vectors.reshape(len(system.vectors), *levels[-1].shape).swapaxes(0, 1))
            rounding = max(rounding, system.rounding)
        energies, states = np.concatenate(levels), np.concatenate(vectors)
        occupied = fermi(energies, temperature, rounding)
        first = int(np.argmax((occupied < 1 - FULL).any(axis=0)))
        last = int(np.flatnonzero((occupied > FULL).any(axis=0))[-1]) + 1
        up, down = energies[:, first:, None], energies[:, None, :last]
        moved = np.where(up > down, occupied[:, None, :last] - occupied[:, first:, None], 0.0)
        upper: Any = np.ascontiguousarray(states[..., first:])
        lower: Any = np.ascontiguousarray(states[..., :last])
        root = np.sqrt(np.clip(moved, 0.0, None) / len(k))
        return cls(upper, lower, np.maximum(up - down, 0.0), root, k, hamiltonian.dofs)

    def between(self, change: NambuMatrix) -> Complexes:
        """√(w_k (f_m − f_n)) ⟨n|δH|m⟩, the shape of ``energy``."""
        if len(self.k) == 1:
            moved = (on_whole_grid(change, self.k).sparse() @ self.lower[0])[None]
        else:
            momenta = on_whole_grid(change, self.k).momenta
            assert isinstance(momenta, BlochMomenta)
            moved = _times(change.to_dense(momenta.values_at(self.k)), self.lower)
        return np.asarray(self.root * _times(self.upper.conj().swapaxes(1, 2), moved), np.complex128)

    def entries(self, amplitudes: Complexes, pattern: Pattern) -> Correlations:
        """δf(H) on a pattern, from x."""
        half = _times(self.upper, self.root * amplitudes)
        n_k, dimension = half.shape[:2]
        shape = n_k, dimension // self.dofs, self.dofs, -1
        left, right = half.reshape(shape), self.lower.reshape(shape)
        blocks = np.empty((len(pattern), self.dofs, self.dofs), np.complex128)
        step = max(1, TOGETHER // (n_k * self.dofs * right.shape[-1]))
        for first in range(0, len(pattern), step):
            some = slice(first, first + step)
            blocks[some] = self._sums(left, right, pattern, some)
        return Correlations(pattern, blocks, float(np.finfo(float).eps) * np.sqrt(dimension))

    def _sums(self, left: Complexes, right: Numbers, pattern: Pattern, some: slice) -> Complexes:
        """Σ_k e^{+ik·crossing} (X + X†) of some entries, X = Σ_nm |n⟩ √(…) x_nm ⟨m|."""
        rows, columns = pattern.rows[some], pattern.columns[some]
        adjoint = left.conj().swapaxes(-1, -2)
        one = _times(right[:, rows], adjoint[:, columns])
        other = one if rows is columns or np.array_equal(rows, columns) else None
        if other is None:
            other = _times(right[:, columns], adjoint[:, rows])
        both = one + other.conj().swapaxes(-1, -2)
        if pattern.crossings is not None and self.k.any():
            both = both * np.exp(1j * (self.k @ pattern.crossings[some].T))[..., None, None]
        found: Complexes = both.sum(axis=0)
        return found


def on_whole_grid(matrix: NambuMatrix, k: Floats) -> NambuMatrix:
    """The matrix at every momentum of the grid, none of them standing for −k too."""
    if isinstance(matrix.momenta, BlochMomenta):
        return replace(matrix, momenta=matrix.momenta.at(k))
    momenta: Sequence[Momentum] = matrix.momenta
    return replace(matrix, momenta=(Momentum(1.0, momenta[0].k, momenta[0].values),))


def _times(left: NDArray[Any], right: NDArray[Any]) -> NDArray[Any]:
    """A product of matrices; of a real with a complex one in real numbers, of the parts that are not zero."""
    if np.iscomplexobj(left) or not np.iscomplexobj(right):
        product: NDArray[Any] = left @ right
        return product
    found = np.zeros((*left.shape[:-1], right.shape[-1]), np.complex128)
    for part, target in ((right.real, found.real), (right.imag, found.imag)):
        if part.any():
            target[:] = left @ np.ascontiguousarray(part)
    return found
