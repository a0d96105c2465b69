"""Errors with the place in the configuration that they come from."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from bdg.config.source import ConfigSource
from bdg.errors import ConfigError, FileRefusedError, InputError, ResourceError


@contextmanager
def placed(source: ConfigSource, key: str) -> Iterator[None]:
    """Give an error of the physics the place in the configuration that it comes from."""
    try:
        yield
    except ConfigError:
        raise
    except FileRefusedError as error:
        raise FileRefusedError(str(source.error(key, str(error)))) from error
    except InputError as error:
        raise source.error(key, str(error)) from error
    except ResourceError as error:
        raise ResourceError(str(source.error("lattice.size", str(error)))) from error
