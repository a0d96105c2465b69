"""Numba kernels: plain arrays in and out, no knowledge of the rest of bdg.

The compiler flags stand here, once. ``nogil`` lets poles, k points and energies run in parallel
threads; ``cache`` keeps the compiled code on disk; ``error_model="numpy"`` makes a division by zero
a NaN that the callers check for, instead of a branch in every loop. ``fastmath`` stays off: results
must not depend on how the compiler reorders a sum. ``jit_fused`` allows one thing more, a multiplication
and an addition rounded together: for dense inner loops, where no cancellation of equal products is meant
to be exact.
"""

from numba import njit

jit = njit(cache=True, nogil=True, error_model="numpy")
"""Decorator of every kernel."""

jit_fused = njit(cache=True, nogil=True, error_model="numpy", fastmath={"contract"})
"""The same with fused multiply-add."""
