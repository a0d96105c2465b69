"""Checks between the keys: what each allows by itself, but not together with another."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from bdg.config.base import Section
from bdg.config.cell import Hopping
from bdg.config.interaction import Interaction
from bdg.config.lattice import Lattice
from bdg.config.numerics import InitialValues
from bdg.config.problems import Problem
from bdg.config.region import Polygon, Region
from bdg.config.wording import Path, quote

if TYPE_CHECKING:
    from bdg.config.schema import Config

Cell = tuple[int, ...]


def cross_checks(config: Config) -> Iterator[Problem]:
    """All that doesn't fit together."""
    yield from _cell(config.lattice)
    yield from _directions(config.lattice)
    yield from _hoppings(config)
    yield from _regions(config)
    yield from _field(config)
    yield from _interaction(config.interaction)
    yield from _vortices(config)
    yield from _magnetisation(config)
    yield from _stability(config)
    if len(config.lattice.size) == config.lattice.n_directions:
        yield from _vacancies(config.lattice)
        yield from _impurities(config)
        yield from _measured_sites(config)


def _cell(lattice: Lattice) -> Iterator[Problem]:
    """Shapes of what a cell of one's own is made of."""
    if lattice.own is None:
        return
    which, places = ("cell", "basis") if lattice.cell is not None else ("wannier90", "centres")
    for key, points in (("vectors", lattice.own.vectors), (places, lattice.own.places)):
        for index, point in enumerate(points):
            yield from _components(("lattice", which, key, index), point, lattice)
    if len(lattice.own.vectors) > lattice.dimension:
        text = f"{len(lattice.own.vectors)} vectors of {_counted(lattice.dimension, 'component')}"
        yield Problem(("lattice", which, "vectors"), f"{text} can't be independent", "add components")
    onsite = None if lattice.cell is None else lattice.cell.onsite
    if onsite is not None and len(onsite) != lattice.n_orbitals:
        text = f"must have an energy for each of {_counted(lattice.n_orbitals, 'orbital')}, not {len(onsite)}"
        yield Problem(("lattice", "cell", "onsite"), text, f"write {quote([0] * lattice.n_orbitals)}")


def _components(path: Path, point: Sequence[object], lattice: Lattice) -> Iterator[Problem]:
    if len(point) != lattice.dimension:
        wanted = _counted(lattice.dimension, "coordinate")
        text = f"a {lattice.name} lattice has {wanted}, not {len(point)}"
        yield Problem(path, text, f"write {quote([0] * lattice.dimension)}, for example")


def _hoppings(config: Config) -> Iterator[Problem]:
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


def _bonds(path: Path, hoppings: Sequence[Hopping], lattice: Lattice) -> Iterator[Problem]:
    """Orbitals and offsets that there are, each bond once, none from an orbital to itself."""
    seen: dict[tuple[int, ...], int] = {}
    for index, hopping in enumerate(hoppings):
        here: Path = (*path, index)
        for key, orbital in (("from", hopping.start), ("to", hopping.end)):
            if orbital >= lattice.n_orbitals:
                hint = f"orbitals run from 0 to {lattice.n_orbitals - 1}"
                yield Problem((*here, key), f"the cell has no orbital {orbital}", hint)
        if len(hopping.offset) != lattice.n_directions:
            wanted = _counted(lattice.n_directions, "direction")
            text = f"a {lattice.name} lattice has {wanted}, not {len(hopping.offset)}"
            yield Problem((*here, "offset"), text, f"write {quote([0] * lattice.n_directions)}, for example")
        if hopping.start == hopping.end and not any(hopping.offset):
            text = f"a hopping from orbital {hopping.start} to itself is an on-site energy"
            yield Problem(here, text, "write it as lattice.cell.onsite")
        if hopping.bond in seen:
            text = f"this bond is given already, in entry {seen[hopping.bond]}"
            yield Problem(here, text, "remove one; the Hermitian partner of a hopping is implied")
        seen[hopping.bond] = index


def _directions(lattice: Lattice) -> Iterator[Problem]:
    of_kind = f"a {lattice.name} lattice has {_counted(lattice.n_directions, 'direction')}"
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


