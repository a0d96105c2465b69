"""Whether a state obeys what every state must: what does not is a warning of the result."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import numpy as np

from bdg.arrays import Array
from bdg.nambu import NambuMatrix
from bdg.observables import Quantity

ROUNDING = 1e-12
"""How far H may be off a symmetry, in units of its norm."""

LEAK = 1e3
"""How many times the tolerance of the loop may flow out of a site at self-consistency."""

TO_BE_CHECKED = 3
"""Momenta of an infinite sample that are looked at."""


def unsound(
    matrix: NambuMatrix, observables: Mapping[str, Mapping[str, Quantity]], tolerance: float
) -> tuple[str, ...]:
    """What is wrong with a state, a line each: Hermiticity, particle-hole symmetry, conservation of charge.

    Parameters
    ----------
    matrix
        H at its fields.
    observables
        What was measured.
    tolerance
        That of the loop, in t.
    """
    return (*_of_matrix(matrix), *_of_currents(observables.get("currents", {}), tolerance))


def hermiticity_error(matrix: NambuMatrix) -> float:
    """Max |H − H†| over the first momenta, in t."""
    found = (matrix.momenta[k].values for k in range(min(TO_BE_CHECKED, len(matrix.momenta))))
    mirror = matrix.sparsity.slots(matrix.indices, matrix.sparsity.rows.astype(np.int32))
    is_there = (mirror >= 0)[:, None, None]
    return max(_largest(h - is_there * h[mirror].conj().swapaxes(1, 2)) for h in found)


def particle_hole_error(matrix: NambuMatrix) -> float:
    """Max |C H* C⁻¹ + H| in t, of a finite sample; 0 where there is no such symmetry to look at.

    C = iτ_y of a singlet, τ_y σ_y with 4 dofs, in the Nambu order of :mod:`bdg.conventions`.
    """
    if len(matrix.momenta) > 1 or matrix.symmetry == "collinear":
        return 0.0
    y = np.array([[0.0, 1.0], [-1.0, 0.0]])
    block = y if matrix.dofs == 2 else np.kron(y, y)
    h = matrix.momenta[0].values
    return _largest(block @ h.conj() @ block.T + h)


def _of_matrix(matrix: NambuMatrix) -> Iterator[str]:
    allowed = ROUNDING * max(1.0, matrix.norm_bound())
    for name, error in (
        ("Hermitian", hermiticity_error(matrix)),
        ("symmetric under particle-hole exchange", particle_hole_error(matrix)),
    ):
        if not error <= allowed:
            yield f"the Hamiltonian is not {name}: it is off by {error:.1e} t; please report it"


def _of_currents(currents: Mapping[str, Quantity], tolerance: float) -> Iterator[str]:
    """A current that is not conserved though the fields are self-consistent."""
    net = currents.get("divergence")
    if net is None or not net.attributes.get("self_consistent"):
        return
    largest, allowed = float(np.abs(net.values).max(initial=0.0)), LEAK * tolerance + (net.error or 0.0)
    if not largest <= allowed:
        yield (
            f"divergence: up to {largest:.1e} e t/ħ flow out of a site though the fields are self-consistent"
            f" to {tolerance:.0e} t; the current is not conserved"
        )


def _largest(blocks: Array) -> float:
    return float(np.abs(blocks).max(initial=0.0))
