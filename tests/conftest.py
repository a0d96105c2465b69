"""Shared by all tests: small matrices, so BLAS with one thread; oversubscription costs more than it gives."""

import pytest
from hypothesis import settings
from threadpoolctl import threadpool_limits

# No example has a deadline: the first to meet a kernel waits for its compilation.
settings.register_profile("bdg", deadline=None)
settings.load_profile("bdg")


@pytest.fixture(autouse=True, scope="session")
def one_blas_thread():
    import scipy.linalg  # noqa: F401  (a cap reaches only libraries that are loaded)

    with threadpool_limits(limits=1):
        yield
