r"""The isotope effect: how T_c depends on the mass of the ions, T_c ∝ M^{−α}.

ħω_D ∝ M^{−½} sets the scale of T_c, so that α = ½. The Coulomb repulsion works at all energies up to E_F;
between E_F and ħω_D it is weakened to μ* = μ/(1 + μ ln(E_F/ħω_D)), which depends on M too (Morel and
Anderson, Phys. Rev. 125, 1263 (1962)):

    T_c = 1.134 ħω_D e^{−1/(λ − μ*)},      α = ½ [1 − (μ*/(λ − μ*))²] .                                 (8)
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from bdg.errors import InputError
from bdg.theory.uniform.band import constant_dos
from bdg.theory.uniform.gap.critical import critical_temperature
from bdg.theory.uniform.interaction import coulomb_pseudopotential


def isotope_exponent(critical_temperature_of_mass: Callable[[float], float], step: float = 1e-3) -> float:
    """α = −d ln T_c/d ln M at M = 1, by a central difference of fourth order.

    Parameters
    ----------
    critical_temperature_of_mass
        T_c as a function of M over the natural mass.
    step
        Of ln M.
    """

    def log_tc(x: float) -> float:
        return float(np.log(critical_temperature_of_mass(float(np.exp(x)))))

    near, far = log_tc(step) - log_tc(-step), log_tc(2 * step) - log_tc(-2 * step)
    return -(8 * near - far) / (12 * step)


def critical_temperature_of_mass(
    mass: float, coupling: float, cutoff: float, repulsion: float = 0.0, fermi_energy: float | None = None
) -> float:
    """T_c from the gap equation for ions of M times the natural mass.

    Parameters
    ----------
    mass
        M over the natural mass.
    coupling
        λ = N(0)V of the phonons.
    cutoff
        ħω_D at the natural mass.
    repulsion
        N(0)V_c of the Coulomb repulsion before it is weakened, called μ.
    fermi_energy
        E_F, which the repulsion needs.

    Raises
    ------
    InputError
        If the repulsion has no E_F, or leaves no attraction.
    """
    shifted, mu_star = cutoff / np.sqrt(mass), 0.0
    if repulsion:
        if fermi_energy is None:
            raise InputError("the Coulomb repulsion needs the Fermi energy; give both")
        mu_star = coulomb_pseudopotential(repulsion, fermi_energy, shifted)
    if coupling <= mu_star:
        raise InputError(f"μ* = {mu_star:.3g} leaves no attraction of λ = {coupling:g}; make λ larger")
    return critical_temperature(constant_dos(shifted), coupling - mu_star, mu=0.0)
