"""Spectra on panels of Gauss–Legendre nodes, narrower where the spectrum changes fast."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.polynomial import legendre

from bdg.arrays import Floats

ORDER = 16
"""Nodes of a panel."""

FIRST, FINEST = 8.0, 0.25
"""Width of the first panels and of the narrowest, in broadenings.

A Lorentzian of half width η is a sum of Legendre polynomials whose terms fall by 0.61 from one to the next on
a panel of width 4η, by 0.38 on one of 2η: the narrowest are for broadenings with a kink.
"""


TINY = float(np.finfo(float).tiny)


@dataclass(frozen=True)
class Panels:
    """Intervals side by side, each with :data:`ORDER` Gauss–Legendre nodes.

    Parameters
    ----------
    edges
        Ascending, shape ``(n_panels + 1,)``.
    """

    edges: Floats

    @property
    def nodes(self) -> Floats:
        """Energies of the spectrum, ascending, shape ``(n_panels · ORDER,)``."""
        return _nodes(self.edges[:-1], self.edges[1:]).ravel()

    def row(self, energies: Floats, weights: Floats) -> Floats:
        """Weights at the nodes that make Σ_q w_q N(ω_q) of a spectrum there, shape ``(n_panels · ORDER,)``.

        Parameters
        ----------
        energies, weights
            ω_q within the edges, ascending, and w_q, shape ``(n_points,)``.
        """
        if not len(energies):
            return np.zeros(ORDER * (len(self.edges) - 1))
        panel = np.clip(np.searchsorted(self.edges, energies, side="right") - 1, 0, len(self.edges) - 2)
        left, right = self.edges[panel], self.edges[panel + 1]
        local = (2 * energies - left - right) / (right - left)
        terms = legendre.legvander(local, ORDER - 1) * weights[:, None]
        starts = np.flatnonzero(np.diff(panel, prepend=-1))
        row = np.zeros((len(self.edges) - 1, ORDER))
        row[panel[starts]] = np.add.reduceat(terms, starts) @ _transform()
        return row.ravel()


def resolve(
    spectrum: Callable[[Floats], Floats],
    low: float,
    high: float,
    broadening: Callable[[Floats], Floats],
    accuracy: float,
    importance: Callable[[Floats], Floats] = np.ones_like,
) -> tuple[Panels, Floats, float]:
    """A spectrum on panels that are divided until its polynomials on each of them have converged.

    Parameters
    ----------
    spectrum
        Of ascending energies, shape ``(n_energies, n_places)``.
    low, high
        The energies it is needed between, low < high.
    broadening
        η of energies: no spectrum changes faster.
    accuracy
        Largest error of an interpolated value, as a share of the largest one.
    importance
        By how much an error counts at energies, at most 1.

    Returns
    -------
    tuple
        The panels, the spectrum at their nodes, and the estimate of the largest error between them.
    """
    pending = _first_edges(low, high, broadening, importance)
    done: list[tuple[float, float, Floats, float]] = []
    largest = 0.0
    while len(pending):
        left, right = pending[:, 0], pending[:, 1]
        values = spectrum(_nodes(left, right).ravel()).reshape(len(pending), ORDER, -1)
        largest = max(largest, float(np.abs(values).max()))
        tail = 2 * np.abs(np.einsum("kn,pns->pks", _transform()[-2:], values)).sum(axis=1).max(axis=1)
        tail *= np.maximum(importance(left), importance(right))
        narrow = right - left <= 2 * FINEST * broadening(0.5 * (left + right))
        accepted = (tail <= accuracy * largest) | narrow
        done += [(left[n], right[n], values[n], float(tail[n])) for n in np.flatnonzero(accepted)]
        pending = _divided(pending[~accepted], tail[~accepted] / max(largest, TINY), accuracy)
    done.sort(key=lambda panel: panel[0])
    edges = np.array([*(panel[0] for panel in done), done[-1][1]])
    return Panels(edges), np.concatenate([panel[2] for panel in done]), max(panel[3] for panel in done)


def _first_edges(
    low: float,
    high: float,
    broadening: Callable[[Floats], Floats],
    importance: Callable[[Floats], Floats],
) -> Floats:
    """Ends of the first panels, shape ``(n_panels, 2)``; zero, where a broadening may have a kink, is one.

    From zero on they are the same on both sides: one inverse serves the energies ω and −ω.
    """

    def edges(start: float, stop: float) -> list[float]:
        sign, found = float(np.sign(stop - start)), [start]
        while (place := found[-1]) != stop:
            here = np.array([place])
            width = FIRST * float((broadening(here) * np.minimum(importance(here) ** -0.125, 4))[0])
            found.append(stop if abs(stop - place) <= 1.5 * width else place + sign * width)
        return found

    both = [*edges(0.0, low)[:0:-1], *edges(0.0, high)] if low < 0 < high else edges(low, high)
    return np.stack([both[:-1], both[1:]], axis=1)


def _divided(panels: Floats, tails: Floats, accuracy: float) -> Floats:
    """Panels in two, three or four parts, ascending: as many as the last terms, so far, make them need.

    On a part n times shorter the logarithm of the terms falls at least n times as fast.
    """
    few = np.log(np.minimum(tails, 0.5)) / np.log(min(accuracy, 0.5))
    parts = np.clip(np.ceil(1 / few), 2, 4).astype(int)
    edges = [np.linspace(left, right, n + 1) for (left, right), n in zip(panels, parts, strict=True)]
    found = [np.stack([each[:-1], each[1:]], axis=1) for each in edges]
    return np.concatenate(found) if found else np.zeros((0, 2))


def _nodes(left: Floats, right: Floats) -> Floats:
    nodes: Floats = 0.5 * (left + right)[:, None] + 0.5 * (right - left)[:, None] * _rule()[0]
    return nodes


@cache
def _rule() -> tuple[Floats, Floats]:
    return legendre.leggauss(ORDER)


@cache
def _transform() -> Floats:
    """Legendre coefficients of values at the nodes of a panel, shape ``(ORDER, ORDER)``."""
    nodes, weights = _rule()
    matrix: Floats = (np.arange(ORDER) + 0.5)[:, None] * legendre.legvander(nodes, ORDER - 1).T * weights
    return matrix
