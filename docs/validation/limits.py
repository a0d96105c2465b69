"""The uniform BCS limit: the lattice in real space against momentum space and against weak coupling."""

from __future__ import annotations

import numpy as np

import bdg
from bdg.theory.uniform import thermodynamics as thermo
from bdg.theory.uniform.gap import critical_temperature, solve
from bdg.theory.uniform.lattices import Dispersion, lattice_band
from docs.validation.check import LIMITS, Row, Rows, check

ROUNDING = 1e-8
"""The tolerance of the loop and of the solvers."""


@check(LIMITS, "gap and number equations of the same momenta, `bdg.theory.uniform`")
def torus_and_momenta() -> Rows:
    """A torus of 8 × 8 sites in real space against sums over its momenta.

    Square lattice, hopping 1 and −0.2, T = 0.15 t; s wave with μ = −0.5 t and U = 3 t, d wave with μ = −0.3 t
    and V = 3 t.
    """
    sample = bdg.build_sample("square", [8, 8], "periodic", shells=2)
    pairs = {
        "s": (-0.5, {"attraction": 3.0}),
        "d": (-0.3, {"bond_attraction": (3.0, 0.0), "channels": "d_x2_y2"}),
    }
    for form, (mu, interaction) in pairs.items():
        model = bdg.build_model(
            sample, hopping=(1.0, -0.2), chemical_potential=mu, temperature=0.15, **interaction
        )
        wanted = ["density", "grand_potential", "entropy", "spectral_gap"]
        result = bdg.solve(model, observables=wanted, scf=bdg.ScfOptions(1e-11))
        exact = solve(lattice_band(Dispersion("square", (1.0, -0.2)), (8, 8), form), 3.0, 0.15, mu=mu)
        order = np.abs(result.fields.delta if form == "s" else result.fields.bond_delta).max()
        yield Row(f"Δ of the {form} wave / t", exact.delta, order, ROUNDING)
        yield Row("density", exact.density, result["density"].values.mean(), ROUNDING)
        yield Row(
            "Ω a site / t", thermo.grand_potential(exact), float(result["grand_potential"]) / 64, ROUNDING
        )
        yield Row("entropy a site / k_B", thermo.entropy(exact), float(result["entropy"]) / 64, ROUNDING)
        yield Row("spectral gap / t", exact.spectral_gap, float(result["spectral_gap"]), ROUNDING)


@check(LIMITS, "the linearised gap equation; Thouless, Ann. Phys. 10, 553 (1960)")
def lattice_critical_temperature() -> Rows:
    """T_c of the lattice from the instability of its normal state, against the linearised gap equation.

    Square lattice of 32 × 32 momenta, μ = −0.5 t.
    """
    sample = bdg.build_sample("square", [1, 1], bdg.Boundary("bloch", n_k=32))
    for attraction in (2.0, 4.0):
        exact = critical_temperature(lattice_band(Dispersion("square"), (32, 32)), attraction, mu=-0.5)
        model = bdg.build_model(
            sample, chemical_potential=-0.5, attraction=attraction, temperature=0.5 * exact
        )
        found = bdg.solve(model, observables=["critical_temperature"])
        yield Row(f"T_c / t at U = {attraction:g} t", exact, float(found["critical_temperature"]), ROUNDING)


@check(LIMITS, "2Δ₀/T_c = 2π e^{−γ}", slow=True)
def lattice_gap_ratio() -> Rows:
    """The lattice tends to the universal ratio as the attraction becomes weak.

    Δ at T = T_c/50 and T_c of a chain at half filling with 2048 momenta; what is left is of the order of
    Δ²/t² and of the level spacing.
    """
    sample = bdg.build_sample("chain", [1], bdg.Boundary("bloch", n_k=2048, shift=0.5))
    for attraction, tolerance in ((1.8, 2e-2), (1.4, 5e-3)):
        terms = {"chemical_potential": 0.0, "attraction": attraction}
        warm = bdg.solve(
            bdg.build_model(sample, temperature=0.02, **terms), observables=["critical_temperature"]
        )
        critical = float(warm["critical_temperature"])
        cold = bdg.solve(bdg.build_model(sample, temperature=critical / 50, **terms), observables=())
        ratio = 2 * np.abs(cold.fields.delta).max() / critical
        yield Row(f"2Δ₀/T_c at U = {attraction:g} t", 2 * np.pi * np.exp(-np.euler_gamma), ratio, tolerance)


@check(LIMITS, "pairs on one site: E = U/2, Δ = (U/2)√(n(2 − n)), tanh(E/2T) of it")
def strong_attraction() -> Rows:
    """The opposite limit: sites without hopping, and pairs that are local.

    Without hopping Δ = E√(1 − (μ/E)²) with E = (U/2) tanh(E/2T), exactly; on the square lattice at U = 100 t,
    n = 0.4, it holds to the order of (t/U)².
    """
    sample = bdg.build_sample("chain", [3])
    model = bdg.build_model(sample, hopping=0.0, chemical_potential=0.2, attraction=2.0, temperature=0.25)
    found = np.abs(bdg.solve(model, observables=()).fields.delta).max()
    energy = 1.0
    for _ in range(200):
        energy = np.tanh(energy / 0.5)
    yield Row(
        "Δ / t of single sites, U = 2 t, μ = 0.2 t, T = 0.25 t", np.sqrt(energy**2 - 0.04), found, ROUNDING
    )
    torus = bdg.build_sample("square", [6, 6], "periodic")
    strong = bdg.build_model(torus, filling=0.4, attraction=100.0)
    result = bdg.solve(strong, observables=())
    yield Row("Δ/U at U = 100 t, n = 0.4", 0.4, np.abs(result.fields.delta).max() / 100, 1e-3)
