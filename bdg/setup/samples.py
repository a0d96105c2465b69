"""Samples and their cells."""

from __future__ import annotations

from bdg.config.schema.cell import Hopping
from bdg.config.schema.config import Config
from bdg.config.schema.lattice import Ends
from bdg.config.source import ConfigSource
from bdg.lattice import Boundary, Sample, UnitCell, build_sample, preset
from bdg.lattice.hoppings import BondName
from bdg.setup.bonds import bonds_needed, shells_needed
from bdg.setup.numerics import require_room_for
from bdg.setup.placing import placed
from bdg.setup.regions import region_of
from bdg.wannier90 import read_wannier90


def sample_of(config: Config, source: ConfigSource) -> Sample:
    """The sample a configuration describes, with a bond for everything it has a hopping for.

    Raises
    ------
    ConfigError
        If the cell cannot be, or the region leaves no site.
    ResourceError
        If the size is too large for the memory there is.
    """
    cell = cell_of(config, source)
    require_room_for(config, source, cell.n_orbitals)
    return cut(config, source, cell, bonds_needed(config, source, cell))


def cut(config: Config, source: ConfigSource, cell: UnitCell, needed: list[BondName]) -> Sample:
    """The sample that is cut from a cell, with the bonds that are needed.

    Raises
    ------
    ConfigError
        If the region leaves no site.
    """
    lattice = config.lattice
    ends = tuple(_boundary(entry) for entry in lattice.boundary)
    with placed(source, "lattice.region" if lattice.region else "lattice"):
        region = None if lattice.region is None else region_of(lattice.region, lattice.size, cell)
        return build_sample(
            cell,
            lattice.size,
            ends,
            shells=None if cell.hoppings is not None else shells_needed(config),
            bonds=needed,
            region=region,
            vacancies=lattice.vacancies,
        )


def _boundary(entry: str | Ends) -> Boundary:
    if isinstance(entry, str):
        return Boundary.named(entry)
    if entry.bloch is None:
        return Boundary("periodic", entry.twist or 0.0)
    return Boundary("bloch", entry.twist or 0.0, entry.bloch, entry.shift)


def cell_of(config: Config, source: ConfigSource) -> UnitCell:
    """The unit cell, with the hoppings it brings or those that the Hamiltonian lists bond by bond.

    Raises
    ------
    ConfigError
        If vectors are dependent, or the file of Wannier90's cannot be used.
    """
    lattice, bonds = config.lattice, config.hamiltonian.bonds
    if lattice.wannier90 is not None:
        given = lattice.wannier90
        with placed(source, "lattice.wannier90.file"):
            return read_wannier90(
                given.file,
                given.vectors,
                given.centres,
                spinors=given.spinors,
                down=given.down,
                wsvec=given.wsvec,
                cutoff=given.cutoff,
                energy_unit=given.energy_unit,
            )
    with placed(source, "lattice.cell"):
        if lattice.cell is None:
            cell = preset(lattice.name)
        else:
            own, hoppings = lattice.cell, lattice.cell.hoppings
            cell = UnitCell.build(
                own.vectors,
                own.places,
                hoppings=None if hoppings is None else [_hop(entry) for entry in hoppings],
                onsite=own.onsite,
            )
    if bonds is None:
        return cell
    with placed(source, "hamiltonian.hopping"):
        return cell.with_hoppings([_hop(entry) for entry in bonds])


def _hop(entry: Hopping) -> tuple[int, int, tuple[int, ...], complex]:
    return entry.start, entry.end, entry.offset, entry.t
