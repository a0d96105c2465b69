"""What a swept key measures, from the schema of the configuration, and the short name that it gets."""

from __future__ import annotations

import re
from collections.abc import Sequence

from bdg.config.keys import field_at, marks_of
from bdg.config.settings import path_of
from bdg.parameters.dimensions import ENERGY, LENGTH, MAGNETIC_FIELD, VECTOR_POTENTIAL, Dimension

UNIT_OF = {ENERGY: "t", LENGTH: "a", MAGNETIC_FIELD: "hbar/(e a^2)", VECTOR_POTENTIAL: "hbar/(e a)"}


def short_names(keys: Sequence[str]) -> dict[str, str]:
    """A name for each key as a dimension: its last part where no other ends so, else all of it.

    The last two parts where the last is no name of its own: ``bonds_0_value``.
    """
    lasts = [_identifier(last_words(key)) for key in keys]
    named = zip(keys, lasts, strict=True)
    return {key: last if lasts.count(last) == 1 else _identifier(key) for key, last in named}


def last_words(key: str) -> str:
    """What a key is called for short: its last part, or two."""
    parts = key.split(".")
    return ".".join(parts[-2:] if parts[-1] == "value" else parts[-1:])


def unit_of(key: str) -> str:
    """The unit of a key's numbers: ``t``, ``a`` or ``1``."""
    field = field_at(path_of(key))
    dimension = (
        None if field is None else next((m for m in marks_of(field) if isinstance(m, Dimension)), None)
    )
    return "1" if dimension is None else UNIT_OF.get(dimension, "1")


def _identifier(key: str) -> str:
    return re.sub(r"\W+", "_", key).strip("_")
