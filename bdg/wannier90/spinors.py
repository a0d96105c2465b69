"""Wannier functions with spin: their order, two files for up and down, and whether a file looks like it."""

from __future__ import annotations

from itertools import product
from typing import Literal, get_args

import numpy as np
from numpy.typing import NDArray

from bdg.arrays import Complexes
from bdg.errors import InputError
from bdg.wannier90.elements import Elements

Spinors = Literal["interleaved", "blocks", "none"]
"""Order of functions: ↑ and ↓ of each orbital in turn; all ↑ and then all ↓; or orbitals without spin."""

NOT_APART = 5e-3
"""Levels closer than this share of the mean spacing are degenerate."""


def spin_blocks(found: Elements, spinors: Spinors | None) -> Complexes:
    """Elements between orbitals as matrices in spin space, 1 × 1 without spin.

    Raises
    ------
    InputError
        If there is no such order, or an odd number of spinors.
    """
    if spinors is None or spinors == "none":
        return found.values[..., None, None]
    if spinors not in get_args(Spinors):
        raise InputError(f"spinors {spinors!r} is no order; use {', '.join(get_args(Spinors))}")
    if found.n % 2:
        raise InputError(f"{found.name} has {found.n} functions; spinors come in pairs, an even number")
    n_cells, half = len(found.cells), found.n // 2
    if spinors == "blocks":
        blocks = found.values.reshape(n_cells, 2, half, 2, half).transpose(0, 2, 4, 1, 3)
    else:
        blocks = found.values.reshape(n_cells, half, 2, half, 2).transpose(0, 1, 3, 2, 4)
    return np.ascontiguousarray(blocks)


def joined(up: Elements, down: Elements) -> tuple[NDArray[np.int64], Complexes]:
    """Cells and matrices in spin space of two files, one for each spin.

    Raises
    ------
    InputError
        If they have different numbers of functions.
    """
    if up.n != down.n:
        raise InputError(f"{up.name} has {up.n} Wannier functions, {down.name} {down.n}; give two alike")
    cells, place = np.unique(np.concatenate([up.cells, down.cells]), axis=0, return_inverse=True)
    blocks = np.zeros((len(cells), up.n, up.n, 2, 2), np.complex128)
    blocks[place.ravel()[: len(up.cells)], :, :, 0, 0] = up.values
    blocks[place.ravel()[len(up.cells) :], :, :, 1, 1] = down.values
    return cells, blocks


def centres_of_pairs(
    name: str, centres: NDArray[np.float64], n_orbitals: int, spinors: Spinors | None
) -> NDArray[np.float64]:
    """A centre for each orbital, where there may be one for each of two spinors.

    Raises
    ------
    InputError
        If there are too many or too few, or both spinors of an orbital are not at one place.
    """
    has_spin = spinors in ("interleaved", "blocks")
    if has_spin and len(centres) == 2 * n_orbitals:
        shape = (2, n_orbitals, -1) if spinors == "blocks" else (n_orbitals, 2, -1)
        pairs = centres.reshape(shape).swapaxes(0, 1) if spinors == "blocks" else centres.reshape(shape)
        apart = np.linalg.norm(pairs[:, 0] - pairs[:, 1], axis=1)
        if apart.max() > 0.1:
            worst = int(np.argmax(apart))
            other = "interleaved" if spinors == "blocks" else "blocks"
            raise InputError(
                f"{name}: ↑ and ↓ of orbital {worst} are {apart[worst]:.3g} apart; is the order {other}?"
            )
        middle: NDArray[np.float64] = pairs.mean(axis=1)
        return middle
    if len(centres) != n_orbitals:
        what = "orbitals with two spinors each" if has_spin else "Wannier functions"
        raise InputError(f"{name} has {n_orbitals} {what}, not {len(centres)}; centres do not fit")
    return centres


def looks_like_spinors(found: Elements) -> bool:
    """Whether all levels are doublets at every momentum with k = −k, as Kramers' theorem wants of spinors."""
    if found.n % 2:
        return False
    axes = [(0.0, 0.5) if found.cells[:, axis].any() else (0.0,) for axis in range(3)]
    levels = np.array([np.linalg.eigvalsh(found.at(np.array(k))) for k in product(*axes)])
    spacing = np.ptp(levels) / found.n
    apart = levels[:, 1::2] - levels[:, ::2]
    return bool(spacing > 0 and apart.max() < NOT_APART * spacing)
