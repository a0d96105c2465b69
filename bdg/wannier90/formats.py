"""The files ``seedname_hr.dat`` and ``seedname_tb.dat`` of Wannier90.

The first holds a comment; the number of Wannier functions; the number of lattice vectors R; the degeneracy of
each R, 15 a line; and a line ``R1 R2 R3 m n Re Im`` for each element H_mn(R) = ⟨m, 0|H|n, R⟩ in eV, R by R.
The second has the three lattice vectors in Å after the comment; its blocks have a line ``R1 R2 R3`` of their
own and then lines ``m n Re Im``; and after them blocks of the position operator in Å, ``m n`` and three
complex numbers (Wannier90 user guide, "seedname_hr.dat", "seedname_tb.dat").
"""

from __future__ import annotations

import os
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from bdg.wannier90.elements import Elements, placed
from bdg.wannier90.text import Text, is_number
from bdg.words import counted

KIND = "seedname_hr.dat or _tb.dat"


def read_elements(path: str | os.PathLike[str]) -> Elements:
    """Read and check either file; it is told by its second line, a number or a vector.

    Raises
    ------
    InputError
        If it can't be read, or is not what it should be; the message names file and line.
    """
    text = Text.read(path, KIND)
    has_vectors = len(text.rows) > 0 and len(text.rows[0][1]) == 3 and all(map(is_number, text.rows[0][1]))
    vectors = text.numbers(0, 3, 3, "the components of a lattice vector") if has_vectors else None
    at = 3 if has_vectors else 0
    n_orbitals = text.count(at, "the number of Wannier functions")
    n_cells = text.count(at + 1, "the number of vectors R")
    degeneracies, at = _degeneracies(text, at + 2, n_cells)
    n_rows = n_cells * n_orbitals**2
    if vectors is not None:
        return _with_places(text, at, vectors, n_orbitals, degeneracies)
    table = text.numbers(at, n_rows, 7, "R1 R2 R3 m n Re Im")
    _require_end(text, at + n_rows)
    lines = np.array([number for number, _ in text.rows[at : at + n_rows]], np.int64)
    blocks = n_cells, n_orbitals**2
    return placed(text.name, table.reshape(*blocks, 7), lines.reshape(blocks), degeneracies)


def _with_places(
    text: Text, at: int, vectors: NDArray[np.float64], n_orbitals: int, degeneracies: NDArray[np.float64]
) -> Elements:
    """The blocks of a ``_tb.dat``, and the centres ⟨n, 0|r|n, 0⟩."""
    n_cells, of_block = len(degeneracies), n_orbitals**2
    missing = at + n_cells * (1 + of_block) - len(text.rows)
    if missing > 0:
        text.refuse(len(text.rows) - 1, f"ends here, {counted(missing, 'line')} too early", "is it cut off?")
    starts = at + np.arange(n_cells) * (1 + of_block)
    table = np.empty((n_cells, of_block, 7))
    lines = np.empty((n_cells, of_block), np.int64)
    for r, start in enumerate(starts.tolist()):
        table[r, :, :3] = text.numbers(start, 1, 3, "R1 R2 R3")
        table[r, :, 3:] = text.numbers(start + 1, of_block, 4, "m n Re Im")
        lines[r] = [number for number, _ in text.rows[start + 1 : start + 1 + of_block]]
    found = replace(placed(text.name, table, lines, degeneracies), vectors=vectors)
    at += n_cells * (1 + of_block)
    for start in range(at, len(text.rows), 1 + of_block):
        if not text.numbers(start, 1, 3, "R1 R2 R3").any():
            rows = text.numbers(start + 1, of_block, 8, "m n and three complex numbers")
            own = rows[rows[:, 0] == rows[:, 1]]
            order = np.argsort(own[:, 0])
            return replace(found, centres=own[order][:, 2::2])
    return found


def _degeneracies(text: Text, at: int, n_cells: int) -> tuple[NDArray[np.float64], int]:
    """The degeneracy of each R, and the row after them; numbers beyond those wanted are surplus."""
    found: list[int] = []
    while len(found) < n_cells:
        words = text.rows[at][1] if at < len(text.rows) else []
        own = [word for word in words if is_number(word)]
        if not own or own != words[: len(own)] or not all(w.isdecimal() and int(w) > 0 for w in own):
            line = " ".join(words)[:40]
            text.refuse(at, f"must be degeneracies, not {line!r}", "positive whole numbers, one for each R")
        found += [int(word) for word in own]
        at += 1
    while at < len(text.rows) and _is_surplus(text.rows[at][1]):
        at += 1
    return np.array(found[:n_cells], np.float64), at


def _is_surplus(words: list[str]) -> bool:
    """Whether a row is one of degeneracies, not of an element or of R."""
    return len(words) not in (3, 7) and all(word.isdecimal() and int(word) > 0 for word in words)


def _require_end(text: Text, at: int) -> None:
    if at < len(text.rows):
        last = text.line(at - 1)
        text.refuse(at, f"goes on, but ends at line {last} by what stands above", "correct it")
