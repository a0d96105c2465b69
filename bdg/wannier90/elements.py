"""Elements H_mn(R) of a Hamiltonian between Wannier functions, and what they must fulfil."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import NoReturn

import numpy as np
from numpy.typing import NDArray

from bdg.wannier90.text import refuse

ROUNDING = 2e-6
"""How far apart, in eV, two elements may be and count as equal: the file has six digits."""


@dataclass(frozen=True)
class Elements:
    """What a file holds.

    Parameters
    ----------
    name
        Of the file, for errors.
    cells
        R, shape ``(n_cells, 3)``.
    values
        H_mn(R) = ⟨m, 0|H|n, R⟩ over the degeneracy of R, in eV, shape ``(n_cells, n, n)``.
    lines
        Line of each element in the file, the same shape; 0 where it is in none.
    on_boundary
        Whether some R have a degeneracy: they lie on the boundary of the Wigner–Seitz supercell.
    vectors, centres
        In Å, where the file has them: shapes ``(3, 3)`` and ``(n, 3)``.
    """

    name: str
    cells: NDArray[np.int64]
    values: NDArray[np.complex128]
    lines: NDArray[np.int64]
    on_boundary: bool = False
    vectors: NDArray[np.float64] | None = None
    centres: NDArray[np.float64] | None = None

    @property
    def n(self) -> int:
        """Number of Wannier functions."""
        return int(self.values.shape[1])

    def refuse(self, r: int, m: int, n: int, problem: str) -> NoReturn:
        """Refuse one element."""
        where = f"R = {self.cells[r].tolist()}, m = {m + 1}, n = {n + 1}"
        text, _, hint = f"the element {where} {problem}".partition("; ")
        refuse(self.name, int(self.lines[r, m, n]), text, hint)

    def hermitian(self) -> Elements:
        """With the mean of H_mn(R) and H_nm(−R)*, which must be equal.

        Raises
        ------
        InputError
            If they are not.
        """
        number = {tuple(cell): r for r, cell in enumerate(self.cells.tolist())}
        opposite = np.array([number.get(tuple(-step for step in cell), -1) for cell in self.cells.tolist()])
        partner = self.values[opposite].conj().transpose(0, 2, 1)
        partner[opposite < 0] = 0.0
        apart = np.abs(self.values - partner)
        worst = _largest(apart)
        if apart[worst] > ROUNDING + 1e-9 * np.abs(self.values).max():
            value, other = self.values[worst], partner[worst]
            self.refuse(*worst, f"is {value:.6f}, its Hermitian partner {other:.6f}; they must be equal")
        return replace(self, values=0.5 * (self.values + partner))

    def within(self, n_directions: int, cutoff: float) -> Elements:
        """Without the cells beyond the first directions, where there must be nothing above the cutoff.

        Raises
        ------
        InputError
            If there is.
        """
        beyond = np.any(self.cells[:, n_directions:] != 0, axis=1)
        size = np.abs(self.values) * beyond[:, None, None]
        worst = _largest(size)
        if size[worst] > cutoff:
            self.refuse(
                *worst,
                f"of modulus {size[worst]:.6g} eV leads out of the {n_directions} directions given;"
                " give three vectors or raise the cutoff",
            )
        return replace(
            self, cells=self.cells[~beyond], values=self.values[~beyond], lines=self.lines[~beyond]
        )

    def at(self, k: NDArray[np.float64]) -> NDArray[np.complex128]:
        """H(k) = Σ_R e^{2πi k·R} H(R), shape ``(n, n)``, in eV; k in units of the reciprocal vectors."""
        found: NDArray[np.complex128] = np.tensordot(np.exp(2j * np.pi * self.cells @ k), self.values, 1)
        return found


def placed(
    name: str, table: NDArray[np.float64], lines: NDArray[np.int64], degeneracies: NDArray[np.float64]
) -> Elements:
    """The elements by R, m and n, each of which must be there once.

    Parameters
    ----------
    table
        R1 R2 R3 m n Re Im, shape ``(n_cells, n², 7)``.
    lines
        Their lines in the file, shape ``(n_cells, n²)``.
    degeneracies
        Of each R.

    Raises
    ------
    InputError
        If something is not as it must be.
    """
    n_cells, n_orbitals = len(table), round(table.shape[1] ** 0.5)
    whole = np.all(table[..., :5] == np.round(table[..., :5]), axis=-1)
    inside = np.all((table[..., 3:5] >= 1) & (table[..., 3:5] <= n_orbitals), axis=-1)
    same = np.all(table[..., :3] == table[:, :1, :3], axis=-1)
    _require(name, lines, whole, "R1 R2 R3 m n must be whole numbers", "correct them")
    _require(name, lines, inside, "m or n is no Wannier function", f"they run from 1 to {n_orbitals}")
    _require(name, lines, same, "R changes within its block", f"each R has {n_orbitals**2} lines")
    m, n = (table[..., column].astype(np.int64) - 1 for column in (3, 4))
    values = np.empty((n_cells, n_orbitals, n_orbitals), np.complex128)
    line_of = np.full(values.shape, np.iinfo(np.int64).max)
    r = np.arange(n_cells)[:, None]
    np.minimum.at(line_of, (r, m, n), lines)  # of two lines for one element the first
    _require(name, lines, line_of[r, m, n] == lines, "this element is given twice", "remove one")
    values[r, m, n] = (table[..., 5] + 1j * table[..., 6]) / degeneracies[:, None]
    cells = table[:, 0, :3].astype(np.int64)
    _, first = np.unique(cells, axis=0, return_index=True)
    once = np.isin(np.arange(n_cells), first)
    _require(name, lines[:, 0], once, "this R is given twice", "remove one")
    return Elements(name, cells, values, line_of, bool((degeneracies > 1).any()))


def _require(name: str, line: NDArray[np.int64], fine: NDArray[np.bool_], problem: str, hint: str) -> None:
    if not fine.all():
        refuse(name, int(line[~fine].min()), problem, hint)


def _largest(values: NDArray[np.float64]) -> tuple[int, int, int]:
    r, m, n = np.unravel_index(int(np.argmax(values)), values.shape)
    return int(r), int(m), int(n)
