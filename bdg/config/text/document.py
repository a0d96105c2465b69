"""YAML text → a tree of plain values in which every key and value knows its place.

PyYAML splits the text into events; the tree is built here, so that nothing of YAML that a configuration
has no use for gets in: no tags and hence no objects, no keys that aren't text, no key twice, no second
document, no alias that multiplies without bound. Scalars follow YAML 1.2 (see :mod:`bdg.parameters.scalars`).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any

import yaml

from bdg.errors import ConfigError
from bdg.parameters.scalars import Scalar, resolve
from bdg.parameters.wording import quote, shorten

MAX_DEPTH = 50
"""Deepest nesting of lists and mappings."""

MAX_ALIASED = 100_000
"""Most values that aliases may add to a document."""

LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
"""The parser of events: libyaml's where PyYAML was built with it, ten times faster."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where something was written; ``line`` and ``column`` count from 1."""

    file: str
    line: int | None = None
    column: int | None = None

    def error(self, problem: str, *, key: str | None = None, hint: str | None = None) -> ConfigError:
        """The error that points here."""
        return ConfigError(problem, file=self.file, line=self.line, column=self.column, key=key, hint=hint)


@dataclass(slots=True)
class Node:
    """A value, the place where it starts, and that of its key if it has one."""

    value: Scalar | list[Node] | dict[str, Node]
    place: Place
    key_place: Place | None = None

    def plain(self) -> Any:
        """The value without places."""
        if isinstance(self.value, dict):
            return {key: node.plain() for key, node in self.value.items()}
        if isinstance(self.value, list):
            return [node.plain() for node in self.value]
        return self.value

    def child(self, part: str | int) -> Node | None:
        """The entry under a key or an index, if there is one."""
        if isinstance(self.value, dict) and isinstance(part, str):
            return self.value.get(part)
        if isinstance(self.value, list) and isinstance(part, int) and 0 <= part < len(self.value):
            return self.value[part]
        return None

    def put(self, part: str | int, child: Node) -> None:
        """Set the entry under a key of a mapping or an index of a list."""
        if isinstance(self.value, dict):
            self.value[str(part)] = child
        elif isinstance(self.value, list):
            self.value[int(part)] = child


def parse_document(text: str, file: str) -> Node:
    """The tree of a configuration, whose top level is a mapping.

    Raises
    ------
    ConfigError
        The text isn't YAML, or uses what a configuration may not.
    """
    text = text.removeprefix("\ufeff")
    _check_characters(text, file)
    root = _build(text, lambda mark: Place(file, mark.line + 1, mark.column + 1))
    if root is None or root.value is None:
        raise Place(file).error("the configuration is empty", hint="'bdg init' writes one to start from")
    if not isinstance(root.value, dict):
        raise root.place.error(
            f"the top level must be a mapping of keys to values, not {quote(root.plain())}",
            hint="start with 'lattice:'",
        )
    return root


def parse_value(text: str, file: str) -> Node:
    """The tree of a single value, such as ``[1, 2]`` or ``1e-8``; its places name ``file`` only."""
    _check_characters(text, file, lines=False)
    place = Place(file)
    return _build(text, lambda mark: place) or Node(None, place)


