"""Tight-binding Hamiltonians of Wannier90 as unit cells."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path

import numpy as np
from numpy.typing import ArrayLike, NDArray

from bdg.arrays import Complexes
from bdg.errors import InputError
from bdg.lattice import UnitCell
from bdg.lattice.hoppings import pauli_components
from bdg.lattice.kinds import BondKinds, arranged, is_kept_orientation
from bdg.wannier90.elements import Elements
from bdg.wannier90.formats import read_elements
from bdg.wannier90.spinors import Spinors, centres_of_pairs, joined, looks_like_spinors, spin_blocks
from bdg.wannier90.wigner_seitz import moved

SUFFIXES = ("_hr.dat", "_tb.dat")
AUTO = "auto"
NO_FILE = "none"


def read_wannier90(
    path: str | os.PathLike[str],
    vectors: ArrayLike | None = None,
    centres: ArrayLike | None = None,
    *,
    spinors: Spinors | None = None,
    down: str | os.PathLike[str] | None = None,
    wsvec: str | os.PathLike[str] = AUTO,
    cutoff: float = 0.0,
    energy_unit: float = 1.0,
) -> UnitCell:
    """Read a file ``seedname_hr.dat`` or ``seedname_tb.dat`` as a unit cell with hoppings and energies.

    H_mn(R) is the amplitude for a hop from orbital n in cell R to orbital m in cell 0, so that t = −H_mn(R)
    over the degeneracy of R. Both H_mn(R) and H_nm(−R)* are in the file; their mean is taken.

    Parameters
    ----------
    path
        The file.
    vectors
        Lattice vectors in lattice constants, shape ``(n_directions, dimension)``. With fewer than three, the
        file must have nothing (above the cutoff) for cells along the directions left out, the last ones. A
        ``_tb.dat`` has them, and the length of its first is the lattice constant then.
    centres
        Centres of the Wannier functions in lattice constants, shape ``(n_orbitals, dimension)``. A
        ``_tb.dat`` has them; without any all orbitals lie at the origin, and the cell says so: lengths,
        directions and shells of its bonds mean nothing then.
    spinors
        Of functions with spin their order: ``"interleaved"``, ↑ and ↓ of each orbital in turn, or
        ``"blocks"``, all ↑ and then all ↓; ``"none"`` where they are orbitals. If nothing is said they are,
        and the cell warns where they look like spinors. Centres are those of orbitals, or of all spinors.
    down
        The file of spin down, where ``path`` is that of spin up.
    wsvec
        The ``seedname_wsvec.dat`` that belongs to the file, or ``"none"``; ``"auto"`` takes the one beside
        it, where there is one.
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
    if down is not None and spinors not in (None, "none"):
        raise InputError(f"{os.fspath(path)}: spinors {spinors} and a file of spin down exclude each other")
    found = _read(path, wsvec)
    vectors_ = _vectors(found, vectors)
    warnings = _warnings(found, wsvec, spinors, has_down=down is not None)
    found = found.within(len(vectors_), cutoff)
    cells, blocks = found.cells, spin_blocks(found, spinors)
    if down is not None:
        cells, blocks = joined(found, _read(down, wsvec).within(len(vectors_), cutoff))
    n_orbitals = blocks.shape[1]
    if centres is None and found.centres is None:
        warnings.append(
            f"{found.name}: centres are not given, and all orbitals lie at the origin; positions, directions"
            " and shells mean nothing"
        )
    places = centres_of_pairs(found.name, _centres(found, centres, vectors_, n_orbitals), n_orbitals, spinors)
    blocks = blocks / energy_unit
    kinds = _bonds(cells[:, : len(vectors_)], blocks, cutoff / energy_unit, vectors_, places)
    home = blocks[~cells.any(axis=1)][:, np.arange(n_orbitals), np.arange(n_orbitals)].sum(axis=0)
    name = Path(found.name).name
    for suffix in SUFFIXES:
        name = name.removesuffix(suffix)
    levels = home if blocks.shape[-1] == 2 else home.real[:, 0, 0]
    cell = UnitCell.build(vectors_, places, name, hoppings=kinds, onsite=levels)
    return replace(cell, warnings=tuple(warnings))


def _read(path: str | os.PathLike[str], wsvec: str | os.PathLike[str]) -> Elements:
    """The Hermitian Hamiltonian of a file, its functions where the file beside it puts them."""
    found = read_elements(path).hermitian()
    beside = (
        _beside(path) if os.fspath(wsvec) == AUTO else None if os.fspath(wsvec) == NO_FILE else Path(wsvec)
    )
    return found if beside is None else moved(found, beside).hermitian()


def _beside(path: str | os.PathLike[str]) -> Path | None:
    """The ``seedname_wsvec.dat`` beside a file, if there is one."""
    name = os.fspath(path)
    for suffix in SUFFIXES:
        if name.endswith(suffix):
            beside = Path(name.removesuffix(suffix) + "_wsvec.dat")
            return beside if beside.exists() else None
    return None


def _vectors(found: Elements, given: ArrayLike | None) -> NDArray[np.float64]:
    if given is not None:
        return np.atleast_2d(np.asarray(given, float))
    if found.vectors is None:
        raise InputError(f"{found.name} has no lattice vectors; give them")
    return found.vectors / np.linalg.norm(found.vectors[0])


def _centres(
    found: Elements, given: ArrayLike | None, vectors: NDArray[np.float64], n_orbitals: int
) -> NDArray[np.float64]:
    """Centres as they are given or in the file; the latter along the vectors of the cell."""
    if given is not None:
        return np.atleast_2d(np.asarray(given, float))
    if found.centres is None or found.vectors is None:
        return np.zeros((n_orbitals, vectors.shape[1]))
    along = found.centres @ np.linalg.inv(found.vectors)
    return along[:, : len(vectors)] @ vectors


def _warnings(
    found: Elements, wsvec: str | os.PathLike[str], spinors: Spinors | None, *, has_down: bool
) -> list[str]:
    """What a reader of results should know of the file."""
    said = []
    if found.on_boundary and os.fspath(wsvec) == AUTO:
        said.append(
            f"{found.name}: no _wsvec.dat stands beside it, which Wannier90 3 writes, and without which bands"
            " are less accurate between the momenta of the calculation; wsvec: none says that there is none"
        )
    if spinors is None and not has_down and looks_like_spinors(found):
        said.append(
            f"{found.name}: all levels are doublets at the momenta with k = −k, as those of spinors, and they"
            " are taken for orbitals; say spinors: interleaved or blocks, or none"
        )
    return said


def _bonds(
    cells: NDArray[np.int64],
    blocks: Complexes,
    cutoff: float,
    vectors: NDArray[np.float64],
    basis: NDArray[np.float64],
) -> BondKinds:
    """Each bond once, with the amplitudes above the cutoff."""
    r, m, n = np.nonzero(np.abs(blocks).max(axis=(-2, -1)) > cutoff)
    once = is_kept_orientation(cells[r], n, m)
    r, m, n = r[once], m[once], n[once]
    # From n in cell R to m in cell 0.
    block = blocks[r, m, n]
    if blocks.shape[-1] == 1:
        return arranged(vectors, basis, n, m, -cells[r], -block[:, 0, 0])
    scalar, spin = pauli_components(block)
    return arranged(vectors, basis, n, m, -cells[r], -scalar, spin if spin.any() else None)
