"""Loop currents: the magnetisation whose curl the currents are."""

from __future__ import annotations

import numpy as np
import scipy.sparse
import scipy.sparse.linalg

from bdg.expectations import bond_current
from bdg.observables.needs import plaquettes
from bdg.observables.quantity import Quantity, scalar
from bdg.observables.registry import observable
from bdg.observables.state import State

EXACT = 1e-12
"""Relative residual at which the least squares end."""


@observable(
    title="Currents around plaquettes: the orbital magnetisation.",
    group="currents",
    needs=plaquettes,
    numbers={"magnetic_moment": "Magnetic moment"},
)
def loop_currents(state: State) -> dict[str, Quantity]:
    """A current around every plaquette, counter-clockwise, that together are the currents of the bonds.

    It is the magnetisation M of orbital currents, J = ∇×M, in e t/ħ; where it cannot be all of J (around
    holes or periodic directions, or where current is not conserved), the least squares, and ``remainder`` is
    the largest difference on a bond. ``magnetic_moment`` is Σ M · area, which on an open sample without holes
    is ½ Σ (r × J)_z.

    Raises
    ------
    InputError
        If the sample has no plaquettes.
    """
    sample = state.model.sample
    faces = sample.plaquettes
    current = bond_current(state.model, state.on_bonds)
    columns = np.repeat(np.arange(len(faces)), np.diff(faces.indptr))
    around = scipy.sparse.csr_array(
        (faces.signs.astype(np.float64), (faces.bonds, columns)), shape=(sample.n_bonds, len(faces))
    )
    loops = scipy.sparse.linalg.lsqr(around, current, atol=EXACT, btol=EXACT)[0]
    left = float(np.abs(around @ loops - current).max(initial=0.0))
    return {
        "loop_current": Quantity(
            loops, ("plaquette",), "e t/hbar", "loop current", attributes={"remainder": left}
        ),
        "magnetic_moment": scalar(float(loops @ faces.area), "e t a^2/hbar", f"magnetic moment{state.each}"),
    }
