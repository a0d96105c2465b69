"""Bonds by the shell of neighbours they belong to."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from bdg.errors import InputError
from bdg.lattice import Sample
from bdg.words import quoted

WITHIN = "within"
"""The shell of bonds between orbitals that share a place."""


def shell_number(shell: int | str) -> int:
    """Return the shell as samples count it: 0 within a place.

    Raises
    ------
    InputError
        If it is neither a whole number from 1 nor ``"within"``.
    """
    if isinstance(shell, str) and shell == WITHIN:
        return 0
    if isinstance(shell, bool) or not isinstance(shell, int | np.integer) or shell < 1:
        raise InputError(f"shell {quoted(shell)} is impossible; give a whole number from 1, or {WITHIN!r}")
    return int(shell)


def bonds_of_shell(sample: Sample, shell: int | str) -> NDArray[np.bool_]:
    """Which bonds belong to a shell, shape ``(n_bonds,)``.

    Raises
    ------
    InputError
        If the cell has no bond of it.
    """
    number, kinds = shell_number(shell), sample.bonds.kinds
    if not number and not (kinds.shell == 0).any():
        raise InputError(
            "no two orbitals of the cell share a place; interactions between places are those of a shell,"
            " bonds: [{shell: 1, value: 1}]"
        )
    if number > kinds.n_shells:
        use = "" if kinds.amplitude is not None else f"; build the sample with shells={number}"
        raise InputError(f"the sample has bonds of {kinds.n_shells} lengths, not {shell}{use}")
    chosen: NDArray[np.bool_] = sample.bonds.shell == number
    return chosen
