"""From a checked configuration to the objects of the physics."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bdg.config.lattice import Ends
from bdg.config.region import Disk, HalfPlane, Polygon, Rectangle, Ring
from bdg.config.region import Region as RegionConfig
from bdg.config.schema import Config
from bdg.config.source import ConfigSource
from bdg.errors import ConfigError, InputError
from bdg.lattice import Boundary, Region, Sample, build_sample, preset
from bdg.lattice import regions as shapes
from bdg.lattice.symmetry_points import zone_point
from bdg.model import Disorder, Impurity, Model, build_model
from bdg.scf import ScfOptions
from bdg.solvers import Solver, choose


def sample_of(config: Config, source: ConfigSource) -> Sample:
    """The sample a configuration describes, with bonds for every shell it has a hopping for.

    Raises
    ------
    ConfigError
        If the region leaves no site.
    """
    lattice = config.lattice
    ends = tuple(_boundary(entry) for entry in lattice.boundary)
    region = None if lattice.region is None else region_of(lattice.region, config)
    with _placed(source, "lattice.region" if lattice.region else "lattice"):
        return build_sample(
            lattice.kind,
            lattice.size,
            ends,
            shells=len(config.hamiltonian.hopping),
            region=region,
            vacancies=lattice.vacancies,
        )


def _boundary(entry: str | Ends) -> Boundary:
    if isinstance(entry, str):
        return Boundary.named(entry)
    if entry.bloch is None:
        return Boundary("periodic", entry.twist or 0.0)
    return Boundary("bloch", entry.twist or 0.0, entry.bloch, entry.shift)


def model_of(config: Config, source: ConfigSource, sample: Sample) -> Model:
    """The model a configuration describes on its sample.

    Raises
    ------
    ConfigError
        If an impurity sits where the region leaves no site.
    """
    terms, interaction = config.hamiltonian, config.interaction
    impurities = [Impurity(entry.site, entry.potential, entry.moment[2]) for entry in terms.impurities]
    for index, impurity in enumerate(impurities):
        with _placed(source, f"hamiltonian.impurities[{index}].site"):
            sample.site_at(impurity.site)
    disorder = None
    if terms.disorder is not None:
        disorder = Disorder(terms.disorder.width, terms.disorder.seed, terms.disorder.distribution)
    fields: tuple[str, ...] = interaction.fields
    if interaction.given is not None:
        fields = tuple(name for name in fields if name != "pairing")
    with _placed(source, "hamiltonian"):
        return build_model(
            sample,
            hopping=terms.hopping,
            chemical_potential=terms.chemical_potential,
            filling=terms.filling,
            onsite=terms.onsite,
            impurities=impurities,
            disorder=disorder,
            zeeman=terms.zeeman[2],
            attraction=attraction_of(config, source, sample),
            fields=fields,
            given_delta=None if interaction.given is None else interaction.given.onsite,
            vector_potential=config.field.vector_potential,
            temperature=config.temperature,
        )


def attraction_of(config: Config, source: ConfigSource, sample: Sample) -> float | NDArray[np.float64]:
    """U_i: one number, or the value of the last region that holds each site.

    Raises
    ------
    ConfigError
        If a region holds no site.
    """
    given = config.interaction.onsite
    if not isinstance(given, tuple):
        return given
    values = np.zeros(sample.n_sites)
    for index, entry in enumerate(given):
        inside = region_of(entry.region, config)(sample.positions)
        if not inside.any():
            raise source.error(
                f"interaction.onsite[{index}].region", "holds no site of the sample", "move or enlarge it"
            )
        values[inside] = entry.value
    return values


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
        If a site is not in the sample.
    """
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
                value = [
                    _zone_point(point, f"observables.{name}.path[{i}]", source, sample)
                    for i, point in enumerate(value)
                ]
            parameters[key] = value
        yield name, parameters


def _sites(places: Any, key: str, source: ConfigSource, sample: Sample) -> list[int]:
    found = []
    for index, place in enumerate(places):
        with _placed(source, f"{key}[{index}]"):
            found.append(sample.site_at(place))
    return found


def _zone_point(point: Any, key: str, source: ConfigSource, sample: Sample) -> Any:
    """The point itself, once it is known to be one of the sample's."""
    with _placed(source, key):
        if not sample.is_infinite:
            raise InputError("a finite sample has no bands; give a direction the boundary {bloch: 32}")
        zone_point(sample, point)
    return point


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
    cell = preset(config.lattice.kind)
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
