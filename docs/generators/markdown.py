"""Pieces of Markdown."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence


def cell(text: str) -> str:
    """Text within a row of a table."""
    return " ".join(text.split()).replace("|", "\\|")


def prose(text: str) -> str:
    """Plain text in which what Markdown would take for markup means itself."""
    return re.sub(r"(?<!\\)([*_<\[\]`$])", r"\\\1", text)


def code(text: str) -> str:
    """Text in a fixed font."""
    return f"`{text}`" if "`" not in text else f"`` {text} ``"


def table(header: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A table; empty without rows."""
    lines = [f"| {' | '.join(map(cell, row))} |" for row in rows]
    if not lines:
        return ""
    return "\n".join([f"| {' | '.join(header)} |", "|---" * len(header) + "|", *lines]) + "\n"


def toctree(pages: Iterable[str], hidden: bool = False) -> str:
    """A table of contents of pages."""
    options = ":hidden:\n" if hidden else ":maxdepth: 1\n"
    return "```{toctree}\n" + options + "\n" + "\n".join(pages) + "\n```\n"
