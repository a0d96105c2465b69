r"""The response with the fields held, at any frequency: every transition by itself.

A drive −λ O, s = √(f_m − f_n) ⟨n|(−O)|m⟩ in the transitions, makes s/(z − d) of the amplitudes of e^{−izt} in
δρ_nm and −s*/(z + d) in δρ_mn; of what is measured, o likewise,

    χ⁰(z) = −Σ [o* s/(z − d) − o s*/(z + d)]     (half of the sum with 4 dofs).
"""

from __future__ import annotations

import numpy as np

from bdg.arrays import Complexes
from bdg.observables.response.motion.transitions import Transitions


def bare_response(
    transitions: Transitions, measured: Complexes, driven: Complexes, z: Complexes
) -> Complexes:
    """χ⁰ at frequencies z, shape ``(n_frequencies,)``."""
    strength, energy = (np.conj(measured) * driven).ravel(), transitions.energy.ravel()
    acting = np.flatnonzero(strength)
    strength, energy = strength[acting], energy[acting]
    share = 0.5 if transitions.dofs == 4 else 1.0
    sums = [np.sum(strength / (one - energy) - np.conj(strength) / (one + energy)) for one in z]
    return np.asarray(-share * np.array(sums), np.complex128)


def bare_amplitudes(transitions: Transitions, driven: Complexes, z: complex) -> tuple[Complexes, Complexes]:
    """Amplitudes x of Re e^{−izt} and of Im e^{−izt}, each of a real motion: of e^{−izt}, one + i other."""
    ahead, behind = driven / (z - transitions.energy), driven / np.conj(z + transitions.energy)
    return 0.5 * (ahead - behind), -0.5j * (ahead + behind)
