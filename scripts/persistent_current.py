"""Persistent currents of rings, from short to long: the period of the flux turns from h/e to h/2e.

Run it with no argument for a table and a figure, ``persistent_current.png``; or with the lengths. At every
flux the ring has the winding of Δ with the least Ω. Even and odd windings differ by what goes around the ring
once, with the wave numbers 2cos k_n + μ = i√(Δ² + ω_n²), ω_n = (2n + 1)πT, Im k_n > 0: nearly as
e^{−L√(Δ² + π²T²)/ħv_F} (Loder et al., Nature Phys. 4, 112 (2008)).
"""

import sys
from pathlib import Path

import numpy as np
from matplotlib.figure import Figure

import bdg

MU, TEMPERATURE = -1.0, 0.05


def solved(length):
    sample = bdg.build_sample("chain", length, "periodic")
    model = bdg.build_model(sample, chemical_potential=MU, attraction=2.0, temperature=TEMPERATURE)
    return bdg.solve(model, observables={"persistent_current": {"num": 81}})


def around_once(length, delta):
    """What goes around a long ring once, in Ω(0) − Ω(h/2e): 16 T Σ_n Re e^{ik_n L}."""
    frequencies = np.pi * TEMPERATURE * (2 * np.arange(100) + 1)
    wave_number = np.arccos(0.5 * (-MU + 1j * np.hypot(frequencies, delta)))
    return 16 * TEMPERATURE * np.sum(np.exp(1j * np.sign(wave_number.imag) * wave_number * length).real)


def main(*lengths):
    lengths = lengths or (6, 12, 18, 24, 36, 48)  # k_F = π/3: what goes around comes back in phase
    figure = Figure(figsize=(9.6, 4.2), layout="constrained")
    left, right = figure.subplots(1, 2)
    print("   L   mean |Δ| (t)   Ω(0) − Ω(h/2e) (t)   around once (t)")
    splits, known = [], []
    for length in lengths:
        result = solved(length)
        current, omega = result["persistent_current"], result["ring_potential"].values
        delta = 0.5 * (result["ring_delta"].values[0] + result["ring_delta"].values[40])
        splits.append(omega[0] - omega[40])
        known.append(around_once(length, delta))
        print(f"{length:4d} {delta:12.6f} {splits[-1]:18.4e} {known[-1]:18.4e}")
        flux = current.coords["flux"].values / (2 * np.pi)
        values = length * current.values
        winding = np.nan_to_num(result["ring_winding"].values, nan=np.inf)  # a normal ring has none
        jumps = np.flatnonzero(winding[1:] != winding[:-1]) + 1
        flux, values = (np.insert(one, jumps, np.nan) for one in (flux, values))
        left.plot(flux, values, ".-", markersize=4, label=f"L = {length}")
    left.axhline(0, color="#888888", linewidth=0.8)
    left.set(xlabel="Flux through the ring (h/e)", ylabel="I · L (e t a/ħ)", title="Persistent current")
    right.semilogy(lengths, np.abs(splits), "o", label="lattice")
    right.semilogy(lengths, np.abs(known), "-", color="#888888", label="once around")
    right.set(xlabel="Length L (a)", ylabel="|Ω(0) − Ω(h/2e)| (t)", title="Even and odd windings")
    left.legend(loc="lower center", ncols=3, fontsize=8)
    left.margins(y=0.25)
    right.legend()
    bdg.plot.save_figure(figure, Path("persistent_current.png"))


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
