"""Terms of installed packages, by the names of an entry point group."""

from __future__ import annotations

import importlib.metadata
import inspect
from collections.abc import Mapping
from typing import Any

from bdg.errors import InputError
from bdg.keywords import did_you_mean
from bdg.model.terms.term import Term

ENTRY_POINTS = "bdg.terms"
"""The group in which an installed package names classes derived from :class:`Term`, or functions of such."""


def named_term(name: str, parameters: Mapping[str, Any]) -> Term:
    """The term that an installed package has under a name, made with parameters.

    Raises
    ------
    InputError
        If no package has it, it cannot be imported, does not take the parameters, or is no term.
    """
    points = {point.name: point for point in importlib.metadata.entry_points(group=ENTRY_POINTS)}
    if name not in points:
        there = f"; there are {', '.join(sorted(points))}" if points else ""
        hint = f"{did_you_mean(name, points)}{there}"
        raise InputError(f"no installed package has a term {name!r} (entry points {ENTRY_POINTS}){hint}")
    try:
        make = points[name].load()
    except Exception as error:
        raise InputError(f"the term {name} of {points[name].value} cannot be imported: {error}") from error
    try:
        inspect.signature(make).bind(**parameters)
    except TypeError as error:
        takes = ", ".join(inspect.signature(make).parameters) or "no parameters"
        raise InputError(f"the term {name}: {error}; it takes {takes}") from None
    term = make(**parameters)
    if not isinstance(term, Term):
        raise InputError(
            f"the term {name} of {points[name].value} makes {type(term).__name__};"
            " it must be derived from bdg.Term, or make such an object"
        )
    return term
