"""What a validator finds wrong: a problem at a path, and the exception that carries it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import NoReturn

from pydantic_core import PydanticCustomError

from bdg.parameters.wording import Path, key_name


class At(Enum):
    """Which place of a path a problem points to."""

    VALUE = "value"
    KEY = "key"
    MISSING = "missing"


@dataclass(frozen=True)
class Problem:
    """Something wrong at a path.

    Parameters
    ----------
    path
        Keys and list indices from the top level down.
    text
        What is wrong, quoting the bad value.
    hint
        What would do.
    at
        The value, its key, or the mapping that lacks the key.
    rivals
        Other paths that have as much to do with it; the one latest in the file is blamed.
    """

    path: Path
    text: str
    hint: str | None = None
    at: At = At.VALUE
    rivals: tuple[Path, ...] = ()


def refusal(*problems: Problem) -> PydanticCustomError:
    """The exception for a validator to raise; the paths start at what it validates."""
    message = "; ".join(f"{key_name(p.path)}: {p.text}" if p.path else p.text for p in problems)
    return PydanticCustomError("refused", "{message}", {"message": message, "problems": problems})


def refuse(text: str, *path: str | int, hint: str | None = None) -> NoReturn:
    """Raise :func:`refusal` of a single problem."""
    raise refusal(Problem(path, text, hint))


def without_echoes(problems: list[Problem]) -> list[Problem]:
    """Leave out the keys missing beside an unknown one, which is probably one of them misspelt."""
    misspelt = {problem.path[:-1] for problem in problems if problem.at is At.KEY}
    return [p for p in problems if p.at is not At.MISSING or p.path[:-1] not in misspelt]
