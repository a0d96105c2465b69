r"""Green's functions at the surface of a half-infinite lattice, at momenta along it.

Slices from the surface inwards, H_j of each and T_j = ⟨j|H|j + 1⟩ to the next one, are followed by ones that
are all alike, whose surface g is decimated; then G_j = (z − H_j − T_j G_{j+1} T_j†)⁻¹ up to the surface.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from bdg.arrays import Array, Complexes, Floats, Indices
from bdg.leads.infinite import InfiniteLattice, decimated
from bdg.nambu import BlochMomenta, NambuMatrix
from bdg.nambu.bloch import phase_factor


@dataclass(frozen=True)
class HalfInfinite:
    """A surface, and what is below it.

    Parameters
    ----------
    at
        H of the outermost slices at momenta, shape ``(n_momenta, n_rows, n_rows)``.
    slices
        Rows of each, from the surface inwards; bonds join neighbours alone. The one in the middle is repeated
        without end.
    """

    at: Callable[[Floats], Complexes]
    slices: tuple[Indices, ...]

    @property
    def repeated(self) -> int:
        """The slice that is repeated."""
        return (len(self.slices) - 1) // 2

    def greens(self, z: Complexes, k: Floats, rows: int) -> tuple[Complexes, float]:
        """The diagonal of (z − H)⁻¹ on the outermost rows, shape ``(n_z, n_momenta, rows)``, and its error.

        Parameters
        ----------
        z
            In the upper half plane, shape ``(n_z,)``.
        k
            Shape ``(n_momenta, n_directions)``; that along the normal does not count.
        rows
            How many, of slices down to the repeated one.

        Raises
        ------
        NumericalError
            If z is too close to the real axis.
        """
        h, last = self.at(k), self.repeated
        z = z[:, None, None, None]
        here, inward = self._block(h, last, last), self._block(h, last, last + 1)
        outward = np.conj(inward.swapaxes(-1, -2))
        green, _, _ = decimated(z, here, inward, outward)
        one = np.eye(here.shape[-1])
        missed = np.abs((z * one - here - inward @ green @ outward) @ green - one).max()
        error = float(missed * np.abs(green).max())
        depth = next(n for n in range(last + 1) if sum(map(len, self.slices[: n + 1])) >= rows)
        for n in range(last - 1, depth - 1, -1):
            step = self._block(h, n, n + 1)
            inside = step @ green @ np.conj(step.swapaxes(-1, -2))
            green = np.linalg.inv(z * np.eye(len(self.slices[n])) - self._block(h, n, n) - inside)
        if depth > 0:
            green = self._outermost(z, h, depth, green)
        diagonal: Complexes = np.diagonal(green, axis1=-2, axis2=-1)[..., :rows]
        return diagonal, error

    def unevenness(self, k: Floats) -> float:
        """How much the slice behind the repeated one differs from it, the largest entry, in t."""
        h, last = self.at(k), self.repeated
        if len(self.slices[last]) != len(self.slices[last + 1]):
            return np.inf
        return float(np.abs(self._block(h, last, last) - self._block(h, last + 1, last + 1)).max())

    def _outermost(self, z: Array, h: Complexes, depth: int, green: Complexes) -> Complexes:
        """G of slices 0 to ``depth`` together, of which that of the last one alone is known.

        That one has 1/G = z − H − Σ with what is below, but nothing above.
        """
        rows = np.concatenate(self.slices[: depth + 1])
        inverse = z * np.eye(len(rows)) - h[:, rows[:, None], rows]
        own = slice(len(rows) - len(self.slices[depth]), None)
        inverse[..., own, own] = np.linalg.inv(green)
        return np.asarray(np.linalg.inv(inverse), complex)

    def _block(self, h: Complexes, row: int, column: int) -> Complexes:
        found: Complexes = h[:, self.slices[row][:, None], self.slices[column]]
        return found


def of_strip(hamiltonian: NambuMatrix, layers: Indices, range_: int) -> HalfInfinite:
    """The surface of a strip that is continued from its middle.

    Parameters
    ----------
    hamiltonian
        With Bloch momenta along the surface.
    layers
        Layer of each site, 0 at the surface, shape ``(n_sites,)``.
    range_
        How many layers bonds pass.
    """
    momenta = hamiltonian.momenta
    assert isinstance(momenta, BlochMomenta)
    of_rows = np.repeat(layers, hamiltonian.dofs)
    order = np.argsort(of_rows, kind="stable")
    count = int(layers.max() + 1) // range_
    slices = tuple(order[of_rows[order] // range_ == n] for n in range(count))

    def at(k: Floats) -> Complexes:
        return np.asarray(hamiltonian.to_dense(momenta.values_at(k)), complex)

    return HalfInfinite(at, slices)


def of_bulk(lattice: InfiniteLattice, axis: int, cells: int, *, at_the_end: bool = False) -> HalfInfinite:
    """An infinite lattice that ends, as it is, between two cells along an axis.

    Parameters
    ----------
    lattice
        The bulk.
    axis
        The direction that ends.
    cells
        Outermost cells whose Green's functions are wanted.
    at_the_end
        Whether the surface is where the direction ends, and not where it begins.
    """
    n, range_ = lattice.hamiltonian.dimension, max(1, *(abs(c[axis]) for c in lattice.hoppings))
    count = 2 * (-(-cells // range_)) + 1
    total = count * range_

    def at(k: Floats) -> Complexes:
        h: Complexes = np.zeros((len(k), total, n, total, n), complex)
        for c, block in lattice.hoppings.items():
            others = np.where(np.arange(len(c)) == axis, 0, c)
            value = phase_factor(-(k @ others))[:, None, None] * block
            for cell in range(max(0, -c[axis]), min(total, total - c[axis])):
                h[:, cell + c[axis], :, cell] += value
        return h.reshape(len(k), total * n, total * n)

    of_cells = np.arange(total * n).reshape(total, n)[:: -1 if at_the_end else 1]
    return HalfInfinite(at, tuple(of_cells.reshape(count, range_ * n)))
