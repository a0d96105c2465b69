"""Curves that are known in closed form, beside lattices in the limit in which they hold."""

from __future__ import annotations

import numpy as np
from scipy.integrate import quad
from scipy.optimize import brentq
from scipy.special import digamma

import bdg
from docs.validation.check import THEORY, Row, Rows, check
from docs.validation.lattices import contact, junction
from docs.validation.published import TABLE

ATTRACTION = 1.8
"""U of the chain in t."""


def chain(n_k: int, **terms: object) -> bdg.Model:
    """A chain at half filling, whose density of states N(0)(1 + ξ²/8t²) is nearly constant."""
    sample = bdg.build_sample("chain", [1], bdg.Boundary("bloch", n_k=n_k, shift=0.5))
    return bdg.build_model(sample, chemical_potential=0.0, **terms)  # type: ignore[arg-type]


@check(THEORY, "Mühlschlegel, Z. Phys. 155, 313 (1959), table")
def gap_of_temperature() -> Rows:
    """Δ(T)/Δ(0) of a self-consistent chain.

    Half filling, U = 1.8 t, 2048 momenta, T_c from the instability of the normal state.
    """

    def solved(temperature: float, *observables: str) -> bdg.Result:
        return bdg.solve(chain(2048, attraction=ATTRACTION, temperature=temperature), observables=observables)

    ground = solved(1e-3, "critical_temperature")
    critical, largest = float(ground["critical_temperature"]), float(ground.fields.moduli.max())
    for t in (0.9, 0.7, 0.5, 0.3):
        row = TABLE[f"muehlschlegel_{t:g}"]
        found = float(solved(t * critical).fields.moduli.max())
        yield Row(row["quantity"], float(row["value"]), found / largest, 2e-3)


@check(THEORY, "Yosida, Phys. Rev. 110, 769 (1958)")
def spin_susceptibility() -> Rows:
    """The spin susceptibility of a superconductor over that of its normal state, ∫ dξ (4T cosh²(E/2T))⁻¹.

    The magnetisation of a chain at half filling with Δ = 0.02 t in h = 10⁻⁵ t, 8192 momenta.
    """
    delta, field = 0.02, 1e-5

    def magnetisation(gap: float, temperature: float) -> float:
        model = chain(8192, given_delta=gap, zeeman=field, temperature=temperature)
        return float(bdg.solve(model, observables=["magnetisation"])["magnetisation"].values[2, 0])

    for ratio in (0.3, 0.5, 1.0):
        temperature = ratio * delta

        def inside(energy: float, over: float = 2 * temperature) -> float:
            return float(1 / (over * np.cosh(np.hypot(energy, delta) / over) ** 2))

        expected = quad(inside, 0, 60 * temperature, points=[delta])[0]
        ours = magnetisation(delta, temperature) / magnetisation(0.0, temperature)
        yield Row(f"χ_s/χ_n at T = {ratio:g} Δ", expected, ours, 2e-5)


@check(THEORY, "Dynes, Narayanamurti and Garno, Phys. Rev. Lett. 41, 1509 (1978)")
def density_of_states() -> Rows:
    """The density of states with a lifetime, Re (E + iΓ)/√((E + iΓ)² − Δ²).

    A chain at half filling with Δ = 0.02 t, Γ = Δ/5 as the broadening, 16384 momenta; of both spins 1/πt.
    """
    delta = 0.02
    energies = delta * np.array([0.0, 0.5, 1.0, 1.5, 3.0])
    asked = {"dos": {"energies": energies, "broadening": delta / 5}}
    found = bdg.solve(chain(16384, given_delta=delta, temperature=1e-3), observables=asked)["dos"].values
    z = energies + 1j * delta / 5
    expected = np.real(z / (1j * np.sqrt(delta**2 - z**2 + 0j)))
    for energy, one, ours in zip(energies, np.abs(expected), np.pi * found, strict=True):
        yield Row(f"N(E)/N(0) at E = {energy / delta:g} Δ", one, ours, 1e-3)


