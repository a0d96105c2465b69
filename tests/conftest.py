"""Shared by all tests: small matrices, so BLAS with one thread; oversubscription costs more than it gives."""

import pytest
from threadpoolctl import threadpool_limits


@pytest.fixture(autouse=True, scope="session")
def one_blas_thread():
    import scipy.linalg  # noqa: F401  (a cap reaches only libraries that are loaded)

    with threadpool_limits(limits=1):
        yield
