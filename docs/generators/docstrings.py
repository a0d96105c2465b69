"""Docstrings as reStructuredText.

Docstrings are written to be read where they stand: |Δ|, c†_i and ⟨n⟩ mean themselves. What reStructuredText
would take for markup is escaped, outside of literals, of roles and of code.
"""

from __future__ import annotations

import re
from typing import Any

KEPT = re.compile(r"(``.+?``|:[a-z:]+:`[^`]+`|`[^`]+`_?)")
"""Literals, roles and links."""


def escaped(text: str) -> str:
    """A line of prose with markup that is none."""
    parts = KEPT.split(text)
    parts[::2] = [re.sub(r"(?<!\\)([|*]|_(?!\w))", r"\\\1", part) for part in parts[::2]]
    return "".join(parts)


def escape(app: Any, what: str, name: str, one: Any, options: Any, lines: list[str]) -> None:
    """Escape the lines of a docstring in place; a block behind ``::`` is code."""
    block: int | None = None
    for number, line in enumerate(lines):
        indent = len(line) - len(line.lstrip())
        if block is not None and line.strip() and indent <= block:
            block = None
        if block is not None:
            continue
        lines[number] = escaped(line)
        if line.rstrip().endswith("::"):
            block = indent
