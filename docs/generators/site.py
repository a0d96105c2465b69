"""What is generated from the code: written to ``docs/generated`` when a build begins."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from docs.generators import (
    api,
    commands,
    configuration,
    docstrings,
    gallery,
    mathml,
    messages,
    notebooks,
    observables,
    search,
)

GENERATED = Path(__file__).resolve().parents[1] / "generated"

SOURCES = (configuration, observables, commands, messages, api, gallery, notebooks)
"""Modules with a function ``pages() -> dict[str, str]``: Markdown by the path of a page."""


def pages() -> Iterator[tuple[str, str]]:
    """Path and text of every generated page."""
    for source in SOURCES:
        yield from source.pages().items()


def write() -> None:
    """Bring :data:`GENERATED` up to date; pages that stay as they are keep their time."""
    wanted = {GENERATED / f"{path}.md": text for path, text in pages()}
    for old in set(GENERATED.rglob("*.md")) - set(wanted):
        old.unlink()
    for path, text in wanted.items():
        if not path.exists() or path.read_text(encoding="utf-8") != text:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")


def setup(app: Any) -> None:
    """Connect to Sphinx."""
    mathml.setup(app)
    app.connect("builder-inited", lambda _: write())
    app.connect("build-finished", search.check)
    app.connect("autodoc-process-docstring", docstrings.escape, priority=400)
