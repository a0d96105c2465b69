"""Kernels that are compiled once and called by address, like functions of a C library.

Numba copies the code of every compiled function into each of its callers and optimises all of it again, at
each level of calls, and anew for each literal argument: five levels of the selected inversion take ten times
as long to compile as the functions themselves. A ``separate`` kernel is compiled alone, for one signature a
dtype, and its callers find its address at run time in a named slot. The name of the slot stands in the cached
machine code, the address doesn't; so the cache works, and callers need no recompilation when a kernel that
they call has changed, as long as its arguments are the same.
"""

import inspect
import threading
from typing import Any

import llvmlite.binding
import numba
import numpy as np
from llvmlite import ir
from numba.core import cgutils, types
from numba.core.typing.templates import infer, infer_global, make_intrinsic_template

from bdg.kernels.compiler import jit_inner
from bdg.kernels.dense.blocks import Block

_DTYPES = (types.float32, types.float64, types.complex64, types.complex128)

_kernels = []
_ready = set()
_lock = threading.Lock()


def _kinds(dtype):
    """The types of arguments that a declaration may name."""
    line = types.Array(dtype, 1, "C")
    block = types.NamedTuple((line, types.int64, types.int64, types.int64), Block)
    return {
        "void": types.void,
        "bool": types.boolean,
        "int": types.int64,
        "float": types.float64,
        "line": line,
        "block": block,
        "integers": types.Array(types.int64, 1, "C"),
        "short": types.Array(types.int32, 1, "C"),
    }


class _Separate:
    """What ``separate`` makes of a function: called from Python or from other kernels.

    Parameters
    ----------
    function
        The Python function.
    declaration
        Words of :func:`_kinds`, the result first.
    """

    def __init__(self, function, declaration):
        self.__doc__, self.__name__ = function.__doc__, function.__name__
        self.compiled = jit_inner(function)
        self.wrapper = None
        self.words = declaration.split()
        self.slots = {dtype: np.zeros(1, np.uintp) for dtype in _DTYPES}
        for dtype, slot in self.slots.items():
            llvmlite.binding.add_symbol(self._slot_name(dtype), slot.ctypes.data)
        _kernels.append(self)
        _register_call(self)

    def __call__(self, *args):
        arrays = (part for a in args for part in (a if isinstance(a, tuple) else (a,)))
        prepare(next(a for a in arrays if isinstance(a, np.ndarray) and a.dtype.kind in "fc").dtype)
        if self.wrapper is None:
            self.wrapper = _from_python(self)
        return self.wrapper(*args)

    def signature(self, dtype):
        """The one signature for a dtype."""
        kinds = _kinds(dtype)
        result, *arguments = (kinds[word] for word in self.words)
        return result(*arguments)

    def _slot_name(self, dtype):
        return f"bdg_{self.__name__}_{dtype}"

    def slot(self, module, dtype):
        """The global variable of an LLVM module in which the address is found."""
        name = self._slot_name(dtype)
        return module.globals.get(name) or ir.GlobalVariable(module, ir.IntType(8).as_pointer(), name)

    def load(self, dtype):
        """Compile for a dtype, or fetch from the cache, and publish the address."""
        signature = self.signature(dtype)
        self.compiled.compile(signature)
        result = self.compiled.overloads[signature.args]
        self.slots[dtype][0] = result.library.get_pointer_to_function(result.fndesc.llvm_func_name)


def _register_call(kernel):
    """Tell numba how code that calls a kernel looks: the same that ``numba.extending.intrinsic`` does."""

    def typed(typingctx, *arguments):
        dtype = next(
            t.dtype if isinstance(t, types.Array) else t[0].dtype
            for t in arguments
            if isinstance(t, types.NamedTuple) or (isinstance(t, types.Array) and t.dtype in _DTYPES)
        )
        signature = kernel.signature(dtype)

        def generate(context, builder, sig, values):
            convention = context.call_conv
            kind = convention.get_function_type(signature.return_type, signature.args)
            address = builder.load(kernel.slot(builder.module, dtype))
            function = builder.bitcast(address, kind.as_pointer())
            status, result = convention.call_function(
                builder, function, signature.return_type, signature.args, values
            )
            with cgutils.if_unlikely(builder, status.is_error):
                convention.return_status_propagate(builder, status)
            return result

        return signature, generate

    own = inspect.signature(kernel.compiled.py_func)
    context = inspect.Parameter("typingctx", inspect.Parameter.POSITIONAL_OR_KEYWORD)
    typed.__signature__ = own.replace(parameters=[context, *own.parameters.values()])
    template = make_intrinsic_template(kernel, typed, kernel.__name__)
    infer(template)
    infer_global(kernel, types.Function(template))


def _from_python(kernel):
    """A way to call a kernel from Python, for tests."""
    return numba.njit(nogil=True)(lambda *args: kernel(*args))


def separate(declaration):
    """Decorator of the kernels described in this module.

    ``declaration`` names the types of the result and of the arguments: void, bool, int, float; line, a flat
    array of the dtype that the kernel is compiled for; block; integers and short, flat arrays of 64-bit and
    32-bit integers.
    """

    def decorate(function):
        return function if numba.config.DISABLE_JIT else _Separate(function, declaration)

    return decorate


def prepare(dtype: np.dtype[Any]) -> None:
    """See that all separate kernels are there for a dtype.

    To be called before any kernel that calls them, which would find nothing in the slots.
    """
    if dtype in _ready or numba.config.DISABLE_JIT:
        return
    with _lock:
        if dtype not in _ready:
            for kernel in _kernels:
                kernel.load(numba.from_dtype(dtype))
            _ready.add(dtype)
