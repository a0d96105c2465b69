"""Pages say things as a paper of the field does."""

import re

import pytest

from tests.support.pages import PAGES, ROOT

AVOIDED = {
    r"for ever\b(?!y)|goes on for|go on without end": "semi-infinite, repeated periodically",
    r"\bgo(es)? on\b|\bgone on\b": "continues, is resumed from",
    r"\banswers?\b": "responds, response; what computes it",
    r"\btold\b|\btells?\b": "named, distinguished, states, shows",
    r"\bturns? of\b": "iteration, phase factor, transposed, sign",
    r"\bjoined ends\b": "periodic directions",
    r"\bif (it|they) likes?\b": "may be",
    r"worth the name|to speak of": "no resolvable",
    r"\b(is|are) but\b|\ball but\b(?! (the|these|those))": "is a pure; nearly",
    r"\beights\b|\beightfold\b|\bbundles\b": "batches of eight fronts in vector lanes",
    r"\b(recieve|occured|seperat|dependan|accomodat|wich|teh)\w*": "the right spelling",
}
"""What stumbles, and what to write."""


@pytest.mark.parametrize("page", [ROOT / "README.md", *PAGES], ids=lambda page: page.stem)
def test_no_word_makes_a_reader_stumble(page):
    text = re.sub(r"```.*?```|`[^`]*`", "", page.read_text(encoding="utf-8"), flags=re.DOTALL)
    found = {
        match[0]: instead
        for avoided, instead in AVOIDED.items()
        for match in re.finditer(avoided, text, re.I)
    }
    assert found == {}


def test_what_is_avoided_is_found():
    for avoided in ("for ever", "goes on", "it answers", "as told", "no gap to speak of", "occured"):
        assert any(re.search(pattern, avoided, re.IGNORECASE) for pattern in AVOIDED)
    for fine in ("for every", "continues", "responds", "all but the last"):
        assert not any(re.search(pattern, fine, re.IGNORECASE) for pattern in AVOIDED)
