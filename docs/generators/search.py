"""Whether the search of the site finds the words of every message of the package.

Checked when a build ends, on the index that the pages of the site search in; a word that is missing is a
warning, and so fails the build.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Container, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

PREFIX, SUFFIX = "Search.setIndex(", ")"
"""What stands around the JSON of the index."""


def terms(index: str) -> dict[str, list[int]]:
    """The stemmed words of an index, and the numbers of the pages that have them, headings included."""
    whole = json.loads(index.strip()[len(PREFIX) : -len(SUFFIX)])
    known: dict[str, list[int]] = {}
    for part in ("terms", "titleterms"):
        for word, pages in whole[part].items():
            known.setdefault(word, []).extend(pages if isinstance(pages, list) else [pages])
    return known


def unfound(
    messages: Iterable[str],
    known: Mapping[str, Container[int]],
    page: int,
    words: Callable[[str], Iterable[str]],
) -> Iterator[tuple[str, str]]:
    """Words of messages, as the index has them, by which the search does not lead to a page.

    Parameters
    ----------
    messages
        The texts.
    known, page
        The index, and the number of the page.
    words
        The words of a text that are worth a search, stemmed.
    """
    seen: set[str] = set()
    for message in messages:
        for word in words(message):
            if word not in seen and page not in known.get(word, ()):
                yield word, message
            seen.add(word)


def check(app: Any, error: Exception | None) -> None:
    """Compare the index of a site that was built with the messages of the package."""
    from sphinx.search.en import SearchEnglish
    from sphinx.util import logging

    from docs.generators import messages

    file = Path(app.outdir) / "searchindex.js"
    if error is not None or not file.exists():
        return
    language = SearchEnglish({})

    def words(text: str) -> Iterator[str]:
        for word in language.split(text.lower()):
            if language.word_filter(word):
                stemmed = language.stem(word)
                yield stemmed if language.word_filter(stemmed) else word

    text = file.read_text(encoding="utf-8")
    names = json.loads(text.strip()[len(PREFIX) : -len(SUFFIX)])["docnames"]
    every = (one for source in sorted(messages.PACKAGE.rglob("*.py")) for one in messages.messages(source))
    log = logging.getLogger(__name__)
    for word, message in unfound(every, terms(text), names.index("generated/messages"), words):
        log.warning("a search for %r does not find the message %r", word, message)
