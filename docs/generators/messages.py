"""Every message of the package, from the source: so that a search of the site finds it."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import bdg
from docs.generators.markdown import code

PACKAGE = Path(bdg.__file__).parent
RAISES = re.compile(r"\w*(Error|Problem|refuse|refusal|warn)$")
"""Calls whose texts a user may read."""

INTRODUCTION = """# All messages

What bdg may say when it refuses or fails, in the order of the modules it comes from; "…" stands for values.
What to do about the most frequent ones: [messages and what to do](../faq.md).

"""


def pages() -> dict[str, str]:
    """One page."""
    parts = [INTRODUCTION]
    for file in sorted(PACKAGE.rglob("*.py")):
        found = list(dict.fromkeys(messages(file)))
        if found:
            name = ".".join(file.relative_to(PACKAGE.parent).with_suffix("").parts)
            parts.append(f"## {name}\n\n" + "".join(f"- {code(one)}\n" for one in found) + "\n")
    return {"messages": "".join(parts)}


def messages(file: Path) -> Iterator[str]:
    """The texts of the calls in a file that raise or warn."""
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Call) and RAISES.search(_name(node.func)):
            for argument in [*node.args, *(keyword.value for keyword in node.keywords)]:
                text = " ".join(_text(argument).split())
                if re.search(r"\w+ \w+", text):
                    yield text


def _name(function: ast.expr) -> str:
    return function.attr if isinstance(function, ast.Attribute) else getattr(function, "id", "")


def _text(node: ast.expr) -> str:
    """The text of an expression of strings, values left out."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return node.value
    if isinstance(node, ast.JoinedStr):
        return "".join(_text(part) for part in node.values)
    if isinstance(node, ast.FormattedValue):
        return "…"
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add):
        return _text(node.left) + _text(node.right)
    if isinstance(node, ast.IfExp):
        return f"{_text(node.body)} / {_text(node.orelse)}"
    return ""
