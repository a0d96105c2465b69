"""The response of f(H) from all eigenvectors, δf = V [Φ ∘ (V† δH V)] V† with divided differences Φ of f."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from bdg.arrays import Numbers
from bdg.errors import InputError
from bdg.nambu import NambuMatrix
from bdg.solvers.contract import Pattern
from bdg.solvers.diagonalization.eigensystem import Eigensystem
from bdg.solvers.thermal import divided_fermi

SLOPES_TO = 1e-11
"""Relative error of (f_n − f_m)/(E_n − E_m): levels that are 1e-5 T apart lose five digits of f."""


def require_response(system: Eigensystem, temperature: float) -> None:
    """Refuse a level at zero energy where T is none.

    Raises
    ------
    InputError
        If there is one.
    """
    if temperature <= system.rounding and np.abs(system.energies).min() <= system.rounding:
        raise InputError(
            "at temperature 0 a level at zero energy makes the response to a change of H infinite; give a"
            " temperature above 0"
        )


def response_entries(
    system: Eigensystem,
    first: int,
    changes: Sequence[NambuMatrix],
    temperature: float,
    pattern: Pattern,
    dofs: int,
) -> list[Numbers]:
    """What the momenta of one eigensystem give to Σ_k weight · e^{+ik·crossing} δf_k on the pattern.

    Parameters
    ----------
    system
        Of some momenta, the first of which is ``first`` of all.
    changes
        δH, at the momenta of H.
    pattern, dofs
        Of the result, one array of shape ``(n_entries, dofs, dofs)`` a change.
    """
    found: list[Numbers] = [np.zeros((len(pattern), dofs, dofs)) for _ in changes]
    for index in range(system.n_momenta):
        energies, vectors = system.of(index)
        slopes = divided_fermi(energies, temperature, system.rounding)
        state = index * len(energies)
        for n, change in enumerate(changes):
            between = vectors.conj().T @ (change.sparse(first + index) @ vectors)
            whole = vectors @ (slopes * between) @ vectors.conj().T
            sites = len(whole) // dofs
            blocks = whole.reshape(sites, dofs, sites, dofs)[pattern.rows, :, pattern.columns]
            if pattern.crossings is not None:
                factor = np.exp(1j * (pattern.crossings @ system.k[state]))
                blocks = factor[:, None, None] * blocks
            blocks = system.weight[state] * blocks
            # −k brings the complex conjugates.
            found[n] = found[n] + (np.real(blocks) if system.is_paired else blocks)
    return found
