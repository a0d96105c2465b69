"""Whether the sites that are named exist, once each."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from bdg.config.schema.lattice import Lattice
from bdg.parameters.problems import Problem
from bdg.parameters.wording import Path, quote
from bdg.words import counted

if TYPE_CHECKING:
    from bdg.config.schema.config import Config

Cell = tuple[int, ...]


def vacancy_problems(lattice: Lattice) -> Iterator[Problem]:
    """Vacancies inside the lattice, and sites that are left."""
    path: Path = ("lattice", "vacancies")
    yield from _inside(path, lattice.vacancies, lattice)
    inside = [cell for cell in lattice.vacancies if _is_inside(cell, lattice)]
    if inside and len(inside) == math.prod(lattice.size) * (lattice.n_orbitals or 0):
        yield Problem(path, "no site is left", "remove some vacancies")


def impurity_problems(config: Config) -> Iterator[Problem]:
    """Impurities on sites that exist, one on each."""
    vacant, seen = set(config.lattice.vacancies), set[Cell]()
    for index, impurity in enumerate(config.hamiltonian.impurities):
        path: Path = ("hamiltonian", "impurities", index, "site")
        yield from _coordinates(path, impurity.site, config.lattice)
        yield from _not_vacant(path, impurity.site, vacant)
        if impurity.site in seen:
            yield Problem(path, f"the site {quote(impurity.site)} has an impurity already", "merge the two")
        seen.add(impurity.site)


def measured_site_problems(config: Config) -> Iterator[Problem]:
    """Sites to measure that exist."""
    from bdg.observables import contracts  # late, see schema
    from bdg.observables.parameters import ALL, SITES

    vacant = set(config.lattice.vacancies)
    for name, (place, section) in config.requested().items():
        for key, form in contracts()[name].forms.items():
            cells = getattr(section, key)
            if form is not SITES or cells == ALL:
                continue
            path: Path = (*place, key)
            yield from _inside(path, cells, config.lattice)
            for index, cell in enumerate(cells):
                yield from _not_vacant((*path, index), cell, vacant)


def _not_vacant(path: Path, cell: Cell, vacant: set[Cell]) -> Iterator[Problem]:
    if cell in vacant:
        yield Problem(
            path,
            f"the site {quote(cell)} is a vacancy",
            "choose another site, or remove it from lattice.vacancies",
        )


def _inside(path: Path, cells: Sequence[Cell], lattice: Lattice) -> Iterator[Problem]:
    for index, cell in enumerate(cells):
        yield from _coordinates((*path, index), cell, lattice)


def _is_inside(cell: Cell, lattice: Lattice) -> bool:
    return not any(_coordinates((), cell, lattice))


def _coordinates(path: Path, cell: Cell, lattice: Lattice) -> Iterator[Problem]:
    """What is wrong with the coordinates of a site; nothing is known where a file has yet to be read."""
    if lattice.n_orbitals is None:
        return
    ranges = (*lattice.size, lattice.n_orbitals) if lattice.n_orbitals > 1 else lattice.size
    if len(cell) != len(ranges):
        wanted, hint = counted(len(ranges), "coordinate"), "count from 0"
        if lattice.n_orbitals > 1:
            hint = f"the last is the orbital, from 0 to {lattice.n_orbitals - 1}"
        yield Problem(path, f"a site of a {lattice.name} has {wanted}, not {len(cell)}", hint)
        return
    for axis, (coordinate, length) in enumerate(zip(cell, ranges, strict=True)):
        if not 0 <= coordinate < length:
            text = f"the site {quote(cell)} is outside the lattice"
            yield Problem((*path, axis), text, f"this coordinate runs from 0 to {length - 1}")
