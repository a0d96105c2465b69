"""Results in notebooks: the page in a frame."""

from __future__ import annotations

import html

from bdg.result import Result
from bdg.view.contents import contents_of
from bdg.view.document import page

NUMBERS, HEIGHT = 4_000_000, 900
"""Of a frame: numbers at most, so that a notebook stays small, and pixels."""


def frame_of(result: Result) -> str:
    """The page of a result in a frame, shut off from the notebook: what a cell that ends with one shows."""
    text = page(contents_of(result, room=NUMBERS))
    return (
        f'<iframe sandbox="allow-scripts allow-downloads" title="{html.escape(result.title or "Result")}"'
        f' style="width: 100%; height: {HEIGHT}px; border: 0" srcdoc="{html.escape(text)}"></iframe>'
    )
