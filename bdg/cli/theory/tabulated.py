"""Commands made of functions that return a table: the options that all of them share are added here.

Typer reads the options of a command from the signature of a function. What a decorator makes has the name,
the help and the options of what it decorates, and its own besides.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from bdg.cli.theory.options import (
    Attraction,
    Coupling,
    Cutoff,
    Dos,
    Filling,
    Hopping,
    Lattice,
    Mu,
    Out,
    Overwrite,
    Pairing,
    Plot,
    Shift,
    Size,
)

if TYPE_CHECKING:
    from bdg.cli.theory.table import Table

Run = TypeVar("Run", bound=Callable[..., Any])

Options = Mapping[str, tuple[Any, Any]]
"""Type and default of each option, by name."""

GIVING: Options = {"out": (Out, None), "plot": (Plot, None), "overwrite": (Overwrite, False)}

METAL: Options = {
    "coupling": (Coupling, None),
    "cutoff": (Cutoff, None),
    "lattice": (Lattice, None),
    "dos": (Dos, None),
    "hopping": (Hopping, None),
    "pairing": (Pairing, None),
    "attraction": (Attraction, None),
    "mu": (Mu, None),
    "filling": (Filling, None),
    "size": (Size, None),
    "shift": (Shift, None),
}
"""Those that :func:`bdg.cli.theory.metal_input.metal` takes."""


def tabulated(command: Callable[..., Table]) -> Callable[..., None]:
    """A command that prints the table a function returns, and writes and draws it where asked."""

    def run(out: Path | None, plot: Path | None, overwrite: bool, **given: Any) -> None:
        from bdg.cli.theory.output import check, give

        check(out, overwrite)
        give(command(**given), out, plot, overwrite=overwrite)

    own = _options(command)
    return _with_options(run, command, {**own, **GIVING})


def of_metal(command: Callable[..., Table]) -> Callable[..., Table]:
    """A function with the options that make a metal, in place of its first argument, the metal."""

    def run(**given: Any) -> Table:
        from bdg.cli.theory.metal_input import metal

        made = metal(**{name: given.pop(name) for name in METAL})
        return command(made, **given)

    own = dict(list(_options(command).items())[1:])
    return _with_options(run, command, {**METAL, **own})


def _options(command: Callable[..., Any]) -> Options:
    parameters = inspect.signature(command).parameters.values()
    return {one.name: (one.annotation, one.default) for one in parameters}


def _with_options(run: Run, command: Callable[..., Any], options: Options) -> Run:
    """``run`` with the name and help of a command, as a function of options by keyword."""
    run.__name__, run.__doc__ = command.__name__, command.__doc__
    run.__annotations__ = {name: annotation for name, (annotation, _) in options.items()}
    run.__signature__ = inspect.Signature(  # type: ignore[attr-defined]
        [
            inspect.Parameter(name, inspect.Parameter.KEYWORD_ONLY, default=default, annotation=annotation)
            for name, (annotation, default) in options.items()
        ]
    )
    return run
