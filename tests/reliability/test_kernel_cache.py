"""A cache of compiled kernels that is damaged, full or missing costs a warning and time, never a run."""

from __future__ import annotations

import errno
import importlib.util
import os
from pathlib import Path

import numpy as np
import pytest
from numba import config, njit
from numba.core.registry import cpu_target

from bdg.kernels.compiler import cache

pytestmark = pytest.mark.skipif(config.DISABLE_JIT, reason="nothing is compiled")

SOURCE = """
from bdg.kernels.compiler.cache import cached_njit

@cached_njit()
def twice(x):
    return 2 * x
"""


@pytest.fixture(autouse=True)
def _unwarned(monkeypatch):
    monkeypatch.setattr(cache, "_warned", set())


@pytest.fixture
def module(tmp_path):
    """Imports a module with one kernel anew, as another process would."""
    path = tmp_path / "some_kernels.py"
    path.write_text(SOURCE)

    def imported():
        spec = importlib.util.spec_from_file_location("some_kernels", path)
        made = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(made)
        return made

    assert imported().twice(2.0) == 4.0
    return imported


def files(module, suffix):
    return sorted((Path(module().__file__).parent / "__pycache__").glob(f"*.{suffix}"))


def flipped(data):
    return data[:200] + bytes([data[200] ^ 0x40]) + data[201:]


DAMAGE = {
    "empty": lambda data: b"",
    "cut": lambda data: data[: len(data) // 2],
    "flipped": flipped,
    "noise": lambda data: np.random.default_rng(0).bytes(len(data)),
    "zeros": lambda data: bytes(len(data)),
}


def test_what_is_kept_is_found_again(module):
    kernel = module().twice
    assert kernel(3.0) == 6.0
    assert sum(kernel.stats.cache_hits.values()) == 1


@pytest.mark.parametrize("damage", DAMAGE.values(), ids=DAMAGE)
def test_damaged_machine_code_is_compiled_anew(module, damage):
    (path,) = files(module, "nbc")
    path.write_bytes(damage(path.read_bytes()))
    with pytest.warns(RuntimeWarning, match="cache of kernels is damaged"):
        assert module().twice(3.0) == 6.0
    again = module().twice
    assert again(3.0) == 6.0
    assert sum(again.stats.cache_hits.values()) == 1  # mended


@pytest.mark.parametrize("damage", ["empty", "cut", "noise", "zeros"])
def test_a_damaged_index_is_made_anew(module, damage):
    (path,) = files(module, "nbi")
    path.write_bytes(DAMAGE[damage](path.read_bytes()))
    with pytest.warns(RuntimeWarning, match="cache of kernels is damaged"):
        assert module().twice(3.0) == 6.0
    again = module().twice
    assert again(3.0) == 6.0
    assert sum(again.stats.cache_hits.values()) == 1


def test_machine_code_without_a_checksum_is_taken(module):
    (path,) = files(module, "nbc")
    data = path.read_bytes()
    path.write_bytes(data[: -len(cache.TRAILER % 0)])
    kernel = module().twice
    assert kernel(3.0) == 6.0
    assert sum(kernel.stats.cache_hits.values()) == 1


def test_a_full_disk(module, monkeypatch):
    def full(self, path):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    for path in files(module, "nb*"):
        path.unlink()
    monkeypatch.setattr(cache._CacheFile, "_open_for_write", full)
    with pytest.warns(RuntimeWarning, match="cannot be kept") as caught:
        assert module().twice(3.0) == 6.0
    assert len(caught) == 1


def test_no_folder_to_keep_it_in(module, monkeypatch):
    def nowhere(self, function, options):
        raise RuntimeError("no locator available")

    monkeypatch.setattr(cache._KernelCache, "__init__", nowhere)
    with pytest.warns(RuntimeWarning, match="cannot be kept"):
        assert module().twice(3.0) == 6.0


COMPLEX = """
from bdg.kernels.compiler import jit_dense

@jit_dense
def subtract(row, pivot, f):
    for j in range(len(row)):
        row[j] -= f * pivot[j] / (1 + abs(f))
"""


def test_the_last_bits_are_the_same_whatever_was_compiled_before(tmp_path, monkeypatch):
    numbers = np.random.default_rng(0).normal(size=(3, 100, 2)).view(complex)[..., 0]

    def difference(name):
        path = tmp_path / f"{name}.py"
        path.write_text(COMPLEX)
        spec = importlib.util.spec_from_file_location(name, path)
        made = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(made)
        row = numbers[0].copy()
        for f in numbers[2]:
            made.subtract(row, numbers[1], f)
        return row

    # What numba keeps for all that is compiled later is empty in a new process.
    monkeypatch.setattr(cpu_target.target_context, "cached_internal_func", {})
    first = difference("first")
    monkeypatch.setattr(cpu_target.target_context, "cached_internal_func", {})
    assert njit(error_model="numpy")(lambda a, b: a * b / abs(b))(1j, 2j) == -1
    np.testing.assert_array_equal(difference("second"), first)


def test_two_processes_that_compile_at_a_time_leave_each_other_alone(module, monkeypatch):
    """Both have read the index before either has written it."""
    for path in files(module, "nb*"):
        path.unlink()
    monkeypatch.setattr(cache._CacheFile, "_load_index", lambda self: {})
    one, other = module().twice, module().twice
    assert one(3) == 6
    assert other(2.5) == 5.0
    monkeypatch.undo()
    again = module().twice
    assert (again(2.5), again(3)) == (5.0, 6)
    assert len(files(module, "nbc")) == 2
