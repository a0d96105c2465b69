"""What is to be measured."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from bdg.config.build.placing import placed
from bdg.config.schema import Config
from bdg.config.source import ConfigSource
from bdg.lattice import Sample
from bdg.lattice.symmetry_points import zone_path, zone_point
from bdg.leads import layers_of
from bdg.model import Model
from bdg.observables.josephson.biased import require_junction
from bdg.observables.josephson.interference import places_across
from bdg.observables.josephson.squid import arms_of
from bdg.observables.meissner import require_depth
from bdg.observables.persistent_current import require_ring
from bdg.observables.response import joined_axes, require_axis, require_plane
from bdg.topology.places import require_room
from bdg.topology.requirements import require


def observable_parameters(
    config: Config, source: ConfigSource, model: Model
) -> Iterator[tuple[str, dict[str, Any]]]:
    """Name and parameters of each observable asked for, cells turned into site indices.

    Raises
    ------
    ConfigError
        If a site is not in the sample, or there is nothing to measure.
    """
    sample = model.sample
    _require_sense(config, source, sample)
    for name, section in config.observables.requested().items():
        with placed(source, f"observables.{name}"):
            require(name, sample)
            _require_ends(name, section, model)
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
            elif key == "mesh":
                value = None if value == "auto" else value
            parameters[key] = value
        yield name, parameters


def _require_sense(config: Config, source: ConfigSource, sample: Sample) -> None:
    """Refuse observables that the interaction leaves nothing for, before any work."""
    wanted, interaction = config.observables, config.interaction
    are_given = interaction.given is not None and bool(interaction.given.on_bonds)
    paired = interaction.bonds and interaction.given is None and "pairing" in interaction.fields
    if wanted.bond_order is not None and not (paired or are_given):
        hint = "remove it, or add interaction.bonds: [{shell: 1, value: 1}]"
        raise source.error("observables.bond_order", "no bond has pairs", hint)
    for name in ("meissner", "magnetisation_curve"):
        if getattr(wanted, name) is not None and config.field.screening is None:
            hint = "remove it, or add 'field: {applied: 0.01, screening: {mu0: 0.03}}'"
            raise source.error(f"observables.{name}", "nothing is screened", hint)
    if wanted.persistent_current is not None and interaction.given is not None:
        hint = "remove it, or write interaction.onsite: 2 in place of given"
        raise source.error("observables.persistent_current", "a given Δ keeps its winding", hint)
    for name in ("flux", "vortices", "loop_currents"):
        if getattr(wanted, name) is not None and not len(sample.plaquettes):
            raise source.error(f"observables.{name}", "the sample has no plaquettes", "remove it")


def _require_ends(name: str, section: Any, model: Model) -> None:
    """Refuse what the ends of the sample, or its thickness, leave undefined."""
    sample, screening = model.sample, model.screening
    if name in ("superfluid_weight", "conductivity"):
        joined_axes(sample)
    elif name == "superflow":
        require_axis(sample, section.axis)
    elif name == "persistent_current":
        require_ring(sample, section.axis)
    elif name == "bkt_temperature":
        require_plane(sample)
    elif name == "meissner" and screening is not None and screening.geometry == "slab":
        require_depth(sample, section.surface)
    elif name in ("current_phase", "fraunhofer", "squid"):
        junction = require_junction(model, section.axis, section.at, section.leads)
        if name == "fraunhofer":
            places_across(sample, junction, section.axis)
        elif name == "squid":
            arms_of(sample, junction, section.axis)
    elif name == "spectral_localizer":
        require_room(sample, section.radius)
    elif name == "conductance":
        layers_of(sample, section.axis, model.dofs)


def _check_path(points: Any, key: str, source: ConfigSource, sample: Sample) -> None:
    """Refuse what is no path of the sample before any work."""
    for index, point in enumerate(points if sample.is_infinite else ()):
        with placed(source, f"{key}[{index}]"):
            zone_point(sample, point)
    with placed(source, key):
        zone_path(sample, points)


def _sites(places: Any, key: str, source: ConfigSource, sample: Sample) -> list[int]:
    found = []
    for index, place in enumerate(places):
        with placed(source, f"{key}[{index}]"):
            found.append(sample.site_at(place))
    return found
