"""Rings and junctions: what depends on a phase that has one value."""

from __future__ import annotations

from typing import Any

import numpy as np

from bdg.plot.canvas.style import COLOURS, new_figure, styled
from bdg.theory.macroscopic import PAIRS, wave


@styled
def ring_states(radius: float = 1.0) -> Any:
    """Energy and current of the states of a thin ring against the flux: parabolas, and a saw.

    Parameters
    ----------
    radius
        R; energies are drawn in ħ²/2mR² and do not depend on it.
    """
    figure = new_figure(9.0, 3.4)
    left, right = figure.subplots(1, 2)
    share = np.linspace(-1.49, 2.49, 900)
    flux = share * PAIRS.flux_quantum_of_phase
    scale = PAIRS.hbar**2 / (2 * PAIRS.mass * radius**2)
    for n, winding in enumerate((-1, 0, 1, 2)):
        energy = wave.ring_energy(winding, flux, radius) / scale
        left.plot(share, np.where(energy < 1.2, energy, np.nan), color=COLOURS[n], label=f"n = {winding}")
    lowest = wave.ring_state(flux)
    left.plot(
        share, wave.ring_energy(lowest, flux, radius) / scale, color=COLOURS[5], linewidth=2.6, alpha=0.35
    )
    left.set(xlabel="Φ / (h/q)", ylabel="energy of a carrier / (ħ²/2mR²)", title="Fluxoid n h/q: energy")
    left.legend(ncols=4, loc="upper center")
    left.set_ylim(0, 1.4)
    # I = q n_l v: the velocity, in ħ/mR, of one carrier a length.
    velocity = wave.ring_current(lowest, flux, radius, 1.0) / PAIRS.charge * PAIRS.mass * radius / PAIRS.hbar
    velocity[np.flatnonzero(np.diff(lowest))] = np.nan
    right.plot(share, velocity, color=COLOURS[0])
    right.axhline(0, color="#888888", linewidth=0.8)
    right.set(xlabel="Φ / (h/q)", ylabel="v_s / (ħ/mR)", title="Velocity in the lowest state")
    return figure


@styled
def josephson_steps(coupling: float = 0.02, voltage: float = 0.5) -> Any:
    """Two coupled wave functions: the oscillation at qV/h, and Shapiro's steps against the drive.

    Parameters
    ----------
    coupling
        K, in the energy unit of qV.
    voltage
        V.
    """
    figure = new_figure(9.0, 3.4)
    left, right = figure.subplots(1, 2)
    period = 1 / abs(float(wave.josephson_frequency(voltage)))
    done = wave.two_waves([1.0, 1.0], coupling, voltage, duration=4 * period, steps=800)
    left.plot(done.times / period, wave.density(done.states[:, 0]), color=COLOURS[0], label="n₁")
    left.plot(done.times / period, wave.density(done.states[:, 1]), color=COLOURS[1], label="n₂")
    left.set(xlabel="t qV/h", ylabel="carriers on a side", title="AC: one oscillation each h/qV")
    left.legend(loc="upper right")
    drive = np.linspace(0, 8, 400)
    for n in range(4):
        current = wave.shapiro_current(n, drive / PAIRS.charge, 1.0, 1.0)
        right.plot(drive, current, color=COLOURS[n], label=f"qV₀ = {n} ħω" if n else "V₀ = 0")
    right.set(xlabel="qV₁ / ħω", ylabel="largest steady current / I_c", title="Steps under V₀ + V₁ cos ωt")
    right.legend()
    return figure
