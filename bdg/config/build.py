"""From a checked configuration to the objects of the physics."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bdg.config.cell import Hopping
from bdg.config.lattice import Ends
from bdg.config.numerics import InitialDelta
from bdg.config.region import Disk, HalfPlane, Polygon, Rectangle, Ring
from bdg.config.region import Region as RegionConfig
from bdg.config.schema import Config
from bdg.config.source import ConfigSource
from bdg.config.values import RegionValue
from bdg.errors import ConfigError, InputError, ResourceError
from bdg.lattice import Boundary, Region, Sample, UnitCell, build_sample, preset
from bdg.lattice import regions as shapes
from bdg.lattice.symmetry_points import zone_path, zone_point
from bdg.lattice.values import Values, real_values, values_at
from bdg.model import Disorder, Fields, Impurity, Model, build_model
from bdg.model.pairs import given_pairs
from bdg.scf import ScfOptions, fields_from
from bdg.solvers import Solver, choose
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
    lattice, cell = config.lattice, cell_of(config, source)
    ends = tuple(_boundary(entry) for entry in lattice.boundary)
    region = None if lattice.region is None else region_of(lattice.region, config)
    with _placed(source, "lattice.region" if lattice.region else "lattice"):
        return build_sample(
            cell,
            lattice.size,
            ends,
            shells=None if cell.hoppings is not None else _shells(config),
            region=region,
            vacancies=lattice.vacancies,
        )


def _shells(config: Config) -> int:
    """Neighbour shells that need bonds."""
    terms, interaction = config.hamiltonian, config.interaction
    wanted = [len(terms.shells or (1.0,)), 1 if terms.intrinsic_soc == 0 else 2]
    wanted += [entry.shell for entry in interaction.bonds]
    if interaction.given is not None and interaction.given.on_bonds:
        wanted.append(interaction.given.shell)
    return max(wanted)


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
        with _placed(source, "lattice.wannier90.file"):
            return read_wannier90(
                given.file, given.vectors, given.centres, cutoff=given.cutoff, energy_unit=given.energy_unit
            )
    with _placed(source, "lattice.cell"):
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
    with _placed(source, "hamiltonian.hopping"):
        return cell.with_hoppings([_hop(entry) for entry in bonds])


def _hop(entry: Hopping) -> tuple[int, int, tuple[int, ...], complex]:
    return entry.start, entry.end, entry.offset, entry.t


def model_of(config: Config, source: ConfigSource, sample: Sample) -> Model:
    """The model a configuration describes on its sample.

    Raises
    ------
    ConfigError
        If an impurity sits where the region leaves no site, or values over sites cannot be had.
    """
    terms, interaction = config.hamiltonian, config.interaction
    impurities = [Impurity(entry.site, entry.potential, entry.moment) for entry in terms.impurities]
    for index, impurity in enumerate(impurities):
        with _placed(source, f"hamiltonian.impurities[{index}].site"):
            sample.site_at(impurity.site)

    def real(value: float | str | tuple[Any, ...], key: str) -> NDArray[np.float64]:
        return real_values_of(value, key, config, source, sample)

    def coupling(name: str) -> float | NDArray[np.float64]:
        value = getattr(terms, name)
        return 0.0 if value == 0 else real(value, f"hamiltonian.{name}")

    given, given_bonds = _given(config, source, sample)
    fields: tuple[str, ...] = interaction.fields
    if interaction.given is not None:
        fields = tuple(name for name in fields if name != "pairing")
    with _placed(source, "hamiltonian"):
        return build_model(
            sample,
            hopping=terms.shells,
            chemical_potential=terms.chemical_potential,
            filling=terms.filling,
            onsite=real(terms.onsite, "hamiltonian.onsite"),
            impurities=impurities,
            disorder=_disorder_of(config, source, sample),
            zeeman=[real(value, f"hamiltonian.zeeman[{axis}]") for axis, value in enumerate(terms.zeeman)],
            rashba=coupling("rashba"),
            dresselhaus=coupling("dresselhaus"),
            intrinsic_soc=coupling("intrinsic_soc"),
            attraction=real(interaction.onsite, "interaction.onsite"),
            fields=fields,
            given_delta=given,
            bond_attraction=_bond_attraction(config, source, sample),
            channels=interaction.channels,
            given_bonds=given_bonds,
            vector_potential=config.field.vector_potential,
            temperature=config.temperature,
        )


def _bond_attraction(
    config: Config, source: ConfigSource, sample: Sample
) -> list[NDArray[np.float64] | float]:
    """V over sites for each shell."""
    entries, n_shells = config.interaction.bonds, len(sample.bonds.kinds.distance)
    by_shell: list[NDArray[np.float64] | float] = [0.0] * max([1, *(entry.shell for entry in entries)])
    for index, entry in enumerate(entries):
        key = f"interaction.bonds[{index}]"
        _require_shell(entry.shell, n_shells, f"{key}.shell", source)
        by_shell[entry.shell - 1] = real_values_of(entry.value, f"{key}.value", config, source, sample)
    return by_shell


def _require_shell(shell: int, n_shells: int, key: str, source: ConfigSource) -> None:
    if shell > n_shells:
        raise source.error(key, f"the cell's hoppings have bonds of {n_shells} lengths, not {shell}")


def _given(config: Config, source: ConfigSource, sample: Sample) -> tuple[Values | None, NDArray[Any] | None]:
    """The given Δ on sites and on bonds; ``None`` for what is not given."""
    given, bonds = config.interaction.given, sample.bonds
    if given is None:
        return None, None
    turn: Values = np.ones(sample.n_sites)
    inside = np.ones(sample.n_sites, bool)
    if given.phase != 0:
        phase = real_values_of(given.phase, "interaction.given.phase", config, source, sample)
        turn = np.exp(1j * phase)
    if given.region is not None:
        inside = sites_in(given.region, "interaction.given.region", config, source, sample)
    onsite = None
    if given.onsite is not None:
        values = values_of(given.onsite, "interaction.given.onsite", config, source, sample)
        onsite = values * turn * inside
    if not given.on_bonds:
        return onsite, None
    _require_shell(given.shell, len(bonds.kinds.distance), "interaction.given.shell", source)
    by_name = {
        name: values_of(value, f"interaction.given.{name}", config, source, sample)
        for name, value in given.on_bonds.items()
    }
    chosen = (bonds.shell == given.shell) & inside[bonds.source] & inside[bonds.target]
    pairs = given_pairs(sample, by_name, chosen, given.d_vector)
    if given.phase != 0:
        pairs = np.exp(0.5j * (phase[bonds.source] + phase[bonds.target]))[:, None, None] * pairs
    return onsite, pairs


def _disorder_of(config: Config, source: ConfigSource, sample: Sample) -> Disorder | None:
    given = config.hamiltonian.disorder
    if given is None:
        return None
    region = None
    if given.region is not None:
        region = region_of(given.region, config)
        sites_in(given.region, "hamiltonian.disorder.region", config, source, sample)
    return Disorder(given.width, given.seed, given.distribution, region)


def values_of(
    value: float | str | tuple[Any, ...], key: str, config: Config, source: ConfigSource, sample: Sample
) -> Values:
    """What a configuration gives over sites, as an array: the one place where that is evaluated.

    Parameters
    ----------
    value
        A number, an expression, numbers by orbital, or values by region, the last region counting.
    key
        Where it stands in the configuration.

    Raises
    ------
    ConfigError
        If a region holds no site, an expression cannot be evaluated there, or orbitals are miscounted.
    """
    if isinstance(value, tuple) and isinstance(value[0], RegionValue):
        return _by_region(value, key, config, source, sample)
    with _placed(source, key):
        if not isinstance(value, tuple):
            return values_at(sample.positions, value)
        if len(value) != (n_orbitals := sample.cell.n_orbitals):
            plural = "" if n_orbitals == 1 else "s"
            raise InputError(
                f"has {len(value)} numbers, the cell has {n_orbitals} orbital{plural}; give one for each"
            )
        return np.array(value)[sample.orbitals]


def real_values_of(
    value: float | str | tuple[Any, ...], key: str, config: Config, source: ConfigSource, sample: Sample
) -> NDArray[np.float64]:
    """As :func:`values_of`; complex values are refused."""
    values = values_of(value, key, config, source, sample)
    with _placed(source, key):
        return real_values(values, "the value")


def _by_region(
    entries: tuple[RegionValue, ...], key: str, config: Config, source: ConfigSource, sample: Sample
) -> Values:
    values: Values = np.zeros(sample.n_sites)
    for index, entry in enumerate(entries):
        inside = sites_in(entry.region, f"{key}[{index}].region", config, source, sample)
        with _placed(source, f"{key}[{index}].value"):
            there = values_at(sample.positions[inside], entry.value)
        values = values.astype(np.result_type(values, there))
        values[inside] = there
    return values


def sites_in(
    region: RegionConfig, key: str, config: Config, source: ConfigSource, sample: Sample
) -> NDArray[np.bool_]:
    """Which sites a region holds.

    Raises
    ------
    ConfigError
        If there are none.
    """
    inside = region_of(region, config)(sample.positions)
    if not inside.any():
        raise source.error(key, "holds no site of the sample", "move or enlarge it")
    return inside


def fields_of(start: InitialDelta, key: str, config: Config, source: ConfigSource, model: Model) -> Fields:
    """Fields to start from with the Δ that is given at ``key``.

    Raises
    ------
    ConfigError
        See :func:`values_of`.
    """
    return fields_from(model, values_of(start.delta, f"{key}.delta", config, source, model.sample))


def solver_of(config: Config, model: Model) -> Solver:
    """The solver a configuration asks for, or the best for the model."""
    threads = None if config.solver.threads == "auto" else config.solver.threads
    n_sites, temperature = model.sample.n_sites, model.temperature
    return choose(config.solver.method, n_sites=n_sites, temperature=temperature, threads=threads)


def scf_options_of(config: Config) -> ScfOptions:
    """How the self-consistency loop runs."""
    scf = config.scf
    return ScfOptions(scf.tolerance, scf.max_iterations, scf.mixer, scf.damping, scf.history)


def observable_parameters(
    config: Config, source: ConfigSource, sample: Sample
) -> Iterator[tuple[str, dict[str, Any]]]:
    """Name and parameters of each observable asked for, cells turned into site indices.

    Raises
    ------
    ConfigError
        If a site is not in the sample, or there is nothing to measure.
    """
    _require_sense(config, source)
    for name, section in config.observables.requested().items():
        parameters: dict[str, Any] = {}
        for key in type(section).model_fields:
            value = getattr(section, key)
            if key == "energies":
                value = (
                    np.linspace(value.start, value.stop, value.num)
                    if hasattr(value, "start")
                    else np.array(value)
                )
            elif key == "sites":
                value = None if value == "all" else _sites(value, f"observables.{name}.sites", source, sample)
            elif key == "path":
                _check_path(value, f"observables.{name}.path", source, sample)
            parameters[key] = value
        yield name, parameters


def _require_sense(config: Config, source: ConfigSource) -> None:
    """Refuse observables that the interaction leaves nothing for, before any work."""
    wanted, interaction = config.observables, config.interaction
    are_given = interaction.given is not None and bool(interaction.given.on_bonds)
    paired = interaction.bonds and interaction.given is None and "pairing" in interaction.fields
    if wanted.bond_order is not None and not (paired or are_given):
        hint = "remove it, or add interaction.bonds: [{shell: 1, value: 1}]"
        raise source.error("observables.bond_order", "no bond has pairs", hint)
    if wanted.stability is not None and interaction.bonds:
        raise source.error(
            "observables.stability",
            "knows fields on sites alone, not those of interaction.bonds",
            "remove it",
        )


def _check_path(points: Any, key: str, source: ConfigSource, sample: Sample) -> None:
    """Refuse what is no path of the sample before any work."""
    for index, point in enumerate(points if sample.is_infinite else ()):
        with _placed(source, f"{key}[{index}]"):
            zone_point(sample, point)
    with _placed(source, key):
        zone_path(sample, points)


def _sites(places: Any, key: str, source: ConfigSource, sample: Sample) -> list[int]:
    found = []
    for index, place in enumerate(places):
        with _placed(source, f"{key}[{index}]"):
            found.append(sample.site_at(place))
    return found


def region_of(config: RegionConfig, whole: Config) -> Region:
    """The region of positions a section describes; without a centre, in the middle of the sample."""
    shape = config.shape
    if isinstance(shape, tuple):
        combine = {
            "union": shapes.union,
            "intersection": shapes.intersection,
            "difference": shapes.difference,
        }
        operation: Callable[[list[Region]], Region] = combine[config.kind]
        return operation([region_of(part, whole) for part in shape])
    if isinstance(shape, Polygon):
        return shapes.polygon(shape.points)
    if isinstance(shape, HalfPlane):
        return shapes.half_plane(shape.point, shape.normal)
    center = _middle(whole) if shape.center is None else np.array(shape.center)
    if isinstance(shape, Rectangle):
        return shapes.rectangle(shape.size, center)
    if isinstance(shape, Disk):
        return shapes.disk(shape.radius, center)
    assert isinstance(shape, Ring)
    return shapes.ring(shape.inner, shape.outer, center)


def _middle(config: Config) -> NDArray[np.float64]:
    """Middle of the block of cells."""
    own = config.lattice.own
    cell = preset(config.lattice.name) if own is None else UnitCell.build(own.vectors, own.places)
    middle: NDArray[np.float64] = (np.array(config.lattice.size) - 1) / 2 @ cell.vectors + cell.basis.mean(
        axis=0
    )
    return middle


@contextmanager
def _placed(source: ConfigSource, key: str) -> Iterator[None]:
    """Give an error of the physics the place in the file it comes from."""
    try:
        yield
    except ConfigError:
        raise
    except InputError as error:
        raise source.error(key, str(error)) from error
    except ResourceError as error:
        raise ResourceError(str(source.error("lattice.size", str(error)))) from error
