"""Errors of the schema's validators → problems in plain words."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import takewhile
from typing import Any, get_args, get_origin

from pydantic import BaseModel, ValidationError
from pydantic.fields import FieldInfo

from bdg.parameters.base import MAPPING, TAGS
from bdg.parameters.problems import At, Problem
from bdg.parameters.scalars import resolve
from bdg.parameters.wording import Path, choices, key_name, nearest, quote, shorten

MOST_KEYS = 12
"""Keys that a hint lists."""


Root = type[BaseModel]
"""The section that was validated, where paths start."""


def problems_of(error: ValidationError, root: Root) -> list[Problem]:
    """Every problem of a validation error of a section, with the path within it that it belongs to."""
    return [p for detail in error.errors(include_url=False) for p in _translate(dict(detail), root)]


def _translate(detail: dict[str, Any], root: Root) -> Iterator[Problem]:
    kind, value, context = detail["type"], detail["input"], detail.get("ctx", {})
    *above, last = detail["loc"] or (MAPPING,)
    path: Path = tuple(part for part in above if part not in TAGS)
    if last not in TAGS or kind == "extra_forbidden":
        path = (*path, last)
    if kind == "refused":
        for problem in context["problems"]:
            yield Problem(
                (*path, *problem.path),
                problem.text,
                problem.hint,
                rivals=tuple((*path, *rival) for rival in problem.rivals),
            )
    elif kind == "too_short" and len(value) >= context["min_length"]:
        return  # pydantic doesn't count the entries that it has refused already
    elif kind == "extra_forbidden":
        yield _unknown_key(path, root)
    elif kind == "missing":
        yield Problem(path, "this key is missing", _example(path, root), At.MISSING)
    elif kind == "tuple_type" and path and isinstance(path[-1], int) and isinstance(value, int | float):
        yield Problem(path, f"must be a list, not {quote(value)}", "one entry alone has brackets too: [[…]]")
    elif kind in _WORDS:
        known = known_keys(path, root) if kind in _MAPPINGS else _keys_of_entries(path, root)
        yield Problem(path, *_WORDS[kind](value, context, known))
    else:
        yield Problem(path, f"{detail['msg']}, not {quote(value)}")


def _unknown_key(path: Path, root: Root) -> Problem:
    key = str(path[-1])
    known = known_keys(path[:-1], root)
    meant = nearest(key, known)
    homes = _homes(key, root)
    if meant:
        hint = f"did you mean {quote(meant)}?"
    elif homes:
        hint = f"did you mean {choices(homes)}?"
    elif known:
        hint = _listed(known)
    else:
        hint = "nothing can be set here, write {}"
    return Problem(path, "unknown key", hint, At.KEY)


def _example(path: Path, root: Root) -> str:
    """How the missing key is written."""
    model = _model(path[:-1], root)
    description = _fields(model)[str(path[-1])].description if model else None
    return f"add '{path[-1]}:'" + (f" ({description.rstrip('.')})" if description else "")


Words = Callable[[Any, dict[str, Any], list[str]], tuple[str, str | None]]
"""Problem and hint, from the value, the context of the error and the keys that are known there."""


def _number(value: Any, context: dict[str, Any], known: list[str]) -> tuple[str, str | None]:
    hint = None
    if isinstance(value, str):
        quoted = _is_number(value)
        hint = "remove the quotes" if quoted else "write it like 0.5, -2 or 1e-8"
    return f"must be a number, not {quote(value)}", hint


def _is_number(text: str) -> bool:
    try:
        value = resolve(text.strip())
    except OverflowError:
        return True
    return isinstance(value, int | float) and not isinstance(value, bool)


def _whole(value: Any, context: dict[str, Any], known: list[str]) -> tuple[str, str | None]:
    hint = None
    if isinstance(value, float) and value == value // 1:
        hint = f"write {int(value)}"
    elif isinstance(value, str) and _is_number(value):
        hint = "remove the quotes"
    return f"must be a whole number, not {repr(value) if isinstance(value, float) else quote(value)}", hint


def _bound(comparison: str, bound: str) -> Words:
    return lambda value, context, known: (
        f"must be {comparison} {quote(context[bound])}, not {quote(value)}",
        None,
    )


def _text(value: Any, context: dict[str, Any], known: list[str]) -> tuple[str, str | None]:
    scalar = isinstance(value, int | float)
    return f"must be a text, not {quote(value)}", f"put it in quotes: '{quote(value)}'" if scalar else None


def _list(value: Any, context: dict[str, Any], known: list[str]) -> tuple[str, str | None]:
    return f"must be a list, not {quote(value)}", _in_brackets(value, known)


def _in_brackets(value: Any, keys: list[str]) -> str | None:
    """How the list is written whose only entry is ``value``; ``keys`` are those of an entry's mapping."""
    if isinstance(value, Mapping):
        return f"write [{quote(value)}]"
    if not isinstance(value, int | float | str):
        return None
    if keys:
        return f"write a list of mappings with keys of {', '.join(keys[:MOST_KEYS])}"
    if isinstance(value, str) and re.fullmatch(r"\d+(\s*[x×*,]\s*\d+)+", value.strip()):
        return f"write [{', '.join(re.findall('[0-9]+', value))}]"
    return f"write [{shorten(str(value))}]"


