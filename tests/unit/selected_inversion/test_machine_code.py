"""One machine code a kernel, whether it was compiled by this process or came from the cache.

A function that is called, not inlined, is optimised once more inside each of its callers, and the linker
takes whichever copy it met first: results then differ in their last bits between a process that compiled
the kernels and one that read them. So no kernel may carry such a copy, a weak symbol of its object file.
"""

import struct
from pathlib import Path

import numba
import numpy as np
import pytest

from bdg.kernels import evolution
from bdg.kernels.chebyshev import recursion
from bdg.kernels.dense import separate
from bdg.kernels.fronts import crowd, dual, fronts, residual, response

RUNTIME = "NRT_"
"""Reference counts of numba: the same few instructions everywhere."""


def weak_functions(code):
    """Names of the functions that a 64-bit ELF file defines and another file may define instead."""
    (table,) = struct.unpack_from("<Q", code, 0x28)
    size, count = struct.unpack_from("<HH", code, 0x3A)
    sections = [struct.unpack_from("<IIQQQQIIQQ", code, table + i * size) for i in range(count)]
    for _, kind, _, _, offset, length, link, *_ in sections:
        if kind != 2:  # SHT_SYMTAB
            continue
        for entry in range(offset, offset + length, 24):
            name, info, _, section, *_ = struct.unpack_from("<IBBHQQ", code, entry)
            if (info >> 4, info & 15) == (2, 2) and section:  # STB_WEAK, STT_FUNC
                first = sections[link][4] + name
                yield code[first : code.index(b"\0", first)].decode()


def machine_codes():
    """The object file of every kernel and signature in the cache, where it is ELF."""
    kernels = [kernel.compiled for kernel in separate._kernels]
    kernels += [
        kernel
        for module in (crowd, dual, evolution, fronts, recursion, residual, response)
        for kernel in vars(module).values()
        if isinstance(kernel, numba.core.dispatcher.Dispatcher)
    ]
    for kernel in kernels:
        file = kernel._cache._cache_file
        for name in file._load_index().values():
            data = Path(file._data_path(name)).read_bytes()
            if (start := data.find(b"\x7fELF\2")) >= 0:
                yield name, data[start:]


@pytest.mark.skipif(numba.config.DISABLE_JIT, reason="nothing is compiled")
def test_no_kernel_carries_a_copy_of_another():
    for dtype in (np.float64, np.complex128):
        separate.prepare(np.dtype(dtype))
    codes = dict(machine_codes())
    if not codes:
        pytest.skip("no cache, or object files that are not ELF")
    assert len(codes) >= 40
    copies = {
        name: found
        for name, code in codes.items()
        if (found := [f for f in weak_functions(code) if not f.startswith(RUNTIME)])
    }
    assert copies == {}
