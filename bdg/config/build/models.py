"""Models, and fields to start from."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from bdg.config.build.field import phases_of, screening_of, vector_potential_of
from bdg.config.build.placing import placed
from bdg.config.build.regions import region_of, sites_in
from bdg.config.build.values import real_values_of, values_of
from bdg.config.numerics import InitialDelta
from bdg.config.schema import Config
from bdg.config.source import ConfigSource
from bdg.gauge import phase_between
from bdg.lattice import Sample
from bdg.lattice.values import Values
from bdg.model import Disorder, Fields, Impurity, Model, build_model
from bdg.model.pairs import given_pairs
from bdg.scf import fields_by_symmetry


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
        with placed(source, f"hamiltonian.impurities[{index}].site"):
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
    with placed(source, "hamiltonian"):
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
            vector_potential=vector_potential_of(config, source, sample) or None,
            screening=screening_of(config),
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
        between = phase_between(sample, phase, phases_of(config, source, sample))
        pairs = np.exp(1j * between)[:, None, None] * pairs
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


def fields_of(start: InitialDelta, key: str, config: Config, source: ConfigSource, model: Model) -> Fields:
    """Fields to start from with the Δ and the pairs on bonds that are given at ``key``.

    Raises
    ------
    ConfigError
        See :func:`values_of` and :func:`bdg.scf.fields_by_symmetry`.
    """
    values = {
        name: values_of(value, f"{key}.{name}", config, source, model.sample)
        for name, value in start.given.items()
    }
    with placed(source, key):
        return fields_by_symmetry(model, values)
