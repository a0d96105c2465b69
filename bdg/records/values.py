"""How far the fields and quantities of two results are apart, up to what is a choice of gauge or axes."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bdg.arrays import Floats
from bdg.crosscheck.difference import ROUNDING, SAFETY, as_numbers, largest, largest_of, stated_error
from bdg.crosscheck.runs import LOOSE
from bdg.model import TABLE
from bdg.observables import Quantity
from bdg.records.alignment import Alignment, aligned, same_sample
from bdg.result import Result

MAGNETISATION = tuple(f"magnetisation_{axis}" for axis in "xyz")
"""Components that turn together with the axes of the spins."""

OF_SPIN_AXES = ("hartree_constant", "exchange_constant")
"""Parts of Ω of which only the sum does not depend on the axes."""


@dataclass(frozen=True)
class ValueDifference:
    """How far two values of a field or a quantity are apart.

    Parameters
    ----------
    kind
        ``field`` or ``observable``.
    name, units
        Of the quantity.
    largest
        Largest difference of any value; infinite where they cannot be compared.
    scale
        Largest value of either.
    error
        The errors stated with both, added.
    allowed
        Up to this they are the same.
    note
        What they were compared up to, or why they cannot be.
    """

    kind: str
    name: str
    units: str
    largest: float
    scale: float
    error: float
    allowed: float
    note: str = ""

    @property
    def relative(self) -> float:
        """The difference as a share of the largest value."""
        return self.largest / self.scale if self.scale else (np.inf if self.largest else 0.0)

    @property
    def in_errors(self) -> float:
        """The difference over the stated errors; NaN where none is stated."""
        return self.largest / self.error if self.error else np.nan

    @property
    def is_same(self) -> bool:
        """Whether the difference is allowed."""
        return self.largest <= self.allowed


def values_compared(first: Result, second: Result, tolerance: float | None) -> tuple[ValueDifference, ...]:
    """Every field and quantity that either result has.

    Parameters
    ----------
    first, second
        The second is brought to the gauge and the spin axes of the first where their samples are the same.
    tolerance
        Largest difference that is none, as a share of the largest value; ``None`` for what the stated errors
        and the tolerances of both loops allow.
    """
    loops = None if tolerance is not None else LOOSE * (first.tolerance + second.tolerance)
    allowed = _Allowed(tolerance or 0.0, loops)
    together = aligned(first, second) if same_sample(first.sample, second.sample) else None
    return (*_fields(first, second, together, allowed), *_observables(first, second, together, allowed))


@dataclass(frozen=True)
class _Allowed:
    """What is allowed: a share of the scale, or what errors and the loops leave open."""

    share: float
    loops: float | None

    def of(self, scale: float, error: float) -> float:
        if self.loops is None:
            return max(self.share * scale, ROUNDING)
        return SAFETY * error + self.loops * max(1.0, scale)


def _fields(
    first: Result, second: Result, together: Alignment | None, allowed: _Allowed
) -> Iterator[ValueDifference]:
    theirs = second.fields if together is None else together.fields
    notes = [] if together is None else ["up to a gauge"] if together.is_local else []
    notes += ["up to a rotation of spins"] if together is not None and together.turns_spins else []
    for row in TABLE.values():
        one, two = first.fields[row.name], theirs[row.name]
        if one is None and two is None:
            continue
        given = [np.asarray(values) for values in (one, two) if values is not None]
        a, b = given if len(given) == 2 else (np.zeros_like(given[0]), given[0])
        turns = any(row.charges) or row.spin is not None
        yield _compared("field", row.name, row.units, a, b, 0.0, allowed, ", ".join(notes) if turns else "")


def _observables(
    first: Result, second: Result, together: Alignment | None, allowed: _Allowed
) -> Iterator[ValueDifference]:
    known, theirs = first.quantities(), second.quantities()
    if together is not None and together.turns_spins:
        known, theirs = _pooled(known), _pooled(_turned(theirs, together))
    for name in dict.fromkeys([*known, *theirs]):
        one, two = known.get(name), theirs.get(name)
        if one is None or two is None:
            there = one or two
            assert there is not None
            which = "second" if one is None else "first"
            scale = largest_of(as_numbers(there.values))
            yield ValueDifference(
                "observable", name, there.units, np.inf, scale, 0.0, 0.0, f"only in the {which}"
            )
            continue
        a, b, note = _invariant(one, two, together)
        error = stated_error(one) + stated_error(two)
        best = min(_candidates(b, two.dims, first, together), key=lambda values: largest(a, values))
        yield _compared("observable", name, one.units, a, best, error, allowed, note)


def _compared(
    kind: str,
    name: str,
    units: str,
    one: NDArray[Any],
    two: NDArray[Any],
    error: float,
    allowed: _Allowed,
    note: str,
) -> ValueDifference:
    if one.dtype.kind not in "iufcb" or two.dtype.kind not in "iufcb":
        apart = 0.0 if np.array_equal(one, two) else np.inf
        return ValueDifference(kind, name, units, apart, 0.0, error, 0.0, "text")
    a, b = as_numbers(one), as_numbers(two)
    scale = max(largest_of(a), largest_of(b))
    if a.shape != b.shape:
        note = f"shapes {' × '.join(map(str, a.shape))} and {' × '.join(map(str, b.shape))}"
    return ValueDifference(kind, name, units, largest(a, b), scale, error, allowed.of(scale, error), note)


def _turned(quantities: dict[str, Quantity], together: Alignment) -> dict[str, Quantity]:
    """The quantities of the second result, its magnetisation with the spin axes of the first."""
    if not all(name in quantities for name in MAGNETISATION):
        return quantities
    components = np.stack([quantities[name].values for name in MAGNETISATION])
    turned = zip(MAGNETISATION, np.tensordot(together.rotation, components, 1), strict=True)
    return quantities | {name: replace(quantities[name], values=values) for name, values in turned}


def _pooled(quantities: dict[str, Quantity]) -> dict[str, Quantity]:
    """The quantities, parts of Ω that only together do not depend on the axes of the spins as their sum."""
    parts = [quantities[name] for name in OF_SPIN_AXES if name in quantities]
    kept = {name: quantity for name, quantity in quantities.items() if name not in OF_SPIN_AXES}
    if not parts:
        return kept
    values = np.sum([part.values for part in parts], axis=0)
    total = replace(parts[0], values=values, error=sum(map(stated_error, parts)) or None)
    return kept | {" + ".join(OF_SPIN_AXES): total}


def _invariant(
    one: Quantity, two: Quantity, together: Alignment | None
) -> tuple[NDArray[Any], NDArray[Any], str]:
    """What is compared of two quantities: of spins apart, where their axes were turned, the sum of both."""
    if together is None or not together.turns_spins or "spin" not in one.dims or one.dims != two.dims:
        return one.values, two.values, ""
    axis = one.dims.index("spin")
    return one.values.sum(axis=axis), two.values.sum(axis=axis), "sum of both spins, whose axes were turned"


def _candidates(
    values: NDArray[Any], dims: tuple[str, ...], first: Result, together: Alignment | None
) -> Iterator[NDArray[Any]]:
    """The values as they are and, of complex ones, with the phases that the gauge gives pairs and hops."""
    yield values
    if together is None or values.dtype.kind != "c" or not together.angle.any():
        return
    angle, bonds = together.angle, first.sample.bonds
    phases: dict[str, list[Floats]] = {
        "site": [2 * angle],
        "bond": [
            angle[bonds.source] + angle[bonds.target],
            angle[bonds.target] - angle[bonds.source],
        ],
    }
    for dim, several in phases.items():
        if dim in dims and len(dims) == values.ndim:
            shape = [-1 if one == dim else 1 for one in dims]
            yield from (values * np.exp(1j * phase).reshape(shape) for phase in several)
    if not together.is_local:
        yield values * np.exp(2j * angle[0])
