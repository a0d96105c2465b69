"""Tables of the interaction, of one pair, of the BCS state, and from BCS to molecules."""

from __future__ import annotations

import numpy as np
from scipy import constants

from bdg.cli.theory.table import Column, Panel, Table
from bdg.errors import InputError
from bdg.theory.uniform import bcs_state, cooper, interaction, quasiparticles
from bdg.theory.uniform.checks import require_positive
from bdg.theory.uniform.gap import contact_3d, zero_temperature_gap
from bdg.theory.uniform.materials import material

_WEAKEST = 0.04
"""Of a quarter of this coupling, where the curve begins, B⁻³ of the pair's size is still a number."""


def cooper_table(coupling: float, cutoff: float, levels: int, points: int) -> Table:
    """Binding energy and size of one pair, with and without a Fermi sea, against N(0)V."""
    require_positive("the coupling", coupling, "it is N(0)V")
    if coupling < _WEAKEST:
        raise InputError(
            f"--coupling {coupling:g}: the pair is larger than any number; give {_WEAKEST:g} or more"
        )
    strengths = coupling * np.linspace(0.25, 4, points)
    xi = (np.arange(levels) + 0.5) * cutoff / levels
    closed = np.array([cooper.cooper_binding(v, cutoff) for v in strengths])
    summed = [cooper.cooper_binding_discrete(xi, v * cutoff / levels) for v in strengths]
    columns = [
        Column("coupling", strengths, "1", "N(0)V"),
        Column("binding", closed / cutoff, "cutoff", "on a Fermi sea"),
        Column("binding_discrete", np.array(summed) / cutoff, "cutoff", f"sum over {levels} levels"),
        Column(
            "twice_gap",
            2 * np.array([zero_temperature_gap(v, 1.0) for v in strengths]),
            "cutoff",
            "2Δ of BCS",
        ),
        *(
            Column(
                f"vacuum_{d}d",
                np.array([cooper.binding_without_sea(v, 1.0, d) for v in strengths]),
                "cutoff",
                f"no sea, {d}D",
            )
            for d in (2, 3)
        ),
        Column(
            "size",
            np.array([cooper.cooper_pair_size(b, cutoff, cutoff) for b in closed]),
            "hbar v_F/cutoff",
            "size of the pair",
        ),
    ]
    shown = ["binding", "twice_gap", "vacuum_2d", "vacuum_3d"]
    panels = [
        Panel(shown, "binding energy (ħω_D)", (), ["twice_gap"], log="y"),
        Panel(["size"], "size of the pair (ħv_F/ħω_D)", log="y"),
    ]
    facts = {
        "binding energy": cooper.cooper_binding(coupling, cutoff),
        "threshold of N(0)V without a sea, 3D": cooper.binding_threshold(),
    }
    return Table(f"One pair: N(0)V = {coupling:g}, cut-off {cutoff:g}", columns, facts, panels)


def state_table(points: int) -> Table:
    """Occupation, pair amplitude and quasiparticles across the Fermi surface, in units of Δ."""
    xi = np.linspace(-6.0, 6.0, points)
    energy = quasiparticles.excitation_energy(xi, 1.0)
    columns = [
        Column("xi", xi, "1", "ξ/Δ"),
        Column("v_squared", bcs_state.occupation(xi, 1.0), "1", "v², pair there"),
        Column("u_squared", 1 - bcs_state.occupation(xi, 1.0), "1", "u², pair not there"),
        Column("uv", bcs_state.pair_function(xi, 1.0).real, "1", "uv, pair amplitude"),
        Column("energy", energy, "Delta", "E"),
        Column("normal", np.abs(xi), "Delta", "|ξ|"),
        Column("velocity", quasiparticles.group_velocity(xi, 1.0), "v_F", "velocity/v_F = charge/(−e)"),
    ]
    panels = [
        Panel(["v_squared", "u_squared", "uv"], "amplitudes at T = 0"),
        Panel(["energy", "normal"], "E/Δ", (), ["normal"]),
        Panel(["velocity"], "velocity/v_F = charge/(−e)"),
    ]
    return Table("The BCS state and its quasiparticles", columns, {}, panels)


