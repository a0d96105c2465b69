"""The problems of a configuration file: located, put in order and raised as one error."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NoReturn

from bdg.config.text.document import Node, Place
from bdg.errors import ConfigError
from bdg.parameters.problems import At, Problem, without_echoes
from bdg.parameters.wording import Path, key_name


def raise_first(problems: list[Problem], root: Node) -> NoReturn:
    """Raise the problem that comes first in the file, with all others."""
    found = [_Located.of(problem, root) for problem in without_echoes(problems)]
    # A single value that stands for a list of equal ones is wrong once.
    located = sorted({(one.path, one.problem.text): one for one in found}.values(), key=_Located.order)
    raise ConfigError.of([one.error() for one in located])


def place_of(path: Path, root: Node, at: At = At.VALUE) -> tuple[Place, Path]:
    """The place of a path, and the path as far as it is written in the file.

    What the schema adds to the path (an index into a list where the file has a single number) is left out;
    what isn't written at all has the place of the key above it.
    """
    node, written = root, Path()
    for part in path:
        child = node.child(part)
        if child is not None:
            node, written = child, (*written, part)
        elif isinstance(part, str):
            at, written = At.MISSING, path
            break
    if node is root:
        return Place(root.place.file), written
    if at is At.VALUE and not _hangs(node):
        return node.place, written
    return node.key_place or node.place, written


def _hangs(node: Node) -> bool:
    """Whether a list or mapping starts in a line below its key; the key then stands for all of it."""
    if node.key_place is None or not isinstance(node.value, dict | list):
        return False
    return node.key_place.line != node.place.line


@dataclass(frozen=True)
class _Located:
    problem: Problem
    place: Place
    path: Path

    @classmethod
    def of(cls, problem: Problem, root: Node) -> _Located:
        candidates = (problem.path, *problem.rivals)
        located = [cls(problem, *place_of(path, root, problem.at)) for path in candidates]
        return max(located, key=cls.order)

    def error(self) -> ConfigError:
        """The error of this problem alone."""
        return self.place.error(self.problem.text, key=key_name(self.path), hint=self.problem.hint)

    def order(self) -> tuple[bool, bool, int, int]:
        """Sort key: places in the file, then the command line, then what has no place."""
        place = self.place
        without = place.line is None
        return without, without and self.problem.at is At.MISSING, place.line or 0, place.column or 0
