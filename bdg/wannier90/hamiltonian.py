"""Tight-binding Hamiltonians of Wannier90: a file ``seedname_hr.dat`` becomes a unit cell.

The file holds a comment; the number of Wannier functions; the number of lattice vectors R; the degeneracy of
each R, 15 a line; and a line ``R1 R2 R3 m n Re Im`` for each element H_mn(R) = ⟨m, 0|H|n, R⟩ in eV, R by R
(Wannier90 user guide, "seedname_hr.dat").
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import NoReturn

import numpy as np
from numpy.typing import ArrayLike, NDArray

from bdg.errors import InputError
from bdg.lattice import Hopping, UnitCell

ROUNDING = 2e-6
"""How far apart, in eV, two elements may be and count as equal: the file has six digits."""


@dataclass(frozen=True)
class _Hamiltonian:
    """What a file holds.

    Parameters
    ----------
    name
        Of the file, for errors.
    cells
        R, shape ``(n_cells, 3)``.
    elements
        H_mn(R) over the degeneracy of R, in eV, shape ``(n_cells, n_orbitals, n_orbitals)``.
    lines
        Line of each element in the file, the same shape.
    """

    name: str
    cells: NDArray[np.int64]
    elements: NDArray[np.complex128]
    lines: NDArray[np.int64]

    def refuse(self, r: int, m: int, n: int, problem: str) -> NoReturn:
        """Refuse one element."""
        where = f"R = {self.cells[r].tolist()}, m = {m + 1}, n = {n + 1}"
        raise InputError(f"{self.name}:{self.lines[r, m, n]}: the element {where} {problem}")


def read_wannier90(
    path: str | os.PathLike[str],
    vectors: ArrayLike,
    centres: ArrayLike,
    *,
    cutoff: float = 0.0,
    energy_unit: float = 1.0,
) -> UnitCell:
    """Read a file ``seedname_hr.dat`` as a unit cell with hoppings and on-site energies.

    H_mn(R) is the amplitude for a hop from orbital n in cell R to orbital m in cell 0, so that t = −H_mn(R)
    over the degeneracy of R. Both H_mn(R) and H_nm(−R)* are in the file; their mean is taken.

    Parameters
    ----------
    path
        The file.
    vectors
        Lattice vectors in lattice constants, shape ``(n_directions, dimension)``. With fewer than three, the
        file must have nothing (above the cutoff) for cells along the directions left out, the last ones.
    centres
        Centres of the Wannier functions in lattice constants, shape ``(n_orbitals, dimension)``; the file
        doesn't have them.
    cutoff
        Hoppings of at most this modulus, in eV, are left out.
    energy_unit
        The unit of energy in eV: 1 leaves energies in eV, ``0.25`` makes 0.25 eV the unit t.

    Raises
    ------
    InputError
        If there is no such file, it is not what it should be (file and line are named), the Hamiltonian is
        not Hermitian, or vectors or centres don't fit.
    """
    if not (np.isfinite(energy_unit) and energy_unit > 0):
        raise InputError(f"energy_unit {energy_unit} is impossible; give a positive number of eV")
    found = _read(path)
    n_orbitals = found.elements.shape[1]
    vectors_, centres_ = np.atleast_2d(np.asarray(vectors, float)), np.atleast_2d(np.asarray(centres, float))
    if len(centres_) != n_orbitals:
        raise InputError(
            f"{found.name} has {n_orbitals} Wannier functions, not {len(centres_)}; centres do not fit"
        )
    mean = _hermitian(found)
    found = _Hamiltonian(found.name, found.cells, mean, found.lines)
    _require_within(found, len(vectors_), cutoff)
    home = np.flatnonzero(~found.cells.any(axis=1))
    onsite = mean[home[0]].diagonal().real if len(home) else np.zeros(n_orbitals)
    hoppings = list(_hoppings(found, len(vectors_), cutoff, energy_unit))
    name = Path(found.name).name.removesuffix("_hr.dat")
    return UnitCell.build(vectors_, centres_, name, hoppings=hoppings, onsite=onsite / energy_unit)


def _hoppings(found: _Hamiltonian, n_directions: int, cutoff: float, energy_unit: float) -> Iterator[Hopping]:
    """Each bond once: of an element and its Hermitian partner the one with the larger (R, m, n)."""
    for r, m, n in np.argwhere(np.abs(found.elements) > cutoff).tolist():
        cell = found.cells[r].tolist()
        if (*cell, m, n) > (*(-step for step in cell), n, m):
            # From n in cell R to m in cell 0.
            offset = [-step for step in cell[:n_directions]]
            yield n, m, offset, -complex(found.elements[r, m, n]) / energy_unit


def _hermitian(found: _Hamiltonian) -> NDArray[np.complex128]:
    """The mean of H_mn(R) and H_nm(−R)*, which must be equal."""
    number = {tuple(cell): r for r, cell in enumerate(found.cells.tolist())}
    opposite = np.array([number.get(tuple(-step for step in cell), -1) for cell in found.cells.tolist()])
    partner = found.elements[opposite].conj().transpose(0, 2, 1)
    partner[opposite < 0] = 0.0
    apart = np.abs(found.elements - partner)
    worst = _largest(apart)
    if apart[worst] > ROUNDING + 1e-9 * np.abs(found.elements).max():
        value, other = found.elements[worst], partner[worst]
        found.refuse(*worst, f"is {value:.6f}, its Hermitian partner {other:.6f}; they must be equal")
    mean: NDArray[np.complex128] = 0.5 * (found.elements + partner)
    return mean


def _require_within(found: _Hamiltonian, n_directions: int, cutoff: float) -> None:
    """Refuse hoppings along directions that the sample doesn't have."""
    beyond = np.any(found.cells[:, n_directions:] != 0, axis=1)
    size = np.abs(found.elements) * beyond[:, None, None]
    worst = _largest(size)
    if size[worst] > cutoff:
        found.refuse(
            *worst,
            f"of modulus {size[worst]:.6g} eV leads out of the {n_directions} directions given;"
            " give three vectors or raise the cutoff",
        )


