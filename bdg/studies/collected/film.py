"""The frames of a film of a study: its figure, or the map of each result, along a swept key."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from functools import partial
from typing import Any

import numpy as np

from bdg.errors import InputError
from bdg.plot.animation import Frame, place_name, titled
from bdg.plot.canvas.looks import Looks
from bdg.plot.picking import plot
from bdg.result import Result
from bdg.studies.collected.collection import Collection
from bdg.studies.collected.figure import POOLED, study_figure
from bdg.studies.collected.keys import short_names
from bdg.studies.collected.slices import place_of
from bdg.studies.study import Study


def study_frames(
    study: Study,
    collection: Collection,
    name: str,
    axis: str,
    places: Mapping[str, float | str],
    looks: Looks,
    **options: Any,
) -> list[Frame]:
    """A drawing for each value of a swept key.

    Parameters
    ----------
    study, collection
        The study, and its results at ``places``.
    name
        A quantity. One that has a value on every site, bond or plaquette is drawn as a map of each result,
        unless ``options`` say otherwise; of the states at one point that of the lowest energy.
    axis
        The key, by its short name.
    places
        Values of other keys.
    looks
        As for :func:`bdg.plot.plot`.
    options
        Of :func:`.figure.study_figure`, which draws all other quantities.

    Raises
    ------
    InputError
        If the study has no such quantity or key, or other keys are left along which maps differ.
    """
    if axis not in collection.dims:
        raise InputError(f"the study has no key {axis!r} to animate; it has {', '.join(collection.dims)}")
    coord = collection.coords[axis]
    is_map = bool({*collection[name].dims} & {*POOLED}) and not any(options.values())
    if not is_map:

        def drawn(index: int) -> Any:
            cut = collection.at(**{axis: coord.values[index]})
            told = ", ".join(filter(None, (cut.title, place_name(axis, coord, index))))
            with looks.opened():
                return study_figure(replace(cut, title=told), name, **options)

        return [partial(drawn, index) for index in range(len(coord.values))]
    left = [dim for dim in collection.dims if dim not in (axis, "branch")]
    if left:
        raise InputError(f"maps differ along {', '.join(left)} too; choose with --at KEY=VALUE")
    results = _along(study, collection, axis, places)
    return [
        partial(plot, titled(result, place_name(axis, coord, index)), name, looks=looks)
        for index, result in sorted(results.items())
    ]


def _along(
    study: Study, collection: Collection, axis: str, places: Mapping[str, float | str]
) -> dict[int, Result]:
    """The result of lowest energy at each value of a key."""
    best: dict[int, tuple[float, Result]] = {}
    for index, energy, result in _at(study, collection, axis, places):
        if index not in best or energy < best[index][0]:
            best[index] = energy, result
    return {index: result for index, (_, result) in best.items()}


def _at(
    study: Study, collection: Collection, axis: str, places: Mapping[str, float | str]
) -> Iterator[tuple[int, float, Result]]:
    """The results at places of the other keys: which value of the key they are of, and their energy."""
    names = short_names(list(study.recipe.sweep.axes))
    values = {names[one.keys[0]]: list(one.values[0]) for one in study.axes}
    for point, result in study.results():
        entry, own = study.entry(point), {names[key]: value for key, value in point.values.items()}
        there = all(
            values[key].index(own[key]) == place_of(np.array(values[key]), key, wanted)
            for key, wanted in places.items()
            if key in values
        )
        if there and places.get("branch", point.branch) == point.branch and entry is not None:
            yield values[axis].index(own[axis]), entry.numbers.get("energy", 0.0), result
