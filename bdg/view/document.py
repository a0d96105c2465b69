"""One HTML file with everything in it: the style, the script, the numbers."""

from __future__ import annotations

import html
import json
from pathlib import Path

import matplotlib
import numpy as np

from bdg.plot.canvas.style import COLOURS, CYCLIC, DIVERGING, SEQUENTIAL
from bdg.view.contents import Contents, page_data
from bdg.view.packing import Blocks

PARTS = Path(__file__).parent / "page"

SCRIPTS = (
    *(
        "inflate",
        "decode",
        "colours",
        "text",
        "model",
        "pen",
        "chart",
        "map",
        "overlay",
        "momenta",
        "fourier",
    ),
    *("drawings", "panels", "downloads", "controls", "pointing", "live", "start"),
)
"""The files of the script, in order."""

SMALL_PAGE = 10_000_000
"""Bytes; a page that is larger in 16 bits has 12, if that helps."""

MANY_NUMBERS = 6_000_000
"""From so many on a page has 12 bits at once."""


def page(contents: Contents, *, stamp: str | None = None) -> str:
    """The HTML text of a page: opens from a disk or a mail, asks no network for anything.

    Parameters
    ----------
    contents
        What is in it.
    stamp
        Of a page that is served: it asks its server every two seconds whether there is another one.
    """
    count = sum(one.values.size for one in contents.quantities.values())
    text = _page(contents, 12 if count > MANY_NUMBERS else 16, stamp)
    if len(text) > SMALL_PAGE and count <= MANY_NUMBERS:
        text = _page(contents, 12, stamp)
    return text


def _page(contents: Contents, bits: int, stamp: str | None) -> str:
    blocks = Blocks(bits)
    data = page_data(contents, blocks) | {"colours": _colours()}
    if stamp is not None:
        data["stamp"] = stamp
    text = json.dumps(data, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    script = "\n".join(_read(f"{name}.js") for name in SCRIPTS)
    arrays = "\n".join(
        f'<script type="text/plain" id="block-{n}">{block}</script>' for n, block in enumerate(blocks.texts)
    )
    filled = {
        "network": "'none'" if stamp is None else "'self'",
        "title": html.escape(str(data["title"])),
        "style": _read("style.css"),
        "script": f'"use strict";\n(() => {{\n{script}\n}})();',
        "data": text.replace("<", "\\u003c"),
        "arrays": arrays,
    }
    template = _read("page.html")
    for name, value in filled.items():
        before, after = template.split(f"<!--{name}-->")
        template = f"{before}{value}{after}"
    return template


def _read(name: str) -> str:
    return (PARTS / name).read_text(encoding="utf-8")


def _colours() -> dict[str, object]:
    """The colour maps of the figures, as 256 colours each, and the colours of lines."""
    at = np.linspace(0, 1, 256)
    maps = {"sequential": SEQUENTIAL, "diverging": DIVERGING, "cyclic": CYCLIC}
    named = {
        kind: np.rint(255 * matplotlib.colormaps[name](at)[:, :3]).astype(np.uint8).tobytes().hex()
        for kind, name in maps.items()
    }
    return {**named, "lines": list(COLOURS)}
