"""How many states lie at zero energy, and how far from it."""

from __future__ import annotations

from typing import Annotated

import numpy as np
from numpy.typing import NDArray

from bdg.observables.needs import finite
from bdg.observables.parameters import Count, PositiveEnergy
from bdg.observables.quantity import Quantity, scalar
from bdg.observables.registry import observable
from bdg.observables.state import State
from bdg.solvers.states import lowest_states


@observable(
    title="Number of Majorana zero modes, their splitting, the lowest energies.",
    group="topology",
    needs=finite("a number of zero modes"),
    numbers={"majorana_modes": "Majorana modes", "zero_mode_splitting": "Zero mode splitting"},
)
def zero_modes(
    state: State,
    count: Annotated[Count, "How many of the lowest energies to keep."] = 8,
    below: Annotated[PositiveEnergy, "Energies below this count as zero."] = 1e-3,
) -> dict[str, Quantity]:
    """Number of Majorana zero modes, their splitting, and the lowest quasiparticle energies.

    A quasiparticle of energy E ≥ 0 is two Majorana modes; two modes that overlap a little, one at either
    end of a wire, are split from zero by ±E. All levels are found, so that the number counts every one of a
    degenerate set.

    Parameters
    ----------
    state
        A state of a finite sample.
    count
        How many of the lowest energies to keep.
    below
        Energies that count as zero, in t.

    Returns
    -------
    dict
        ``majorana_modes``, two for each energy below the bound; ``zero_mode_splitting``, the largest of these
        energies, where there are any; ``zero_mode_gap``, the energy above them; ``lowest_levels``, shape
        ``(count,)``, ascending.

    Raises
    ------
    InputError
        If the sample is infinite, or a number is not positive.
    """
    levels, error, radius = _lowest(state, count, below)
    zeros = int(np.count_nonzero(levels < below))
    notes = {"below": below, "is_certain": bool(np.all(np.abs(levels - below) > error)) and radius > below}
    found = {
        "lowest_levels": Quantity(
            levels[:count],
            ("level",),
            "t",
            "energy of the lowest quasiparticles",
            error=error,
            attributes=notes,
        ),
        "majorana_modes": Quantity(np.array(2 * zeros), (), "1", "Majorana zero modes", attributes=notes),
    }
    if zeros:
        found["zero_mode_splitting"] = scalar(
            levels[zeros - 1], "t", "largest splitting of the zero modes", error
        )
    if zeros < len(levels):
        found["zero_mode_gap"] = scalar(levels[zeros], "t", "lowest energy above the zero modes", error)
    return found


def _lowest(state: State, count: int, below: float) -> tuple[NDArray[np.float64], float, float]:
    """The lowest energies, all below the bound and more; their error; up to where none is missing."""
    hamiltonian = state.hamiltonian
    # Each block of spin has its own quasiparticles; the general space has every one with E and with −E.
    copies, wanted = hamiltonian.dofs // 2, max(count, 1)
    while True:
        found = lowest_states(hamiltonian, copies * wanted, solver=state.solver)
        levels = np.sort(np.abs(found.energies))[::copies]
        if levels[-1] >= below or copies * wanted >= hamiltonian.dimension or not found.is_complete:
            return levels, float(found.errors.max()), found.radius
        wanted *= 2
