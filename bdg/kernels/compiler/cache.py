"""The cache of compiled kernels, which may be damaged, full or missing and then costs time, never a run."""

import re
import warnings
import zlib

from numba import config, njit
from numba.core.caching import FunctionCache, IndexDataCacheFile
from numba.core.compiler_lock import global_compiler_lock

TRAILER = b"\nkernel crc32 %08x\n"
"""Behind the machine code of each kernel; what has no checksum is taken as it is."""

REVISION = 2
"""Of how kernels are compiled; what was compiled otherwise is not read."""

_TRAILER = re.compile(rb"\nkernel crc32 ([0-9a-f]{8})\n\Z")

_warned = set()


def _warn_once(what, reason):
    if what not in _warned:
        _warned.add(what)
        warnings.warn(
            f"{what} ({reason}); kernels are compiled anew where needed", RuntimeWarning, stacklevel=2
        )


class _CacheFile(IndexDataCacheFile):
    """Index and machine code of one kernel: unreadable is as good as absent."""

    def save(self, key, data):
        """Keep the machine code, if there is a place for it.

        Its name follows from the types that it is for: of two processes at a time, none writes over what the
        other one's index is about.
        """
        try:
            overloads = self._load_index()
            overloads[key] = self._data_name(zlib.crc32(repr(key).encode()))
            self._save_data(overloads[key], data)
            self._save_index(overloads)
        except OSError as error:
            _warn_once(f"{self._cache_path}: compiled kernels cannot be kept", error.strerror or error)

    def _load_index(self):
        try:
            return super()._load_index()
        except Exception as error:  # whatever a damaged pickle raises
            _warn_once(f"{self._cache_path}: the cache of kernels is damaged", type(error).__name__)
            return {}

    def _load_data(self, name):
        with open(self._data_path(name), "rb") as file:
            data = file.read()
        found = _TRAILER.search(data)
        if found is None or int(found[1], 16) == zlib.crc32(data[: found.start()]):
            try:
                return super()._load_data(name)
            except OSError:
                raise
            except Exception:  # cut off, or damaged where there is no checksum
                found = None
        _warn_once(f"{self._cache_path}: the cache of kernels is damaged", name)
        raise OSError(f"{name} is damaged")  # taken for a file that is missing

    def _dump(self, obj):
        data = super()._dump(obj)
        return data + TRAILER % zlib.crc32(data)


class _KernelCache(FunctionCache):
    """The cache of one kernel: anew where its file or the options of the compiler have changed."""

    def __init__(self, function, options):
        super().__init__(function)
        stamp = (self._impl.locator.get_source_stamp(), REVISION, repr(sorted(options.items())))
        self._cache_file = _CacheFile(self._cache_path, self._impl.filename_base, stamp)


def _compile_apart(kernel):
    """Let a kernel share nothing with what was compiled before it.

    Numba makes functions of its own of a product of complex numbers, say: once a process, with the options of
    whatever is compiled first, be it a user's. The last bits of all that came later would depend on that.
    """
    compiler, context = kernel._compiler, kernel.targetdescr.target_context
    compiled = compiler._compile_core

    def compiled_apart(*types):
        with global_compiler_lock:
            shared, context.cached_internal_func = context.cached_internal_func, {}
            try:
                return compiled(*types)
            finally:
                context.cached_internal_func = shared

    compiler._compile_core = compiled_apart


def cached_njit(**options):
    """``numba.njit`` with this cache, the same machine code in every process: a decorator."""
    compiled = njit(**options)

    def decorate(function):
        kernel = compiled(function)
        if config.DISABLE_JIT:
            return kernel
        _compile_apart(kernel)
        try:
            kernel._cache = _KernelCache(function, options)
        except RuntimeError as error:  # no folder that can be written to
            _warn_once("compiled kernels cannot be kept", error)
        return kernel

    return decorate
