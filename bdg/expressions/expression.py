"""A formula in the coordinates of the sites."""

from __future__ import annotations

import ast
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from bdg.errors import InputError
from bdg.expressions.grammar import CONSTANTS, COORDINATES, excerpt, one_line, parse, refuse

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray


@dataclass(frozen=True)
class Expression:
    """A formula such as ``0.5*cos(2*pi*x/8) if y > 3 else 0``; call it with the coordinates of the sites.

    It may hold numbers (``1j`` too), x, y, z, pi, e, tau, ``+ - * / // % **``, comparisons (``0 < x <= 4``),
    ``and``, ``or``, ``not``, ``A if CONDITION else B``, and the functions of
    :data:`bdg.expressions.FUNCTIONS`; nothing else, so that a text from anywhere is safe to read.

    Parameters
    ----------
    text
        The formula.
    variables
        The names it may depend on: the coordinates, or others such as ``("E",)``.

    Raises
    ------
    InputError
        If it is no formula, holds something else, or is too long; the message points at the piece.
    """

    text: str
    variables: tuple[str, ...] = COORDINATES
    _tree: ast.expr = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "text", one_line(self.text))
        object.__setattr__(self, "_tree", parse(self.text, self.variables))

    @property
    def names(self) -> frozenset[str]:
        """The variables it depends on."""
        return frozenset(name.id for name in self._coordinates())

    def __call__(self, *coordinates: ArrayLike) -> NDArray:  # type: ignore[type-arg]
        """The value at each site, of float64 or complex128.

        Parameters
        ----------
        coordinates
            x, y, z of the sites, as many as the lattice has dimensions, each of shape ``(n_sites,)``.

        Raises
        ------
        InputError
            If it holds a coordinate that is not given, a value is not finite, or something that takes real
            numbers is given complex ones.
        """
        import numpy as np  # here, so that a configuration can be checked without it

        from bdg.expressions.evaluation import evaluate

        self.require_coordinates(len(coordinates))
        places = [np.asarray(values, dtype=np.float64) for values in coordinates]
        names = {name: np.asarray(value) for name, value in CONSTANTS.items()}
        names |= dict(zip(self.variables, places, strict=False))
        with np.errstate(all="ignore"):  # what is not finite is looked for below
            value = np.asarray(evaluate(self._tree, self.text, names))
        shape = np.broadcast_shapes(*(place.shape for place in places))
        array = np.broadcast_to(value, shape).copy()
        finite = np.isfinite(array)
        if not finite.all():
            first = int(np.argmin(finite))
            position = ", ".join(f"{np.broadcast_to(place, shape).flat[first]:.6g}" for place in places)
            raise InputError(
                f"the expression {excerpt(self.text, 0)} is not finite ({array.flat[first]:g})"
                f" at the position ({position}); give another value there: '… if CONDITION else …'"
            )
        return array

    def require_coordinates(self, dimension: int) -> None:
        """Refuse a coordinate that positions of so many dimensions do not have.

        Raises
        ------
        InputError
            If there is one.
        """
        known = self.variables[:dimension]
        for name in self._coordinates():
            if name.id not in known:
                refuse(
                    self.text,
                    name,
                    f"is not a coordinate of this lattice, which has {dimension}",
                    f"use {' and '.join(known)}",
                )

    def _coordinates(self) -> list[ast.Name]:
        names = [node for node in ast.walk(self._tree) if isinstance(node, ast.Name)]
        return [name for name in names if name.id in self.variables]
