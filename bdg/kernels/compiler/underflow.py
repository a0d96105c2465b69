"""Numbers too small for their type are zero while the sweeps run.

Inverses decay with distance: in single precision the far corners of large fronts fall below 1e-38, and the
processor takes a hundred times as long for such a number as for any other. The rounding mode belongs to the
thread, and is given back.
"""

import platform

import numba
from llvmlite import ir
from numba.core import cgutils, types
from numba.extending import intrinsic

_FLUSH = 0x8040
"""Bits of the control register MXCSR of x86: results and operands that are denormal count as zero."""

_IS_X86 = platform.machine() in ("x86_64", "AMD64") and not numba.config.DISABLE_JIT


def _call(builder, name, slot):
    pointer = ir.IntType(8).as_pointer()
    function = cgutils.get_or_insert_function(builder.module, ir.FunctionType(ir.VoidType(), [pointer]), name)
    builder.call(function, [builder.bitcast(slot, pointer)])


@intrinsic
def _flush_x86(typingctx):
    def generate(context, builder, sig, args):
        slot = cgutils.alloca_once(builder, ir.IntType(32))
        _call(builder, "llvm.x86.sse.stmxcsr", slot)
        before = builder.load(slot)
        builder.store(builder.or_(before, ir.Constant(ir.IntType(32), _FLUSH)), slot)
        _call(builder, "llvm.x86.sse.ldmxcsr", slot)
        return before

    return types.uint32(), generate


@intrinsic
def _restore_x86(typingctx, before):
    def generate(context, builder, sig, args):
        slot = cgutils.alloca_once_value(builder, args[0])
        _call(builder, "llvm.x86.sse.ldmxcsr", slot)
        return context.get_dummy_value()

    return types.void(types.uint32), generate


if _IS_X86:
    flush, restore = _flush_x86, _restore_x86
else:
    from bdg.kernels.compiler import jit_inner

    @jit_inner
    def flush():
        """No such mode on this processor."""
        return 0

    @jit_inner
    def restore(before):
        """No such mode on this processor."""
