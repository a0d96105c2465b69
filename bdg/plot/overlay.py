"""Several results in one figure: lines on the same axes, maps beside each other with one scale.

Each result is drawn as it is alone, by the table of figures; what comes out of that decides. Figures that
consist of a few lines are laid over each other, all others stand side by side, and of two also their
difference, a result whose quantities are the differences, drawn in the same way.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from bdg.config.differing import differing_paths
from bdg.errors import BdgError, InputError
from bdg.observables import Quantity
from bdg.parameters.wording import Path as KeyPath
from bdg.parameters.wording import key_name
from bdg.plot.canvas.lines_over import are_lines, laid_over
from bdg.plot.canvas.looks import Looks, looks
from bdg.plot.canvas.style import add_title, new_figure, styled
from bdg.plot.canvas.together import Together
from bdg.plot.picking import WARNING, mark_of, plot
from bdg.result import Result
from bdg.store import read
from bdg.store.groups.starts import field_quantities

MOST_NAMED = 3
"""Keys that a label names."""

TECHNICAL = ("title", "scf", "solver", "units", "observables")
"""Sections that a label names only where nothing else differs."""

MOST_IN_A_ROW = 3

ROUNDING = 1e-12
"""Differences this small, next to the largest value, are none."""

SAME_PLACE = 1e-9


def overlay(
    *what: Result | str | os.PathLike[str],
    quantity: str = "",
    energy: float | None = None,
    sites: Sequence[int] | None = None,
    line: tuple[int, int] | None = None,
    looks: Looks | None = None,
) -> Any:
    """Draw a quantity of several results in one figure: ``overlay(a, b, "ldos", sites=[0])``.

    Parameters
    ----------
    what
        Results or their files; the name of the quantity may stand last.
    quantity, energy, sites, line, looks
        As for :func:`bdg.plot.plot`; sites are those of the first result, of others the sites at the same
        places of their lattices.

    Returns
    -------
    matplotlib.figure.Figure
        Lines on the same axes, with a legend that names what differs between the configurations; else the
        figures side by side with one scale, and of two on the same sites also their difference, the first
        less the second, up to the phase of complex numbers.

    Raises
    ------
    InputError
        If there are fewer than two results, no quantity is named, or a result does not have it.
    """
    given = list(what)
    if not quantity and given and isinstance(given[-1], str) and not is_file_name(given[-1]):
        quantity = str(given.pop())
    if len(given) < 2:
        raise InputError(f"{len(given)} results cannot be laid over each other; give at least two")
    if quantity in ("", "overview"):
        raise InputError("name the quantity to draw of these results, delta or ldos for example")
    results = [one if isinstance(one, Result) else read(one) for one in given]
    labels = [
        ", ".join(filter(None, (label, mark_of(one))))
        for one, label in zip(results, labels_of(results), strict=True)
    ]
    if any(one.units != results[0].units for one in results):
        results = [replace(one, units=None) for one in results]
    title = results[0].title if len({one.title for one in results}) == 1 else ""
    options = _Options(quantity, energy, sites, line, results[0])
    drawings = [_drawing(one, label, options) for one, label in zip(results, labels, strict=True)]
    with (looks or Looks()).opened():
        return _drawn(drawings, labels, _difference(results, options), title)


def is_file_name(word: str) -> bool:
    """Whether a word names a file rather than a quantity."""
    return os.path.exists(word) or bool(Path(word).suffix) or os.sep in word


@dataclass(frozen=True)
class _Options:
    """What is drawn of each result; sites as those of the first."""

    quantity: str
    energy: float | None
    sites: Sequence[int] | None
    line: tuple[int, int] | None
    first: Result

    def figure(self, result: Result) -> Any:
        """The figure of a result alone."""
        sites = None if self.sites is None else [self._site(result, site) for site in self.sites]
        ends = (
            None
            if self.line is None
            else (self._site(result, self.line[0]), self._site(result, self.line[1]))
        )
        return plot(result, self.quantity, energy=self.energy, sites=sites, line=ends, looks=looks())

    def _site(self, result: Result, site: int) -> int:
        sample = self.first.sample
        if result.sample is sample or not 0 <= site < sample.n_sites:
            return site
        orbital = [int(sample.orbitals[site])] if result.sample.cell.n_orbitals > 1 else []
        return result.sample.site_at([*map(int, sample.cells[site]), *orbital])


def _drawing(result: Result, label: str, options: _Options) -> Callable[[], Any]:
    named = replace(result, title=label)

    def draw() -> Any:
        try:
            return options.figure(named)
        except InputError as error:
            raise InputError(f"{result.path or label}: {error}") from None

    return draw


@styled
def _drawn(
    drawings: Sequence[Callable[[], Any]],
    labels: Sequence[str],
    difference: Callable[[], Any] | None,
    title: str,
) -> Any:
    """One figure of several drawings."""
    together = Together()
    with together.opened():
        figures = [draw() for draw in drawings]
        if not all(
            figure.axes for figure in figures
        ):  # one that is uniform by itself may not be beside others
            together.sizes.clear()
            figures = [draw() for draw in drawings]
    if are_lines(figures):
        for mark in [text for text in figures[0].texts if text.get_color() == WARNING]:
            mark.remove()  # the labels have those of all
        return laid_over(figures, labels, title)
    sizes = together.sizes[: len(drawings)]
    apart = _size_of(difference)
    every = [*drawings, *([difference] if difference is not None and apart else [])]
    sizes += [apart] if apart else []
    columns = min(len(every), MOST_IN_A_ROW)
    rows = -(-len(every) // columns)
    width, height = (max(size[n] for size in sizes) for n in (0, 1))
    page = new_figure(width * columns, (height + 0.1) * rows + (0.4 if title else 0.0))
    together.parts = list(np.ravel(page.subfigures(rows, columns)))
    with together.opened():
        for draw in every:
            draw()
    add_title(page, title)
    return page


def _size_of(draw: Callable[[], Any] | None) -> tuple[float, float] | None:
    """What the figure of a difference asks for; ``None`` where there is none."""
    alone = Together()
    if draw is None:
        return None
    try:
        with alone.opened():
            draw()
    except BdgError:
        return None
    return alone.sizes[0]


def _difference(results: Sequence[Result], options: _Options) -> Callable[[], Any] | None:
    """The drawing of the first result less the second, where there are two on the same sites."""
    if len(results) != 2:
        return None
    first, second = results
    places = first.sample.positions, second.sample.positions
    if places[0].shape != places[1].shape or not np.allclose(*places, rtol=0, atol=SAME_PLACE):
        return None
    theirs = field_quantities(second) | second.quantities()
    known = field_quantities(first) | first.quantities()
    less = {name: apart for name, one in known.items() if (apart := _less(one, theirs.get(name))) is not None}
    name = next(iter(first.observables.get(options.quantity, {})), options.quantity)
    if options.quantity not in less and name not in less:
        return None
    groups = {
        group: {key: less[key] for key in parts if key in less} for group, parts in first.observables.items()
    }
    groups["fields"] = {key: less[key] for key in field_quantities(first) if key in less and key != "mu"}
    fields = replace(first.fields, mu=first.fields.mu - second.fields.mu)
    difference = replace(first, title="Difference, first less second", fields=fields, observables=groups)
    return lambda: options.figure(difference)


def _less(one: Quantity, two: Quantity | None) -> Quantity | None:
    """One quantity less another; ``None`` where they are no numbers of the same places."""
    if two is None or one.values.shape != two.values.shape or one.dims != two.dims or one.units != two.units:
        return None
    if one.values.dtype.kind not in "iufc" or two.values.dtype.kind not in "iufc":
        return None
    axes = [(one.coords[dim].values, two.coords[dim].values) for dim in one.coords if dim in two.coords]
    if any(a.shape != b.shape or np.any(a != b) for a, b in axes):
        return None
    other = two.values
    if np.iscomplexobj(one.values) or np.iscomplexobj(other):
        overlap = complex(np.vdot(other, one.values))
        other = other * (overlap / abs(overlap)) if overlap else other
    less = one.values - other
    largest = max(np.abs(values[np.isfinite(values)]).max(initial=0.0) for values in (one.values, other))
    less = np.where(np.abs(less) <= ROUNDING * largest, 0.0, less)
    return replace(one, values=less, long_name=f"difference of {one.long_name}", error=None)


def labels_of(results: Sequence[Result]) -> list[str]:
    """What differs between the configurations of results; their files or numbers where nothing does."""
    differing = differing_paths([result.config for result in results])
    chosen = {path: values for path, values in differing.items() if path[0] not in TECHNICAL} or differing
    names, more = _short(list(chosen)), ", …" if len(chosen) > MOST_NAMED else ""
    shown = sorted(chosen.items(), key=lambda item: None in item[1])[:MOST_NAMED]  # what all have first
    return _apart(
        [
            ", ".join(f"{names[path]} {_shown(values[n])}" for path, values in shown) + more
            for n in range(len(results))
        ],
        results,
    )


def _apart(labels: Sequence[str], results: Sequence[Result]) -> list[str]:
    """The labels, with the names of files or numbers where several are the same."""
    files = [f"result {n}" if one.path is None else one.path.stem for n, one in enumerate(results, 1)]
    if len(set(files)) < len(files):
        files = [f"{name} ({n})" for n, name in enumerate(files, 1)]
    return [
        label if labels.count(label) == 1 else f"{file}: {label}" if label else file
        for label, file in zip(labels, files, strict=True)
    ]


def _short(paths: Sequence[KeyPath]) -> dict[KeyPath, str]:
    """The last part of each key where no other ends so."""
    lasts = [str(path[-1]) for path in paths]
    return {
        path: (last if lasts.count(last) == 1 and not last.isdigit() else key_name(path)).replace("_", " ")
        for path, last in zip(paths, lasts, strict=True)
    }


def _shown(value: Any) -> str:
    if value is None:
        return "not set"
    if isinstance(value, np.ndarray):
        return f"of {value.size} values"
    text = (
        f"{value:.6g}".replace("-", "−")
        if isinstance(value, int | float) and not isinstance(value, bool)
        else str(value)
    )
    return text if len(text) <= 30 else f"{text[:29]}…"