def _counted(number: int, noun: str) -> str:
    return f"{number} {noun}{'s' if number > 1 else ''}"


def _regions(config: Config) -> Iterator[Problem]:
    for path, region in _region_paths(config):
        yield from _shape(path, region, config.lattice)


def _shape(path: Path, region: Region, lattice: Lattice) -> Iterator[Problem]:
    """Points of a region with as many coordinates as the lattice has."""
    here, shape = (*path, region.kind), region.shape
    if isinstance(shape, tuple):
        for index, part in enumerate(shape):
            yield from _shape((*here, index), part, lattice)
        return
    if isinstance(shape, Polygon):
        if lattice.dimension == 1:
            yield Problem(here, f"a {lattice.name} lattice has no plane for a polygon", "use a rectangle")
        return
    for key in ("center", "size", "point", "normal"):
        point = getattr(shape, key, None)
        if point is not None:
            yield from _components((*here, key), point, lattice)


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


def _field(config: Config) -> Iterator[Problem]:
    vector = config.field.vector_potential
    if vector is not None:
        yield from _components(("field", "vector_potential"), vector, config.lattice)
    for key in ("uniform", "applied", "screening", "flux", "vortex_lattice"):
        if getattr(config.field, key) not in (None, ()) and config.lattice.dimension == 1:
            text = f"a {config.lattice.name} lattice has no plane that a flux could pass"
            hint = "a flux through its ring is boundary: {twist: …}, or a vector_potential"
            yield Problem(("field", key), text, hint)
    screening, units = config.field.screening, config.units
    if screening is not None and screening.mu0 == "physical" and units.length is None:
        text = "physical needs the units of energy and length"
        yield Problem(("field", "screening", "mu0"), text, "add 'units: {energy: 100 meV, length: 0.4 nm}'")
    if screening is not None and config.lattice.dimension == 3:
        text = "the field of currents is that of lattices in the plane, layered along z"
        yield Problem(("field", "screening"), text, "remove it, or take a lattice in the plane")
    joined = [entry != "open" for entry in config.lattice.boundary]
    if config.field.vortex_lattice is not None and sum(joined) < 2 <= config.lattice.dimension:
        text = "a vortex lattice needs a sample that repeats itself along two directions"
        yield Problem(("field", "vortex_lattice"), text, "write lattice.boundary: periodic, or {bloch: 4}")


def _vortices(config: Config) -> Iterator[Problem]:
    initial = config.scf.initial
    if config.lattice.dimension > 1:
        return
    for index, entry in enumerate(initial if isinstance(initial, tuple) else [initial]):
        if entry == "vortex":
            text = f"a vortex needs two dimensions, a {config.lattice.name} lattice has one"
            yield Problem(("scf", "initial", index), text, "remove it, or use kind: square")


def _magnetisation(config: Config) -> Iterator[Problem]:
    """A first magnetisation, where no field can take it up."""
    interaction, initial = config.interaction, config.scf.initial
    for index, entry in enumerate(initial if isinstance(initial, tuple) else [initial]):
        if not isinstance(entry, InitialValues) or entry.magnetisation is None:
            continue
        path: Path = ("scf", "initial", *([index] if isinstance(initial, tuple) else []), "magnetisation")
        if "hartree" not in interaction.all_fields:
            text = "a first magnetisation needs the field of the density, which is off"
            yield Problem(path, text, "add hartree to interaction.fields")
        elif interaction.magnetism == "off":
            yield Problem(path, "interaction.magnetism is off", "remove one of the two")
        elif interaction.magnetism == "collinear" and entry.is_noncollinear:
            text = "collinear magnetism lies along z, and x or y components are given"
            yield Problem(path, text, "set interaction.magnetism to noncollinear")


def _stability(config: Config) -> Iterator[Problem]:
    if config.observables.stability is not None and not config.interaction.attracts:
        text = "without an interaction nothing is self-consistent, and nothing can be unstable"
        yield Problem(("observables", "stability"), text, "remove it, or set interaction.onsite")


