"""The shortest closed loops of a lattice in space: the squares of the cubic lattice, for example."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from bdg.lattice.cell import UnitCell
from bdg.lattice.kinds import BondKinds
from bdg.lattice.plaquettes.loops import Cell, Darts, Loop

LONGEST = 12
"""Bonds of the longest loop that is looked for."""

Node = tuple[int, Cell]
"""Orbital and cell."""


def shortest_loops(cell: UnitCell, kinds: BondKinds) -> list[Loop]:
    """Every loop with as few bonds as any has, one for each translate.

    The bonds are those of the first shell that closes a loop, all shorter ones, and longer ones up to the
    first shell that would make a loop shorter.
    """
    chosen: list[int] = []
    found: list[Loop] = []
    fewest = LONGEST + 1
    for shell in range(1, kinds.n_shells + 1):
        more = chosen + np.flatnonzero(kinds.shell == shell).tolist()
        loops = _loops(Darts(cell, kinds, more))
        length = len(loops[0].kinds) if loops else LONGEST + 1
        if found and length < fewest:
            break
        chosen, found, fewest = more, loops, length
        if fewest == 3:
            break  # nothing is shorter
    return found


def _loops(darts: Darts) -> list[Loop]:
    """The loops of the smallest length that has any."""
    origin: Cell = (0,) * darts.cell.n_directions
    distances = [_distances(darts, (orbital, origin)) for orbital in range(darts.cell.n_orbitals)]
    for length in range(3, LONGEST + 1):
        loops: dict[frozenset[tuple[int, Cell]], Loop] = {}
        for orbital, distance in enumerate(distances):
            for walk in _closed_walks(darts, (orbital, origin), length, distance):
                loop = darts.loop(walk)
                if loop is not None and len(loop.kinds) == length:
                    loops.setdefault(_name(loop), loop)
        if loops:
            return list(loops.values())
    return []


def _distances(darts: Darts, start: Node) -> dict[Node, int]:
    """Bonds on the shortest way from a node to all that are near enough to share a loop with it."""
    distance, frontier = {start: 0}, [start]
    for steps in range(1, LONGEST // 2 + 1):
        reached = []
        for orbital, cell in frontier:
            for dart in darts.leaving[orbital]:
                node = (int(darts.head[dart]), darts.moved(cell, dart))
                if node not in distance:
                    distance[node] = steps
                    reached.append(node)
        frontier = reached
    return distance


def _closed_walks(darts: Darts, start: Node, length: int, distance: dict[Node, int]) -> Iterator[list[int]]:
    """Walks from a node back to it that meet no node twice."""

    def extended(walk: list[int], visited: list[Node]) -> Iterator[list[int]]:
        left = length - len(walk)
        for dart in darts.leaving[visited[-1][0]]:
            node = (int(darts.head[dart]), darts.moved(visited[-1][1], dart))
            if left == 1:
                if node == start:
                    yield [*walk, dart]
            elif node not in visited and distance.get(node, length) < left:
                yield from extended([*walk, dart], [*visited, node])

    return extended([], [start])


def _name(loop: Loop) -> frozenset[tuple[int, Cell]]:
    """The bonds of a loop, moved so that translates have the same name."""
    lowest = min(loop.kinds)
    base = min(cell for kind, cell in zip(loop.kinds, loop.cells, strict=True) if kind == lowest)
    return frozenset(
        (kind, tuple(a - b for a, b in zip(cell, base, strict=True)))
        for kind, cell in zip(loop.kinds, loop.cells, strict=True)
    )
