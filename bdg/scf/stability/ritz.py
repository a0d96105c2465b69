r"""The largest eigenvalues of a map that is self-adjoint in a metric, K = W χ, from a few of its products.

Over directions v_i the Rayleigh–Ritz values θ solve

    A c = θ B c ,   A_ij = (χv_i)† K v_j ,   B_ij = v_i† χ v_j ,

and the n-th θ is never above the n-th eigenvalue. The next direction is what is left of the first mode that
is not yet known well enough, (K − θ) v: Lanczos in that metric, from several starts and restarted thickly. A
start with a share in each of several equal modes finds one of them; several starts find as many.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bdg.arrays import Floats, Numbers

Products = Callable[[Numbers], tuple[Numbers, Numbers]]
"""K v and χ v of a direction v; all of shape ``(n_unknowns,)``, real or complex."""

KEPT, NUMBERS = (20, 80), 10_000_000
"""Directions that are kept before the best are continued from alone: at least, at most, and their numbers."""

BESIDE = 4
"""Modes, beside those that are sought, that a restart keeps."""

INDEPENDENT = 1e-8
"""Share of a direction that must be new."""

LOOKS = 8
"""Products along a spare direction."""

SOFT = 1e-10
"""Share of the largest χ below which a direction is left out."""


@dataclass(frozen=True, eq=False)
class Modes:
    """Modes, the largest eigenvalue first.

    Parameters
    ----------
    values, errors
        θ, at most the eigenvalues, and how far these may be above, from the residuals; shape ``(n_modes,)``.
    vectors
        v in rows, the largest component 1, shape ``(n_modes, n_unknowns)``.
    """

    values: Floats
    errors: Floats
    vectors: Numbers


@dataclass(frozen=True)
class Goal:
    """Error that an eigenvalue may have: ``share`` of its distance from 1, and at least ``least``."""

    least: float
    share: float = 0.0

    def of(self, values: Floats) -> Floats:
        """The errors that eigenvalues may have."""
        return np.maximum(self.least, self.share * np.abs(values - 1.0))


def largest_modes(
    products: Products,
    starts: Sequence[Numbers],
    *,
    sought: int,
    goal: Goal,
    most: int,
    spares: Iterable[Sequence[Numbers]] = (),
    within: Callable[[Numbers], Numbers] = np.asarray,
) -> Modes:
    """The modes of the largest eigenvalues.

    Parameters
    ----------
    products
        The map.
    starts
        First directions; modes that are nearly known are good ones.
    sought
        How many modes are wanted as exactly as ``goal``; there are as many more as there are directions.
    goal
        Of these modes.
    most
        Products at most, besides those of the starts.
    spares
        Directions that are looked along where all modes seem to be known: one of several equal modes, of
        which the starts had too little, shows there. They come in rounds, each after one that showed some.
    within
        Makes of a direction the one that is looked along, at right angles in χ to all that it leaves out.
    """
    space = _Space(products, within)
    for start in starts:
        space.add(start)
    rounds, left, before = iter(spares), list[Numbers](), np.array(np.nan)
    for _ in range(most):
        modes, rests = space.best()
        is_open = (modes.errors > goal.of(modes.values))[:sought]
        if is_open.any():
            if not space.add(rests[is_open.argmax()]):
                return modes
        elif left:
            space.look_along(left.pop())
        elif np.all(np.abs(modes.values[:sought] - before) <= goal.of(modes.values)[:sought]):
            return modes
        else:
            before, left = modes.values[:sought], list(next(rounds, ()))
            if not left:
                return modes
        if len(space) >= np.clip(NUMBERS // len(starts[0]), *KEPT):
            space.restart(sought + BESIDE)
    return space.best()[0]


class _Space:
    """Directions, and what the map makes of them."""

    def __init__(self, products: Products, within: Callable[[Numbers], Numbers]) -> None:
        self._products, self._within = products, within
        self._rows: list[tuple[Numbers, Numbers, Numbers]] = []

    def __len__(self) -> int:
        return len(self._rows)

    def add(self, direction: Numbers) -> bool:
        """Whether there is anything new in a direction, which then is one of the space."""
        if len(self) >= len(direction):
            return False
        for _ in range(2):  # the first time it may be little that is new, and rounding in it
            size = float(np.linalg.norm(direction))
            if not size:
                return False
            direction = self._within(direction / size)
            for known, _, _ in self._rows:
                direction = direction - known * np.vdot(known, direction)
            if np.linalg.norm(direction) < INDEPENDENT:
                return False
        direction = direction / np.linalg.norm(direction)
        self._rows.append((direction, *self._products(direction)))
        return True

    def look_along(self, direction: Numbers) -> None:
        """Add v, K v, K² v, … of a direction, each without what is known."""
        for _ in range(LOOKS):
            if not self.add(direction):
                return
            direction = self._rows[-1][1]

    def best(self) -> tuple[Modes, Numbers]:
        """All modes of the space, and (K − θ) v/‖v‖ of each in rows."""
        values, shares, soft = self._solved()
        basis, images, _ = self._arrays()
        vectors, moved = shares.T @ basis, shares.T @ images
        # Along what χ hardly answers to, a mode is what the map makes of the rest of it.
        unseen = soft.T @ basis
        made = np.divide(moved, values[:, None], out=np.zeros_like(moved), where=values[:, None] != 0)
        vectors = vectors + ((made - vectors) @ unseen.conj().T) @ unseen
        sizes = np.linalg.norm(vectors, axis=1)
        rests = (moved - values[:, None] * vectors) / sizes[:, None]
        largest = vectors[np.arange(len(vectors)), np.abs(vectors).argmax(axis=1)]
        return Modes(values, _errors(values, rests), vectors / largest[:, None]), rests

    def restart(self, count: int) -> None:
        """Continue from the best modes alone, whose images are known."""
        _, shares, _ = self._solved()
        kept = [shares[:, :count].T @ rows for rows in self._arrays()]
        # At right angles as they were, by the same combination of all three.
        _, triangle = np.linalg.qr(kept[0].T)
        turned = np.linalg.inv(triangle).T
        self._rows = list(zip(*(turned @ rows for rows in kept), strict=True))

    def _solved(self) -> tuple[Floats, NDArray[Any], NDArray[Any]]:
        """Values, and shares of the directions in the modes and in those that are left out, in columns."""
        basis, images, lefts = self._arrays()
        a, b = lefts.conj() @ images.T, lefts.conj() @ basis.T
        lengths, turned = np.linalg.eigh((b + b.conj().T) / 2)
        kept = lengths > SOFT * lengths[-1]
        orthonormal = turned[:, kept] / np.sqrt(lengths[kept])
        values, shares = np.linalg.eigh(orthonormal.conj().T @ ((a + a.conj().T) / 2) @ orthonormal)
        return values[::-1], orthonormal @ shares[:, ::-1], turned[:, ~kept]

    def _arrays(self) -> tuple[Numbers, Numbers, Numbers]:
        basis, images, lefts = (np.array(rows) for rows in zip(*self._rows, strict=True))
        return basis, images, lefts


def _errors(values: Floats, rests: Numbers) -> Floats:
    """r²/gap of each mode, or its residual r where others are nearer than that."""
    residuals = np.linalg.norm(rests, axis=1)
    apart = np.abs(values[:, None] - values[None])
    far = np.where(apart > residuals[:, None], apart, np.inf).min(axis=1, initial=np.inf)
    # Without another mode to compare with, nothing is known of the gap.
    known = np.where(np.isfinite(far), residuals**2 / far, residuals)
    errors: Floats = np.minimum(residuals, known)
    return errors
