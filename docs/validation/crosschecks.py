"""The package against itself: solvers, gauges, derivatives, supercells."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np

import bdg
from bdg.theory.uniform.gap import solve
from bdg.theory.uniform.lattices import Dispersion, lattice_band
from docs.validation.check import SIZES, SOLVERS, Row, Rows, check
from docs.validation.lattices import bulk

TIGHT = bdg.ScfOptions(tolerance=1e-10)


def disordered(**terms: Any) -> bdg.Model:
    """12 × 10 sites, periodic along x, with disorder and a field."""
    sample = bdg.build_sample("square", [12, 10], ["periodic", "open"])
    given = {"chemical_potential": -0.5, "attraction": 2.5, "temperature": 0.05} | terms
    return bdg.build_model(sample, disorder=bdg.Disorder(1.0, seed=3), **given)


def numbers(model: bdg.Model, **options: Any) -> dict[str, float]:
    """What does not depend on solver, gauge or cell."""
    wanted = ["grand_potential", "density", "currents", "spectral_gap"]
    result = bdg.solve(model, observables=wanted, scf=TIGHT, **options)
    return {
        "mean |Δ| / t": float(np.abs(result.fields.delta).mean()),
        "density of the first site": float(result["density"].values[0]),
        "Ω / t": float(result["grand_potential"]),
        "largest bond current / (e t/ħ)": float(np.abs(result["bond_current"].values).max()),
        "spectral gap / t": float(result["spectral_gap"]),
    }


SPIN = {"rashba": 0.4, "zeeman": [0.1, 0.0, 0.2]}


@check(SOLVERS, "dense diagonalization")
def solvers_agree() -> Rows:
    """Selected inversion against dense diagonalization, in both Nambu spaces.

    12 × 10 sites, disorder of width 1 t, a vector potential of 0.1; with spin: Rashba coupling 0.4 t and a
    Zeeman field (0.1, 0, 0.2) t.
    """
    for name, terms in (("", {}), (", with spin", SPIN)):
        model = disordered(vector_potential=[0.1, 0.0], **terms)
        dense = numbers(model, solver="diagonalization")
        for key, found in numbers(model, solver="selected_inversion").items():
            yield Row(f"{key}{name}", dense[key], found, 1e-7)


@check(SOLVERS, "another gauge: c_i → e^{iχ_i} c_i")
def gauges_agree() -> Rows:
    """Landau's gauge against the symmetric one.

    A field of 0.05 h/2e a plaquette on an open sample of 9 × 8 sites, U = 2.5 t, T = 0.05 t.
    """
    sample = bdg.build_sample("square", [9, 8])
    terms = {"chemical_potential": -0.5, "attraction": 2.5, "temperature": 0.05}
    landau, symmetric = (
        numbers(bdg.build_model(sample, vector_potential=bdg.UniformField(0.157, gauge), **terms))
        for gauge in ("landau", "symmetric")
    )
    for key, value in landau.items():
        yield Row(key, value, symmetric[key], 1e-6)


@check(SOLVERS, "differences of Ω: J = −∂Ω/∂A, n = −∂Ω/∂μ, S = −∂Ω/∂T")
def derivatives_of_omega() -> Rows:
    """Currents, density and entropy are derivatives of the grand potential.

    All fields following: Ω is stationary in them.
    """

    def omega(**terms: Any) -> float:
        given = {"vector_potential": [0.1, 0.0]} | terms
        return float(
            bdg.solve(disordered(**given), observables=["grand_potential"], scf=TIGHT)["grand_potential"]
        )

    step = 2e-4
    here = bdg.solve(
        disordered(vector_potential=[0.1, 0.0]), observables=["currents", "density", "entropy"], scf=TIGHT
    )
    slope = (omega(vector_potential=[0.1 + step, 0.0]) - omega(vector_potential=[0.1 - step, 0.0])) / (
        2 * step
    )
    along = here["bond_current"].values @ here.sample.bonds.displacement[:, 0]
    yield Row("Σ J_x / (e t/ħ)", -slope, along, 1e-5)
    slope = (omega(chemical_potential=-0.5 + step) - omega(chemical_potential=-0.5 - step)) / (2 * step)
    yield Row("electrons", -slope, here["density"].values.sum(), 1e-5)
    slope = (omega(temperature=0.05 + step) - omega(temperature=0.05 - step)) / (2 * step)
    yield Row("entropy / k_B", -slope, float(here["entropy"]), 1e-5)


@check(SOLVERS, "a cell with two momenta")
def supercells_agree() -> Rows:
    """A sample of two cells against one cell with two momenta."""
    terms = {"chemical_potential": -0.5, "attraction": 2.5, "temperature": 0.05}
    one = bdg.build_sample("square", [4, 5], ["open", bdg.Boundary("bloch", n_k=2)])
    two = bdg.build_sample("square", [4, 10], ["open", "periodic"])
    found = [numbers(bdg.build_model(sample, **terms)) for sample in (one, two)]
    for key in ("mean |Δ| / t", "density of the first site", "spectral gap / t"):
        yield Row(key, found[1][key], found[0][key], 1e-8)


@check(SOLVERS, "dense diagonalization at T = 0")
def zero_temperature() -> Rows:
    """The step of the Fermi function by Zolotarev's approximation, and the limit of low temperatures."""
    cold = disordered(temperature=0.0)
    dense = numbers(cold, solver="diagonalization")
    fast = numbers(cold, solver="selected_inversion")
    warm = numbers(replace(cold, temperature=0.01))
    for key in ("mean |Δ| / t", "Ω / t", "spectral gap / t"):
        yield Row(f"{key}, T = 0", dense[key], fast[key], 1e-7)
        yield Row(f"{key}, T = 0.01 t", dense[key], warm[key], 1e-7)


