"""Sums in an order of their own: the same bits whoever adds which part, and however many there are.

The terms of a sum are the leaves of a binary tree, which halves the costs at each of its nodes and depends on
nothing else. A share is all that lies below one node: whoever has several shares adds them up along the tree.
"""

from __future__ import annotations

import heapq
from collections.abc import Callable, Iterator, Sequence
from functools import lru_cache
from typing import Any, TypeVar

Term = TypeVar("Term")
Sum = TypeVar("Sum")

WASTE = 1.05
"""Time of coarse shares, in units of that of the finest ones, that is taken for having fewer."""


def pairwise(terms: Sequence[Term], cost: Callable[[Term], float], made: Callable[[Term], Sum]) -> Sum:
    """The sum over terms along their tree, each made from its term when it is needed; it must have ``+=``."""

    def below(node: Sequence[Term]) -> Sum:
        if len(node) == 1:
            return made(node[0])
        middle = _middle([cost(term) for term in node])
        left = below(node[:middle])
        left += below(node[middle:])  # type: ignore[operator]
        return left

    return below(terms)


@lru_cache(maxsize=64)
def shares(costs: tuple[float, ...], workers: int) -> tuple[range, ...]:
    """The fewest nodes of the tree over all terms that keep so many workers busy, in order.

    The costliest node is split as long as that makes the sum be done sooner, by more than :data:`WASTE`,
    where each worker that is free takes the costliest share that is left.
    """
    nodes: tuple[range, ...] = (range(len(costs)),)
    steps = [nodes]
    while any(len(node) > 1 for node in nodes):
        widest = max((node for node in nodes if len(node) > 1), key=lambda node: _cost(costs, node))
        at = nodes.index(widest)
        nodes = (*nodes[:at], *_halves(costs, widest), *nodes[at + 1 :])
        steps.append(nodes)
        if len(nodes) > 8 * workers:
            break
    times = [_time([_cost(costs, node) for node in step], workers) for step in steps]
    return next(step for step, time in zip(steps, times, strict=True) if time <= WASTE * min(times))


def added(costs: Sequence[float], parts: Sequence[range], sums: Iterator[Any]) -> Any:
    """The sum over all terms from those of some nodes that have all of them below, which come in order."""
    known = set(parts)

    def below(node: range) -> Any:
        if node in known:
            return next(sums)
        first, second = _halves(costs, node)
        left = below(first)
        left += below(second)
        return left

    return below(range(len(costs)))


def _halves(costs: Sequence[float], node: range) -> tuple[range, range]:
    middle = node.start + _middle(costs[node.start : node.stop])
    return range(node.start, middle), range(middle, node.stop)


def _middle(costs: Sequence[float]) -> int:
    """Where the costs of at least two terms are cut, none of the parts empty and the larger one smallest."""
    total, before = sum(costs), 0.0
    best, place = float("inf"), 1
    for index, cost in enumerate(costs[:-1], 1):
        before += cost
        if max(before, total - before) < best:
            best, place = max(before, total - before), index
    return place


def _cost(costs: Sequence[float], node: range) -> float:
    return sum(costs[node.start : node.stop])


def _time(costs: Sequence[float], workers: int) -> float:
    """When the last of some tasks ends, the costliest taken first."""
    busy = [0.0] * workers
    for cost in sorted(costs, reverse=True):
        heapq.heapreplace(busy, busy[0] + cost)
    return max(busy)
