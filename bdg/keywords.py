"""Keywords that nobody knows, and the one that was probably meant."""

from __future__ import annotations

import difflib
import functools
import inspect
from collections.abc import Callable, Iterable
from typing import ParamSpec, TypeVar

from bdg.errors import UnknownKeywordError

P = ParamSpec("P")
T = TypeVar("T")


def nearest(word: object, known: Iterable[str]) -> str | None:
    """The known word that ``word`` was probably meant to be."""
    close = difflib.get_close_matches(str(word)[:60], list(known), n=1, cutoff=0.6)
    return close[0] if close else None


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """``; did you mean 'mu'?``, or nothing where no known word is near."""
    meant = nearest(word, known)
    return f"; did you mean {meant!r}?" if meant else ""


def named_keywords(function: Callable[P, T]) -> Callable[P, T]:
    """A function that names the keyword that was probably meant, where one is misspelt."""
    parameters = inspect.signature(function).parameters.values()
    known = [one.name for one in parameters if one.kind in (one.POSITIONAL_OR_KEYWORD, one.KEYWORD_ONLY)]

    @functools.wraps(function)
    def checked(*args: P.args, **kwargs: P.kwargs) -> T:
        for name in kwargs:
            if name not in known:
                hint = did_you_mean(name, known) or f"; it takes {', '.join(known)}"
                raise UnknownKeywordError(f"{function.__name__}() has no keyword {name!r}{hint}")
        return function(*args, **kwargs)

    return checked
