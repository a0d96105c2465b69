"""Selected entries of inverses of matrices from other fields, against dense inverses and closed forms."""

from __future__ import annotations

import numpy as np
import pytest
import scipy.sparse as sparse

import bdg
from bdg.errors import InputError, NumericalError, UnknownKeywordError

N = 144


def chain(n, corner=0.0):
    """−∇² on n points, held at both ends."""
    return sparse.diags_array([-1.0, 2.0 + corner, -1.0], offsets=[-1, 0, 1], shape=(n, n))


def laplacian(n, dimension=2):
    one, unit = chain(n), sparse.eye_array(n)
    total = one
    for _ in range(dimension - 1):
        total = sparse.kron(total, unit) + sparse.kron(sparse.eye_array(total.shape[0]), one)
    return sparse.csr_array(total)


def scattered(seed, kind=float, density=0.02):
    """Entries all over the place, with hardly any partner across the diagonal."""
    rng = np.random.default_rng(seed)
    count = int(density * N * N)
    places = np.divmod(rng.choice(N * N, count, replace=False), N)
    found = sparse.coo_array((rng.standard_normal(count), places), shape=(N, N))
    return sparse.csr_array(found * (1j if kind is complex else 1) + 2.0 * sparse.eye_array(N))


def upwind():
    """Diffusion in a wind: not symmetric."""
    wind = sparse.diags_array([0.4, -0.4], offsets=[1, -1], shape=(12, 12))
    return sparse.csr_array(laplacian(12) + sparse.kron(wind, sparse.eye_array(12)))


def hermitian():
    """A magnetic field: complex, and not its own transpose."""
    hop = sparse.diags_array([np.exp(0.3j), np.exp(-0.3j)], offsets=[1, -1], shape=(12, 12))
    return sparse.csr_array(laplacian(12) + 0.3 * sparse.kron(hop, sparse.eye_array(12)))


def lossy():
    """Waves with losses: complex, and its own transpose."""
    return sparse.csr_array(laplacian(12) - (0.7 - 0.2j) * sparse.eye_array(N))


