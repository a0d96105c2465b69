"""How kernels are compiled.

The flags of the compiler, once. ``nogil`` lets poles, k points and energies run in parallel threads;
compiled code is kept on disk (:mod:`bdg.kernels.compiler.cache`); ``error_model="numpy"`` makes a division
by zero a NaN that the callers check for, instead of a branch in every loop. ``fastmath`` stays off: results
must not depend on how the compiler reorders a sum. ``jit_dense`` is for the inner kernels that allocate
nothing: they count no references (a fifth of their time, on small blocks), and may round a multiplication
and an addition together, as no cancellation of equal products is meant to be exact there. Arrays and
blocks that they return carry no reference, so only other ``jit_dense`` kernels may call those that return
any. ``jit_inner`` is for those that only other kernels call: they get no wrapper for Python, which for
blocks takes longer to compile than many a kernel, and are always inlined: a copy that is called would be
optimised once more in each caller, and which copy the linker takes, so the last bits of a result, would
depend on what was compiled and what was read from the cache. Those that are large, or called from many
places, are compiled apart from their callers, see :mod:`bdg.kernels.dense.separate`.
"""

from bdg.kernels.compiler.cache import cached_njit

jit = cached_njit(nogil=True, error_model="numpy")
"""Decorator of every kernel."""

_DENSE = {
    "nogil": True,
    "error_model": "numpy",
    "fastmath": {"contract"},
    "_nrt": False,
    "no_cfunc_wrapper": True,
}

jit_dense = cached_njit(**_DENSE)
"""Decorator of the kernels that work on given buffers only."""

jit_inner = cached_njit(**_DENSE, no_cpython_wrapper=True, forceinline=True)
"""Decorator of those among them that can't be called from Python."""
