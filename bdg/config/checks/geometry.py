"""Whether cells, bonds and regions have as many numbers as the lattice has directions and coordinates."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from bdg.config.schema.cell import Hopping
from bdg.config.schema.lattice import Lattice
from bdg.config.schema.region import Picture, Polygon, Region
from bdg.parameters.base import Section
from bdg.parameters.problems import Problem
from bdg.parameters.wording import Path, quote
from bdg.words import counted

if TYPE_CHECKING:
    from bdg.config.schema.config import Config


def cell_problems(lattice: Lattice) -> Iterator[Problem]:
    """Shapes of what a cell of one's own is made of."""
    if lattice.own is None:
        return
    which = "cell" if lattice.cell is not None else "wannier90"
    for key in ("vectors", "basis", "centres"):
        for index, point in enumerate(getattr(lattice.own, key, None) or ()):
            yield from component_problems(("lattice", which, key, index), point, lattice)
    n_vectors = len(lattice.own.vectors or ())
    if n_vectors > lattice.dimension:
        text = f"{n_vectors} vectors of {counted(lattice.dimension, 'component')}"
        yield Problem(("lattice", which, "vectors"), f"{text} can't be independent", "add components")
    onsite = None if lattice.cell is None else lattice.cell.onsite
    if onsite is not None and lattice.n_orbitals is not None and len(onsite) != lattice.n_orbitals:
        text = f"must have an energy for each of {counted(lattice.n_orbitals, 'orbital')}, not {len(onsite)}"
        yield Problem(("lattice", "cell", "onsite"), text, f"write {quote([0] * lattice.n_orbitals)}")


def component_problems(path: Path, point: Sequence[object], lattice: Lattice) -> Iterator[Problem]:
    """As many components as the lattice has coordinates."""
    if len(point) != lattice.dimension:
        wanted = counted(lattice.dimension, "coordinate")
        text = f"a {lattice.name} lattice has {wanted}, not {len(point)}"
        yield Problem(path, text, f"write {quote([0] * lattice.dimension)}, for example")


def hopping_problems(config: Config) -> Iterator[Problem]:
    """Hoppings given once, by the cell or by the Hamiltonian, between orbitals that there are."""
    lattice, bonds = config.lattice, config.hamiltonian.bonds
    if lattice.brings_hoppings and config.hamiltonian.hopping is not None:
        yield Problem(
            ("hamiltonian", "hopping"),
            "the cell brings hoppings of its own",
            "keep one of the two",
            rivals=(("lattice", "cell", "hoppings"),),
        )
    if lattice.cell is not None and lattice.cell.hoppings is not None:
        yield from _bonds(("lattice", "cell", "hoppings"), lattice.cell.hoppings, lattice)
    if bonds is not None:
        yield from _bonds(("hamiltonian", "hopping"), bonds, lattice)
    for index, entry in enumerate(config.interaction.bonds):
        if entry.bond is not None:
            here: Path = ("interaction", "bonds", index)
            yield from _bond(here, entry.bond, lattice)
            if entry.start == entry.end and not any(entry.offset or ()):
                text = f"an interaction of orbital {entry.start} with itself is U"
                yield Problem(here, text, "write it as interaction.onsite")


def _bond(path: Path, bond: tuple[int, int, tuple[int, ...]], lattice: Lattice) -> Iterator[Problem]:
    """Orbitals and offsets that there are."""
    start, end, offset = bond
    for key, orbital in (("from", start), ("to", end)):
        if lattice.n_orbitals is not None and orbital >= lattice.n_orbitals:
            hint = f"orbitals run from 0 to {lattice.n_orbitals - 1}"
            yield Problem((*path, key), f"the cell has no orbital {orbital}", hint)
    if len(offset) != lattice.n_directions:
        wanted = counted(lattice.n_directions, "direction")
        text = f"a {lattice.name} lattice has {wanted}, not {len(offset)}"
        yield Problem((*path, "offset"), text, f"write {quote([0] * lattice.n_directions)}, for example")


def _bonds(path: Path, hoppings: Sequence[Hopping], lattice: Lattice) -> Iterator[Problem]:
    """Bonds that there can be, each once, none from an orbital to itself."""
    seen: dict[tuple[int, ...], int] = {}
    for index, hopping in enumerate(hoppings):
        here: Path = (*path, index)
        yield from _bond(here, (hopping.start, hopping.end, hopping.offset), lattice)
        if hopping.start == hopping.end and not any(hopping.offset):
            text = f"a hopping from orbital {hopping.start} to itself is an on-site energy"
            yield Problem(here, text, "write it as lattice.cell.onsite")
        if hopping.bond in seen:
            text = f"this bond is given already, in entry {seen[hopping.bond]}"
            yield Problem(here, text, "remove one; the Hermitian partner of a hopping is implied")
        seen[hopping.bond] = index


def direction_problems(lattice: Lattice) -> Iterator[Problem]:
    """A size and a boundary for each direction of the lattice."""
    of_kind = f"a {lattice.name} lattice has {counted(lattice.n_directions, 'direction')}"
    if len(lattice.size) != lattice.n_directions:
        example = quote((list(lattice.size) + [lattice.size[-1]] * 2)[: lattice.n_directions])
        yield Problem(
            ("lattice", "size"), f"{of_kind}, not {len(lattice.size)}", f"write {example}, for example"
        )
    if len(lattice.boundary) != lattice.n_directions:
        yield Problem(
            ("lattice", "boundary"),
            f"{of_kind}, not {len(lattice.boundary)}",
            "give one boundary for each, or a single one for all",
        )


def region_problems(config: Config) -> Iterator[Problem]:
    """Points of every region with as many coordinates as the lattice has."""
    for path, region in _region_paths(config):
        yield from _shape(path, region, config.lattice)


def _shape(path: Path, region: Region, lattice: Lattice) -> Iterator[Problem]:
    """Points of a region with as many coordinates as the lattice has."""
    here, shape = (*path, region.kind), region.shape
    if isinstance(shape, tuple):
        for index, part in enumerate(shape):
            yield from _shape((*here, index), part, lattice)
        return
    if isinstance(shape, Polygon | Picture):
        if lattice.dimension == 1:
            what = f"a {lattice.name} lattice has no plane for a {region.kind}"
            yield Problem(here, what, "use a rectangle")
        return
    for key in ("center", "size", "point", "normal"):
        point = getattr(shape, key, None)
        if point is not None:
            yield from component_problems((*here, key), point, lattice)


def _region_paths(part: object, path: Path = ()) -> Iterator[tuple[Path, Region]]:
    """Every region that is given anywhere in the configuration, and where."""
    if isinstance(part, Region):
        yield path, part
    elif isinstance(part, Section):
        for name in type(part).model_fields:
            yield from _region_paths(getattr(part, name), (*path, name))
    elif isinstance(part, tuple):
        for index, entry in enumerate(part):
            yield from _region_paths(entry, (*path, index))
