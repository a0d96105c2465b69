"""How a field stands in H: as 2×2 spin matrices, h on c†_iσ c_jσ' or D on c†_iσ c†_jσ', of sites or bonds."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bdg.arrays import Numbers


@dataclass(frozen=True)
class InSpin:
    """Values of a field ⇄ spin matrices of shape ``(n, 2, 2)``, of bonds those at (target, source).

    Parameters
    ----------
    matrices
        The matrices that values of the field add to H.
    values
        The part of given matrices that the field can hold.
    """

    matrices: Callable[[Any], Numbers]
    values: Callable[[Numbers], Any]


def _singlets(delta: Any) -> Numbers:
    pairing: NDArray[Any] = np.zeros((len(delta), 2, 2), delta.dtype)
    pairing[:, 0, 1], pairing[:, 1, 0] = delta, -delta
    return pairing


def _diagonal(potential: Any) -> Numbers:
    h = np.zeros((potential.shape[1], 2, 2))
    h[:, 0, 0], h[:, 1, 1] = potential
    return h


def _between(exchange: Any) -> Numbers:
    h: NDArray[Any] = np.zeros((len(exchange), 2, 2), exchange.dtype)
    h[:, 0, 1], h[:, 1, 0] = exchange, np.conj(exchange)
    return h


def _across(pairs: Any) -> Numbers:
    """D_ts = −D_stᵀ: pairs are antisymmetric."""
    turned: Numbers = -pairs.swapaxes(1, 2)
    return turned


SINGLETS = InSpin(_singlets, lambda matrices: 0.5 * (matrices[:, 0, 1] - matrices[:, 1, 0]))
"""Δ c†_↑ c†_↓ of a site: Δ iσ_y."""

POTENTIALS = InSpin(_diagonal, lambda matrices: np.real(matrices[:, [0, 1], [0, 1]].T))
"""V_σ on n_σ of a site."""

EXCHANGE = InSpin(_between, lambda matrices: matrices[:, 0, 1])
"""x on c†_↑ c_↓ of a site."""

BOND_PAIRS = InSpin(_across, _across)
"""Δ_{source σ, target σ'} of a bond."""

HOPS = InSpin(lambda matrices: matrices, lambda matrices: matrices)
"""What hops along a bond."""
