"""Everything that is wrong with a configuration, before any work."""

from __future__ import annotations

import os
from collections.abc import Sequence

from bdg import setup
from bdg.config import Config, ConfigSource
from bdg.config.source import read_text
from bdg.errors import ConfigError
from bdg.model import Model
from bdg.simulation.starts import starts_of

INDEPENDENT = ("hamiltonian", "scf", "observables")
"""Sections whose keys can be wrong by themselves: without one of them, the others are checked as they are."""


def checked_model(path: str | os.PathLike[str], overrides: Sequence[str] = ()) -> Model:
    """The model of a configuration in which all is well.

    Parameters
    ----------
    path
        The configuration.
    overrides
        ``a.b=value`` texts that replace values of the file.

    Raises
    ------
    ConfigError
        Of the first problem in the file, with all others; what another problem hides is not among them.
    BdgError
        Of another kind, if a file it names is damaged or the sample does not fit into memory.
    """
    name = os.fspath(path)
    source = ConfigSource(read_text(name), name, tuple(overrides))
    problems: list[ConfigError] = []
    model = _checked_in_part(source.parse(), source, problems)
    if model is None or problems:
        raise ConfigError.of(sorted(problems, key=lambda one: (one.line or 0, one.column or 0)))
    return model


def _checked_in_part(config: Config, source: ConfigSource, problems: list[ConfigError]) -> Model | None:
    """Check again and again, each time without the key that is at fault, which joins the problems."""
    while True:
        try:
            return _checked(config, source)
        except ConfigError as error:
            problems.append(error)
            section, *keys = (error.key or "").replace("[", ".").split(".")
            if section not in INDEPENDENT or not keys:
                return None
            config = _without(config, section, keys[0])


def _checked(config: Config, source: ConfigSource) -> Model:
    sample = setup.sample_of(config, source)
    model = setup.model_of(config, source, sample)
    starts_of(config, source, model)
    dict(setup.observable_parameters(config, source, model))
    return model


def _without(config: Config, section: str, key: str) -> Config:
    """The configuration with the default in place of a key."""
    part = getattr(config, section)
    default = type(part).model_fields[key].get_default(call_default_factory=True)
    return config.model_copy(update={section: part.model_copy(update={key: default})})
