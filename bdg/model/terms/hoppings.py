"""Hopping amplitudes of bonds, from what a user gives."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from bdg.arrays import Numbers
from bdg.errors import InputError
from bdg.lattice import Sample
from bdg.words import quoted


def folded(t: Numbers) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Modulus and argument of t of each bond; a real t keeps its sign and has no argument."""
    real = t.imag == 0
    return np.where(real, t.real, np.abs(t)), np.where(real, 0.0, np.angle(t))


def bond_hoppings(sample: Sample, hopping: float | ArrayLike | None) -> Numbers:
    """Each bond's t: the cell's, or from one number, one a shell, or one a bond.

    Numbers by shell leave bonds between orbitals at one place as the cell has them.
    """
    own, n_shells = sample.bonds.kinds.amplitude, sample.bonds.kinds.n_shells
    if hopping is None and own is not None:
        return own[sample.bonds.kind]
    if hopping is None and not n_shells:
        return np.zeros(sample.n_bonds)
    try:
        given = np.atleast_1d(np.asarray(1.0 if hopping is None else hopping))
    except ValueError:  # lists of unequal lengths
        given = np.array([None])
    if given.dtype.kind not in "biufc":
        raise InputError(f"hopping {quoted(hopping)} is no number; give t of each shell, 1.0 or [1.0, -0.3]")
    given = given.astype(np.complex128 if np.iscomplexobj(given) else np.float64)
    if not np.isfinite(given).all():
        raise InputError("a hopping is not finite (NaN or infinity)")
    if given.shape == (sample.n_bonds,) and len(given) > n_shells:
        by_bond: Numbers = given
        return by_bond
    if np.iscomplexobj(given):
        raise InputError(
            f"complex hoppings need a direction: give one for each of the {sample.n_bonds} bonds,"
            " or a cell with hoppings"
        )
    if given.ndim != 1 or len(given) > n_shells:
        raise InputError(
            f"hopping has {given.size} shells, the sample has bonds for {n_shells};"
            f" build it with shells={given.size}"
        )
    by_shell = np.concatenate([[0.0], given.real, np.zeros(n_shells - len(given))])[sample.bonds.shell]
    within = sample.bonds.shell == 0
    return by_shell if own is None or not within.any() else np.where(within, own[sample.bonds.kind], by_shell)
