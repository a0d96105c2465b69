"""Every message of the package, from the source: so that a search of the site finds it."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import bdg
from bdg.expressions.grammar import CONSTANTS, FUNCTIONS
from bdg.parameters.quantities import ENERGY_UNITS, LENGTH_UNITS
from docs.generators.markdown import code

PACKAGE = Path(bdg.__file__).parent
RAISES = re.compile(r"\w*(error|problem|refuse|refusal|warn)$", re.IGNORECASE)
"""Calls whose texts a user may read."""

TABLES = (
    "bdg.config.text.document",
    "bdg.expressions.grammar",
    "bdg.parameters.quantities",
    "bdg.parameters.scalars",
    "bdg.parameters.translate",
)
"""Modules that keep texts in tables: every one of them."""

INTRODUCTION = """# All messages

What bdg may say when it refuses or fails, in the order of the modules it comes from; "…" stands for values.
What to do about the most frequent ones: [messages and what to do](../faq.md).

"""


def pages() -> dict[str, str]:
    """One page."""
    parts = [INTRODUCTION, _vocabulary()]
    for file in sorted(PACKAGE.rglob("*.py")):
        found = list(dict.fromkeys(messages(file)))
        if found:
            name = ".".join(file.relative_to(PACKAGE.parent).with_suffix("").parts)
            parts.append(f"## {name}\n\n" + "".join(f"- {code(one)}\n" for one in found) + "\n")
    return {"messages": "".join(parts)}


def _vocabulary() -> str:
    """What messages list of units, and of the names that formulas know."""
    units = {"energies": ENERGY_UNITS, "lengths": LENGTH_UNITS}
    lines = [f"- units of {of}: {', '.join(map(code, names))}\n" for of, names in units.items()]
    known = ", ".join(map(code, [*CONSTANTS, *FUNCTIONS]))
    return f"## Words that stand for …\n\n{''.join(lines)}- names in formulas: {known}\n\n"


def messages(file: Path) -> Iterator[str]:
    """The texts of the calls in a file that raise or warn."""
    tree = ast.parse(file.read_text(encoding="utf-8"))
    name = ".".join(file.relative_to(PACKAGE.parent).with_suffix("").parts)
    found = _of_tables(tree) if name in TABLES else _of_calls(tree)
    for text in found:
        text = " ".join(text.split())
        if re.search(r"\w+ \w+", text):
            yield text


def _of_calls(tree: ast.Module) -> Iterator[str]:
    """Of every call that raises or warns the arguments, and what the names among them stand for."""
    assigned: dict[str, list[ast.expr]] = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
            assigned.setdefault(node.targets[0].id, []).append(node.value)
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and RAISES.search(_name(node.func)):
            for argument in [*node.args, *(keyword.value for keyword in node.keywords)]:
                named = assigned.get(argument.id, []) if isinstance(argument, ast.Name) else [argument]
                yield from map(_text, named)


def _of_tables(tree: ast.Module) -> Iterator[str]:
    """Every text of a module that is no docstring, wherever it stands."""
    docstrings = {
        id(node.value)
        for node in ast.walk(tree)
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
    }
    parts = {id(part) for node in ast.walk(tree) if isinstance(node, ast.JoinedStr) for part in node.values}
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant | ast.JoinedStr) and id(node) not in docstrings | parts:
            yield _text(node)


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
