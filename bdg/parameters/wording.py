"""How errors speak: quoted values, dotted keys, lists of choices, suggestions."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Mapping, Sequence

from bdg.keywords import nearest

__all__ = ["Path", "choices", "key_name", "nearest", "quote", "shorten"]

Path = tuple[str | int, ...]

_LONGEST = 60


def quote(value: object) -> str:
    """``value`` as it would stand in the file, shortened.

    >>> quote([1, True, None, "a"])
    "[1, true, null, 'a']"
    """
    return shorten(_flow(value))


def shorten(text: str, longest: int = _LONGEST) -> str:
    """``text`` without what can't be printed, cut to ``longest`` characters."""
    printable = "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in text[:longest])
    return printable if len(text) <= longest else printable + "…"


def _flow(value: object) -> str:
    """Flow-style YAML of plain data; long lists are cut early, whatever their size."""
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float) and not math.isfinite(value):
        return ".nan" if math.isnan(value) else ".inf" if value > 0 else "-.inf"
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e15:
        return str(int(value))
    if isinstance(value, str):
        return f"'{value[: _LONGEST + 1]}'" if len(value) <= _LONGEST else f"'{value[:_LONGEST]}…'"
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{k}: {_flow(v)}" for k, v in list(value.items())[:8]) + "}"
    if isinstance(value, Sequence):
        return "[" + ", ".join(_flow(v) for v in value[:16]) + (", …]" if len(value) > 16 else "]")
    return str(value)


def key_name(path: Path) -> str:
    """Dotted name of a place in the configuration.

    >>> key_name(("lattice", "size", 0))
    'lattice.size[0]'
    """
    name = ""
    for part in path:
        if isinstance(part, int):
            name += f"[{part}]"
        else:
            text = part if re.fullmatch(r"[\w-]{1,60}", part) else quote(part)
            name += f".{text}" if name else text
    return name


def choices(words: Iterable[str]) -> str:
    """The words with commas and a last "or"."""
    *most, last = words
    return f"{', '.join(most)} or {last}" if most else last
