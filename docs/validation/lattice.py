"""Numbers that theory fixes, from lattices: impurities, wires, junctions, screening, fluxes."""

from __future__ import annotations

import numpy as np

import bdg
from bdg.theory.macroscopic import PAIRS, london
from docs.validation.check import THEORY, Row, Rows, check
from docs.validation.lattices import barrier, bulk, chain, transmission


@check(THEORY, "Yu (1965), Shiba, Prog. Theor. Phys. 40, 435 (1968), Rusinov (1969): E = Δ(1 − α²)/(1 + α²)")
def yu_shiba_rusinov() -> Rows:
    """A classical spin in a wide band, α = πN(0)JS.

    A half-filled chain of 1600 sites, N(0) = 1/2πt a spin, Δ = 0.04 t; corrections are of the order of Δ²/t².
    A negative level is bound in the ground state.
    """
    for spin in (0.5, 1.5, 3.0):
        impurity = bdg.Impurity((800,), moment=(0, 0, spin))
        model = bdg.build_model(
            bdg.build_sample("chain", 1600, "periodic"),
            chemical_potential=0.0,
            given_delta=0.04,
            impurities=[impurity],
            temperature=0.001,
        )
        result = bdg.solve(model, observables={"states": {"count": 1}})
        sign = -np.sign(result["state_spin_z"].values.sum())
        alpha = spin / 2
        level = sign * result["states"].values[0] / 0.04
        yield Row(f"E/Δ at α = {alpha:g}", (1 - alpha**2) / (1 + alpha**2), level, 1e-3)


@check(THEORY, "Anderson, J. Phys. Chem. Solids 11, 26 (1959)")
def andersons_theorem() -> Rows:
    """No potential binds a state in the gap of a uniform s wave.

    A torus of 13 × 14 sites with Δ = 0.3 t and disorder of width 3 t: E² = ε² + Δ² for the levels ε of the
    same disordered normal metal.
    """
    terms = {"chemical_potential": -0.5, "disorder": bdg.Disorder(3.0, seed=1), "temperature": 0.01}
    sample = bdg.build_sample("square", [13, 14], "periodic")
    gaps = [
        float(
            bdg.solve(bdg.build_model(sample, **terms, **more), observables=["spectral_gap"])["spectral_gap"]
        )
        for more in ({}, {"given_delta": 0.3})
    ]
    yield Row("spectral gap / t", np.hypot(gaps[0], 0.3), gaps[1], 1e-8)


@check(THEORY, "Kitaev, Phys. Usp. 44, 131 (2001): |μ| = 2t")
def kitaev_transition() -> Rows:
    """The Kitaev chain is topological for |μ| < 2t.

    Infinite chain, Δ = 0.5 t on bonds: the gap, which at μ = 2t ± δ is δ, and the invariant of one spin.
    """
    for mu in (1.9, 2.0, 2.1):
        model = bdg.build_model(
            bdg.build_sample("chain", [1], bdg.Boundary("bloch", n_k=64)),
            chemical_potential=mu,
            given={"p_x": 0.5},
            temperature=0.01,
        )
        result = bdg.solve(model, observables=["spectral_gap", "pfaffian"])
        yield Row(f"gap / t at μ = {mu:g} t", abs(2 - mu), float(result["spectral_gap"]), 1e-8)
        sign = float(np.sign(mu - 2.0))
        yield Row("Pfaffian invariant", sign, float(result["pfaffian_invariant_per_spin"]), 0)


@check(THEORY, "Lutchyn, Sau and Das Sarma (2010); Oreg, Refael and von Oppen (2010), on the lattice")
def rashba_wire() -> Rows:
    """A Rashba wire closes its gap where h² = Δ² + (μ + 2t)².

    Δ = 0.4 t, μ = −1.7 t, α = 0.8 t, h at and 5 % beside the transition.
    """
    critical = 0.5
    for factor, invariant in ((0.95, 1.0), (1.0, 0.0), (1.05, -1.0)):
        model = bdg.build_model(
            bdg.build_sample("chain", [1], bdg.Boundary("bloch", n_k=64)),
            chemical_potential=-1.7,
            given_delta=0.4,
            rashba=0.8,
            zeeman=[0, 0, factor * critical],
            temperature=0.01,
        )
        result = bdg.solve(model, observables=["spectral_gap", "pfaffian"])
        gap = abs(factor - 1) * critical
        yield Row(f"gap / t at h = {factor:g} h_c", gap, float(result["spectral_gap"]), 1e-8)
        yield Row("Pfaffian invariant", invariant, float(result["pfaffian_invariant"]), 0)


@check(
    THEORY,
    "Beenakker, Phys. Rev. Lett. 67, 3836 (1991): E = Δ√(1 − τ sin²(φ/2)), I = (eΔ²τ/2ħE) sin φ tanh(E/2T)",
)
def andreev_levels() -> Rows:
    """One channel with a barrier between semi-infinite superconductors.

    Chain with μ = −0.5 t, a barrier of 1.6 t on a site, Δ = 2·10⁻⁵ t, T = 0.4 Δ.
    """
    delta, share = 2e-5, 0.4
    tau = transmission(1.6, -0.5)
    model = barrier(3, delta, 1.6, chemical_potential=-0.5, temperature=share * delta)
    given = {"num": 5, "levels": 1, "leads": "semi_infinite"}
    result = bdg.solve(model, observables={"current_phase": given})
    phases = result["junction_current"].coords["phase_difference"].values
    for n in (1, 2, 3):
        level = np.sqrt(1 - tau * np.sin(phases[n] / 2) ** 2)
        current = 0.5 * tau * np.sin(phases[n]) / level * np.tanh(0.5 * level / share)
        name = f"φ = {phases[n] / np.pi:.2g} π"
        yield Row(f"E/Δ at {name}", level, result["junction_levels"].values[n, 0] / delta, 1e-3)
        yield Row(f"I ħ/eΔ at {name}", current, result["junction_current"].values[n] / delta, 1e-3)


