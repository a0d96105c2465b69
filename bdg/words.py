"""Words that several layers tell a person."""

import reprlib
from collections.abc import Sequence


def counted(number: int, noun: str) -> str:
    """``1 site``, ``2 sites``."""
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def yes_or_no(value: bool) -> str:
    """``yes`` or ``no``."""
    return "yes" if value else "no"


def quoted(value: object) -> str:
    """What was given, shortened to a part of one line."""
    return " ".join(reprlib.repr(value).split())


def printable(text: str) -> str:
    """The text without control characters, which a terminal would obey; lines stay."""
    return "".join(character if character.isprintable() or character == "\n" else "�" for character in text)


def in_bytes(number: float) -> str:
    """``1.5 GiB``, ``200 MiB``; ``unlimited`` of infinity."""
    if number == float("inf"):
        return "unlimited"
    for unit, size in (("GiB", 2**30), ("MiB", 2**20)):
        if number >= size:
            return f"{number / size:.4g} {unit}"
    return f"{number / 2**10:.3g} KiB"


def in_time(seconds: float) -> str:
    """``0.2 s``, ``3 min``, ``1.5 h``."""
    if seconds < 100:
        return f"{seconds:.2g} s"
    return f"{seconds / 60:.2g} min" if seconds < 6000 else f"{seconds / 3600:.2g} h"


def aligned(table: Sequence[tuple[str, ...]]) -> list[str]:
    """A line for each row, the cells of a column below each other."""
    widths = [max(len(row[column]) for row in table) for column in range(len(table[0]))]
    return [
        "  ".join(f"{cell:<{width}}" for cell, width in zip(row, widths, strict=True)).rstrip()
        for row in table
    ]
