"""Tables of the response of a superconductor: tunnelling, nuclear relaxation, light, the superfluid."""

from __future__ import annotations

import numpy as np

from bdg.cli.theory.table import Column, Panel, Table
from bdg.errors import InputError
from bdg.theory.uniform.checks import require_positive
from bdg.theory.uniform.gap import gap_ratio, reduced_gap
from bdg.theory.uniform.response import nmr, optical, superfluid, tunnelling, ultrasound

UNITS = "Delta_0"

_NEAR_TC = np.linspace(0.8, 0.96, 9)
"""Where the peak of the nuclear rate is looked for, T/T_c."""


def tunnelling_table(temperature: float, broadening: float, second_gap: float | None, points: int) -> Table:
    """I(V) and dI/dV from a normal metal, and I(V) between superconductors; energies in Δ(0), T in T_c."""
    delta, t = _scaled(temperature)
    if second_gap is not None and second_gap < 0:
        raise InputError(f"--second-gap {second_gap:g}: a gap is not negative; give 0 for a normal metal")
    voltage = np.linspace(0.0, 3.0 if second_gap is None else 1.5 * (1 + second_gap), points)
    other = delta if second_gap is None else second_gap * delta
    current = tunnelling.nis_current(voltage, delta, t, broadening)
    conductance = tunnelling.nis_conductance(voltage, delta, t, broadening)
    two = tunnelling.sis_current(voltage, (delta, other), t, (broadening, broadening))
    columns = [
        Column("voltage", voltage, "1", "eV/Δ(0)"),
        Column("nis_current", current, f"G_n {UNITS}/e", "from a normal metal (NIS)"),
        Column("nis_conductance", conductance, "G_n", "from a normal metal (NIS)"),
        Column("sis_current", two, f"G_n {UNITS}/e", "between superconductors (SIS)"),
        Column("ohmic", voltage, f"G_n {UNITS}/e", "between normal metals"),
    ]
    panels = [
        Panel(["nis_current", "sis_current", "ohmic"], "current (G_n Δ(0)/e)", (), ["ohmic"]),
        Panel(["nis_conductance"], "dI/dV (G_n), NIS", limits=(0, min(8.0, 1.1 * _top(conductance)))),
    ]
    facts = {"T/T_c": temperature, "Delta/Delta(0)": delta, "Gamma/Delta(0)": broadening}
    return Table(f"Tunnelling at T = {temperature:g} T_c, Γ = {broadening:g} Δ(0)", columns, facts, panels)


def nmr_table(broadening: float, points: int) -> Table:
    """Relaxation rate with three cut-offs, Knight shift and sound against T/T_c."""
    require_positive("the broadening", broadening, "without one the rate diverges")
    t = np.linspace(0.02, 1.1, points)
    curves = {
        f"rate_{kind}": nmr.relaxation_curve(t, **{kind: broadening})
        for kind in ("broadening", "anisotropy", "frequency")
    }
    columns = [
        Column("t", t, "1", "T/T_c"),
        Column("rate_broadening", curves["rate_broadening"], "1", f"Γ = {broadening:g} Δ(0)"),
        Column("rate_anisotropy", curves["rate_anisotropy"], "1", f"gaps within ±{100 * broadening:g} %"),
        Column("rate_frequency", curves["rate_frequency"], "1", f"ħω = {broadening:g} Δ(0)"),
        Column("knight_shift", nmr.knight_shift(t), "1", "Knight shift"),
        Column("ultrasound", ultrasound.attenuation_curve(t), "1", "ultrasound"),
    ]
    cut_off = np.geomspace(1e-4, 0.3, points)
    heights = [float(nmr.relaxation_curve(_NEAR_TC, broadening=x).max()) for x in cut_off]
    columns += [
        Column("cut_off", cut_off, "1", "Γ/Δ(0)"),
        Column("peak_height", np.array(heights), "1", "height of the peak"),
    ]
    panels = [
        Panel([*curves], "1/T_1 over that of the normal metal"),
        Panel(["knight_shift", "ultrasound"], "over that of the normal metal"),
        Panel(["peak_height"], "height of the peak", log="x", x="cut_off"),
    ]
    facts = {f"peak, {name[5:]}": float(curve.max()) for name, curve in curves.items()}
    peak = curves["rate_broadening"]
    facts["T/T_c of the peak, broadening"] = float(t[np.argmax(peak)])
    return Table("Nuclear relaxation, Knight shift and sound in weak coupling", columns, facts, panels)


def optical_table(temperature: float, points: int) -> Table:
    """σ₁ and σ₂ of Mattis and Bardeen against ħω/Δ(0)."""
    delta, t = _scaled(temperature)
    if delta == 0:
        raise InputError(
            f"--temperature {temperature:g}: nothing superconducts there; give less than 1 (in T_c)"
        )
    omega = np.linspace(0, 6, points + 1)[1:]
    first, second = optical.conductivity(omega, delta, t)
    columns = [
        Column("frequency", omega, "1", "ħω/Δ(0)"),
        Column("sigma_1", first, "sigma_n", "σ_1"),
        Column("sigma_2", second, "sigma_n", "σ_2"),
    ]
    panel = Panel(["sigma_1", "sigma_2"], "conductivity (σ_n)", limits=(0, 3))
    facts = {
        "T/T_c": temperature,
        "Delta/Delta(0)": delta,
        "lim omega sigma_2": optical.superfluid_strength(delta, t),
    }
    return Table(f"Mattis–Bardeen conductivity at T = {temperature:g} T_c", columns, facts, [panel])


def superfluid_table(points: int) -> Table:
    """Superfluid fraction and λ_L(T), clean, dirty, d-wave-like, and the two-fluid guess."""
    t = np.linspace(0.02, 0.99, points)
    clean, dirty = superfluid.superfluid_curve(t), superfluid.superfluid_curve(t, dirty=True)
    columns = [
        Column("t", t, "1", "T/T_c"),
        Column("clean", clean, "1", "clean, 1 − Y(T)"),
        Column("dirty", dirty, "1", "dirty"),
        Column("two_fluid", 1 - t**4, "1", "1 − (T/T_c)⁴"),
        Column("lambda_clean", superfluid.penetration_depth_ratio(clean), "1", "clean"),
        Column("lambda_dirty", superfluid.penetration_depth_ratio(dirty), "1", "dirty"),
        Column("lambda_two_fluid", superfluid.penetration_depth_ratio(1 - t**4), "1", "two fluids"),
    ]
    panels = [
        Panel(["clean", "dirty", "two_fluid"], "superfluid fraction", (), ["two_fluid"]),
        Panel(
            ["lambda_clean", "lambda_dirty", "lambda_two_fluid"],
            "λ_L(T)/λ_L(0)",
            (),
            ["lambda_two_fluid"],
        ),
    ]
    return Table("Superfluid fraction and penetration depth in weak coupling", columns, {}, panels)


def _scaled(reduced_temperature: float) -> tuple[float, float]:
    """Δ(T) and T in units of Δ(0), from T/T_c."""
    if not 0 <= reduced_temperature < 100:
        raise InputError(
            f"--temperature {reduced_temperature:g}: impossible; give it in T_c, 0.5 for example"
        )
    return float(reduced_gap(reduced_temperature)), reduced_temperature * 2 / gap_ratio()


def _top(values: np.ndarray) -> float:
    return float(np.max(values[np.isfinite(values)]))
