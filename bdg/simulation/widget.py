"""The progress of a run as a widget of notebooks, where the package anywidget is installed."""

from __future__ import annotations

import time
from functools import lru_cache
from pathlib import Path
from typing import Any

from bdg.simulation.part import Part

SCRIPT = Path(__file__).with_name("widget.js")
"""What draws the bar in the browser."""


def is_installed() -> bool:
    """Whether there are widgets: anywidget, and the display of notebooks."""
    try:
        _kind()
    except ImportError:
        return False
    return True


class Widget:
    """A bar with the time left in the output of a cell, which it leaves when the work is done."""

    every, keeps = 0.3, False

    def __init__(self) -> None:
        self._widget: Any = None

    def show(self, line: str, part: Part | None) -> None:
        """Move the bar; it appears the first time."""
        left = None if part is None else part.left(time.monotonic())
        state = {
            "line": line if part is None else f"{line}; {part.name}",
            "done": 0 if part is None else part.done,
            "total": 0 if part is None else part.total,
            "left": "" if left is None else f"{left:.0f} s left",
        }
        if self._widget is None:
            from IPython.display import display

            self._widget = _kind()(**state)
            display(self._widget)
            return
        with self._widget.hold_sync():
            for name, value in state.items():
                setattr(self._widget, name, value)

    def close(self) -> None:
        """Take the bar away."""
        if self._widget is not None:
            self._widget.close()


@lru_cache(maxsize=1)
def _kind() -> Any:
    """The class of the widget, whose traits the browser follows.

    Raises
    ------
    ImportError
        If a package of the extra ``notebook`` is missing.
    """
    import anywidget
    import IPython.display
    import traitlets

    names = {"line": traitlets.Unicode(""), "done": traitlets.Int(0), "total": traitlets.Int(0)}
    names["left"] = traitlets.Unicode("")
    traits = {name: trait.tag(sync=True) for name, trait in names.items()}
    assert IPython.display.display
    return type("Progress", (anywidget.AnyWidget,), {"_esm": SCRIPT.read_text("utf-8"), **traits})
