"""Models, and fields to start from."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bdg.arrays import Numbers
from bdg.config.schema.config import Config
from bdg.config.schema.numerics import InitialValues
from bdg.config.schema.values import FileValue, GivenValue, RegionValue
from bdg.config.source import ConfigSource
from bdg.lattice import Sample
from bdg.model import (
    Disorder,
    Fields,
    Given,
    Impurity,
    Model,
    OrbitalInteraction,
    SpinHopping,
    Term,
    build_model,
)
from bdg.model.magnetism import with_magnetism
from bdg.model.terms.named import named_term
from bdg.model.terms.shells import WITHIN
from bdg.model.terms.term import sum_of
from bdg.parameters.wording import quote
from bdg.scf import PATTERNS, density_of, fields_by_symmetry, magnetisation_of, start_factor
from bdg.setup.bonds import require_shell, strengths_of
from bdg.setup.field import screening_of, vector_potential_of
from bdg.setup.placing import placed
from bdg.setup.regions import region_of, sites_in
from bdg.setup.values import real_values_of, values_of


def model_of(config: Config, source: ConfigSource, sample: Sample) -> Model:
    """The model a configuration describes on its sample.

    Raises
    ------
    ConfigError
        If an impurity sits where the region leaves no site, or values over sites cannot be had.
    """
    # Before the applied field: on a torus that has whole quanta only, which a film need not be told.
    screening = screening_of(config, source, sample)
    electrons = _electrons(config, source, sample)
    interactions, warnings = _interactions(config, source, sample)
    with placed(source, "hamiltonian"):
        model = build_model(
            sample,
            **electrons,
            **interactions,
            vector_potential=vector_potential_of(config, source, sample) or None,
            screening=screening,
            temperature=config.temperature,
        )
    warnings += _vanishing(
        ("hamiltonian.onsite", config.hamiltonian.onsite, electrons["onsite"]),
        ("interaction.onsite", config.interaction.onsite, interactions["attraction"]),
    )
    model = replace(model, warnings=model.warnings + warnings)
    with placed(source, "interaction.magnetism"):
        return with_magnetism(model, _magnetism(config, model))


def _vanishing(*given: tuple[str, GivenValue, NDArray[np.float64]]) -> tuple[str, ...]:
    """A line for each formula, by its key, that is 0 on all sites: a place that the sample does not have."""
    return tuple(
        f"{key}: {quote(value)} is 0 on every site of the sample; coordinates count from 0"
        for key, value, values in given
        if isinstance(value, str) and not np.any(values)
    )


def _electrons(config: Config, source: ConfigSource, sample: Sample) -> dict[str, Any]:
    """The terms of single electrons, as :func:`bdg.build_model` takes them."""
    terms = config.hamiltonian

    def real(value: GivenValue, key: str) -> NDArray[np.float64]:
        return real_values_of(value, f"hamiltonian.{key}", source, sample)

    return {
        "hopping": terms.shells,
        "chemical_potential": terms.chemical_potential,
        "filling": terms.filling,
        "onsite": real(terms.onsite, "onsite"),
        "impurities": _impurities(config, source, sample),
        "disorder": _disorder_of(config, source, sample),
        "zeeman": [real(value, f"zeeman[{axis}]") for axis, value in enumerate(terms.zeeman)],
        "spin_hopping": _spin_hopping(config, source, sample),
        "terms": _terms(config, source, sample),
    } | {
        name: 0.0 if value == 0 else real(value, name)
        for name in ("rashba", "dresselhaus", "intrinsic_soc")
        for value in [getattr(terms, name)]
    }


def _impurities(config: Config, source: ConfigSource, sample: Sample) -> list[Impurity]:
    found = [Impurity(entry.site, entry.potential, entry.moment) for entry in config.hamiltonian.impurities]
    for index, impurity in enumerate(found):
        with placed(source, f"hamiltonian.impurities[{index}].site"):
            sample.site_at(impurity.site)
    return found


def _terms(config: Config, source: ConfigSource, sample: Sample) -> list[Term]:
    """Terms of installed packages, each tried on the sample."""
    found = []
    for name, parameters in config.hamiltonian.terms.items():
        with placed(source, f"hamiltonian.terms.{name}"):
            found.append(named_term(name, parameters))
            sum_of(found[-1:], sample)
    return found


def _interactions(
    config: Config, source: ConfigSource, sample: Sample
) -> tuple[dict[str, Any], tuple[str, ...]]:
    """The interactions and given pairs, as :func:`bdg.build_model` takes them, and warnings."""
    interaction = config.interaction
    given, given_bonds, warnings = _given(config, source, sample)
    fields, bond_fields = (
        tuple(name for name in names if interaction.given is None or name != "pairing")
        for names in (interaction.fields, interaction.of_bonds)
    )
    attraction, exchange = strengths_of(config, source, sample)
    return {
        "attraction": real_values_of(interaction.onsite, "interaction.onsite", source, sample),
        "fields": fields,
        "bond_fields": bond_fields,
        "given_delta": given,
        "bond_attraction": attraction,
        "bond_exchange": exchange,
        "orbital_interaction": _orbital_interaction(config, source, sample),
        "channels": interaction.channels,
        "given_bonds": given_bonds,
    }, warnings


def _spin_hopping(config: Config, source: ConfigSource, sample: Sample) -> SpinHopping | None:
    given, key = config.hamiltonian.spin_hopping, "hamiltonian.spin_hopping"
    if given is None:
        return None
    require_shell(given.shell, f"{key}.shell", source, sample)
    by_form = {
        name: real_values_of(value, f"{key}.{name}", source, sample) for name, value in given.by_form.items()
    }
    term = SpinHopping(by_form, given.axis, given.shell)
    with placed(source, key):
        term.spin_hopping(sample)  # so that a form without weight there is refused here
    return term


def _magnetism(config: Config, model: Model) -> str:
    """The magnetism that is asked for: ``auto`` makes room for that of the starts."""
    given = (start for start in config.scf.starts.values() if isinstance(start, InitialValues))
    starts = [start for start in given if start.magnetisation is not None]
    asked = config.interaction.magnetism
    if asked == "auto" and model.dofs == 2 and any(start.is_noncollinear for start in starts):
        return "noncollinear"
    return "collinear" if asked == "auto" and starts and model.is_spin_symmetric else asked


def _orbital_interaction(config: Config, source: ConfigSource, sample: Sample) -> OrbitalInteraction | None:
    given = config.interaction.orbitals
    if given is None:
        return None
    require_shell(WITHIN, "interaction.orbitals", source, sample)
    attraction, hund, pair_hopping = (
        real_values_of(getattr(given, name), f"interaction.orbitals.{name}", source, sample)
        for name in ("value", "hund", "pair_hopping")
    )
    return OrbitalInteraction(attraction, hund, pair_hopping)


def _given(
    config: Config, source: ConfigSource, sample: Sample
) -> tuple[Numbers | None, NDArray[Any] | None, tuple[str, ...]]:
    """The given Δ on sites and on bonds, ``None`` for what is not given; and warnings."""
    given, key = config.interaction.given, "interaction.given"
    if given is None:
        return None, None, ()

    def values(name: str) -> Numbers:
        return values_of(getattr(given, name), f"{key}.{name}", source, sample)

    onsite = None if given.onsite is None else values("onsite")
    # A file holds Δ itself, as of another result; all else the amplitude of a condensate at rest.
    amplitude = onsite if onsite is None or isinstance(given.onsite, FileValue) else lambda *place: onsite
    if given.on_bonds:
        require_shell(given.shell, f"{key}.shell", source, sample)
    fixed = Given(
        onsite=amplitude,
        on_bonds={name: values(name) for name in given.on_bonds} or None,
        shell=given.shell,  # nosec B604
        d_vector=given.d_vector,
        phase=0.0 if given.phase == 0 else real_values_of(given.phase, f"{key}.phase", source, sample),
        region=None if given.region is None else sites_in(given.region, f"{key}.region", source, sample),
    )
    sources = vector_potential_of(config, source, sample)
    with placed(source, key):
        return fixed.on(sample, sources or None)


def _disorder_of(config: Config, source: ConfigSource, sample: Sample) -> Disorder | None:
    given = config.hamiltonian.disorder
    if given is None:
        return None
    region = None
    if given.region is not None:
        sites_in(given.region, "hamiltonian.disorder.region", source, sample)
        region = region_of(given.region, sample.size, sample.cell)
    return Disorder(given.width, given.seed, given.distribution, region)


def fields_of(start: InitialValues, key: str, config: Config, source: ConfigSource, model: Model) -> Fields:
    """Fields to start from with the Δ, pairs on bonds, magnetisation and density that are given at ``key``.

    Raises
    ------
    ConfigError
        See :func:`values_of` and :func:`bdg.scf.fields_by_symmetry`.
    """
    values = {
        name: values_of(value, f"{key}.{name}", source, model.sample) for name, value in start.given.items()
    }
    if "delta" in values and not isinstance(start.given["delta"], FileValue):
        values["delta"] = start_factor(model) * values["delta"]
    moments = None
    if start.magnetisation is not None:
        place = f"{key}.magnetisation"
        wanted = _moments(start.magnetisation, place, source, model.sample)
        with placed(source, place):
            moments = magnetisation_of(model, wanted, config.scf.seed)
    electrons = None
    if start.density is not None:
        place = f"{key}.density"
        wanted = start.density
        if not (isinstance(wanted, str) and wanted in PATTERNS):
            wanted = real_values_of(wanted, place, source, model.sample)
        with placed(source, place):
            electrons = density_of(model, wanted, config.scf.seed)
    with placed(source, key):
        return fields_by_symmetry(model, values, moments, electrons)


def _moments(given: Any, key: str, source: ConfigSource, sample: Sample) -> Any:
    """Values along z, or of all three components; the name of a pattern as it is."""
    if isinstance(given, str) and given in PATTERNS:
        return given
    if isinstance(given, tuple) and not isinstance(given[0], RegionValue):
        keys = (f"{key}[{n}]" for n in range(3))
        return np.stack(
            [real_values_of(part, k, source, sample) for part, k in zip(given, keys, strict=True)]
        )
    return real_values_of(given, key, source, sample)
