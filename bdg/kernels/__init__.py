"""Numba kernels: plain arrays in and out, no knowledge of the rest of bdg.

The compiler flags stand here, once. ``nogil`` lets poles, k points and energies run in parallel
threads; ``cache`` keeps the compiled code on disk; ``error_model="numpy"`` makes a division by zero
a NaN that the callers check for, instead of a branch in every loop. ``fastmath`` stays off: results
must not depend on how the compiler reorders a sum. ``jit_dense`` is for the
inner kernels that allocate nothing: they count no references (a fifth of their time, on small blocks), and
may round a multiplication and an addition together, as no cancellation of equal products is meant to be
exact there. Arrays and blocks that they return carry no reference, so only other ``jit_dense`` kernels may
call those that return any.
"""

from numba import njit

jit = njit(cache=True, nogil=True, error_model="numpy")
"""Decorator of every kernel."""

jit_dense = njit(
    cache=True, nogil=True, error_model="numpy", fastmath={"contract"}, _nrt=False, no_cfunc_wrapper=True
)
"""Decorator of the kernels that work on given buffers only."""
