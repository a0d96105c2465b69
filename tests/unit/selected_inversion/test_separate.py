"""Kernels called by address: one compilation a dtype, whatever the callers pass."""

import numba
import numpy as np
import pytest

from bdg.kernels.dense.blocks import Block
from bdg.kernels.dense.inversion import invert
from bdg.kernels.dense.products import TILE_WORK, multiply

pytestmark = pytest.mark.skipif(bool(numba.config.DISABLE_JIT), reason="nothing is compiled")


@pytest.mark.parametrize("dtype", [np.float32, np.float64, np.complex128])
def test_literal_arguments_share_one_compilation(dtype):
    tiles, one = np.empty(TILE_WORK, dtype), Block(np.ones(1, dtype), 0, 1, 1)
    c = Block(np.zeros(1, dtype), 0, 1, 1)
    for alpha, transpose in ((1, False), (-1, True), (1, True)):
        multiply(1, alpha, one, transpose, one, 1, c, 1, 1, 1, False, tiles)
    assert c.data[0] == 1
    for kernel in (multiply, invert):
        own = [s for s in kernel.compiled.signatures if f"({numba.from_dtype(np.dtype(dtype))}" in str(s)]
        assert len(own) == 1
