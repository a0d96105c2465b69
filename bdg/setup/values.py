"""Values over sites: the one place where what a configuration gives is evaluated."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from bdg.arrays import Numbers
from bdg.config.schema.values import FileValue, GivenValue, RegionValue
from bdg.config.source import ConfigSource
from bdg.errors import InputError
from bdg.lattice import Sample
from bdg.lattice.values import real_values, values_at
from bdg.setup.files import on_sites, read_values
from bdg.setup.placing import placed
from bdg.setup.regions import sites_in
from bdg.words import counted


def values_of(value: GivenValue, key: str, source: ConfigSource, sample: Sample) -> Numbers:
    """What a configuration gives over sites, as an array: the one place where that is evaluated.

    Parameters
    ----------
    value
        A number, an expression, numbers by orbital or by site, values by region, the last region counting, or
        a file.
    key
        Where it stands in the configuration.

    Raises
    ------
    ConfigError
        If a region holds no site, an expression cannot be evaluated there, orbitals or sites are
        miscounted, or a file can't be used.
    """
    if isinstance(value, tuple) and isinstance(value[0], RegionValue):
        return _by_region(value, key, source, sample)
    with placed(source, key):
        if isinstance(value, FileValue):
            return on_sites(sample, read_values(value.file, value.dataset), value.file)
        if not isinstance(value, tuple):
            return values_at(sample.positions, value)
        if len(value) == sample.cell.n_orbitals:
            return np.array(value)[sample.orbitals]
        if len(value) != sample.n_sites:
            orbitals, sites = counted(sample.cell.n_orbitals, "orbital"), counted(sample.n_sites, "site")
            raise InputError(
                f"has {len(value)} numbers, the cell has {orbitals} and the sample {sites}; give one for each"
            )
        return np.array(value)


def real_values_of(value: GivenValue, key: str, source: ConfigSource, sample: Sample) -> NDArray[np.float64]:
    """As :func:`values_of`; complex values are refused."""
    values = values_of(value, key, source, sample)
    with placed(source, key):
        return real_values(values, "the value")


def _by_region(entries: tuple[RegionValue, ...], key: str, source: ConfigSource, sample: Sample) -> Numbers:
    values: Numbers = np.zeros(sample.n_sites)
    for index, entry in enumerate(entries):
        inside = sites_in(entry.region, f"{key}[{index}].region", source, sample)
        with placed(source, f"{key}[{index}].value"):
            there = values_at(sample.positions[inside], entry.value)
        values = values.astype(np.result_type(values, there))
        values[inside] = there
    return values
