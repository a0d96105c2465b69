r"""The two Nambu spaces: how 2×2 spin matrices between two sites become a block of H.

For the block (row i, column j), with h_ij = ⟨iσ|h|jσ'⟩ and the pairing D_ij = D_iσ,jσ' of
H_Δ = ½ Σ D_iσ,jσ' c†_iσ c†_jσ' + h.c., which is antisymmetric, D_ji = −D_ijᵀ::

    collinear, Ψ_i = (c_i↑, c†_i↓):                   general, Ψ_i = (c_i↑, c_i↓, c†_i↓, −c†_i↑), W = iσ_y:

    [[  h_i↑,j↑,     D_i↑,j↓  ],                      [[  h_ij,        D_ij Wᵀ     ],
     [ −D*_i↓,j↑,   −h*_i↓,j↓ ]]                       [ −W D*_ij,    −W h*_ij Wᵀ  ]]

A singlet, D_ij = Δ iσ_y, is Δ·1 in the second. The block (j, i) is the Hermitian conjugate. (M12) to (M14)
of docs/theory/mean_field.md.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from bdg.arrays import Numbers


def nambu_blocks(dofs: int, h: Numbers, pairing: Numbers | None = None) -> Numbers:
    """Blocks of H of pairs of sites; see the module.

    Parameters
    ----------
    dofs
        2 or 4. With 2, elements that do not conserve spin along z must be zero; they are not looked at.
    h, pairing
        h_ij and D_ij of every pair, shapes ``(n, 2, 2)``; index 0 up, 1 down.

    Returns
    -------
    ndarray
        Shape ``(n, dofs, dofs)``, real where both are.
    """
    kind = h.dtype if pairing is None else np.result_type(h, pairing)
    blocks = np.zeros((len(h), dofs, dofs), kind)
    if dofs == 2:
        blocks[:, 0, 0] = h[:, 0, 0]
        blocks[:, 1, 1] = -np.conj(h[:, 1, 1])
        if pairing is not None:
            blocks[:, 0, 1] = pairing[:, 0, 1]
            blocks[:, 1, 0] = -np.conj(pairing[:, 1, 0])
        return blocks
    blocks[:, :2, :2] = h
    blocks[:, 2:, 2:] = -_left(_right(np.conj(h)))
    if pairing is not None:
        blocks[:, :2, 2:] = _right(pairing)
        blocks[:, 2:, :2] = -_left(np.conj(pairing))
    return blocks


def _left(x: NDArray[Any]) -> NDArray[Any]:
    """W x: the rows (down, −up)."""
    return np.stack([x[:, 1], -x[:, 0]], axis=1)


def _right(x: NDArray[Any]) -> NDArray[Any]:
    """The product x Wᵀ: the columns (down, −up)."""
    return np.stack([x[:, :, 1], -x[:, :, 0]], axis=2)