def pairs_only():
    """No diagonal at all: rows must be exchanged."""
    return sparse.csr_array(sparse.kron(sparse.eye_array(N // 2), sparse.csr_array([[0.0, 1.0], [1.0, 0.0]])))


def apart():
    """Two samples that do not know of each other, and rows that know of none."""
    return sparse.csr_array(sparse.block_diag([laplacian(8), 3 * sparse.eye_array(16), chain(64, 0.5)]))


MATRICES = {
    "laplacian": laplacian(12),
    "waves": sparse.csr_array(laplacian(12) - 1.3 * sparse.eye_array(N)),
    "lossy": lossy(),
    "upwind": upwind(),
    "hermitian": hermitian(),
    "scattered": scattered(0),
    "complex": scattered(1, complex),
    "antisymmetric": sparse.csr_array(scattered(2) - scattered(2).T + 0.1 * sparse.eye_array(N)),
    "pairs": pairs_only(),
    "apart": apart(),
    "diagonal": sparse.csr_array(sparse.diags_array(np.linspace(1.0, 2.0, N))),
    "integers": sparse.csr_array(laplacian(12).astype(int)),
}


def assert_right(found, matrix):
    exact, (_, log_det) = np.linalg.inv(matrix.toarray()), np.linalg.slogdet(matrix.toarray())
    places = sparse.coo_array(found.entries)
    off = np.abs(places.data - exact[places.coords]).max()
    assert off <= max(found.error, 4e-15 * np.abs(exact).max())
    assert found.error <= 1e-8 * np.abs(exact).max()
    np.testing.assert_allclose(found.log_det, log_det, atol=1e-9)


@pytest.mark.parametrize("matrix", MATRICES.values(), ids=MATRICES)
def test_entries_and_determinant(matrix):
    found = bdg.selected_inverse(matrix)
    assert_right(found, matrix)
    assert np.isrealobj(found.entries.data) == np.isrealobj(matrix.data)
    both = abs(matrix) + abs(matrix.T) + sparse.eye_array(matrix.shape[0])
    assert found.entries.nnz == sparse.csr_array(both).count_nonzero()


def test_the_laplacian_of_a_chain_has_a_closed_form():
    """(−∇²)⁻¹_ij = (i + 1)(n − j)/(n + 1) for i ≤ j, and its determinant is n + 1."""
    n = 1000
    found = bdg.selected_inverse(chain(n))
    i = np.arange(n)
    np.testing.assert_allclose(found.entries.diagonal(), (i + 1) * (n - i) / (n + 1), rtol=1e-9)
    np.testing.assert_allclose(found.entries.diagonal(1), ((i + 1) * (n - i - 1) / (n + 1))[:-1], rtol=1e-9)
    assert found.log_det == pytest.approx(np.log(n + 1), abs=1e-9)


def test_ln_det_is_an_integral_of_the_trace():
    """d ln|det(A − σ)|/dσ = −tr (A − σ)⁻¹: entries and determinant of one call, against each other."""
    step = 1e-4
    below, here, above = bdg.selected_inverse(laplacian(9, 3), shifts=[-0.5 - step, -0.5, -0.5 + step])
    slope = (above.log_det - below.log_det) / (2 * step)
    assert slope == pytest.approx(-here.entries.trace(), rel=1e-6)


@pytest.mark.parametrize("shift", [0.7, -2.0, 0.7 + 0.1j])
@pytest.mark.parametrize("name", ["laplacian", "upwind", "hermitian"])
def test_shifts(name, shift):
    one, other = bdg.selected_inverse(MATRICES[name], shifts=[shift, -1.0], threads=2)
    assert_right(one, sparse.csr_array(MATRICES[name] - shift * sparse.eye_array(N)))
    assert_right(other, sparse.csr_array(MATRICES[name] + sparse.eye_array(N)))
    again = bdg.selected_inverse(MATRICES[name], shifts=shift)
    np.testing.assert_array_equal(again.entries.toarray(), one.entries.toarray())


def test_a_shift_without_a_sign_is_taken_away_all_the_same():
    found = bdg.selected_inverse(MATRICES["upwind"], shifts=np.array([9], np.uint8))[0]
    assert_right(found, sparse.csr_array(MATRICES["upwind"] - 9.0 * sparse.eye_array(N)))


@pytest.mark.parametrize("name", ["laplacian", "scattered", "hermitian"])
def test_places_elsewhere(name):
    rows, columns = np.array([0, 3, 143, 0]), np.array([143, 77, 0, 143])
    found = bdg.selected_inverse(MATRICES[name], pattern=(rows, columns))
    assert found.entries.nnz == 3
    assert_right(found, MATRICES[name])
    wanted = sparse.coo_array((np.ones(4), (rows, columns)), shape=(N, N))
    again = bdg.selected_inverse(MATRICES[name], pattern=wanted)
    np.testing.assert_array_equal(again.entries.toarray(), found.entries.toarray())


def test_positions_change_the_order_alone():
    places = np.stack(np.divmod(np.arange(N), 12), axis=1)
    given = bdg.selected_inverse(MATRICES["upwind"], positions=places)
    np.testing.assert_allclose(
        given.entries.toarray(), bdg.selected_inverse(MATRICES["upwind"]).entries.toarray(), atol=1e-13
    )


@pytest.mark.parametrize("seed", range(30))
def test_errors_cover_what_is_wrong(seed):
    """Nearly singular ones: a level of a random matrix as close to the shift as 1e-9 … 1."""
    rng = np.random.default_rng(seed)
    matrix = scattered(seed, [float, complex][seed % 2], 0.08)
    level = np.linalg.eigvals(matrix.toarray())[seed]
    shift = level + 10.0 ** rng.uniform(-9, 0)
    found = bdg.selected_inverse(matrix, shifts=shift, tolerance=1e-2)
    exact = np.linalg.inv(matrix.toarray() - shift * np.eye(N))
    places = sparse.coo_array(found.entries)
    assert np.abs(places.data - exact[places.coords]).max() <= 3 * found.error + 1e-14 * np.abs(exact).max()


@pytest.mark.parametrize("matrix", [0 * laplacian(4), sparse.csr_array(np.ones((5, 5))), chain(3) * 0])
def test_singular_ones_are_refused(matrix):
    with pytest.raises(NumericalError, match="the matrix is singular; shift it"):
        bdg.selected_inverse(matrix)


def test_nearly_singular_ones_are_refused_beyond_the_tolerance():
    lowest = 8 * np.sin(np.pi / 26) ** 2
    with pytest.raises(NumericalError, match=r"nearly singular.*wrong by .* of the largest one"):
        bdg.selected_inverse(MATRICES["laplacian"], shifts=lowest + 1e-9)
    assert bdg.selected_inverse(MATRICES["laplacian"], shifts=lowest + 1e-9, tolerance=1e-3).error < 1e6


@pytest.mark.parametrize(
    ("matrix", "keywords", "told"),
    [
        (np.eye(3), {}, "square sparse matrix"),
        (sparse.csr_array((2, 3)), {}, "square sparse matrix"),
        (sparse.csr_array((0, 0)), {}, "square sparse matrix"),
        (sparse.csr_array([[np.nan]]), {}, "not finite"),
        (laplacian(3), {"pattern": ([0], [9])}, "rows and columns from 0 to 8"),
        (laplacian(3), {"pattern": ([-1], [0])}, "rows and columns from 0 to 8"),
        (laplacian(3), {"pattern": ([0.0], [1.0])}, "rows and columns from 0 to 8"),
        (laplacian(3), {"pattern": ([0, 1], [1])}, "rows and columns from 0 to 8"),
        (laplacian(3), {"positions": np.zeros((4, 2))}, "9 points"),
        (laplacian(3), {"shifts": np.inf}, "finite numbers"),
        (laplacian(3), {"shifts": []}, "finite numbers"),
        (laplacian(3), {"shifts": "zero"}, "finite numbers"),
    ],
)
def test_what_does_not_fit_is_refused(matrix, keywords, told):
    with pytest.raises(InputError, match=told):
        bdg.selected_inverse(matrix, **keywords)


def test_a_misspelt_keyword_is_named():
    with pytest.raises(UnknownKeywordError, match="did you mean 'shifts'"):
        bdg.selected_inverse(laplacian(3), shift=1.0)
