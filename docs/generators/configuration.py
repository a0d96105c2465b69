"""The configuration reference, from the JSON schema of configurations."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

from bdg.config.whole import json_schema
from docs.generators.markdown import code, prose, table

Schema = dict[str, Any]

INTRODUCTION = """# Configuration

Every key of a configuration, generated from the schema that checks it (`bdg schema` prints that for
editors, `bdg init` writes a file with every key). Energies are in units of the hopping t, lengths in
lattice constants a, ħ = k_B = e = 1. With a section `units`, a number marked *energy*, *length*, *field* or
*potential* may be a text with a unit, `5 meV`, `4 nm`, `1 T`. What is *required* must be given. The
parameters of the observables are on [their pages](observables/index.md).

"""

OBSERVABLES = "Observables"

KINDS = {"T nm": "potential", "mT": "field", "eV": "energy", "nm": "length"}
"""What a number with a unit is, by a unit of its pattern, the first that is in it."""


def pages() -> dict[str, str]:
    """One page for the whole schema."""
    return {"configuration": INTRODUCTION + "\n".join(_sections())}


def _sections() -> Iterator[str]:
    schema = json_schema()
    definitions = schema["$defs"]
    yield _section("configuration", "The file", schema)
    for name in _reached(schema, definitions):
        yield _section(name.lower(), _spaced(name), definitions[name])


def shared_sections(definitions: dict[str, Schema]) -> Iterator[str]:
    """Sections within the parameters of observables that the configuration's own keys do not lead to."""
    own = set(_references(definitions[OBSERVABLES]))
    elsewhere = own | set(_reached(json_schema(), definitions))
    for name in _reached({"properties": {key: definitions[key] for key in sorted(own)}}, definitions):
        if name not in elsewhere:
            yield _section(name.lower(), _spaced(name), definitions[name], level=3)


def _reached(schema: Schema, definitions: dict[str, Schema]) -> list[str]:
    """The sections that the keys of one lead to, each behind the one it belongs to."""
    shown: list[str] = []
    queue = list(_references(schema["properties"]))
    while queue:
        name = queue.pop(0)
        if name not in shown and name != OBSERVABLES:
            shown.append(name)
            queue = [*_references(definitions[name]), *queue]
    return shown


def _section(anchor: str, title: str, schema: Schema, level: int = 2) -> str:
    text = f"({anchor}-keys)=\n{'#' * level} {title}\n\n{prose(schema.get('description', ''))}\n\n"
    return text + rows(schema) + "\n"


def rows(schema: Schema) -> str:
    """The table of the keys of a section."""
    needed = schema.get("required", ())
    return table(
        ["key", "type", "default", "meaning"],
        (
            (
                code(name),
                kind(one),
                "*required*" if name in needed else _default(one),
                prose(one.get("description", "")),
            )
            for name, one in schema.get("properties", {}).items()
        ),
    )


def _default(schema: Schema) -> str:
    value = schema.get("default")
    if value is None or value in ("", {}) or isinstance(value, dict):
        return ""
    return code(json.dumps(value, ensure_ascii=False))


def kind(schema: Schema) -> str:
    """The type of a key in words, with links to the sections it refers to."""
    if "$ref" in schema:
        name = schema["$ref"].rsplit("/", 1)[-1]
        return "observables" if name == OBSERVABLES else f"[{_spaced(name).lower()}](#{name.lower()}-keys)"
    if "enum" in schema or "const" in schema:
        return ", ".join(code(str(value)) for value in schema.get("enum", [schema.get("const")]))
    for union in ("anyOf", "oneOf"):
        if union in schema:
            words = dict.fromkeys(kind(one) for one in schema[union] if one.get("type") != "null")
            marked = [word for word in words if word in {f"*{name}*" for name in KINDS.values()}]
            words = dict.fromkeys(word for word in words if not (marked and word.startswith("number")))
            return " or ".join(words)
    if schema.get("type") == "array":
        parts = schema.get("prefixItems")
        inner = ", ".join(dict.fromkeys(map(kind, parts))) if parts else kind(schema.get("items", {}))
        several = re.sub(r"number(?!s)", "numbers", re.sub("^list of", "lists of", inner), count=1)
        return f"list of {several}" if inner else "list"
    return _simple(schema)


def _simple(schema: Schema) -> str:
    name = schema.get("type", "")
    if name == "string":
        units = next((word for unit, word in KINDS.items() if unit in schema.get("pattern", "")), None)
        return f"*{units}*" if units else "text"
    words = {
        "number": "number",
        "integer": "whole number",
        "boolean": "true or false",
        "object": "mapping",
        "null": "",
    }
    return words.get(name, "value") + _bounds(schema)


def _bounds(schema: Schema) -> str:
    signs = {"minimum": "≥", "exclusiveMinimum": ">", "maximum": "≤", "exclusiveMaximum": "\\<"}
    found = [f"{sign} {schema[key]:g}" for key, sign in signs.items() if key in schema]
    return f" {', '.join(found)}" if found else ""


def _references(schema: Any) -> Iterator[str]:
    if isinstance(schema, dict):
        if "$ref" in schema:
            yield schema["$ref"].rsplit("/", 1)[-1]
        for value in schema.values():
            yield from _references(value)
    elif isinstance(schema, list):
        for value in schema:
            yield from _references(value)


def _spaced(name: str) -> str:
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])", " ", name).capitalize()
