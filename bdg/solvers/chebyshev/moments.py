r"""Moments μ_n = ⟨s|T_n(H/a)|s⟩ of a vector, two for each multiplication by H.

μ_{2n} = 2⟨α_n|α_n⟩ − μ_0 and μ_{2n+1} = 2⟨α_{n+1}|α_n⟩ − μ_1 with |α_n⟩ = T_n(H/a)|s⟩. The vectors live
where their amplitudes exceed a threshold: sites join as the wave arrives. What is left out, |d_n| ≤ 2‖α_n on
the rim‖, moves later vectors by U_{m−n}(H/a) d_n, of norm ≤ (m − n + 1)|d_n|, and is part of the error.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from bdg.arrays import Floats, Numbers
from bdg.kernels.chebyshev.recursion import DEPTH, steps
from bdg.kernels.registers.lanes import LANES
from bdg.solvers.chebyshev.stencil import Stencil
from bdg.solvers.monitor import SILENT, Monitor

AT_ONCE = 1 << 26
"""Rows times steps between two questions whether to go on."""

BYTES = 16.0
"""Bytes of the two vectors for each row and plane."""


@dataclass(frozen=True)
class Moments:
    """μ_0 … μ_N of one vector, and the bound on the error that the rim makes in any of them."""

    values: Floats
    error: float


def moments(
    stencil: Stencil,
    amplitudes: Numbers,
    sites: NDArray[np.intp],
    count: int,
    threshold: float,
    monitor: Monitor = SILENT,
) -> Moments:
    """Moments of the vector with these amplitudes, ``(n, dofs)``, on sites and 0 elsewhere.

    Parameters
    ----------
    stencil
        2H/a.
    amplitudes, sites
        The vector; real where H is.
    count
        How many moments, μ_0 being one of them.
    threshold
        The largest amplitude that may stay without its neighbours.
    monitor
        Asked from time to time whether to go on.
    """
    vectors, work = _Vectors.of(stencil, amplitudes, sites), max(1, count // 2)
    zeroth = float(np.vdot(vectors.x, vectors.x))
    products, dropped = vectors.advance(1, threshold)
    vectors.y *= 0.5  # α_1 = (H/a) α_0, without the factor 2
    vectors.exchange()
    found, rim = [products * [[0.25, 0.5]]], [dropped]
    step = max(DEPTH, AT_ONCE // (stencil.n_sites * stencil.planes) // DEPTH * DEPTH)
    for done in range(1, work, step):
        monitor.check()
        products, dropped = vectors.advance(min(step, -(-(work - done) // 2) * 2), threshold)
        found.append(products)
        rim.append(dropped)
    even, odd = np.concatenate(found).T
    values = np.empty(2 * len(even) + 1)
    values[0], values[1] = zeroth, odd[0]
    values[2::2] = 2 * even - zeroth
    values[3::2] = 2 * odd[1:] - odd[0]
    lost = float(np.cumsum(np.cumsum(2 * np.concatenate(rim)))[-1])
    return Moments(values[:count], 4 * lost * np.sqrt(zeroth) + 2 * lost**2)


class _Vectors:
    """Two vectors of the recursion, and the chunks where they are not zero."""

    def __init__(self, stencil: Stencil) -> None:
        self._stencil, length = stencil, stencil.planes * stencil.n_sites
        self.x, self.y = np.zeros(length), np.zeros(length)
        self._work = np.empty((DEPTH, 2 * LANES)), np.empty(DEPTH, np.int64)
        active, rim = (np.empty(stencil.n_chunks, np.int32) for _ in range(2))
        self._sorted = 0
        self._region = np.zeros(3, np.int64), active, rim, np.zeros(stencil.n_chunks, np.bool_)

    @classmethod
    def of(cls, stencil: Stencil, amplitudes: Numbers, sites: NDArray[np.intp]) -> _Vectors:
        """One vector, and zero."""
        made = cls(stencil)
        rows, n = stencil.rank[sites], stencil.n_sites
        parts = (amplitudes.real, amplitudes.imag) if np.iscomplexobj(amplitudes) else (amplitudes,)
        for number, part in enumerate(parts):
            for component in range(stencil.dofs):
                made.x[(number * stencil.dofs + component) * n + rows] = part[:, component]
        chunks = np.unique(np.searchsorted(stencil.starts, rows, side="right") - 1)
        count, active, rim, is_active = made._region
        count[:2] = len(chunks)
        active[: len(chunks)] = rim[: len(chunks)] = chunks
        is_active[chunks] = True
        return made

    def advance(self, n_steps: int, threshold: float) -> tuple[Floats, Floats]:
        """Some steps; their products, and the norms on the rim."""
        products, dropped = np.empty((n_steps, 2)), np.empty(n_steps)
        count, active = self._region[:2]
        if count[0] > 1.1 * self._sorted:  # in the order of memory
            active[: count[0]].sort()
            self._sorted = count[0]
        more = *self._work, self._region, threshold, self._stencil.arrays
        steps(self.x, self.y, products, dropped, *more)
        return products, dropped

    def exchange(self) -> None:
        """The other vector is the last one."""
        self.x, self.y = self.y, self.x
