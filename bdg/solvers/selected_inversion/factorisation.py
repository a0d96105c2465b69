"""One selected inverse: a shift, the entries of a matrix, the workspaces of a thread."""

from __future__ import annotations

import math
import threading
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any

import numpy as np

from bdg.arrays import Array
from bdg.kernels.dense.products import TILE_WORK
from bdg.kernels.dense.separate import prepare
from bdg.kernels.fronts.fronts import eliminate, select, solve, subtract_product
from bdg.kernels.fronts.residual import diagonal_residual
from bdg.solvers.selected_inversion.elimination import Elimination
from bdg.solvers.selected_inversion.fallback import LARGEST, dense_inverse, dense_rows
from bdg.solvers.selected_inversion.plan import Plan

_SAFETY = 4.0
"""Largest entry error seen in random samples, in units of the measured one, is 8; the median is below 1."""

_PROBE_SAFETY = 4.0
"""The same for the residual of one random vector, at complex energies."""

STREAM_FROM = 2**25
"""Bytes of P, X, Y from which they leave the caches before they are read again."""

_NO_SWAPS = np.empty(0, np.int64)

_held = threading.local()


@dataclass(frozen=True)
class SelectedInverse:
    """Entries of an inverse on the pattern of its elimination.

    Parameters
    ----------
    log_det
        ln|det A| of the matrix itself (not of its planes).
    entries
        Shape (planes, n_entries), in the order of the elimination; ``None`` if only log_det was asked for.
    error
        Estimate of the largest error of any entry, from the measured residual.
    residual
        Largest |(A G)_ii − 1| (of quaternions its real part, which is what a trace is made of), at least the
        rounding unit.
    """

    log_det: float
    entries: Array
    error: float
    residual: float


LARGE_PAGE = 2**21
"""Bytes of a large page of memory: with pages of 4096 it takes time to find where workspaces are."""


