"""The spectral gap, which the expansion of the sign function needs at zero temperature."""

from __future__ import annotations

from scipy.sparse.linalg import ArpackError

from bdg.errors import InputError, NumericalError
from bdg.nambu import NambuMatrix
from bdg.solvers.lowest import lowest_energy
from bdg.solvers.monitor import SILENT, Monitor

CERTAIN = 0.8
"""Share of the lowest energy found that is taken for the gap: Lanczos may stop at a level next to the lowest,
and a smaller gap costs few poles (their number grows with its logarithm)."""

ENOUGH = 1e-3
"""Relative error of 1/E² that Lanczos may leave."""

SMALLEST = 1e-9
"""Energy, in units of a bound of all, below which a level counts as zero."""


class NoGapError(InputError):
    """The spectrum has a level at zero, or so near that the Fermi function has no expansion at T = 0."""


def spectral_gap(hamiltonian: NambuMatrix, monitor: Monitor = SILENT) -> float:
    """A lower bound of |E_n| over all momenta.

    Raises
    ------
    NoGapError
        If there is no resolvable gap.
    """
    lowest, momenta = float("inf"), len(hamiltonian.momenta)
    try:
        for k in range(momenta):
            monitor.report("gaps", k, momenta)
            lowest = min(lowest, lowest_energy(hamiltonian, momentum=k, tolerance=ENOUGH))
    except (NumericalError, ArpackError):  # Lanczos does not converge where H is singular except for rounding
        lowest = 0.0
    if not lowest > SMALLEST * hamiltonian.norm_bound():
        raise NoGapError(
            f"the spectrum has a level at {lowest:.1e}: no gap to expand the sign function in at temperature"
            " 0; use a small temperature, or method diagonalization"
        )
    return CERTAIN * lowest


FROZEN = 60.0
"""E/T from which e^{−E/T} counts as nothing: 9e-27."""


def require_frozen(hamiltonian: NambuMatrix, temperature: float, monitor: Monitor = SILENT) -> None:
    """Refuse a temperature that a level feels.

    Raises
    ------
    NoGapError
        If there is no gap, or one within 60 T.
    """
    gap = spectral_gap(hamiltonian, monitor)
    if gap < FROZEN * temperature:
        raise NoGapError(
            f"the spectrum has a level at {gap:.1e}, near T = {temperature:.1e}, which is too low for an"
            " expansion of the Fermi function; use a higher temperature, or method diagonalization"
        )