@check(
    THEORY,
    "Sarma, J. Phys. Chem. Solids 24, 1029 (1963); Maki and Tsuneto, Prog. Theor. Phys. 31, 945 (1964)",
)
def critical_temperature_of_field() -> Rows:
    """T_c where a field acts on the spins alone, ln(T_c0/T_c) = Re ψ(½ + ih/2πT_c) − ψ(½).

    A chain at half filling, U = 1.8 t, 2048 momenta.
    """

    def critical(field: float) -> float:
        model = chain(2048, attraction=ATTRACTION, zeeman=field, temperature=0.05)
        result = bdg.solve(model, observables={"critical_temperature": {"count": 1}}, initial="normal")
        return float(result["critical_temperature"])

    without = critical(0.0)
    for ratio in (0.3, 0.6, 0.9):
        field = ratio * without

        def condition(t: float, of: float = ratio) -> float:
            return float(np.log(1 / t) - np.real(digamma(0.5 + 1j * of / (2 * np.pi * t)) - digamma(0.5)))

        expected = brentq(condition, 0.6, 1.0)
        yield Row(f"T_c/T_c0 at h = {ratio:g} T_c0", expected, critical(field) / without, 1e-3)


@check(
    THEORY,
    "Kulik and Omel'yanchuk, Sov. J. Low Temp. Phys. 3, 459 (1977); Haberkorn, Knauer and Richter (1978)",
)
def current_of_phase() -> Rows:
    """The current of one channel against the phase, (τ/2) sin φ tanh(E/2T) Δ/E in eΔ/ħ.

    E = Δ√(1 − τ sin²(φ/2)); semi-infinite chains at half filling with Δ = 10⁻⁴ t, T = Δ/4, joined by one
    bond t': τ = 4t'²/(1 + t'²)² is 1 for t' = t and ½ for 0.4142 t.
    """
    delta, temperature = 1e-4, 0.25
    for tau, weak in ((1.0, 1.0), (0.5, float(np.sqrt(2) - 1))):
        result = bdg.solve(
            junction(weak, delta, temperature),
            observables={"current_phase": {"num": 9, "leads": "semi_infinite"}},
        )
        for n, name in ((1, "π/4"), (2, "π/2"), (3, "3π/4")):
            level = np.sqrt(1 - tau * np.sin(n * np.pi / 8) ** 2)
            expected = tau / 2 * np.sin(n * np.pi / 4) * np.tanh(level / (2 * temperature)) / level
            yield Row(
                f"I at φ = {name}, τ = {tau:g}", expected, result["junction_current"].values[n] / delta, 1e-3
            )


@check(THEORY, "Blonder, Tinkham and Klapwijk, Phys. Rev. B 25, 4515 (1982), table II")
def conductance_of_bias() -> Rows:
    """The conductance of a contact with a barrier at biases within and beyond the gap, in 2e²/h.

    Within 2A, A = Δ²/(E² + (Δ² − E²)(1 + 2Z²)²), beyond 1 + A − B; chains with μ = −0.5 t and Δ = 0.002 t, a
    site of the energy Z√(4t² − μ²).
    """
    delta = 2e-3
    energies = delta * np.array([0.5, 0.9, 2.0])
    for z in (0.0, 0.5, 1.5):
        model = contact(z, delta)
        asked = {"conductance": {"energies": energies}}
        found = bdg.solve(model, observables=asked)["conductance"].values / 2
        for energy, ours in zip(energies / delta, found, strict=True):
            yield Row(f"G at eV = {energy:g} Δ, Z = {z:g}", conductance(energy, z), ours, 2e-3)


def conductance(energy: float, z: float) -> float:
    """1 + A − B at an energy in Δ."""
    if energy < 1:
        return float(2 / (energy**2 + (1 - energy**2) * (1 + 2 * z**2) ** 2))
    difference = np.sqrt(1 - 1 / energy**2)  # u² − v²
    u_squared = (1 + difference) / 2
    gamma = u_squared + z**2 * difference
    andreev = u_squared * (1 - u_squared) / gamma**2
    return float(1 + andreev - difference**2 * z**2 * (1 + z**2) / gamma**2)
