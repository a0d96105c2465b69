"""Penetration depth against temperature: exponential in an s wave, linear in a d wave, with fitted exponents.

Run it with no argument for a table and a figure, ``penetration_depth.png``; or with the number of momenta
along each direction. λ = 1/√(μ₀D), London's depth, with the superfluid weight D of an infinite square lattice
whose Δ is self-consistent at every temperature. Quasiparticles above a gap, and at nodes, make

    s wave   Δλ ∝ T^(−½) e^(−Δ/T)     fitted: ln(Δλ √T) = c − Δ/T + bT + dT², the gap
    d wave   Δλ ∝ T                   fitted: ln Δλ = c + n ln T + bT + dT², the power

(Hardy, Bonn, Morgan, Liang, Zhang, Phys. Rev. Lett. 70, 3999 (1993)); bT + dT² are the next orders. What
follows ± is the 95% confidence of the fit and what it changes by without dT², together.
"""

import sys
from pathlib import Path

import numpy as np
from matplotlib.figure import Figure
from scipy import stats

import bdg

MU0, CONFIDENCE = 0.03, 0.95
TERMS = {"s wave": {"attraction": 2.2}, "d wave": {"bond_attraction": 3.0, "channels": "d_x2_y2"}}
TEMPERATURES = {"s wave": np.linspace(0.03, 0.055, 8), "d wave": np.linspace(0.03, 0.06, 8)}


def weight(temperature, start, momenta, terms):
    """Superfluid weight at a temperature and the result, from where another loop ended."""
    sample = bdg.build_sample("square", [1, 1], bdg.Boundary("bloch", n_k=momenta, shift=0.5))
    model = bdg.build_model(sample, chemical_potential=-0.5, temperature=temperature, **terms)
    wanted = {"superfluid_weight": {"method": "difference"}}
    result = bdg.solve(model, observables=wanted, initial=start, solver="diagonalization")
    return result["superfluid_weight"].values[0, 0], result


def depths(temperatures, momenta, terms):
    """λ at T = 0 and at temperatures, in lattice constants, and the largest |Δ| at T = 0, in t."""
    cold, start = weight(0.0, "uniform", momenta, terms)
    delta, found = start.fields.moduli.max(), []
    for temperature in temperatures:
        warm, start = weight(temperature, start, momenta, terms)
        found.append(warm)
    return 1 / np.sqrt(MU0 * cold), 1 / np.sqrt(MU0 * np.array(found)), delta


def slope(x, y, temperatures):
    """p of y = p x + c + bT + dT², and how sure it is."""

    def fitted(orders):
        design = np.column_stack([x, *(temperatures**order for order in range(orders + 1))])
        best, left = np.linalg.lstsq(design, y)[:2]
        freedom = len(x) - design.shape[1]
        spread = np.linalg.inv(design.T @ design)[0, 0] * float(left[0]) / freedom
        return best[0], stats.t.ppf(0.5 + 0.5 * CONFIDENCE, freedom) * np.sqrt(spread)

    (best, sure), (less, _) = fitted(2), fitted(1)
    return best, sure + abs(best - less)


def gap_of(temperatures, rise):
    """Δ of Δλ ∝ T^(−½) e^(−Δ/T)."""
    best, sure = slope(1 / temperatures, np.log(rise * np.sqrt(temperatures)), temperatures)
    return -best, sure


def power_of(temperatures, rise):
    """n of Δλ ∝ Tⁿ."""
    return slope(np.log(temperatures), np.log(rise), temperatures)


def main(momenta=300):
    figure = Figure(figsize=(9.0, 4.2), layout="constrained")
    left, right = figure.subplots(1, 2)
    for name, terms in TERMS.items():
        temperatures = TEMPERATURES[name]
        cold, warm, delta = depths(temperatures, momenta, terms)
        rise = warm - cold
        print(f"{name}: λ(0) = {cold:.6f} a, largest |Δ| {delta:.6f} t\n   T (t)      λ (a)   λ − λ(0) (a)")
        for row in zip(temperatures, warm, rise, strict=True):
            print("{:8.4f} {:10.6f} {:14.4e}".format(*row))
        if name == "s wave":
            fitted = "gap {:.4f} ± {:.4f} t".format(*gap_of(temperatures, rise))
            left.semilogy(1 / temperatures, rise * np.sqrt(temperatures), "o-", label=f"{name}: {fitted}")
        else:
            fitted = "power {:.4f} ± {:.4f}".format(*power_of(temperatures, rise))
            right.plot([0, *temperatures], [0, *rise], "o-", color="C1", label=f"{name}: {fitted}")
        print(f"fitted: {fitted}\n")
    left.set(xlabel="1/T (1/t)", ylabel="(λ − λ(0)) √T (a √t)", title="Activated across a gap")
    right.set(xlabel="Temperature T (t)", ylabel="λ − λ(0) (a)", title="Linear from nodes")
    right.set(xlim=(0, None), ylim=(0, None))
    for axes in (left, right):
        axes.legend()
    bdg.plot.save_figure(figure, Path("penetration_depth.png"))


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