def _largest(values: NDArray[np.float64]) -> tuple[int, int, int]:
    r, m, n = np.unravel_index(int(np.argmax(values)), values.shape)
    return int(r), int(m), int(n)


def _read(path: str | os.PathLike[str]) -> _Hamiltonian:
    """Read and check the file, line by line."""
    name = os.fspath(path)
    try:
        lines = Path(path).read_text("utf-8", errors="replace").splitlines()
    except OSError as error:
        raise InputError(f"{name}: can't be read: {error.strerror}; name a seedname_hr.dat") from None
    n_orbitals, n_cells = (_count(name, lines, number) for number in (2, 3))
    degeneracies: list[int] = []
    at = 3
    while len(degeneracies) < n_cells:
        degeneracies += _degeneracies(name, lines, at)
        at += 1
    if len(degeneracies) > n_cells:
        _refuse(name, at, f"{len(degeneracies)} degeneracies for {n_cells} vectors R", "correct one of them")
    last = at + n_cells * n_orbitals**2
    if len(lines) < last:
        _refuse(name, len(lines), f"ends here, but has {last} lines by what stands above", "is it cut off?")
    extra = next((n for n in range(last, len(lines)) if lines[n].strip()), None)
    if extra is not None:
        _refuse(name, extra + 1, f"goes on, but ends at line {last} by what stands above", "correct it")
    table = _table(name, lines, at, last).reshape(n_cells, n_orbitals**2, 7)
    return _placed(name, table, at, np.array(degeneracies, float))


def _placed(
    name: str, table: NDArray[np.float64], at: int, degeneracies: NDArray[np.float64]
) -> _Hamiltonian:
    """The elements by R, m and n, each of which must be there once."""
    n_cells, n_orbitals = len(table), round(table.shape[1] ** 0.5)
    line = np.arange(at + 1, at + 1 + n_cells * n_orbitals**2).reshape(n_cells, -1)
    whole = np.all(table[..., :5] == np.round(table[..., :5]), axis=-1)
    inside = np.all((table[..., 3:5] >= 1) & (table[..., 3:5] <= n_orbitals), axis=-1)
    same = np.all(table[..., :3] == table[:, :1, :3], axis=-1)
    _require(name, line, whole, "R1 R2 R3 m n must be whole numbers", "correct them")
    _require(name, line, inside, "m or n is no Wannier function", f"they run from 1 to {n_orbitals}")
    _require(name, line, same, "R changes within its block", f"each R has {n_orbitals**2} lines")
    m, n = (table[..., column].astype(np.int64) - 1 for column in (3, 4))
    elements = np.empty((n_cells, n_orbitals, n_orbitals), np.complex128)
    lines = np.full(elements.shape, np.iinfo(np.int64).max)
    r = np.arange(n_cells)[:, None]
    np.minimum.at(lines, (r, m, n), line)  # of two lines for one element the first
    _require(name, line, lines[r, m, n] == line, "this element is given twice", "remove one")
    elements[r, m, n] = (table[..., 5] + 1j * table[..., 6]) / degeneracies[:, None]
    cells = table[:, 0, :3].astype(np.int64)
    _, first = np.unique(cells, axis=0, return_index=True)
    once = np.isin(np.arange(n_cells), first)
    _require(name, line[:, 0], once, "this R is given twice", "remove one")
    return _Hamiltonian(name, cells, elements, lines)


def _require(name: str, line: NDArray[np.int64], fine: NDArray[np.bool_], problem: str, hint: str) -> None:
    if not fine.all():
        _refuse(name, int(line[~fine].min()), problem, hint)


def _refuse(name: str, line: int, problem: str, hint: str) -> NoReturn:
    raise InputError(f"{name}:{line}: {problem}; {hint}")


def _count(name: str, lines: list[str], number: int) -> int:
    """A line with one positive whole number."""
    text = lines[number - 1].strip() if len(lines) >= number else ""
    if not text.isdecimal() or int(text) < 1:
        what = "the number of Wannier functions" if number == 2 else "the number of vectors R"
        _refuse(name, number, f"must be {what}, not {text[:40]!r}", "is this a seedname_hr.dat?")
    return int(text)


def _degeneracies(name: str, lines: list[str], at: int) -> list[int]:
    words = lines[at].split() if len(lines) > at else []
    if not words or not all(word.isdecimal() and int(word) > 0 for word in words):
        text = " ".join(words)[:40]
        _refuse(name, at + 1, f"must be degeneracies, not {text!r}", "positive whole numbers, one for each R")
    return [int(word) for word in words]


def _table(name: str, lines: list[str], first: int, last: int) -> NDArray[np.float64]:
    """Lines of seven finite numbers."""
    rows = [line.split() for line in lines[first:last]]
    for n, row in enumerate(rows):
        if len(row) != 7:
            _refuse(name, first + n + 1, f"has {len(row)} columns", "R1 R2 R3 m n Re Im are wanted")
    try:
        table = np.array(rows, np.float64)
    except ValueError:
        bad, word = next((n, word) for n, row in enumerate(rows) for word in row if not _is_number(word))
        _refuse(name, first + bad + 1, f"{word[:40]!r} is not a number", "correct it")
    _require(
        name, np.arange(first + 1, last + 1), np.all(np.isfinite(table), axis=1), "not finite", "correct it"
    )
    return table


def _is_number(word: str) -> bool:
    try:
        float(word)
    except ValueError:
        return False
    return True
