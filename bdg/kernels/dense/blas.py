"""Matrix products of blocks inside flat buffers, by the BLAS that SciPy ships.

``np.dot`` of numba takes whole contiguous arrays only; the fronts need blocks with a leading
dimension. The Fortran ``gemm`` behind :mod:`scipy.linalg.cython_blas` is therefore registered under
a name of ours and called by an intrinsic: a named symbol, unlike a function pointer, can be cached.
"""

import llvmlite.binding
import numba
import numpy as np
import scipy.linalg.cython_blas as cython_blas
from llvmlite import ir
from numba.core import cgutils, types
from numba.extending import get_cython_function_address, intrinsic

_ROUTINES = {
    types.float32: "sgemm",
    types.float64: "dgemm",
    types.complex64: "cgemm",
    types.complex128: "zgemm",
}
# The name of the capsule is its C signature: 32-bit integers unless BLAS was built with 64-bit ones.
_INTEGER = ir.IntType(32 if " int *" in repr(cython_blas.__pyx_capi__["dgemm"]) else 64)

for _name in _ROUTINES.values():
    llvmlite.binding.add_symbol(
        f"bdg_{_name}", get_cython_function_address("scipy.linalg.cython_blas", _name)
    )


@intrinsic
def _gemm_compiled(
    typingctx,
    transpose_a,
    transpose_b,
    m,
    n,
    k,
    alpha,
    a,
    start_a,
    row_a,
    b,
    start_b,
    row_b,
    beta,
    c,
    start_c,
    row_c,
):
    arguments = (
        transpose_a,
        transpose_b,
        m,
        n,
        k,
        alpha,
        a,
        start_a,
        row_a,
        b,
        start_b,
        row_b,
        beta,
        c,
        start_c,
    )
    signature = types.void(*arguments, row_c)

    def generate(context, builder, sig, args):
        dtype = a.dtype
        scalar = context.get_value_type(dtype)
        pointer = scalar.as_pointer()

        def integer(value, kind):
            value = context.cast(builder, value, kind, types.int64)
            return cgutils.alloca_once_value(
                builder, builder.trunc(value, _INTEGER) if _INTEGER.width == 32 else value
            )

        def number(value, kind):
            return cgutils.alloca_once_value(builder, context.cast(builder, value, kind, dtype))

        def letter(value):
            byte = ir.IntType(8)
            flag = context.is_true(builder, types.boolean, value)
            return cgutils.alloca_once_value(builder, builder.select(flag, byte(ord("T")), byte(ord("N"))))

        def element(array, kind, start):
            data = context.make_array(kind)(context, builder, array).data
            return builder.gep(data, [start])

        (ta, tb, m_, n_, k_, alpha_, a_, a0, lda, b_, b0, ldb, beta_, c_, c0, ldc) = args
        # Row-major C = A·B is column-major Cᵀ = Bᵀ·Aᵀ: the operands change places.
        call = [
            letter(tb), letter(ta), integer(n_, n), integer(m_, m), integer(k_, k), number(alpha_, alpha),
            element(b_, b, b0), integer(ldb, row_b), element(a_, a, a0), integer(lda, row_a),
            number(beta_, beta), element(c_, c, c0), integer(ldc, row_c),
        ]  # fmt: skip
        byte_p, int_p = ir.IntType(8).as_pointer(), _INTEGER.as_pointer()
        kinds = [
            byte_p,
            byte_p,
            int_p,
            int_p,
            int_p,
            pointer,
            pointer,
            int_p,
            pointer,
            int_p,
            pointer,
            pointer,
            int_p,
        ]
        routine = cgutils.get_or_insert_function(
            builder.module, ir.FunctionType(ir.VoidType(), kinds), f"bdg_{_ROUTINES[dtype]}"
        )
        builder.call(routine, call)
        return context.get_dummy_value()

    return signature, generate


def _gemm_interpreted(ta, tb, m, n, k, alpha, a, a0, lda, b, b0, ldb, beta, c, c0, ldc):
    """The same in NumPy, for runs with the compiler switched off."""

    def block(data, start, rows, columns, row):
        return np.lib.stride_tricks.as_strided(
            data[start:], (rows, columns), (row * data.itemsize, data.itemsize)
        )

    left = block(a, a0, k, m, lda).T if ta else block(a, a0, m, k, lda)
    right = block(b, b0, n, k, ldb).T if tb else block(b, b0, k, n, ldb)
    out = block(c, c0, m, n, ldc)
    out[:] = alpha * (left @ right) + (beta * out if beta != 0 else 0)


gemm = _gemm_interpreted if numba.config.DISABLE_JIT else _gemm_compiled
"""C ← α·op(A)·op(B) + β·C for row-major blocks of flat arrays.

``gemm(transpose_a, transpose_b, m, n, k, alpha, a, start_a, row_a, b, start_b, row_b, beta, c, start_c,
row_c)``
with op(A) of shape (m, k), op(B) of shape (k, n); ``start`` is the index of a block's first element
and ``row`` the distance of its rows; op is the plain transpose where the flag is true.
"""
