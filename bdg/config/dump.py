"""The configuration with every default, as YAML that reads back equal."""

from __future__ import annotations

import math
from typing import Any

import yaml

from bdg.config.schema.config import Config
from bdg.parameters.scalars import resolve


def dump_resolved(config: Config) -> str:
    """YAML of ``config`` with every default written out; what is not set is left out."""
    data = config.model_dump(mode="json", by_alias=True, exclude_none=True)
    text: str = yaml.dump(
        data, Dumper=_Dumper, sort_keys=False, allow_unicode=True, default_flow_style=None, width=math.inf
    )
    return text


class _Dumper(yaml.SafeDumper):
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
