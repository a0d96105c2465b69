"""A temperature next to nothing gives what T = 0 gives, and none is refused for being low."""

import numpy as np
import pytest

import bdg
from bdg.solvers.diagonalization import Diagonalization

MEASURED = ("grand_potential", "density", "entropy", "spectral_gap", "currents")
LOW = (1e-8, 1e-12, 1e-15)


def solve(size, temperature, boundary="periodic", **given):
    model = bdg.build_model(
        bdg.build_sample("square", size, boundary),
        temperature=temperature,
        **({"chemical_potential": -0.5, "attraction": 2.5} | given),
    )
    return bdg.solve(model, observables=MEASURED)


@pytest.mark.parametrize("temperature", LOW)
@pytest.mark.parametrize(
    "given",
    [
        {},
        {"disorder": bdg.Disorder(1.0), "fields": ("pairing", "hartree")},
        pytest.param({"rashba": 0.3, "zeeman": [0.0, 0.0, 0.1]}, marks=pytest.mark.slow),
    ],
    ids=["clean", "dirty", "spin and orbit"],
)
def test_a_superconductor_next_to_zero_is_the_one_at_zero(temperature, given):
    cold, frozen = solve((12, 11), temperature, **given), solve((12, 11), 0.0, **given)
    assert cold.status == frozen.status == "converged"
    np.testing.assert_allclose(np.abs(cold.fields.delta), np.abs(frozen.fields.delta), atol=1e-7)
    for name in ("grand_potential", "density", "spectral_gap"):
        error = cold[name].error + frozen[name].error
        np.testing.assert_allclose(cold[name].values, frozen[name].values, atol=error + 1e-7, err_msg=name)
    assert float(cold["entropy"]) == 0.0


@pytest.mark.parametrize("temperature", LOW)
@pytest.mark.parametrize("mu", [0.0, -0.5])
def test_a_metal_next_to_zero_is_the_one_of_all_eigenvectors(temperature, mu):
    """At half filling levels lie at zero: half full at any temperature, each with the entropy ln 2."""
    given = {"attraction": 0.0, "chemical_potential": mu}
    found = solve((8, 8), temperature, **given)
    model = bdg.build_model(bdg.build_sample("square", (8, 8), "periodic"), temperature=temperature, **given)
    exact = bdg.solve(model, observables=MEASURED, solver=Diagonalization(threads=1))
    for name in ("grand_potential", "density", "entropy"):
        np.testing.assert_allclose(found[name].values, exact[name].values, atol=1e-8, err_msg=name)
    at_zero = int(np.sum(np.abs(exact_levels(8, mu)) < 1e-9))
    assert float(found["entropy"]) == pytest.approx(2 * at_zero * np.log(2), abs=1e-6)


def exact_levels(n, mu):
    k = 2 * np.pi * np.arange(n) / n
    return (-2 * np.cos(k)[:, None] - 2 * np.cos(k)[None] - mu).ravel()
