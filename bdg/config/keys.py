"""What the schema says of a key."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, get_args

from pydantic import BaseModel
from pydantic.fields import FieldInfo

from bdg.config.whole import config_type
from bdg.parameters.wording import Path


def field_at(path: Path) -> FieldInfo | None:
    """The field of the schema at a path, list indices left out; ``None`` where there is none."""
    sections: list[type[BaseModel]] = [config_type()]
    field = None
    for part in path:
        if isinstance(part, int):
            continue
        field = next((one.model_fields[part] for one in sections if part in one.model_fields), None)
        if field is None:
            return None
        sections = [one for one in marks_of(field) if isinstance(one, type) and issubclass(one, BaseModel)]
    return field


def marks_of(field: FieldInfo) -> list[Any]:
    """The types that a field may have, and the marks on them."""
    return [*field.metadata, *_inside(field.annotation)]


def _inside(annotation: Any) -> Iterator[Any]:
    yield annotation
    for one in get_args(annotation):
        yield from _inside(one)