def _listed(known: Sequence[str]) -> str:
    """The known keys, as many as a line holds."""
    some = ", ".join(known[:MOST_KEYS])
    return f"known keys: {some}" + (f" and {len(known) - MOST_KEYS} more" if len(known) > MOST_KEYS else "")


def _mapping(value: Any, context: dict[str, Any], known: list[str]) -> tuple[str, str | None]:
    names = [value] if isinstance(value, str) else value if isinstance(value, list) else []
    if names and all(name in known for name in names):
        hint = f"write {{{', '.join(f'{name}: {{}}' for name in names[:MOST_KEYS])}}}"
    else:
        hint = _listed(known) if known else "write {}"
    return f"must be a mapping of keys to values, not {quote(value)}", hint


def _literal(value: Any, context: dict[str, Any], known: list[str]) -> tuple[str, str | None]:
    words = re.findall(r"'([^']*)'", context["expected"])
    return f"must be {choices(words)}, not {quote(value)}", _did_you_mean(value, words)


def _branch(value: Any, context: dict[str, Any], known: list[str]) -> tuple[str, str | None]:
    return f"must be {context['expected']}, not {quote(value)}", _did_you_mean(
        value, context["words"].split()
    )


def _did_you_mean(value: Any, words: list[str]) -> str | None:
    meant = nearest(value, words) if isinstance(value, str) else None
    return f"did you mean {quote(meant)}?" if meant else None


def _length(comparison: str, bound: str) -> Words:
    def words(value: Any, context: dict[str, Any], known: list[str]) -> tuple[str, str | None]:
        wanted = context[bound]
        entries = "entry" if wanted == 1 else "entries"
        return f"must have {comparison} {wanted} {entries}, not {len(value)}: {quote(value)}", None

    return words


_WORDS: dict[str, Words] = {
    "float_type": _number,
    "float_parsing": _number,
    "int_type": _whole,
    "int_from_float": _whole,
    "int_parsing": _whole,
    "bool_type": lambda value, context, known: (f"must be true or false, not {quote(value)}", None),
    "finite_number": lambda value, context, known: (f"must be finite, not {quote(value)}", None),
    "greater_than": _bound("greater than", "gt"),
    "greater_than_equal": _bound("at least", "ge"),
    "less_than": _bound("less than", "lt"),
    "less_than_equal": _bound("at most", "le"),
    "string_type": _text,
    "tuple_type": _list,
    "model_type": _mapping,
    "model_attributes_type": _mapping,
    "dict_type": _mapping,
    "literal_error": _literal,
    "no_branch": _branch,
    "too_short": _length("at least", "min_length"),
    "too_long": _length("at most", "max_length"),
}


_MAPPINGS = {"model_type", "model_attributes_type", "dict_type"}


def known_keys(path: Path, root: Root) -> list[str]:
    """The keys that the section at a path knows."""
    model = _model(path, root)
    return list(_fields(model)) if model else []


def _keys_of_entries(path: Path, root: Root) -> list[str]:
    """The keys of the entries of a list of sections; none of any other list."""
    above = _model(path[:-1], root) if path else None
    field = _fields(above).get(str(path[-1])) if above else None
    parts = [field.annotation, *get_args(field.annotation)] if field else []
    lists = [get_args(part)[0] for part in parts if get_origin(part) is tuple]
    entries = [one for one in lists if isinstance(one, type) and issubclass(one, BaseModel)]
    return list(_fields(entries[0])) if entries else []


def _fields(model: type[BaseModel]) -> dict[str, FieldInfo]:
    """Fields by their keys in the file."""
    return {field.alias or name: field for name, field in model.model_fields.items()}


def _model(path: Path, root: Root) -> type[BaseModel] | None:
    models: list[type[BaseModel]] = [root]
    for at, part in enumerate(path):
        if isinstance(part, str):
            fields = [known[part] for model in models if part in (known := _fields(model))]
            found = [found for field in fields for found in _models(field.annotation)]
            depth = sum(1 for _ in takewhile(lambda step: isinstance(step, int), path[at + 1 :]))
            models = [model for model, lists in found if lists == depth] or [model for model, _ in found]
    return models[0] if models else None


def _models(annotation: Any, lists: int = 0) -> list[tuple[type[BaseModel], int]]:
    """Sections within a type annotation, and how many lists each is in."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return [(annotation, lists)]
    inside = lists + (get_origin(annotation) is tuple)
    return [model for part in get_args(annotation) for model in _models(part, inside)]


def _homes(key: str, root: Root) -> list[str]:
    """Where else in the root a key belongs."""
    sections: list[tuple[Path, type[BaseModel]]] = [((), root)]
    sections += [((name,), model) for name in root.model_fields if (model := _model((name,), root))]
    return [key_name((*path, key)) for path, model in sections if key in model.model_fields]
