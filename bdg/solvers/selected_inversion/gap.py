"""The spectral gap, which the expansion of the sign function wants at zero temperature."""

from __future__ import annotations

from bdg.errors import InputError
from bdg.nambu import NambuMatrix
from bdg.solvers.lowest import lowest_energy


def spectral_gap(hamiltonian: NambuMatrix) -> float:
    """Smallest |E_n| over all momenta.

    Raises
    ------
    InputError
        If the spectrum has no gap worth the name: the Fermi function then has no expansion at T = 0.
    """
    momenta = range(len(hamiltonian.momenta))
    gap = min(lowest_energy(hamiltonian, momentum=k, tolerance=1e-4) for k in momenta)
    if not gap > 1e-9 * hamiltonian.norm_bound():
        raise InputError(
            f"the spectrum has a level at {gap:.1e}: no gap to expand the sign function in at temperature 0; "
            "use a small temperature, or method diagonalization"
        )
    return gap
