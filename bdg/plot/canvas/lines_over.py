"""Figures that consist of lines, laid over each other: a colour for each, a dash for each line in it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from bdg.plot.canvas.style import COLOURS, add_title

DASHES = ("-", "--", "-.", ":")
"""Of the lines of one figure."""

MARKS = ("o", "^", "v", "s")
"""Of its points, where they have no lines."""

MOST_LINES = len(DASHES)
"""More lines than this in one panel are not told apart in several colours."""

GREY = "#555555"

LEGEND_WIDTH = 0.075
"""Inches of a letter of the legend."""


def are_lines(figures: Sequence[Any]) -> bool:
    """Whether figures have the same panels, and nothing in them but a few lines with areas below."""
    panels = [figure.axes for figure in figures]
    if len(figures) > len(COLOURS) or not panels[0] or len({len(one) for one in panels}) > 1:
        return False
    return all(_are_alike(same) for same in zip(*panels, strict=True))


def _are_alike(panels: Sequence[Any]) -> bool:
    """Whether the panels at one place may be laid over each other."""
    labels = {(axes.get_title(), axes.get_xlabel(), axes.get_ylabel(), axes.get_yscale()) for axes in panels}
    have_maps = any(
        axes.images or any(one.get_array() is not None or hasattr(one, "U") for one in axes.collections)
        for axes in panels
    )
    counts = [len(_looks(axes)) for axes in panels]
    return len(labels) == 1 and not have_maps and all(0 < count <= MOST_LINES for count in counts)


def _lines(axes: Any) -> list[Any]:
    """The lines that show data: those across a whole panel are marks."""
    return [line for line in axes.lines if line.get_transform() == axes.transData]


def _looks(axes: Any) -> dict[tuple[str, str], int]:
    """The looks that lines have in a panel, numbered: those of one look belong together."""
    return {look: n for n, look in enumerate(dict.fromkeys(map(_look, _lines(axes))))}


def _look(line: Any) -> tuple[str, str]:
    """Colour and dash."""
    return str(line.get_color()), str(line.get_linestyle())


def laid_over(figures: Sequence[Any], labels: Sequence[str], title: str) -> Any:
    """The first figure with the lines of all, and a legend.

    Parameters
    ----------
    figures
        For which :func:`are_lines`.
    labels
        What each is called.
    title
        Of all together.
    """
    first = figures[0]
    kinds: dict[int, dict[str, Any]] = {}
    for panels in zip(*(figure.axes for figure in figures), strict=True):
        limits = [(axes.get_xlim(), axes.get_ylim()) for axes in panels]
        for n, axes in enumerate(panels):
            looks = _looks(axes)
            for line in _lines(axes):
                style = looks[_look(line)]
                _restyle(line, COLOURS[n], style)
                if not line.get_label().startswith("_"):
                    kinds.setdefault(style, {}).setdefault(line.get_label(), line)
                if n:
                    _copy(line, panels[0])
            _remove_areas(axes)
        if panels[0].get_legend() is not None:
            panels[0].get_legend().remove()
        lows, highs = ([[end[at] for end in ends] for ends in zip(*limits, strict=True)] for at in (0, 1))
        panels[0].set(xlim=(min(lows[0]), max(highs[0])), ylim=(min(lows[1]), max(highs[1])))
    _name(first, labels, kinds)
    first.suptitle("")
    add_title(first, title)
    return first


def _restyle(line: Any, colour: str, style: int) -> None:
    """The colour of a figure, the dash of a line in it."""
    line.set_color(colour)
    line.set_markerfacecolor(colour)
    line.set_markeredgecolor(colour)
    if line.get_linestyle() == "None":
        line.set_marker(MARKS[style])
    else:
        line.set_linestyle(DASHES[style])


def _copy(line: Any, axes: Any) -> None:
    """The same line in other axes."""
    (copied,) = axes.plot(*line.get_data(), label="_copied")
    copied.update_from(line)
    copied.set_transform(axes.transData)
    copied.set_clip_path(axes.patch)
    copied.set_label("_copied")


def _remove_areas(axes: Any) -> None:
    """Areas below a mean would cover each other."""
    for area in list(axes.collections):
        area.remove()


def _name(figure: Any, labels: Sequence[str], kinds: Mapping[int, Mapping[str, Any]]) -> None:
    """A legend beside all: colours for the figures, dashes for the lines of each if there are several."""
    from matplotlib.lines import Line2D

    named = [Line2D([], [], color=colour, label=text) for colour, text in zip(COLOURS, labels, strict=False)]
    if len(kinds) > 1:
        named += [
            Line2D([], [], linestyle=line.get_linestyle(), marker=line.get_marker(), label=text, color=GREY)
            for lines in kinds.values()
            for text, line in [("\n".join(lines), next(iter(lines.values())))]
        ]
    longest = max(len(row) for one in named for row in str(one.get_label()).split("\n"))
    figure.set_figwidth(figure.get_figwidth() + 0.5 + LEGEND_WIDTH * longest)
    figure.legend(handles=named, loc="outside right center")