# Comments start after a space or at the start of a line; what follows may hold tabs.
_COMMENT = re.compile(r"(?:^| )#.*")
_LINE_BREAK = re.compile(r"\r\n|[\n\r\x85\u2028\u2029]")
_REFUSED = re.compile(r"[^\t\n\r\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def _check_characters(text: str, file: str, lines: bool = True) -> None:
    """Refuse tabs and control characters, which look like something else on a screen."""
    if not (_REFUSED.search(text) or "\t" in text):
        return
    for number, line in enumerate(_LINE_BREAK.split(text), start=1):
        bad = _REFUSED.search(line)
        column = bad.start() if bad else _COMMENT.sub("", line).find("\t")
        if column >= 0:
            place = Place(file, number, column + 1) if lines else Place(file)
            if bad:
                raise place.error(
                    f"the control character U+{ord(bad[0]):04X} is not allowed", hint="remove it"
                )
            raise place.error("a tab is not allowed", hint="use spaces")


def _build(text: str, locate: Callable[[Any], Place]) -> Node | None:
    """The tree of the only document in ``text``, ``None`` where there is none."""
    try:
        return _Builder(text, locate).document()
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        place = locate(mark) if mark else None
        problem = str(error.problem or error.context)
    except ConfigError:
        raise
    except (yaml.YAMLError, ValueError, OverflowError) as error:
        # PyYAML's own scanner lets chr() complain about escapes beyond Unicode.
        place, problem = None, str(error)
    message, hint = f"not valid YAML: {shorten(problem, 200)}", _yaml_hint(problem)
    raise (place or locate(_START)).error(message, hint=hint)


_START = SimpleNamespace(line=0, column=0)


_HINTS = (
    ("mapping values are not allowed", "quote a text that holds ': ', and check the indentation"),
    ("could not find expected ':'", "a key needs a colon and a space after it"),
    ("expected ',' or '", "close the bracket, and separate entries by commas"),
    ("cannot start any token", "put the text in quotes"),
    ("unexpected end of stream", "close the quotes"),
    ("block", "check the indentation"),
    ("expected key", "check the indentation"),
    ("escape", "use single quotes for a text with backslashes"),
)


def _yaml_hint(problem: str) -> str:
    return next((hint for words, hint in _HINTS if words in problem), "check the brackets and quotes above")


class _Builder:
    """Builds the tree from PyYAML's events; ``locate`` turns a mark into a place."""

    def __init__(self, text: str, locate: Callable[[Any], Place]) -> None:
        self._events: Iterator[Any] = iter(yaml.parse(text, Loader=LOADER))
        self._locate = locate
        self._anchors: dict[str, Node | None] = {}
        self._aliased = 0

    def document(self) -> Node | None:
        root: Node | None = None
        for event in self._events:
            if isinstance(event, yaml.DocumentStartEvent):
                if root is not None:
                    raise self._error(event, "a second document starts here", "keep one configuration a file")
                root = self._node(next(self._events), 1)
        return root

    def _error(self, event: Any, problem: str, hint: str) -> ConfigError:
        return self._locate(event.start_mark).error(problem, hint=hint)

    def _check_depth(self, event: Any, depth: int) -> None:
        if depth > MAX_DEPTH:
            raise self._error(event, f"nested more than {MAX_DEPTH} deep", "flatten it")

    def _node(self, event: Any, depth: int) -> Node:
        self._check_depth(event, depth)
        if isinstance(event, yaml.AliasEvent):
            return self._alias(event, depth)
        if event.tag is not None:
            tag = event.tag.replace("tag:yaml.org,2002:", "!!")
            raise self._error(event, f"the tag {quote(tag)} is not allowed", "remove it")
        if event.anchor is not None:
            self._anchors[event.anchor] = None  # not complete yet
        if isinstance(event, yaml.MappingStartEvent):
            node = self._mapping(event, depth)
        elif isinstance(event, yaml.SequenceStartEvent):
            node = self._sequence(event, depth)
        else:
            node = Node(self._scalar(event), self._locate(event.start_mark))
        if event.anchor is not None:
            self._anchors[event.anchor] = node
        return node

    def _scalar(self, event: Any) -> Scalar:
        text: str = event.value
        if event.implicit[0]:
            try:
                return resolve(text)
            except OverflowError:
                raise self._error(
                    event, f"the number {shorten(text, 40)} is too large", "give a smaller one"
                ) from None
        bad = re.search(r"[\x00-\x08\x0b-\x1f\x7f\ud800-\udfff]", text)
        if bad:
            raise self._error(event, f"the text holds the control character U+{ord(bad[0]):04X}", "remove it")
        return text

    def _sequence(self, event: Any, depth: int) -> Node:
        items: list[Node] = []
        while not isinstance(item := next(self._events), yaml.SequenceEndEvent):
            items.append(self._node(item, depth + 1))
        return Node(items, self._locate(event.start_mark))

    def _mapping(self, event: Any, depth: int) -> Node:
        entries: dict[str, Node] = {}
        while not isinstance(start := next(self._events), yaml.MappingEndEvent):
            key = self._node(start, depth + 1)
            if not isinstance(key.value, str):
                raise key.place.error(
                    f"the key {quote(key.plain())} is not a text",
                    hint="keys are words; a text with a comma in it needs quotes",
                )
            if key.value in entries:
                first = entries[key.value].key_place
                line = f" (first in line {first.line})" if first and first.line else ""
                raise key.place.error(f"the key {quote(key.value)} is given twice{line}", hint="remove one")
            node = self._node(next(self._events), depth + 1)
            node.key_place = key.place
            entries[key.value] = node
        return Node(entries, self._locate(event.start_mark))

    def _alias(self, event: Any, depth: int) -> Node:
        """A copy of the anchored value, so that an override of one use leaves the others alone."""
        if event.anchor not in self._anchors:
            raise self._error(
                event, f"the alias *{shorten(event.anchor)} has no anchor before it", "define it"
            )
        anchored = self._anchors[event.anchor]
        if anchored is None:
            raise self._error(event, f"the alias *{shorten(event.anchor)} contains itself", "remove it")
        copy = self._copy(anchored, event, depth)
        return Node(copy.value, self._locate(event.start_mark))

    def _copy(self, node: Node, alias: Any, depth: int) -> Node:
        self._check_depth(alias, depth)
        self._aliased += 1
        if self._aliased > MAX_ALIASED:
            raise self._error(alias, f"aliases expand to more than {MAX_ALIASED} values", "write them out")
        value = node.value
        if isinstance(value, dict):
            value = {key: self._copy(child, alias, depth + 1) for key, child in value.items()}
        elif isinstance(value, list):
            value = [self._copy(child, alias, depth + 1) for child in value]
        return Node(value, node.place, node.key_place)
