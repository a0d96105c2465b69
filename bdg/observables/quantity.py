"""A computed quantity with all that is needed to read it: axes, units, a long name, an error."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.lib.mixins import NDArrayOperatorsMixin
from numpy.typing import NDArray

from bdg.errors import InputError

Notes = Mapping[str, str | float | int | bool]
"""What a quantity says besides its numbers, by name."""


ADDING = (np.add, np.subtract, np.maximum, np.minimum, np.greater, np.greater_equal, np.less, np.less_equal)
"""What takes two numbers of one unit."""


@dataclass(frozen=True)
class Quantity(NDArrayOperatorsMixin):
    """An array with named axes; arithmetic takes its numbers and makes plain arrays.

    Raises
    ------
    InputError
        From a sum or a comparison of quantities with different units.

    Parameters
    ----------
    values
        The numbers; a scalar has shape ``()``.
    dims
        Name of each axis. ``site``, ``bond``, ``spin``, ``spin_pair`` and ``component`` are those of the
        sample; any other has its values in ``coords``.
    units
        Products of t, a, e, ħ and k_B as a reader would write them: ``"t"``, ``"1/t"``, ``"e t/hbar"``,
        ``"e^2 t a^2/hbar^2"``; ``"1"`` of pure numbers.
    long_name
        What it is, for axis labels and readers of the file.
    coords
        The values along axes that are its own, such as ``energy``.
    error
        Estimate of the largest error at the fields of the run, where there is one: what the solver, a
        difference or a search leaves. How far the fields themselves are from self-consistency is the run's
        residual and, close to T_c, its ``delta_error``.
    attributes
        Anything else worth keeping: broadening, whether Δ was self-consistent, ...; a ``warning``, one line,
        is shown with the result as well.
    """

    values: NDArray[Any]
    dims: tuple[str, ...]
    units: str
    long_name: str
    coords: Mapping[str, Quantity] = field(default_factory=dict)
    error: float | None = None
    attributes: Notes = field(default_factory=dict)

    def __post_init__(self) -> None:
        array = np.asarray(self.values)
        if array.ndim != len(self.dims):
            raise ValueError(f"{self.long_name}: {array.ndim} axes, but dims {self.dims}")
        object.__setattr__(self, "values", array)

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> NDArray[Any]:
        """The values: ``np.abs(result["order_parameter"])``."""
        return np.array(self.values, dtype=dtype, copy=copy)

    def __array_ufunc__(self, ufunc: np.ufunc, method: str, *inputs: Any, **options: Any) -> Any:
        """Act on the numbers: ``2 * result["ldos"]``."""
        units = {one.units for one in inputs if isinstance(one, Quantity)}
        if ufunc in ADDING and len(units) > 1:
            raise InputError(f"numbers in {' and '.join(sorted(units))} do not add; convert one of them")
        values = [one.values if isinstance(one, Quantity) else one for one in inputs]
        return getattr(ufunc, method)(*values, **options)

    def __float__(self) -> float:
        """The value of a quantity that is one number."""
        return float(self.values)

    def __repr__(self) -> str:
        """``order parameter: 576 site, in t``; the value, if it is one number."""
        units = "" if self.units == "1" else f" {self.units}"
        if not self.dims:
            return f"{self.long_name}: {self.values:.10g}{units}"
        axes = " × ".join(f"{n} {dim}" for n, dim in zip(self.values.shape, self.dims, strict=True))
        return f"{self.long_name}: {axes}{units and f', in{units}'}"


def warnings_in(observables: Mapping[str, Mapping[str, Quantity]]) -> tuple[str, ...]:
    """The warnings of quantities by observable and name, each once, with the first that has it."""
    found: dict[str, str] = {}
    for quantities in observables.values():
        for name, quantity in quantities.items():
            if "warning" in quantity.attributes:
                found.setdefault(str(quantity.attributes["warning"]), name)
    return tuple(f"{name}: {line}" for line, name in found.items())


def scalar(
    value: float, units: str, long_name: str, error: float | None = None, attributes: Notes | None = None
) -> Quantity:
    """A number with units and a name."""
    array = np.array(value, dtype=np.float64)
    return Quantity(array, (), units, long_name, error=error, attributes=attributes or {})


def energy_axis(energies: NDArray[np.float64]) -> Quantity:
    """The energy axis of a spectrum, measured from the chemical potential."""
    return Quantity(energies, ("energy",), "t", "energy from the chemical potential")
