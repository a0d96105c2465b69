"""Values given on the command line, ``--set lattice.size[0]=8``, and by the sweep that a point is of."""

from __future__ import annotations

import json
import re
from itertools import pairwise
from typing import Any

from bdg.config.text.document import Node, Place, parse_value
from bdg.parameters.wording import Path, key_name, quote, shorten

DEEPEST = 20
"""Keys inside one another; those of the schema lie at most ten deep."""

_PATH = re.compile(r"[^\s.\[\]=]+(?:\[\d{1,9}\])*(?:\.[^\s.\[\]=]+(?:\[\d{1,9}\])*)*")
_PART = re.compile(r"\[(\d+)\]|([^.\[\]]+)")


def apply_override(root: Node, override: str) -> None:
    """Set one value in the tree of a configuration; ``null`` removes its key.

    Parameters
    ----------
    root
        The top level, changed in place.
    override
        ``a.b=value``: dotted keys, list indices as ``[0]`` or ``.0``, and a value in YAML.

    Raises
    ------
    ConfigError
        The text has no such form, or the path doesn't fit the configuration.
    """
    place = Place(f"--set {shorten(override, 80)}")
    name, equals, text = (part.strip() for part in override.partition("="))
    parts = _parts(name if equals else "", place)
    if not text:
        raise place.error("no value is given", key=shorten(name), hint="null removes the key")
    value = parse_value(text, place.file)
    parent, path = _descend(root, parts, place)
    _assign(parent, path, value, place)


def with_value(root: Node, key: str, value: Any) -> Node:
    """The tree with one value in place of another; what is not on the way to it is shared with ``root``.

    Parameters
    ----------
    root
        The top level, which stays as it is.
    key
        Dotted, list indices as ``[0]`` or ``.0``.
    value
        Plain; ``None`` removes the key.

    Raises
    ------
    ConfigError
        If the key doesn't fit the configuration.
    """
    place = Place(f"--set {shorten(f'{key}={json.dumps(value, default=str)}', 80)}")
    changed = _opened(root)
    parent, path = _descend(changed, _parts(key, place), place)
    _assign(parent, path, _node(value, place), place)
    return changed


def _parts(name: str, place: Place) -> Path:
    """A dotted key taken apart."""
    if not _PATH.fullmatch(name):
        raise place.error("must look like KEY=VALUE", hint="for example temperature=0.1 or lattice.size[0]=8")
    parts: Path = tuple(int(index) if index else key for index, key in _PART.findall(name))
    if len(parts) > DEEPEST:
        raise place.error(f"has {len(parts)} keys inside one another", hint="no key lies that deep")
    return parts


def _node(value: Any, place: Place) -> Node:
    """The tree of a plain value."""
    if isinstance(value, dict):
        return Node({str(key): _node(one, place) for key, one in value.items()}, place)
    if isinstance(value, list | tuple):
        return Node([_node(one, place) for one in value], place)
    return Node(value, place)


def _opened(node: Node) -> Node:
    """A node whose entries can be replaced, the entries themselves as they were."""
    value = node.value
    copied = dict(value) if isinstance(value, dict) else list(value) if isinstance(value, list) else value
    return Node(copied, node.place, node.key_place)


def _descend(root: Node, parts: Path, place: Place) -> tuple[Node, Path]:
    """The list or mapping that holds the last part, and the path in full; mappings are made on the way."""
    node, path = root, Path()
    for part, following in pairwise(parts):
        path = (*path, _fitting(node, part, path, place))
        child = node.child(path[-1])
        if child is None or child.value is None:
            if isinstance(following, int):
                raise place.error(
                    "is no list in the configuration", key=key_name(path), hint="set the whole list"
                )
            child = Node({}, place, place)
        child = _opened(child)
        node.put(path[-1], child)
        node = child
    return node, (*path, _fitting(node, parts[-1], path, place))


def _fitting(node: Node, part: str | int, path: Path, place: Place) -> str | int:
    """The key or index that ``part`` is in ``node``."""
    if isinstance(node.value, list):
        if isinstance(part, str) and re.fullmatch(r"[0-9]{1,9}", part):
            part = int(part)
        if isinstance(part, str):
            raise place.error(
                f"a list has no key {quote(part)}", key=key_name(path), hint=f"write {key_name((*path, 0))}"
            )
        if part >= len(node.value):
            raise place.error(
                f"the index {part} is outside the list of {len(node.value)}",
                key=key_name(path),
                hint="indices count from 0; set the whole list to make it longer",
            )
        return part
    if not isinstance(node.value, dict) or isinstance(part, int):
        what = "a mapping" if isinstance(node.value, dict) else quote(node.value)
        wanted = "a list" if isinstance(part, int) else "a mapping"
        raise place.error(
            f"is {what} in the configuration, not {wanted}", key=key_name(path), hint="set the whole value"
        )
    return part


def _assign(parent: Node, path: Path, value: Node, place: Place) -> None:
    """Put the value under the last key or index of the path; null removes the key."""
    key = path[-1]
    if value.value is not None:
        value.key_place = place
        parent.put(key, value)
    elif isinstance(key, int):
        raise place.error(
            "null removes keys, not list entries", key=key_name(path), hint="set the whole list"
        )
    elif isinstance(parent.value, dict) and parent.value.pop(key, None) is None:
        raise place.error("is not in the configuration", key=key_name(path), hint="nothing to remove")