def _interaction(interaction: Interaction) -> Iterator[Problem]:
    if interaction.given is not None and interaction.attracts and "pairing" in interaction.all_fields:
        yield Problem(
            ("interaction", "given"),
            "a given Δ and an attraction that makes its own exclude each other",
            "remove one, or leave pairing out of interaction.fields",
            rivals=(("interaction", "onsite"), ("interaction", "bonds")),
        )
    if interaction.attracts and not interaction.all_fields:
        yield Problem(
            ("interaction", "fields"),
            "no field is listed, so that the interaction would do nothing",
            "write [pairing] or [pairing, hartree]",
        )
    onsite = interaction.onsite
    alone = interaction.fields == ("pairing",) and not interaction.joins_sites
    if isinstance(onsite, int | float) and onsite < 0 and alone:
        yield Problem(
            ("interaction", "onsite"),
            f"{quote(onsite)} repels, and repulsion makes no pairs on a site: attraction is positive here",
            f"write {quote(-onsite)}, or add hartree to interaction.fields",
        )
    if interaction.magnetism.endswith("collinear") and not {"hartree", "fock"} & interaction.all_fields:
        yield Problem(
            ("interaction", "magnetism"),
            "magnetism is made by the field of the density, which is off",
            "add hartree to interaction.fields",
        )
    shells: set[int] = set()
    for index, entry in enumerate(interaction.bonds):
        if entry.shell in shells:
            here: Path = ("interaction", "bonds", index, "shell")
            yield Problem(here, f"shell {entry.shell} is listed twice", "add the values up")
        shells.add(entry.shell)
    if interaction.bond_fields is not None and not interaction.joins_sites:
        yield Problem(
            ("interaction", "bond_fields"),
            "there is no interaction between neighbours to have fields",
            "remove it, or add bonds: [{shell: 1, value: 1}]",
        )
    if "fock" in interaction.fields and not interaction.joins_sites:
        yield Problem(
            ("interaction", "fields", interaction.fields.index("fock")),
            "fock is the field of an attraction between neighbours, and there is none",
            "remove it, or add bonds: [{shell: 1, value: 1}]",
        )


def _vacancies(lattice: Lattice) -> Iterator[Problem]:
    path: Path = ("lattice", "vacancies")
    yield from _inside(path, lattice.vacancies, lattice)
    inside = [cell for cell in lattice.vacancies if _is_inside(cell, lattice)]
    if inside and len(inside) == math.prod(lattice.size) * lattice.n_orbitals:
        yield Problem(path, "no site is left", "remove some vacancies")


def _impurities(config: Config) -> Iterator[Problem]:
    vacant, seen = set(config.lattice.vacancies), set[Cell]()
    for index, impurity in enumerate(config.hamiltonian.impurities):
        path: Path = ("hamiltonian", "impurities", index, "site")
        yield from _coordinates(path, impurity.site, config.lattice)
        yield from _not_vacant(path, impurity.site, vacant)
        if impurity.site in seen:
            yield Problem(path, f"the site {quote(impurity.site)} has an impurity already", "merge the two")
        seen.add(impurity.site)


def _measured_sites(config: Config) -> Iterator[Problem]:
    vacant = set(config.lattice.vacancies)
    for name in ("ldos", "spectral_localizer"):
        wanted = getattr(config.observables, name)
        if wanted is None or wanted.sites == "all":
            continue
        path: Path = ("observables", name, "sites")
        yield from _inside(path, wanted.sites, config.lattice)
        for index, cell in enumerate(wanted.sites):
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
    """What is wrong with the coordinates of a site."""
    ranges = (*lattice.size, lattice.n_orbitals) if lattice.n_orbitals > 1 else lattice.size
    if len(cell) != len(ranges):
        wanted, hint = _counted(len(ranges), "coordinate"), "count from 0"
        if lattice.n_orbitals > 1:
            hint = f"the last is the orbital, from 0 to {lattice.n_orbitals - 1}"
        yield Problem(path, f"a site of a {lattice.name} has {wanted}, not {len(cell)}", hint)
        return
    for axis, (coordinate, length) in enumerate(zip(cell, ranges, strict=True)):
        if not 0 <= coordinate < length:
            text = f"the site {quote(cell)} is outside the lattice"
            yield Problem((*path, axis), text, f"this coordinate runs from 0 to {length - 1}")
