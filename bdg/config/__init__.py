"""YAML ⇄ a typed configuration, with errors that name the file, the line and the key.

The shape of a configuration is drawn in :func:`template`; its parts are :class:`Config` and the sections
below it. :func:`load_config` is the gate: behind it every value has its type and fits the others.
"""

from bdg.config.dump import dump_resolved
from bdg.config.schema.config import Config
from bdg.config.source import ConfigSource, load_config, parse_config
from bdg.config.template import template
from bdg.config.whole import config_type, json_schema

__all__ = [
    "Config",
    "ConfigSource",
    "config_type",
    "dump_resolved",
    "json_schema",
    "load_config",
    "parse_config",
    "template",
]
