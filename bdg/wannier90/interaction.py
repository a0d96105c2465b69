"""Interactions V_ij(R) between orbitals, from a table."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np

from bdg.errors import InputError
from bdg.lattice import UnitCell

ROUNDING = 1e-6
"""How far apart V_ij(R) and V_ji(−R) may be and count as equal, as a share of the largest V."""

Bond = tuple[int, int, tuple[int, ...]]
"""(from, to, offset), orbitals from 0; of both orientations the larger (offset, to, from)."""


def read_interaction(path: str | os.PathLike[str], cell: UnitCell) -> dict[Bond, float]:
    """V of each bond (from, to, offset) in a file with lines ``R1 … i j V``.

    Orbital i lies in cell 0 and j in cell R, both counted from 1 as in ``seedname_hr.dat``; R has a number
    for each direction of the cell, or three, of which those left over are 0. V_ij(R) = V_ji(−R) may be given
    once or twice. Remarks begin with ``#``; empty lines do not count.

    Raises
    ------
    InputError
        If the file can't be read or a line is not like that; the message names file and line.
    """
    name = os.fspath(path)
    try:
        lines = Path(path).read_text("utf-8", errors="replace").splitlines()
    except OSError as error:
        raise InputError(f"{name}: can't be read: {error.strerror}; name a table of R, i, j, V") from None
    found: dict[Bond, float] = {}
    line_of: dict[Bond, int] = {}
    for number, line in enumerate(lines, 1):
        words = line.partition("#")[0].split()
        if not words:
            continue
        try:
            bond, value = _entry(words, cell)
        except ValueError as error:
            raise InputError(f"{name}:{number}: {error}") from None
        if bond in found and abs(found[bond] - value) > ROUNDING * max(abs(value), abs(found[bond])):
            raise InputError(
                f"{name}:{number}: V = {value:g}, but line {line_of[bond]} gives this bond {found[bond]:g};"
                " V_ij(R) = V_ji(−R), keep one"
            )
        found.setdefault(bond, value)
        line_of.setdefault(bond, number)
    if not found:
        raise InputError(f"{name}: holds no line; give R, i, j and V of each bond")
    return found


def _entry(words: list[str], cell: UnitCell) -> tuple[Bond, float]:
    """The bond and its V of one line.

    Raises
    ------
    ValueError
        If there is none.
    """
    d = cell.n_directions
    if len(words) not in (d + 3, 6):
        raise ValueError(f"has {len(words)} columns; give R ({d} numbers, or 3), i, j and V")
    try:
        *integers, start, end = (int(word) for word in words[:-1])
        value = float(words[-1])
    except ValueError:
        raise ValueError(f"{' '.join(words)[:60]!r} are not whole numbers R, i, j and a number V") from None
    offset = tuple(integers[:d])
    if any(integers[d:]):
        raise ValueError(f"R = {integers} leads out of the {d} directions of the cell; remove the line")
    if not (1 <= start <= cell.n_orbitals and 1 <= end <= cell.n_orbitals):
        raise ValueError(f"i = {start}, j = {end}: orbitals count from 1 to {cell.n_orbitals}")
    if not np.isfinite(value):
        raise ValueError(f"V = {value} is not finite")
    if start == end and not any(offset):
        raise ValueError(
            "V of an orbital with itself is U; write it as the on-site interaction, remove the line"
        )
    start, end = start - 1, end - 1
    forward, backward = (offset, end, start), (tuple(-step for step in offset), start, end)
    steps, last, first = max(forward, backward)
    return (first, last, steps), value
