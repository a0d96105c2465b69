"""What the sections of the schema are made of: strict numbers, short lists, unions that explain."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel, ConfigDict, Discriminator, Field

from bdg.parameters.problems import refuse
from bdg.parameters.wording import quote


class Section(BaseModel):
    """A mapping of known keys, frozen once read; unknown keys are refused."""

    model_config = ConfigDict(extra="forbid", frozen=True)


# Strict: an int is a float, but neither a bool nor a text is a number.
Number = Annotated[float, Field(strict=True, allow_inf_nan=False)]
Positive = Annotated[float, Field(strict=True, allow_inf_nan=False, gt=0)]
NonNegative = Annotated[float, Field(strict=True, allow_inf_nan=False, ge=0)]
Count = Annotated[int, Field(strict=True, ge=1)]
Seed = Annotated[int, Field(strict=True, ge=0)]
Text = Annotated[str, Field(strict=True)]
Flag = Annotated[bool, Field(strict=True)]

Vector = Annotated[tuple[Number, ...], Field(min_length=3, max_length=3)]
"""A spin vector [x, y, z]."""

Cell = Annotated[tuple[Annotated[int, Field(strict=True)], ...], Field(min_length=1, max_length=4)]
"""A site: its cell, counted from 0 along each direction, and with several orbitals a cell its orbital."""


def _printable(text: str) -> str:
    bad = next((c for c in text if not c.isprintable()), None)
    if bad is not None:
        refuse(f"must be one line of printable text, without {bad!r}", hint="remove it")
    return text


Line = Annotated[Text, AfterValidator(_printable)]
"""A single line of text."""


# Tags of the branches of a union. The brackets keep them apart from keys in the paths of errors.
MAPPING, LIST, NUMBER, WORD = "<mapping>", "<list>", "<number>", "<word>"
TEXT, REGIONS = "<text>", "<regions>"  # any text; a list whose entries are mappings

TAGS = (MAPPING, LIST, NUMBER, WORD, TEXT, REGIONS)


class _Branches(Discriminator):
    """A discriminator that may stand in a union: pydantic's own holds a dictionary and has no hash."""

    __hash__ = object.__hash__


def one_of(expected: str, *tags: str, words: tuple[str, ...] = ()) -> Discriminator:
    """Choose the branch of a union by the kind of value, so that errors speak of the branch that was meant.

    Parameters
    ----------
    expected
        What may stand there, for the error when no branch fits.
    tags
        The branches, of ``MAPPING``, ``LIST``, ``NUMBER``, ``WORD``, ``TEXT``, ``REGIONS``.
    words
        The words that the branch ``WORD`` knows.
    """

    def tag(value: Any) -> str | None:
        kind = _kind(value)
        if kind == LIST and REGIONS in tags and (LIST not in tags or any(map(_is_entry, value))):
            return REGIONS
        if kind == WORD and value not in words:
            kind = TEXT
        return kind if kind in tags else None

    return _Branches(
        tag,
        custom_error_type="no_branch",
        custom_error_message="must be {expected}",
        custom_error_context=_Context(expected=expected, words=" ".join(words)),
    )


class _Context(dict[str, Any]):
    """What an error says besides; with a hash, so that a union may hold a list of unions."""

    __hash__ = object.__hash__  # type: ignore[assignment]


def _is_mapping(value: Any) -> bool:
    return isinstance(value, dict | BaseModel)


def _is_entry(value: Any) -> bool:
    """Whether something is a mapping that is no value by itself, as {file} is."""
    return (
        _is_mapping(value)
        and not (isinstance(value, dict) and "file" in value)
        and not hasattr(value, "file")
    )


def _kind(value: Any) -> str | None:
    if _is_mapping(value):
        return MAPPING
    if isinstance(value, list | tuple):
        return LIST
    if isinstance(value, str):
        return WORD
    return NUMBER if isinstance(value, int | float) and not isinstance(value, bool) else None


def single_or_list(schema: dict[str, Any]) -> None:
    """Let the JSON schema of a list also take a single entry, which the validator wraps."""
    branches = schema.pop("anyOf", None)
    if branches is None:
        array = {key: schema.pop(key) for key in ("type", "items", "minItems", "maxItems") if key in schema}
        branches = [array]
    array = next(branch for branch in branches if branch.get("type") == "array")
    schema["anyOf"] = [array["items"], *branches]


def wrapped(value: Any) -> Any:
    """``[value]``, unless it is a list already."""
    return value if isinstance(value, list | tuple) else [value]


def without_repeats(noun: str) -> Callable[[tuple[Any, ...]], tuple[Any, ...]]:
    """A validator that refuses an entry listed twice."""

    def check(entries: tuple[Any, ...]) -> tuple[Any, ...]:
        seen: set[Any] = set()
        for index, entry in enumerate(entries):
            if entry in seen:
                refuse(f"the {noun} {quote(entry)} is listed twice", index, hint="remove one")
            seen.add(entry)
        return entries

    return check
