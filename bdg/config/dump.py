"""The configuration with every default, as YAML that reads back equal."""

from __future__ import annotations

import json
from functools import lru_cache
from typing import Any

import yaml

from bdg.config.schema.config import Config
from bdg.parameters.scalars import resolve

WIDTH = 1 << 30
"""Characters of a line, so that none is broken."""

_SAFE: Any = getattr(yaml, "CSafeDumper", yaml.SafeDumper)
"""libyaml's where PyYAML was built with it, four times faster."""


def dump_resolved(config: Config) -> str:
    """YAML of ``config`` with every default written out; what is not set is left out."""
    data = config.model_dump(mode="json", by_alias=True, exclude_none=True)
    return "".join(_section(name, json.dumps(value)) for name, value in data.items())


@lru_cache(maxsize=32)
def _section(name: str, values: str) -> str:
    """YAML of one key of the top level, its value as JSON: the points of a sweep have most in common."""
    value = json.loads(values)
    style = None if isinstance(value, dict | list) else False
    text: str = yaml.dump(
        {name: value},
        Dumper=_Dumper,
        sort_keys=False,
        allow_unicode=True,
        default_flow_style=style,
        width=WIDTH,
    )
    return text


class _Dumper(_SAFE):  # type: ignore[misc]  # one of two classes
    """Quotes what YAML 1.2 would read as another value, and writes no aliases."""

    def ignore_aliases(self, data: Any) -> bool:
        return True


def _text(dumper: yaml.SafeDumper, text: str) -> yaml.ScalarNode:
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style=None if _plain(text) else "'")


def _plain(text: str) -> bool:
    try:
        return isinstance(resolve(text), str)
    except OverflowError:
        return False


_Dumper.add_representer(str, _text)