@check(SIZES, "1024 momenta along both directions, gap equation")
def momenta() -> Rows:
    """Δ against the number of momenta, exponentially fast once the level spacing is below T or Δ.

    Square lattice, μ = −0.5 t, U = 2.5 t, T = 0.05 t. The tolerance is the error that is expected.
    """
    exact = solve(lattice_band(Dispersion("square"), (1024, 1024)), 2.5, 0.05, mu=-0.5).delta
    for n_k, expected in ((8, 3e-2), (16, 1e-3), (32, 1e-5), (64, 1e-8)):
        result = bdg.solve(bulk(n_k, attraction=2.5, temperature=0.05), observables=())
        yield Row(f"Δ / t with {n_k} × {n_k} momenta", exact, float(result.fields.delta.max()), expected)


@check(SIZES, "the tolerance asked for, relative to dense diagonalization")
def tolerances() -> Rows:
    """The error of the solver against its tolerance: mean |Δ|, and never above what was asked for."""
    exact = numbers(disordered(), solver="diagonalization")["mean |Δ| / t"]
    for tolerance in (1e-4, 1e-6, 1e-8):
        result = bdg.solve(
            disordered(), observables=(), scf=bdg.ScfOptions(tolerance=tolerance), solver="selected_inversion"
        )
        yield Row(
            f"mean |Δ| / t at {tolerance:.0e}", exact, float(np.abs(result.fields.delta).mean()), tolerance
        )


@check(SIZES, "the bulk", slow=True)
def middle_of_open_samples() -> Rows:
    """Δ in the middle of an open square tends to that of the bulk as the square grows beyond ξ.

    μ = −0.5 t, U = 2.5 t, T = 0.05 t, 64 × 64 momenta of the bulk. The tolerance is the error that is
    expected.
    """
    exact = float(bdg.solve(bulk(64, attraction=2.5, temperature=0.05), observables=()).fields.delta.max())
    for size, expected in ((16, 3e-4), (32, 1e-6), (64, 1e-8)):
        sample = bdg.build_sample("square", [size, size])
        model = bdg.build_model(sample, chemical_potential=-0.5, attraction=2.5, temperature=0.05)
        delta = bdg.solve(model, observables=()).fields.delta
        yield Row(f"Δ / t, {size} × {size}", exact, float(delta[sample.site_at([size // 2] * 2)]), expected)
