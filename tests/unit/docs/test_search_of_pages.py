"""A search for a word of a message leads to the page of all messages, or to that of the keys it names."""

import json
import re

import pytest

from bdg.config import parse_config
from bdg.errors import BdgError
from docs.generators import configuration, messages, search
from tests.support.pages import DOCS
from tests.unit.config import wrong_configs

PARSER = {"code", "context", "escape", "invalid", "nobody", "syntax", "unicode"}
"""Words of the parsers of YAML and of Python, and of the configurations."""


def pages():
    faq = (DOCS / "faq.md").read_text(encoding="utf-8")
    return [messages.pages()["messages"], configuration.pages()["configuration"], faq]


def said():
    """What is said of every wrong configuration there is, without what is quoted of it."""
    for rows in vars(wrong_configs).values():
        for text, *_ in rows if isinstance(rows, list) else ():
            with pytest.raises(BdgError) as caught:
                parse_config(text, "f.yaml")
            yield re.sub(
                r"'[^']*'|\"[^\"]*\"|f\.yaml:\d+:\d+:( [\w.\[\]]+:)?|\([^)]*\)", " ", str(caught.value)
            )


def test_every_word_of_what_is_said_of_wrong_configurations_is_found():
    known = set(re.findall(r"[a-z]{4,}", " ".join(pages()).lower()))
    texts = list(said())
    assert len(texts) > 250
    missing = {word: text for text in texts for word in re.findall(r"\b[a-z]{4,}\b", text.lower())}
    assert {word: text for word, text in missing.items() if word not in known | PARSER} == {}


def test_texts_in_variables_in_tables_and_of_methods_are_messages(tmp_path):
    file = messages.PACKAGE / "config/checks/physics.py"
    found = set(messages.messages(file))
    assert "no field is listed, so that the interaction would do nothing" in found  # by a variable
    found = set(messages.messages(messages.PACKAGE / "config/text/document.py"))
    assert {"a key needs a colon and a space after it", "aliases expand to more than … values"} <= found
    assert not any(one.startswith("Read ") for one in found)  # no docstring
    assert "write ** for a power" in set(messages.messages(messages.PACKAGE / "expressions/grammar.py"))


def test_what_the_search_does_not_find_is_named():
    index = {"docnames": ["a", "b"], "terms": {"gap": 1, "state": [0, 1]}, "titleterms": {"sampl": [1]}}
    known = search.terms(f"{search.PREFIX}{json.dumps(index)}{search.SUFFIX}")
    assert known == {"gap": [1], "state": [0, 1], "sampl": [1]}
    texts = ["no gap of this state", "no gap of this sampl", "a gap"]
    found = list(search.unfound(texts, known, 1, lambda text: text.split()))
    assert [word for word, _ in found] == ["no", "of", "this", "a"]
    assert list(search.unfound(["state gap"], known, 0, str.split)) == [("gap", "state gap")]
