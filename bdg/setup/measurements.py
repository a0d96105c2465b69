"""What is to be measured."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from bdg.config.schema.config import Config
from bdg.config.source import ConfigSource
from bdg.model import Model
from bdg.observables import contracts
from bdg.observables.contract import ParameterError
from bdg.setup.placing import placed


def observable_parameters(
    config: Config, source: ConfigSource, model: Model
) -> Iterator[tuple[str, dict[str, Any]]]:
    """Name of each observable asked for, and what its function takes, on a model that has what it needs.

    Raises
    ------
    ConfigError
        If a site is not in the sample, or there is nothing to measure.
    """
    for name, (place, section) in config.requested().items():
        with placed(source, ".".join(place)):
            try:
                checked = contracts()[name].check(model, section)
            except ParameterError as error:
                raise source.error((*place, *error.path), error.problem, error.hint) from error
        yield name, checked
