"""The file ``seedname_wsvec.dat``: where the Wannier functions that an element joins really are.

Wannier90 3 moves function n of H_mn(R) by the supercell vectors T that bring it nearest to m
(``use_ws_distance``): of d vectors for (R, m, n) each has the hopping H_mn(R)/d to the cell R + T. The file
has a comment, and then for every element the line ``R1 R2 R3 m n``, the line ``d`` and d lines ``T1 T2 T3``.
"""

from __future__ import annotations

import os
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from bdg.wannier90.elements import Elements
from bdg.wannier90.text import Text

KIND = "seedname_wsvec.dat"


def moved(found: Elements, path: str | os.PathLike[str]) -> Elements:
    """The elements at the places that the file gives them.

    Raises
    ------
    InputError
        If it can't be read, is not what it should be, or not of the same Hamiltonian.
    """
    text = Text.read(path, KIND)
    which, shift, share = _vectors(text, found)
    r, m, n = which.T
    cells, place = np.unique(found.cells[r] + shift, axis=0, return_inverse=True)
    values = np.zeros((len(cells), found.n, found.n), np.complex128)
    np.add.at(values, (place.ravel(), m, n), share * found.values[r, m, n])
    lines = np.zeros(values.shape, np.int64)
    lines[place.ravel(), m, n] = found.lines[r, m, n]
    return replace(found, cells=cells, values=values, lines=lines, on_boundary=False)


def _vectors(text: Text, found: Elements) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.float64]]:
    """(r, m, n), T and 1/d of every vector, shapes ``(n, 3)``, ``(n, 3)`` and ``(n,)``."""
    number = {tuple(cell): r for r, cell in enumerate(found.cells.tolist())}
    seen = np.zeros(found.values.shape, bool)
    which: list[tuple[int, int, int]] = []
    shifts: list[list[int]] = []
    shares: list[float] = []
    at = 0
    while at < len(text.rows):
        *cell, m, n = _whole(text, at, 5)
        (d,) = _whole(text, at + 1, 1)
        r = number.get(tuple(cell), -1)
        if r < 0 or not (1 <= m <= found.n and 1 <= n <= found.n):
            text.refuse(at, f"{found.name} has no such element", "are the two files of one calculation?")
        if seen[r, m - 1, n - 1] or d < 1:
            text.refuse(at, "this element is given twice, or has no vector", "correct it")
        seen[r, m - 1, n - 1] = True
        which += [(r, m - 1, n - 1)] * d
        shifts += [_whole(text, at + 2 + k, 3) for k in range(d)]
        shares += [1.0 / d] * d
        at += 2 + d
    if not seen.all():
        r, m, n = np.argwhere(~seen)[0].tolist()
        where = f"R = {found.cells[r].tolist()}, m = {m + 1}, n = {n + 1}"
        text.refuse(len(text.rows), f"ends without the element {where}", "is it cut off?")
    return np.array(which, np.int64), np.array(shifts, np.int64), np.array(shares)


def _whole(text: Text, at: int, n_columns: int) -> list[int]:
    """The whole numbers of a row."""
    words = text.rows[at][1] if at < len(text.rows) else []
    try:
        if len(words) < n_columns:
            raise ValueError
        return [int(word) for word in words[:n_columns]]
    except ValueError:
        line = " ".join(words)[:40]
        text.refuse(at, f"must be {n_columns} whole numbers, not {line!r}", f"is this a {KIND}?")
