"""The temperature where Δ vanishes is that of the linearised gap equation, on tori and on infinite strips."""

import numpy as np
import pytest
from scipy.optimize import brentq

from bdg.lattice import Boundary, build_sample
from bdg.model import Disorder, build_model
from bdg.scf import ScfOptions, self_consistency
from bdg.solvers.diagonalization import Diagonalization
from tests import reference as ref

OPTIONS = ScfOptions(tolerance=1e-13, max_iterations=1000)
BELOW = np.array([0.004, 0.008, 0.012, 0.016, 0.02])


def where_delta_vanishes(sample, guess, **terms):
    """Zero of Δ²(T), a smooth function through T_c, from five temperatures below it."""
    squares, temperatures = [], guess * (1 - BELOW)
    for temperature in temperatures:
        model = build_model(sample, temperature=temperature, **terms)
        outcome = self_consistency(model, Diagonalization(threads=1), OPTIONS)
        assert outcome.status == "converged"
        squares.append(np.sum(np.abs(outcome.fields.delta) ** 2))
    # T as a polynomial of Δ², at Δ² = 0
    return np.polynomial.Polynomial.fit(squares, temperatures, 4)(0.0)


@pytest.mark.parametrize(("size", "attraction", "mu"), [((8, 6), 3.0, -0.5), ((10, 10), 2.0, -1.0)])
def test_torus(size, attraction, mu):
    critical = ref.critical_temperature(size, attraction, mu=mu)
    sample = build_sample("square", size, "periodic")
    found = where_delta_vanishes(sample, critical, attraction=attraction, chemical_potential=mu)
    assert found == pytest.approx(critical, rel=1e-6)


def largest_eigenvalue(h_of_k, attraction, temperature):
    """Of U χ_ij, χ_ij = (1/n_k) Σ_k Σ_mn ψ_m(i)ψ_n(i)*ψ_m(j)*ψ_n(j) [1 − f(ξ_m) − f(ξ_n)]/(ξ_m + ξ_n).

    m are the levels at k; n, those at −k, are the same with conjugate wave functions as h(−k) = h(k)*.
    """
    chi = 0.0
    for h in h_of_k:
        xi, psi = np.linalg.eigh(h)
        total = xi[:, None] + xi[None]
        filled = np.tanh(xi / (2 * temperature))
        close = np.abs(total) < 1e-9
        weight = np.divide(
            (filled[:, None] + filled[None]) / 2, total, out=np.zeros_like(total), where=~close
        )
        weight[close] = (1 / (4 * temperature * np.cosh(xi / (2 * temperature)) ** 2))[np.nonzero(close)[0]]
        pair = np.einsum("im,in->imn", psi, psi.conj())
        chi = chi + np.einsum("imn,jmn,mn->ij", pair, pair.conj(), weight) / len(h_of_k)
    return attraction * np.linalg.eigvalsh(chi)[-1]


@pytest.mark.parametrize("disorder", [0.0, 1.5])
def test_open_strip(disorder):
    width, n_k, attraction, mu = 6, 12, 2.5, -0.7
    sample = build_sample("square", [width, 1], ["open", Boundary("bloch", n_k=n_k)])
    terms = {"attraction": attraction, "chemical_potential": mu, "disorder": Disorder(disorder, seed=3)}
    onsite = build_model(sample, **terms).onsite
    across = -(np.eye(width, k=1) + np.eye(width, k=-1)) + np.diag(onsite - mu)
    h_of_k = [across - 2 * np.cos(2 * np.pi * m / n_k) * np.eye(width) for m in range(n_k)]
    critical = brentq(lambda t: largest_eigenvalue(h_of_k, attraction, t) - 1, 0.05, 1.0, xtol=1e-12)
    assert where_delta_vanishes(sample, critical, **terms) == pytest.approx(critical, rel=1e-6)