def side_by_side(sizes: Sequence[int], dtype: np.dtype[Any]) -> list[Array]:
    """Flat arrays one behind the other, each on a cache line and the first on a large page."""
    ends = np.cumsum([-(-size * dtype.itemsize // 64) * 64 for size in sizes])
    raw = np.empty(max(int(ends[-1]), LARGE_PAGE) + LARGE_PAGE, np.uint8)
    starts = -raw.ctypes.data % LARGE_PAGE + np.concatenate(([0], ends[:-1]))
    return [
        raw[first : first + size * dtype.itemsize].view(dtype)
        for first, size in zip(starts, sizes, strict=True)
    ]


def workspaces(e: Elimination, dtype: np.dtype[Any]) -> list[Array]:
    """Flat buffers of this thread, grown to what is needed and kept for the next call."""
    held: dict[str, list[Array]] = _held.__dict__.setdefault("buffers", {})
    sizes = (e.storage, e.up, e.down, e.scratch, TILE_WORK, e.planes * e.rows_total)
    lengths = [len(buffer) for buffer in held.get(dtype.str, [])] or [0] * len(sizes)
    if any(size > length for size, length in zip(sizes, lengths, strict=True)):
        held.pop(dtype.str, None)
        held[dtype.str] = side_by_side([max(pair) for pair in zip(sizes, lengths, strict=True)], dtype)
    return held[dtype.str]


def invert_selected(
    plan: Plan, values: Array, shift: complex, *, pivoting: bool = False, hermitian: bool = True
) -> SelectedInverse:
    """Entries of (shift·1 + A)⁻¹ on the pattern of A, and ln|det|.

    The error is estimated from δG = G (A G − 1), with the diagonal of the bracket, which is all of it that
    the selected entries give: max |(A G)_ii − 1| · max |G_ii|, times a factor for what is not seen. A front
    with a level at Re z loses digits that its selected entries agree about; so at complex energies A x = b is
    solved besides, see :func:`_probed`.

    Parameters
    ----------
    plan
        The symbolic phase, reused for as long as the pattern of H stays the same.
    values
        Entries of A from `Plan.load`; their dtype (float32, float64, complex128) is the working precision.
    shift
        γ or z.
    pivoting
        Exchange rows inside fronts: slower by far, for matrices that come out with a bad residual.
    hermitian
        Whether A is Hermitian, or i times that, as the estimate of the error assumes; of any other matrix the
        error of the solution of A x = b is found by solving once more, see :func:`_solved_again`.
    """
    e, dtype = plan.elimination.alone if pivoting else plan.elimination, values.dtype
    prepare(dtype)
    storage, up, down, scratch, tiles, defect = workspaces(e, dtype)
    swaps = np.empty(e.largest_front[0], np.int64) if pivoting else _NO_SWAPS
    number = dtype.type(shift)
    log_det = eliminate(
        e.planes, e.symmetric, e.storage * dtype.itemsize > STREAM_FROM,
        e.tree, values, number, storage, up, scratch, tiles, swaps,
    )  # fmt: skip
    entries = np.empty_like(values)
    select(e.planes, e.symmetric, e.tree, storage, down, scratch, tiles, entries)
    result = judged(plan, values, number, log_det, entries, defect)
    if np.isfinite(result.error):
        if not hermitian:
            result = replace(result, error=max(result.error, _solved_again(plan, values, number, storage)))
        elif np.imag(shift) != 0:
            result = replace(result, error=max(result.error, _probed(plan, values, number, entries, storage)))
    return result


def log_determinant(plan: Plan, values: Array, shift: complex) -> float:
    """ln|det(shift·1 + A)| alone, by the first of the two sweeps; arguments as of :func:`invert_selected`."""
    e, dtype = plan.elimination, values.dtype
    prepare(dtype)
    storage, up, _, scratch, tiles, _ = workspaces(e, dtype)
    return float(
        eliminate(
            e.planes, e.symmetric, e.storage * dtype.itemsize > STREAM_FROM,
            e.tree, values, dtype.type(shift), storage, up, scratch, tiles, _NO_SWAPS,
        )
    )  # fmt: skip


def _solved_again(plan: Plan, values: Array, shift: Any, storage: Array) -> float:
    """Error estimate from the solution x of A x = b for a random vector b of signs: δx = A⁻¹ (b − A x).

    δx_i = Σ_j δG_ij b_j has the norm of a row of δG as its size, which no entry of the row exceeds.
    """
    e = plan.elimination
    x, rest = plan.probe.astype(values.dtype), plan.probe.astype(values.dtype)
    work = np.empty(2 * e.largest_front[1], values.dtype)
    solve(e.symmetric, e.tree, storage, e.later, x, work)
    subtract_product(e.symmetric, e.tree, values, shift, e.later, x, rest)
    solve(e.symmetric, e.tree, storage, e.later, rest, work)
    error = _PROBE_SAFETY * float(np.abs(rest).max())
    return error if np.isfinite(error) else np.inf


def _probed(plan: Plan, values: Array, shift: Any, entries: Array, storage: Array) -> float:
    """Error estimate from the residual r = b − A x of a random vector b, with x from the factors.

    δG b = G r, so a row of δG is about as large as the largest |r_i| times the norm of a row of G, and
    that follows from its diagonal: Σ_j |G_ij|² = |Im G_ii / Im z| for Hermitian H.
    """
    e = plan.elimination
    x, rest = plan.probe.astype(values.dtype), plan.probe.astype(values.dtype)
    work = np.empty(2 * e.largest_front[1], values.dtype)
    solve(e.symmetric, e.tree, storage, e.later, x, work)
    subtract_product(e.symmetric, e.tree, values, shift, e.later, x, rest)
    row = np.sqrt(np.abs(entries[0, plan.diagonal].imag).max() / abs(shift.imag))
    residual = max(np.abs(rest).max(), 4.0 * _rounding_unit(values.dtype))
    error = _PROBE_SAFETY * float(row * residual)
    return error if np.isfinite(error) else np.inf


@lru_cache(maxsize=8)
def _rounding_unit(dtype: np.dtype[Any]) -> float:
    return float(np.finfo(dtype).eps)


def judged(
    plan: Plan, values: Array, shift: Any, log_det: float, entries: Array, defect: Array
) -> SelectedInverse:
    """The result with its measured error."""
    e = plan.elimination
    worst, real, size = diagonal_residual(
        e.planes, e.symmetric, plan.row, plan.column, plan.partner, values, shift, entries,
        defect[: e.planes * e.rows_total].reshape(e.planes, -1),
    )  # fmt: skip
    error, residual = measured_error(log_det, worst, real, size, values.dtype)
    return SelectedInverse(log_det, entries, error, residual)


def measured_error(
    log_det: float, worst: float, real: float, size: float, dtype: np.dtype[Any]
) -> tuple[float, float]:
    """Error and residual of an inverse, see :class:`SelectedInverse`.

    ``worst``, ``real`` and ``size`` are what :func:`bdg.kernels.fronts.residual.diagonal_residual` finds.
    """
    least = _rounding_unit(dtype) if math.isfinite(log_det) else math.inf
    return _SAFETY * float(max(worst, least)) * math.sqrt(size), float(max(real, least))


def invert_accurately(
    plan: Plan, values: Array, shift: complex, allowed: float, single: bool
) -> SelectedInverse:
    """The cheapest way whose measured error is within ``allowed``; else the best of them."""
    best: SelectedInverse | None = None
    for result in ways_to_invert(plan, values, shift, single=single):
        if best is None or not best.error <= result.error:
            best = result
        if best.error <= allowed:
            break
    assert best is not None
    return best


def ways_to_invert(
    plan: Plan, values: Array, shift: complex, *, single: bool = False, hermitian: bool = True
) -> Iterator[SelectedInverse]:
    """One after the other, as they are asked for, the dearer ones later.

    Single precision, double precision, row exchanges inside fronts, and for small samples a dense inverse.
    """
    if single and np.isrealobj(values):
        yield invert_selected(plan, values.astype(np.float32), shift, hermitian=hermitian)
    for pivoting in (False, True):
        yield invert_selected(plan, values, shift, pivoting=pivoting, hermitian=hermitian)
    if dense_rows(plan) <= LARGEST:
        log_det, entries, error = dense_inverse(plan, values, shift)
        defect = np.empty(values.shape[0] * plan.elimination.rows_total, values.dtype)
        exact = judged(plan, values, values.dtype.type(shift), log_det, entries, defect)
        yield replace(exact, error=error)
