r"""Green's functions between the cells of an infinite lattice.

Along the first direction the lattice is a chain of slices at each momentum of the others: two semi-infinite
leads that are decimated (López Sancho et al., J. Phys. F 15, 851 (1985)) meet at a slice. The sum over the
other momenta is one of equally spaced points, which converges exponentially, as e^{−nη/v}, because off the
real axis the integrand is analytic. Points are doubled until the sum stands still.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from itertools import product
from typing import Any

import numpy as np

from bdg.arrays import Array, Complexes, Floats
from bdg.errors import NumericalError
from bdg.nambu import BlochMomenta, NambuMatrix
from bdg.nambu.bloch import phase_factor

FEWEST, MOST = 32, 1 << 17
"""Momenta of the other directions to begin with, along each, and at most, all together."""

DOUBLINGS = 80
"""Slices that are decimated double each time."""

AT_ONCE = 1 << 12
"""Momenta that are decimated at a time."""


@dataclass(frozen=True)
class InfiniteLattice:
    """A lattice of one cell that is repeated without end along every direction.

    Parameters
    ----------
    hamiltonian
        Its Nambu matrix, with Bloch momenta along all directions.
    """

    hamiltonian: NambuMatrix

    @cached_property
    def hoppings(self) -> dict[tuple[int, ...], Array]:
        """⟨R + c|H|R⟩ between cells by c, shape ``(dimension, dimension)``."""
        momenta = self.hamiltonian.momenta
        assert isinstance(momenta, BlochMomenta)
        found = {(0,) * len(momenta.momenta.k[0]): self.hamiltonian.to_dense(momenta.inside)}
        for link in momenta.links:
            blocks: Array = np.zeros(momenta.inside.shape, link.blocks.dtype)
            blocks[link.slots] = link.blocks
            found[tuple(map(int, link.crossing))] = self.hamiltonian.to_dense(blocks)
        return found

    @cached_property
    def range(self) -> int:
        """Cells that a bond passes along the first direction, 1 at least."""
        return max(1, *(abs(c[0]) for c in self.hoppings))

    def greens(self, z: complex, reach: tuple[int, ...], tolerance: float) -> tuple[Complexes, float]:
        """⟨c| (z − H)⁻¹ |0⟩ for all cells |c_d| ≤ reach_d, and the estimate of its largest error.

        Parameters
        ----------
        z
            Off the real axis.
        reach
            Cells along each direction.
        tolerance
            The largest change of the last doubling of the momenta.

        Returns
        -------
        tuple
            Shape ``(2·reach_0 + 1, …, dimension, dimension)``; the error.

        Raises
        ------
        NumericalError
            If :data:`MOST` momenta do not do.
        """
        others = tuple(reach[1:])
        count = max(FEWEST, 2 ** int(np.ceil(np.log2(2 * max(others, default=0) + 1))))
        fresh = np.ones((count,) * len(others), bool)
        total: Complexes = np.zeros((1,), complex)
        before: Complexes | None = None
        while True:
            part, rest = self._sum(z, reach, np.argwhere(fresh) / count)
            total = total + part
            mean = total / count ** len(others)
            apart = np.inf if before is None else float(np.abs(mean - before).max())
            if not others or apart <= tolerance:
                return mean, (apart if others else 0.0) + rest
            before, count = mean, 2 * count
            if count ** len(others) > MOST:
                raise NumericalError(
                    f"the sum over momenta is known to {apart:.0e} only at z = {z:.4g};"
                    " take a larger broadening"
                )
            fresh = np.ones((count,) * len(others), bool)
            fresh[(slice(None, None, 2),) * len(others)] = False

    def _sum(self, z: complex, reach: tuple[int, ...], points: Floats) -> tuple[Complexes, float]:
        """Σ_k e^{ik·c} G(c_0; k) over momenta k/2π of the other directions, and the largest residual."""
        windows = [np.arange(-n, n + 1) for n in reach[1:]]
        cells = np.array([*product(*windows)], np.int64)
        n, total, rest = self.hamiltonian.dimension, None, 0.0
        for first in range(0, len(points), AT_ONCE):
            some = points[first : first + AT_ONCE]
            chain, off = self._chains(z, reach[0], 2 * np.pi * some)
            waves = np.exp(2j * np.pi * (cells @ some.T)) if len(windows) else np.ones((1, 1))
            part = np.tensordot(chain, waves, axes=(1, 1))  # cells of the chain, n, n, cells of the others
            total, rest = part if total is None else total + part, max(rest, off)
        assert total is not None
        shape = (2 * reach[0] + 1, *(len(one) for one in windows), n, n)
        return np.moveaxis(total, -1, 1).reshape(shape), rest

    def _chains(self, z: complex, reach: int, k: Floats) -> tuple[Complexes, float]:
        """G(c_0; k) of the chain at each momentum, shape ``(2·reach + 1, n_momenta, n, n)``."""
        size, n = self.range, self.hamiltonian.dimension
        here, onward = self._slices(k)
        back = np.conj(onward.swapaxes(1, 2))
        one = np.eye(size * n)
        right, left, bulk = decimated(z, here, back, onward)
        middle = np.linalg.inv(z * one - bulk)
        steps, columns = {0: middle}, -(-(reach + size) // size)
        for x in range(1, columns + 1):
            steps[x] = right @ (onward @ steps[x - 1])
            steps[-x] = left @ (back @ steps[1 - x])
        off = (z * one - here) @ middle - back @ steps[1] - onward @ steps[-1] - one
        rest = float(np.abs(off).max()) / abs(z.imag)
        cells = [divmod(x, size) for x in range(-reach, reach + 1)]
        return np.stack([steps[x][:, r * n : (r + 1) * n, :n] for x, r in cells]), rest

    def _slices(self, k: Floats) -> tuple[Complexes, Complexes]:
        """H of a slice and ⟨x + 1|H|x⟩ to the next, at momenta of the others; ``range`` cells are a slice."""
        size, n = self.range, self.hamiltonian.dimension
        here, onward = (np.zeros((len(k), size * n, size * n), complex) for _ in range(2))
        for c, block in self.hoppings.items():
            phase = phase_factor(-(k @ np.array(c[1:]))) if len(c) > 1 else np.ones(len(k))
            value = phase[:, None, None] * block
            for s in range(size):
                r = s + c[0]
                if 0 <= r < size:
                    here[:, r * n : (r + 1) * n, s * n : (s + 1) * n] += value
                elif size <= r < 2 * size:
                    onward[:, (r - size) * n : (r - size + 1) * n, s * n : (s + 1) * n] += value
        return here, onward


def decimated(z: Any, here: Array, back: Array, onward: Array) -> tuple[Array, Array, Array]:
    """Green's functions of the first slices of the leads to the right and to the left, and H of the middle.

    ``back`` is ⟨x|H|x + 1⟩ = α, ``onward`` ⟨x + 1|H|x⟩ = β of all slices; each step leaves every second one.
    ``z`` may be an array that broadcasts over their matrices.

    Raises
    ------
    NumericalError
        If the slices do not come apart, as on the real axis.
    """
    one = np.eye(here.shape[-1])
    from_right, from_left, bulk = here, here, here
    for _ in range(DOUBLINGS):
        inverse = np.linalg.inv(z * one - bulk)
        to_back, to_onward = inverse @ back, inverse @ onward
        from_right = from_right + back @ to_onward
        from_left = from_left + onward @ to_back
        bulk = bulk + back @ to_onward + onward @ to_back
        back, onward = back @ to_back, onward @ to_onward
        if max(np.abs(back).max(), np.abs(onward).max()) < 1e-15:
            return np.linalg.inv(z * one - from_right), np.linalg.inv(z * one - from_left), bulk
    height = float(np.min(np.abs(np.imag(z))))
    raise NumericalError(
        f"the chain has no Green's function {height:.2g} t from the real axis; take a larger broadening"
    )
