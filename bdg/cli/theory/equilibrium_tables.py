"""Tables of the gap equation and of thermodynamics."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress

import numpy as np

from bdg.arrays import Floats
from bdg.cli.theory.metal_input import Metal
from bdg.cli.theory.table import Column, Panel, Table
from bdg.errors import InputError
from bdg.theory.uniform import thermodynamics as thermo
from bdg.theory.uniform.gap import (
    Uniform,
    critical_temperature,
    gap_ratio,
    reduced_gap,
    solve,
    two_band_critical_temperature,
    two_band_gaps,
    two_bands,
    weak_critical_temperature,
)
from bdg.theory.uniform.isotope import critical_temperature_of_mass, isotope_exponent
from bdg.theory.uniform.modes import leggett_frequency
from bdg.theory.uniform.quasiparticles import broadened_dos, density_of_states


def gap_table(metal: Metal, points: int) -> Table:
    """Δ(T) up to T_c, beside the universal curve of weak coupling."""
    critical, ground = _ordered(metal)
    t = np.linspace(0, 1, points)
    states = [ground, *(_at(metal, value * critical) for value in t[1:])]
    delta = np.array([state.delta for state in states])
    columns = [
        Column("t", t, "1", "T/T_c"),
        Column("temperature", t * critical, metal.units, "temperature"),
        Column("delta", delta, metal.units, "order parameter"),
        Column("delta_reduced", delta / ground.delta, "1", "Δ(T)/Δ(0)"),
        Column("weak_coupling", reduced_gap(t), "1", "weak-coupling limit"),
        Column("mu", np.array([state.mu for state in states]), metal.units, "chemical potential"),
        Column("density", np.array([state.density for state in states]), "1", "density"),
        Column("spectral_gap", np.array([s.spectral_gap for s in states]), metal.units, "spectral gap"),
    ]
    if metal.is_constant:
        columns = [c for c in columns if c.name not in ("mu", "density", "spectral_gap")]
    panels = [
        Panel(
            ["delta_reduced", "weak_coupling"],
            "Δ(T)/Δ(0)",
            ["this metal", "weak coupling"],
            ["weak_coupling"],
        )
    ]
    if metal.filling is not None:
        panels.append(Panel(["mu"], f"chemical potential ({metal.units})"))
    facts = {
        "T_c": critical,
        "Delta(0)": ground.delta,
        "2 max Delta_k(0)/T_c": 2 * _largest_gap(ground) / critical,
    }
    return Table(f"Gap: {metal.name}", columns, facts, panels)


def tc_table(metal: Metal, points: int, repulsion: float | None, fermi_energy: float | None) -> Table:
    """T_c and Δ(0) against the attraction, and the isotope exponent of a constant density of states."""
    if (repulsion is None) != (fermi_energy is None):
        raise InputError("--repulsion and --fermi-energy belong together; give both or neither")
    if repulsion is not None and not metal.is_constant:
        raise InputError("--repulsion needs a constant density of states; leave out --lattice and --dos")
    strengths = metal.attraction * np.linspace(0.5, 1.5, points)
    critical = np.array([critical_temperature(metal.band, v, **metal.fixed) for v in strengths])
    delta = np.array([solve(metal.band, v, **metal.fixed).delta for v in strengths])
    with np.errstate(divide="ignore", invalid="ignore"):
        largest = 2 * delta * float(np.abs(metal.band.form).max())
        ratio = np.where(critical > 0, largest / critical, np.nan)
    columns = [
        Column("attraction", strengths, "1" if metal.is_constant else metal.units, "attraction"),
        Column("t_c", critical, metal.units, "T_c"),
        Column("delta_0", delta, metal.units, "Δ(0)"),
        Column("gap_ratio", ratio, "1", "2 max Δ_k(0)/T_c"),
    ]
    panels = [
        Panel(["t_c", "delta_0"], f"energy ({metal.units})"),
        Panel(["gap_ratio"], "2 max Δ_k(0)/T_c"),
    ]
    facts = {"T_c": critical_temperature(metal.band, metal.attraction, **metal.fixed)}
    if metal.is_constant:
        cutoff = float(metal.band.weight.sum() / 2)  # N(0) = 1 on both sides of the Fermi energy
        weak = np.array([weak_critical_temperature(v, cutoff) for v in strengths])
        columns.append(Column("t_c_weak", weak, metal.units, "1.134 ħω_D exp(−1/N(0)V)"))
        panels[0] = Panel(
            ["t_c", "delta_0", "t_c_weak"], f"energy ({metal.units})", (), ["t_c_weak"], log="y"
        )
        facts |= _isotope(metal.attraction, cutoff, repulsion or 0.0, fermi_energy)
    return Table(f"Critical temperature: {metal.name}", columns, facts, panels)


def _isotope(
    coupling: float, cutoff: float, repulsion: float, fermi_energy: float | None
) -> dict[str, float]:
    def of_mass(mass: float) -> float:
        return critical_temperature_of_mass(mass, coupling, cutoff, repulsion, fermi_energy)

    found = {"isotope exponent": isotope_exponent(of_mass)}
    return {"T_c with repulsion": of_mass(1.0), **found} if repulsion else found


def dos_table(metal: Metal, temperature: float, broadening: float | None, points: int) -> Table:
    """The density of states of quasiparticles, beside that of the normal metal."""
    state = solve(metal.band, metal.attraction, temperature, **metal.fixed)
    if metal.is_constant:
        scale = state.delta or metal.attraction
        energies = np.linspace(-4 * scale, 4 * scale, points)
        width = 0.02 * scale if broadening is None else broadening
        superconducting, normal = density_of_states(energies, state.delta, width), np.ones(points)
        units, label = "N(0)", "N(E)/N(0)"
    else:
        reach = float(np.ptp(metal.band.energy)) / 2 + 2 * state.delta
        energies = np.linspace(-reach, reach, points)
        width = 0.01 * reach if broadening is None else broadening
        superconducting = broadened_dos(state, energies, width)
        normal = broadened_dos(state.normal, energies, width)
        units, label = f"1/{metal.units}", f"density of states, both spins (1/{metal.units})"
    columns = [
        Column("energy", energies, metal.units, "energy"),
        Column("superconducting", superconducting, units, "superconducting"),
        Column("normal", normal, units, "normal"),
    ]
    panel = Panel(["superconducting", "normal"], label, (), ["normal"])
    facts = {"Delta": state.delta, "mu": state.mu, "broadening": width}
    return Table(f"Density of states: {metal.name}, T = {temperature:g}", columns, facts, [panel])


def thermodynamics_table(metal: Metal, points: int) -> Table:
    """Entropy, specific heat, condensation energy and critical field from near T = 0 to T_c."""
    critical, ground = _ordered(metal)
    fixed: thermo.Fixed = "mu" if metal.filling is None else "filling"
    t = np.linspace(0, 1, points + 1)[1:]
    states = [_at(metal, value * critical) for value in t]
    field = np.array([thermo.critical_field(state) for state in states])
    reduced = field / thermo.critical_field(ground)
    columns = [
        Column("t", t, "1", "T/T_c"),
        Column("temperature", t * critical, metal.units, "temperature"),
        Column("delta", np.array([s.delta for s in states]), metal.units, "order parameter"),
        Column("entropy", _each(states, thermo.entropy), "k_B", "superconducting"),
        Column("entropy_normal", _each([s.normal for s in states], thermo.entropy), "k_B", "normal"),
        Column(
            "specific_heat",
            np.array([thermo.specific_heat(s, fixed, ordered=True) for s in states]),
            "k_B",
            "superconducting",
        ),
        Column(
            "specific_heat_normal",
            np.array([thermo.specific_heat(s.normal, fixed) for s in states]),
            "k_B",
            "normal",
        ),
        Column("condensation_energy", _each(states, thermo.condensation_energy), metal.units, "Ω_n − Ω_s"),
        Column("critical_field", reduced, "1", "H_c(T)/H_c(0)"),
        Column("deviation", thermo.deviation_function(reduced, t), "1", "H_c(T)/H_c(0) − (1 − t²)"),
    ]
    panels = [
        Panel(
            ["specific_heat", "specific_heat_normal"],
            f"specific heat at fixed {fixed} (k_B)",
            (),
            ["specific_heat_normal"],
        ),
        Panel(["entropy", "entropy_normal"], "entropy (k_B)", (), ["entropy_normal"]),
        Panel(["deviation"], "H_c(T)/H_c(0) − (1 − t²)"),
    ]
    at_tc = _at(metal, critical)
    facts = {
        "T_c": critical,
        "Delta(0)": ground.delta,
        "2 max Delta_k(0)/T_c": 2 * _largest_gap(ground) / critical,
        "(C_s - C_n)/C_n at T_c": thermo.specific_heat_jump(at_tc, fixed),
        "condensation energy at T = 0": thermo.condensation_energy(ground),
    }
    return Table(f"Thermodynamics: {metal.name}", columns, facts, panels)


def _each(states: list[Uniform], function: Callable[[Uniform], float]) -> Floats:
    return np.array([function(state) for state in states])


def _at(metal: Metal, temperature: float) -> Uniform:
    return solve(metal.band, metal.attraction, temperature, **metal.fixed)


def two_band_table(
    coupling: tuple[float, ...], density: tuple[float, ...], cutoff: float, points: int
) -> Table:
    """Both gaps against temperature, T_c, and the mode of the relative phase."""
    if len(coupling) != 3 or len(density) != 2:
        raise InputError("--couplings and --densities take V11,V12,V22 and N1,N2; give three and two numbers")
    bands = two_bands([[coupling[0], coupling[1]], [coupling[1], coupling[2]]], density, cutoff)
    critical = two_band_critical_temperature(bands)
    t = np.linspace(0, 1, points)
    gaps = np.array([two_band_gaps(bands, value * critical) if value < 1 else np.zeros(2) for value in t])
    columns = [
        Column("t", t, "1", "T/T_c"),
        Column("delta_1", gaps[:, 0], "energy units", "Δ_1"),
        Column("delta_2", gaps[:, 1], "energy units", "Δ_2"),
        Column(
            "weak_coupling",
            gap_ratio() / 2 * critical * reduced_gap(t),
            "energy units",
            "one band of that T_c",
        ),
    ]
    facts = {"T_c": critical, "Delta_1(0)": float(gaps[0, 0]), "Delta_2(0)": float(gaps[0, 1])}
    with suppress(InputError):  # not every pair of bands has the mode
        facts["Leggett mode"] = leggett_frequency(bands)
    panel = Panel(["delta_1", "delta_2", "weak_coupling"], "gap (energy units)", (), ["weak_coupling"])
    return Table(f"Two bands, strongest coupling {bands.strongest:.4g}", columns, facts, [panel])


def _largest_gap(state: Uniform) -> float:
    """Of Δ|φ_k| over the whole band."""
    return state.delta * float(np.abs(state.band.form).max())


def _ordered(metal: Metal) -> tuple[float, Uniform]:
    """T_c and the ground state of a metal that has them."""
    critical = critical_temperature(metal.band, metal.attraction, **metal.fixed)
    if critical == 0:
        raise InputError(f"{metal.name}: no superconductivity; choose a larger attraction")
    return critical, _at(metal, 0.0)
