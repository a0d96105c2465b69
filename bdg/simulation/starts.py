"""Where a simulation starts: names, fields, results of other samples; from a configuration or from Python."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import cast, get_args

from bdg import setup
from bdg.config import Config, ConfigSource
from bdg.errors import InputError
from bdg.ground_state import Start
from bdg.lattice import SiteValue, VectorValue
from bdg.model import Fields, Model
from bdg.parameters.wording import key_name
from bdg.result import Result
from bdg.scf import InitialKind, density_of, fields_by_symmetry, magnetisation_of
from bdg.scf.starts.transfer import transferred
from bdg.store import read

Initial = InitialKind | str | os.PathLike[str] | Mapping[str, VectorValue] | Fields | Result
"""A name of :func:`bdg.scf.initial_fields`, values (``{"delta": …}``), fields, a result, or its file."""

WORDS: tuple[str, ...] = get_args(InitialKind)


def starts_from(given: Initial | Sequence[Initial], model: Model) -> tuple[Start, ...]:
    """The starts of a list, or the only one.

    Results are brought to the sample of the model by :func:`.transfer.transferred`. Each ``random`` of a list
    is a draw of its own.

    Raises
    ------
    InputError
        If a name is unknown, a Δ is none, a file is missing, or a result's sample has another dimension.
    FileRefusedError
        If a file is damaged or not a result.
    """
    single = isinstance(given, str | os.PathLike | Mapping | Fields | Result)
    entries = cast(Sequence[Initial], [given] if single else given)
    starts: list[Start] = []
    for entry in entries:
        starts.append(_start(entry, starts, model))
    return tuple(starts)


def starts_of(config: Config, source: ConfigSource, model: Model) -> tuple[Start, ...]:
    """The starts of a configuration.

    Raises
    ------
    ConfigError
        If a Δ cannot be evaluated, a file is missing, or a result's sample has another dimension.
    FileRefusedError
        If a file is damaged or not a result.
    """
    starts: list[Start] = []
    for place, entry in config.scf.starts.items():
        key = key_name(place)
        with setup.placed(source, key):
            if isinstance(entry, str):
                starts.append(_start(entry, starts, model))
            else:
                fields = setup.fields_of(entry, key, config, source, model)
                starts.append(Start(_free(_named(entry.names), starts), fields))
    return tuple(starts)


def _start(given: Initial, before: Sequence[Start], model: Model) -> Start:
    """One start, its name and draw unlike those before."""
    if isinstance(given, Fields):
        return Start(_free("fields", before), given)
    if isinstance(given, Result):
        return Start(_free("result", before), transferred(given.sample, given.fields, model))
    if isinstance(given, Mapping):
        return Start(_free(_named(given), before), _of_values(given, model))
    if given in WORDS:
        draw = sum(start.initial == given for start in before if isinstance(start.initial, str))
        return Start(_free(str(given), before), cast(InitialKind, given), draw)
    path = Path(given)
    if path.suffix != ".h5":
        raise InputError(f"unknown start {str(given)!r}; use {', '.join(WORDS)} or a file that ends in .h5")
    kept = read(path)
    return Start(_free(str(given), before), transferred(kept.sample, kept.fields, model))


def _of_values(given: Mapping[str, VectorValue], model: Model) -> Fields:
    """Fields of Δ, symmetries of pairs, a magnetisation and a density by name."""
    moments, electrons = given.get("magnetisation"), cast("str | SiteValue | None", given.get("density"))
    others = {name: given[name] for name in given if name not in ("magnetisation", "density")}
    return fields_by_symmetry(
        model,
        cast(Mapping[str, SiteValue], others),
        None if moments is None else magnetisation_of(model, moments),
        None if electrons is None else density_of(model, electrons),
    )


def _named(given: Iterable[str]) -> str:
    """The name of a start of values: what is given, ``delta`` or ``d_x2_y2 and d_xy``."""
    return " and ".join(map(str, given))


def _free(name: str, before: Sequence[Start]) -> str:
    """``name``, or ``name 2``, ``name 3``, … where it is taken."""
    taken, number, free = {start.name for start in before}, 1, name
    while free in taken:
        number += 1
        free = f"{name} {number}"
    return free
