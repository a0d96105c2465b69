"""The vector potential."""

from __future__ import annotations

from typing import Any

from bdg.config.schema.config import Config
from bdg.config.source import ConfigSource
from bdg.gauge import (
    Dipole,
    FluxTube,
    FluxTubes,
    Potential,
    UniformField,
    VectorPotential,
    VortexLattice,
    physical_mu0,
    require_geometry,
)
from bdg.lattice import Sample
from bdg.parameters.defaults import default_of
from bdg.setup.placing import placed


def vector_potential_of(config: Config, source: ConfigSource, sample: Sample) -> list[VectorPotential]:
    """What makes the vector potential of a configuration; it adds up.

    Raises
    ------
    ConfigError
        If something does not fit the sample: a flux that a torus cannot hold, for example.
    """
    field = config.field
    gauge, found = field.gauge or default_of(UniformField, "gauge"), dict[str, VectorPotential]()
    if field.vector_potential is not None:
        found["vector_potential"] = Potential(field.vector_potential)
    if field.uniform is not None:
        found["uniform"] = UniformField(field.uniform, gauge)
    if field.applied is not None:
        found["applied"] = UniformField(field.applied, gauge)
    if field.vortex_lattice is not None:
        found["vortex_lattice"] = VortexLattice(
            field.vortex_lattice.vortices, field.vortex_lattice.geometry, gauge
        )
    if field.flux:
        found["flux"] = FluxTubes([FluxTube(tube.through, tube.value, tube.radius) for tube in field.flux])
    for index, dipole in enumerate(field.dipoles):
        found[f"dipoles[{index}]"] = Dipole(dipole.position, dipole.moment)
    for key, one in found.items():
        with placed(source, f"field.{key}"):
            one.on_bonds(sample)
    return list(found.values())


def screening_of(config: Config, source: ConfigSource, sample: Sample) -> dict[str, Any] | None:
    """How currents make a field; ``None`` where they make none.

    Raises
    ------
    ConfigError
        If the sample does not suit the geometry.
    """
    screening, units = config.field.screening, config.units
    if screening is None:
        return None
    with placed(source, "field.screening.geometry"):
        require_geometry(sample, screening.geometry)
    mu0 = screening.mu0
    if mu0 == "physical":
        assert units.energy is not None
        assert units.length is not None
        layer = None if screening.geometry == "film" else units.layer
        lengths = units.length.si, None if layer is None else layer.si
        mu0 = physical_mu0(units.energy.si, *lengths)
    return {"mu0": mu0, "geometry": screening.geometry}
