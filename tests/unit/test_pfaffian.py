"""The Pfaffian against its definition, its rules, and where it would overflow."""

import numpy as np
import pytest

from bdg.topology.pfaffian import PANEL, log_pfaffian


def expanded(a):
    """Pf A = Σ_j (−1)^{j−1} A_0j Pf A without rows and columns 0 and j."""
    if not len(a):
        return 1.0
    return sum(
        (-1) ** (j - 1) * a[0, j] * expanded(np.delete(np.delete(a, [0, j], 0), [0, j], 1))
        for j in range(1, len(a))
    )


def antisymmetric(n, seed, *, imaginary=0.0):
    rng = np.random.default_rng(seed)
    a = rng.normal(size=(n, n)) + 1j * imaginary * rng.normal(size=(n, n))
    a = a if imaginary else a.real
    return a - a.T


@pytest.mark.parametrize("imaginary", [0.0, 1.0])
@pytest.mark.parametrize("n", [0, 2, 4, 6, 8])
def test_the_definition(n, imaginary):
    a = antisymmetric(n, n, imaginary=imaginary)
    sign, log = log_pfaffian(a)
    assert sign * np.exp(log) == pytest.approx(expanded(a), rel=1e-12)
    assert np.iscomplexobj(sign) == bool(imaginary)


@pytest.mark.parametrize("n", [4 * PANEL - 2, 4 * PANEL + 2, 6 * PANEL])
def test_its_square_is_the_determinant_and_it_turns_with_the_basis(n):
    rng, a = np.random.default_rng(n), antisymmetric(n, n)
    sign, log = log_pfaffian(a)
    assert 2 * log == pytest.approx(np.linalg.slogdet(a)[1], abs=1e-9)
    basis = rng.normal(size=(n, n))
    turned, its_log = log_pfaffian(basis @ a @ basis.T)
    det, log_det = np.linalg.slogdet(basis)
    assert turned == sign * det
    assert its_log == pytest.approx(log + log_det, abs=1e-6)


def test_no_overflow_no_division_by_zero_and_no_change_of_what_was_given():
    blocks = np.kron(np.diag(np.full(200, 1e300)), [[0.0, 1.0], [-1.0, 0.0]])
    given = blocks.copy()
    assert log_pfaffian(blocks) == (1.0, pytest.approx(200 * np.log(1e300)))
    np.testing.assert_array_equal(blocks, given)
    assert log_pfaffian(-blocks[:398, :398])[0] == -1.0
    assert log_pfaffian(np.zeros((4, 4))) == (0.0, -np.inf)
    assert log_pfaffian(antisymmetric(5, 0)) == (0.0, -np.inf)
    with pytest.raises(ValueError, match=r"\(2, 3\)"):
        log_pfaffian(np.ones((2, 3)))
