"""What a swept key measures, from the schema of the configuration, and the short name that it gets."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Any, get_args

from pydantic import BaseModel

from bdg.config import Config
from bdg.parameters.dimensions import ENERGY, LENGTH, MAGNETIC_FIELD, VECTOR_POTENTIAL, Dimension

UNIT_OF = {ENERGY: "t", LENGTH: "a", MAGNETIC_FIELD: "hbar/(e a^2)", VECTOR_POTENTIAL: "hbar/(e a)"}


def short_names(keys: Sequence[str]) -> dict[str, str]:
    """A name for each key as a dimension: its last part where no other ends so, else all of it."""
    lasts = [_identifier(key.split(".")[-1]) for key in keys]
    named = zip(keys, lasts, strict=True)
    return {key: last if lasts.count(last) == 1 else _identifier(key) for key, last in named}


def unit_of(key: str) -> str:
    """The unit of a key's numbers: ``t``, ``a`` or ``1``."""
    model: type[BaseModel] | None = Config
    dimension: Dimension | None = None
    for part in re.sub(r"\[\d+\]", "", key).split("."):
        field = None if model is None else model.model_fields.get(part)
        if field is None:
            return "1"
        met = [*field.metadata, *_inside(field.annotation)]
        dimension = next((one for one in met if isinstance(one, Dimension)), None)
        model = next((one for one in met if isinstance(one, type) and issubclass(one, BaseModel)), None)
    return "1" if dimension is None else UNIT_OF.get(dimension, "1")


def _inside(annotation: Any) -> Iterator[Any]:
    """The types and marks within an annotation."""
    yield annotation
    for one in get_args(annotation):
        yield from _inside(one)


def _identifier(key: str) -> str:
    return re.sub(r"\W+", "_", key).strip("_")