def number_table(levels: int, attraction: float) -> Table:
    """Chance of every number of pairs in the BCS state of a half-filled ladder, and energies at fixed N."""
    if not 2 <= levels <= 14:
        raise InputError(f"--levels {levels}: the exact comparison has room for 2 to 14; choose one of these")
    ladder = bcs_state.PairLevels(np.arange(levels, dtype=float), attraction)
    u, v, delta = bcs_state.bcs_state_of(ladder, levels // 2)
    pairs = np.arange(levels + 1)
    projected = [bcs_state.projected_energy(ladder, u, v, int(p)) if p else 0.0 for p in pairs]
    exact = [bcs_state.exact_energy(ladder, int(p)) for p in pairs]
    columns = [
        Column("pairs", pairs, "1", "pairs"),
        Column("chance", bcs_state.number_distribution(v), "1", "chance"),
        Column("projected_energy", np.array(projected), "spacing", "projected BCS state"),
        Column("exact_energy", np.array(exact), "spacing", "exact"),
    ]
    mean, variance = bcs_state.number(v), bcs_state.number_variance(u, v)
    facts = {
        "Delta": delta,
        "<N>": mean,
        "<dN^2>": variance,
        "sqrt(<dN^2>)/<N>": float(np.sqrt(variance)) / mean,
        "energy of the BCS state": ladder.expectation(u, v),
        "projected on half filling": projected[levels // 2],
        "exact at half filling": exact[levels // 2],
    }
    panels = [
        Panel(["chance"], "chance of so many pairs", points=["chance"]),
        Panel(
            ["projected_energy", "exact_energy"],
            "energy (spacing)",
            (),
            ["exact_energy"],
            ["projected_energy"],
        ),
    ]
    return Table(f"Number of pairs: {levels} levels, G = {attraction:g} spacings", columns, facts, panels)


def crossover_table(points: int) -> Table:
    """Δ, μ and the spectral gap from BCS to molecules, contact attraction in three dimensions."""
    coupling = np.linspace(-3.0, 3.0, points)
    states = [contact_3d(float(y)) for y in coupling]
    columns = [
        Column("inverse_length", coupling, "1", "1/k_F a"),
        Column("delta", np.array([s.delta for s in states]), "E_F", "Δ"),
        Column("mu", np.array([s.mu for s in states]), "E_F", "μ"),
        Column("spectral_gap", np.array([s.spectral_gap for s in states]), "E_F", "spectral gap"),
        Column(
            "bcs",
            np.where(coupling < 0, 8 * np.exp(-2 + np.pi * coupling / 2), np.nan),
            "E_F",
            "8 exp(−2 − π/2k_F|a|)",
        ),
        Column("half_binding", np.where(coupling > 0, -(coupling**2), np.nan), "E_F", "−1/(k_F a)²"),
    ]
    panels = [
        Panel(["delta", "spectral_gap", "bcs"], "energy (E_F)", (), ["bcs"]),
        Panel(["mu", "half_binding"], "chemical potential (E_F)", (), ["half_binding"]),
    ]
    unitary = contact_3d(0.0)
    facts = {"Delta/E_F at unitarity": unitary.delta, "mu/E_F at unitarity": unitary.mu}
    return Table("From BCS to molecules, T = 0", columns, facts, panels)


def interaction_table(points: int) -> Table:
    """Bardeen–Pines interaction against frequency, and what a kicked ion of aluminium does."""
    metal = material("Al")
    assert metal.fermi_velocity is not None
    frequency = constants.k * metal.theta_d / constants.hbar
    kick = interaction.IonKick(metal.fermi_velocity, 1.43e-10, 26.98 * constants.atomic_mass, frequency)
    phonon = float(interaction.phonon_frequency(1.0, screening=1.0, ion_plasma=1.0))
    omega = np.linspace(0.0, 3.0, points) * phonon
    strength = interaction.bardeen_pines(1.0, omega, screening=1.0, ion_plasma=1.0) * 2.0
    columns = [
        Column("frequency", omega / phonon, "1", "ω/ω_q"),
        Column(
            "bardeen_pines",
            np.where(np.isfinite(strength), strength + 0.0, np.nan),
            "screened",
            "Bardeen and Pines",
        ),
        Column(
            "square_well",
            interaction.square_well(omega / phonon, 0.0, attraction=1.0, cutoff=1.0),
            "V",
            "BCS",
        ),
    ]
    label = "interaction over the screened repulsion"
    panel = Panel(["bardeen_pines", "square_well"], label, (), ["square_well"], limits=(-6, 6))
    facts = {
        "ion kick, Al: impulse (kg m/s)": kick.impulse,
        "amplitude (m)": kick.amplitude,
        "attraction (meV)": kick.attraction_mev,
        "the first electron is away by (nm)": kick.delay_length * 1e9,
        "mu* of mu = 0.4, E_F/hbar omega_D = 300": interaction.coulomb_pseudopotential(0.4, 300.0, 1.0),
    }
    return Table("Phonon-mediated attraction", columns, facts, [panel])
