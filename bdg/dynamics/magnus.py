r"""A step of ρ in a Hamiltonian that changes: Magnus' expansion to fourth order.

With H_1, H_2 at the Gauss points t + (½ ∓ √3/6) h of a step, Magnus' exponent is

    Ω = −i h H̄ − (√3 h²/12) [−iH_1, −iH_2] + O(h⁵),   H̄ = (H_1 + H_2)/2,

and e^X e^{−ihH̄} e^{−X} with X = −i (√3 h/12)(H_2 − H_1) has the exponent −ihH̄ + [X, −ihH̄] + O(h⁵), the same.
X is small and, where only fields on sites change, acts on each site by itself: a step costs little more than
one exponential. It is unitary, and the step back in time undoes it. Blanes, Casas, Oteo, Ros, Phys. Rep. 470,
151 (2009), has the expansion.
"""

from __future__ import annotations

import numpy as np

from bdg.dynamics.generators import Entries, combined, evolved
from bdg.dynamics.orbitals import Orbitals
from bdg.nambu import NambuMatrix

GAUSS = (0.5 - np.sqrt(3) / 6, 0.5 + np.sqrt(3) / 6)
"""The two points within a step, in units of its length."""


def magnus_step(
    orbitals: Orbitals,
    first: NambuMatrix,
    second: NambuMatrix,
    entries: Entries,
    length: float,
    tolerance: float,
) -> Orbitals:
    """The orbitals a step later.

    Parameters
    ----------
    orbitals
        At the beginning of the step.
    first, second
        H at its Gauss points.
    entries
        Where H has entries.
    length
        Of the step, in ħ/t; of either sign.
    tolerance
        The largest error of an exponential.
    """
    mean = combined(first, 0.5, second, 0.5)
    change = combined(second, 1.0, first, -1.0)
    kick = np.sqrt(3) * length / 12
    before = evolved(orbitals, change, entries, -kick, tolerance)
    after = evolved(before, mean, entries, length, tolerance)
    return evolved(after, change, entries, kick, tolerance)
