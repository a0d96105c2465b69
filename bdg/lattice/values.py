"""Values over sites, from whatever a user gives: a number, an array, a function, an expression."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from bdg.arrays import Numbers
from bdg.errors import InputError
from bdg.expressions import Expression
from bdg.lattice.sample import Sample

SiteValue = complex | str | ArrayLike | Callable[..., ArrayLike]
"""A number; an array over sites; a function ``f(x, y, …)`` of the coordinates; or its formula as text."""

VectorValue = SiteValue | Sequence[SiteValue]
"""A value over sites along z, or a list of three, along x, y and z; or an array of shape ``(3, n_sites)``."""


REAL_TO = 1e-14
"""Imaginary parts of an expression below this share of the largest modulus are rounding: exp(1j*pi) is −1."""


def site_values(sample: Sample, value: SiteValue, name: str = "a value over sites") -> NDArray[np.float64]:
    """One real number a site.

    Parameters
    ----------
    sample
        The sites.
    value
        See :data:`SiteValue`.
    name
        What it is, for errors.

    Raises
    ------
    InputError
        If an array has the wrong length, a value is complex or not finite, or a text is no expression.
    """
    return real_values(values_at(sample.positions, value, name), name)


def vector_values(
    sample: Sample, value: VectorValue, name: str = "a vector over sites"
) -> NDArray[np.float64]:
    """Three real numbers a site, shape ``(3, n_sites)``; a single value is the z component.

    Parameters
    ----------
    sample, name
        As for :func:`site_values`.
    value
        See :data:`VectorValue`; a list or tuple of three are components, also on a sample of three sites.

    Raises
    ------
    InputError
        As there.
    """
    whole: Any = value
    is_array = isinstance(value, np.ndarray) and value.shape == (3, sample.n_sites)
    has_all = is_array or (isinstance(value, list | tuple) and len(value) == 3)
    components = whole if has_all else (0.0, 0.0, whole)
    return np.stack([site_values(sample, component, name) for component in components])


def real_values(values: Numbers, name: str) -> NDArray[np.float64]:
    """The values, which must be real.

    Raises
    ------
    InputError
        If one is not.
    """
    if np.any(values.imag):
        first = complex(values[np.argmax(values.imag != 0)])
        raise InputError(f"{name} is complex ({first:.6g}), and must be real")
    return np.ascontiguousarray(values.real, dtype=np.float64)


def values_at(positions: NDArray[np.float64], value: SiteValue, name: str = "a value over sites") -> Numbers:
    """One number a position, real or complex; parameters and errors as for :func:`site_values`.

    Parameters
    ----------
    positions
        Shape ``(n, dimension)``.
    value, name
        As there.
    """
    given = value
    if isinstance(value, str):
        given = _without_rounding(Expression(value)(*positions.T))
    elif callable(value):
        given = value(*positions.T)
    array = np.asarray(given)
    if array.dtype.kind not in "biufc":
        raise InputError(f"{name} holds {type(given).__name__} in place of numbers")
    if array.ndim and array.shape != (len(positions),):
        raise InputError(f"{name} has shape {array.shape}, the sample has {len(positions)} sites")
    if not np.isfinite(array).all():
        raise InputError(f"{name} is not finite (NaN or infinity)")
    whole = np.broadcast_to(array, (len(positions),))
    return whole.astype(np.complex128) if np.iscomplexobj(array) else whole.astype(np.float64)


def _without_rounding(values: Numbers) -> Numbers:
    if np.iscomplexobj(values) and np.abs(values.imag).max() <= REAL_TO * np.abs(values).max():
        return np.ascontiguousarray(values.real)
    return values
