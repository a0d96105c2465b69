"""The cache of compiled kernels, which may be damaged, full or missing and then costs time, never a run."""

import re
import warnings
import zlib

from numba import config, njit
from numba.core.caching import FunctionCache, IndexDataCacheFile

TRAILER = b"\nkernel crc32 %08x\n"
"""Behind the machine code of each kernel; what has no checksum is taken as it is."""

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
        """Keep the machine code, if there is a place for it."""
        try:
            super().save(key, data)
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
        stamp = (self._impl.locator.get_source_stamp(), repr(sorted(options.items())))
        self._cache_file = _CacheFile(self._cache_path, self._impl.filename_base, stamp)


def cached_njit(**options):
    """``numba.njit`` with this cache: a decorator."""
    compiled = njit(**options)

    def decorate(function):
        kernel = compiled(function)
        if config.DISABLE_JIT:
            return kernel
        try:
            kernel._cache = _KernelCache(function, options)
        except RuntimeError as error:  # no folder that can be written to
            _warn_once("compiled kernels cannot be kept", error)
        return kernel

    return decorate
