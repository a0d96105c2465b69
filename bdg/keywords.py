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


COMMON_NAMES = {
    "mu": ("chemical_potential",),
    "t": ("hopping",),
    "T": ("temperature",),
    "U": ("onsite", "attraction"),
    "V": ("bonds", "value"),
    "V0": ("potential",),
    "J": ("exchange", "moment"),
    "B": ("uniform", "field"),
    "h": ("zeeman",),
    "n": ("filling", "num"),
    "beta": ("temperature",),
    "density": ("filling",),
    "doping": ("filling",),
    "strength": ("potential", "value", "width"),
    "spin": ("moment",),
    "eta": ("broadening",),
    "gamma": ("broadening",),
    "smearing": ("broadening",),
    "step": ("num",),
    "points": ("num",),
    "from": ("start",),
    "min": ("start",),
    "to": ("stop",),
    "max": ("stop",),
    "nearest": ("bonds",),
    "neighbours": ("bonds",),
    "pbc": ("periodic",),
    "obc": ("open",),
    "kpoints": ("bloch",),
    "didv": ("stm",),
    "sts": ("stm",),
    "gap": ("spectral_gap",),
    "delta": ("order_parameter",),
    "tc": ("critical_temperature",),
    "s_wave": ("onsite", "s_extended"),
    "d": ("d_x2_y2",),
    "d_wave": ("d_x2_y2", "bonds"),
    "p_wave": ("p_x",),
    "p": ("p_x",),
    "maxiter": ("max_iterations",),
    "tol": ("tolerance",),
    "mixing": ("damping", "mixer"),
}
"""What the field calls things, and the words for them here, the likelier first."""


def nearest(word: object, known: Iterable[str]) -> str | None:
    """The known word that was probably meant: one that ``word`` is another name of, or of similar letters."""
    text, known = str(word)[:60], list(known)
    for name in (text, text.lower(), text.lower().replace("-", "_")):
        if name in known:
            return name
        if meant := next((one for one in COMMON_NAMES.get(name, ()) if one in known), None):
            return meant
    close = difflib.get_close_matches(text, known, n=1, cutoff=0.6)
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
