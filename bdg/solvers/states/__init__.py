r"""Eigenstates of H nearest to an energy, with the proof that none was missed.

Small matrices are diagonalized. Of large ones Lanczos (ARPACK; Lehoucq, Sorensen, Yang 1998) finds the states
for which (H − σ)⁻¹ is largest. A start that lacks one of several degenerate states never finds it, so

1. Rayleigh–Ritz in all that was found gives levels E with residuals |Hψ − Eψ|: a level of H lies within each;
2. the inertia of H − (near ± R), see :mod:`bdg.solvers.states.inertia`, counts the levels nearer than R;
3. if more were counted than found, Lanczos goes on in what is orthogonal to all that was found.
"""

from bdg.solvers.states.eigenstates import States, degenerate_within
from bdg.solvers.states.lowest import lowest_states

__all__ = ["States", "degenerate_within", "lowest_states"]