@check(
    THEORY, "F. and H. London, Proc. R. Soc. A 149, 71 (1935); on a lattice 2cosh(1/λ) − 2 = μ₀D", slow=True
)
def london_depth() -> Rows:
    """The depth of a screened slab.

    40 layers, U = 4 t, T = 0.05 t, μ₀ = 0.04: the fit to B(x) against London's depth with the superfluid
    weight of the bulk.
    """
    model = bdg.build_model(
        bdg.build_sample("square", [40, 1], ["open", bdg.Boundary("bloch", n_k=32)]),
        chemical_potential=-0.5,
        attraction=4.0,
        temperature=0.05,
        vector_potential=bdg.UniformField(0.01),
        screening={"mu0": 0.04, "geometry": "slab"},
    )
    result = bdg.solve(model, observables=["meissner"])
    of_bulk = bdg.solve(
        bulk(64, attraction=4.0, temperature=0.05), observables={"superfluid_weight": {"method": "exact"}}
    )
    weight = of_bulk["superfluid_weight"].values[0, 0]
    depth = 1 / np.arccosh(1 + 0.04 * weight / 2)
    yield Row("λ/a of a cosh fitted to B(x)", depth, float(result["depth"]), 0.01 * depth)


@check(THEORY, "London's equations in closed form: cosh, I₀ and the spherical functions")
def london_bodies() -> Rows:
    """The field in the middle of a slab, a cylinder and a sphere, by differences of second order.

    λ = 0.31 of the thickness 2, of the radius 1 and 1; 400 cells.
    """
    slab = london.solve_slab(2.0, 0.31, 1.0, cells=400)
    yield Row(
        "slab, B/B_a", london.slab_field(0.0, 2.0, 0.31, 1.0), np.interp(0.0, slab.faces, slab.field), 1e-4
    )
    cylinder = london.solve_cylinder(1.0, 0.31, 1.0, cells=400)
    exact = london.cylinder_field(cylinder.faces[0], 1.0, 0.31, 1.0)
    yield Row("cylinder, B/B_a", exact, cylinder.field[0], 1e-4)
    sphere = london.solve_sphere(1.0, 0.31, 1.0, cells=400)
    exact = london.sphere_field(sphere.place[0], 0.0, 1.0, 0.31, 1.0)[0]
    yield Row("sphere, B/B_a", exact, sphere.field[0], 1e-4)


@check(THEORY, "Byers and Yang, Phys. Rev. Lett. 7, 46 (1961)")
def flux_periods() -> Rows:
    """Ω of a ring has the period h/e, and a winding of Δ takes away half of it.

    12 sites, U = 2.5 t, T = 0.05 t; flux in units of ħ/e, started from Δ with the winding −1.
    """

    def energy(flux: float, start: object = "uniform") -> float:
        model = bdg.build_model(
            chain(12), attraction=2.5, chemical_potential=-0.5, temperature=0.05, vector_potential=[flux / 12]
        )
        result = bdg.solve(model, observables=["grand_potential"], initial=start)
        return float(result["grand_potential"])

    rest = energy(0.0)
    once, twice = ({"delta": f"0.4*exp(-2j*pi*{n}*x/12)"} for n in (1, 2))
    yield Row("Ω(h/e) with two windings / t", rest, energy(2 * np.pi, twice), 1e-8)
    yield Row("Ω(h/2e + δ) / t", energy(np.pi - 0.2, once), energy(np.pi + 0.2, once), 1e-8)


@check(THEORY, "∮(ΛJ + A)·dl = n h/2e; one winding −2π of Δ for each h/2e of flux, as q = −e")
def fluxoids() -> Rows:
    """Fluxoids are whole.

    A tube of λ = 0.2 and radii 0.5 and 1 in a field, which has trapped 3 h/2e, on every circle through it;
    and the windings in a magnetic cell of 12 × 6 sites with 2 h/2e.
    """
    quantum = PAIRS.flux_quantum
    tube = london.solve_cylinder(
        1.0, lambda r: np.where(r < 0.5, np.inf, 0.2), 0.7, trapped=3 * quantum, cells=400
    )
    wall = tube.place > 0.5
    around = (
        2 * np.pi * tube.place[wall] * (0.2**2 * tube.current[wall] + tube.vector_potential[wall]) / quantum
    )
    for name, value in (("least", around.min()), ("largest", around.max())):
        yield Row(f"{name} fluxoid/(h/2e)", 3.0, value, 1e-10)
    cell = bdg.build_sample("square", [12, 6], "periodic")
    terms = {"chemical_potential": -0.5, "attraction": 3.0, "temperature": 0.05}
    model = bdg.build_model(cell, vector_potential=bdg.VortexLattice(2, "square"), **terms)
    winding = bdg.solve(model, observables=["vortices"])["winding"].values
    yield Row("winding of a cell/2π", -2.0, float(winding.sum()), 0)
