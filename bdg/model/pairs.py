r"""Pairs on bonds: their spin matrices and their form factors.

Δ_{iσ,jσ'} of a bond i → j is Σ_c g_c S_c with one coefficient for each spin component c,

    singlet  iσ_y = [[0, 1], [−1, 0]],
    triplet  (d·σ) iσ_y = d_z [[0, 1], [1, 0]] + d_x [[−1, 0], [0, 1]] + d_y i·1,

d_y being counted in units of i, so that all S_c are real. The singlet's g is even in the direction D of the
bond, a triplet's is odd.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from bdg.arrays import Numbers
from bdg.errors import InputError
from bdg.gauge import factor_between, opposite_ends, pair_factor, peierls_phase
from bdg.lattice import Sample, SiteValue, values_at
from bdg.lattice.shells import bond_kinds
from bdg.words import counted

SINGLET = np.array([[0.0, 1.0], [-1.0, 0.0]])
TRIPLET_Z = np.array([[0.0, 1.0], [1.0, 0.0]])
TRIPLET_X = np.array([[-1.0, 0.0], [0.0, 1.0]])
TRIPLET_Y = np.eye(2)

CHANNELS = {
    "singlet": (SINGLET,),
    "triplet_z": (TRIPLET_Z,),
    "triplet": (TRIPLET_Z, TRIPLET_X, TRIPLET_Y),
}
"""Spin components of each channel: the singlet, the triplet with d along z (S_z = 0), the whole triplet."""

EVEN = ("s_extended", "d_x2_y2", "d_xy", "d_id")
ODD = ("p_x", "p_y", "p_z", "chiral_p")
SYMMETRIES = (*EVEN, *ODD)
"""Form factors by name; the even ones are of singlets, the odd ones of triplets."""

NO_WEIGHT = 1e-12
"""A form factor that vanishes on a bond except for rounding."""

SEARCHED = 6
"""Shells that are searched for weight of a form factor."""


def form_factor(symmetry: str, displacement: NDArray[np.float64]) -> Numbers:
    """The form factor of bonds by their direction, at most 1, shape ``(n_bonds,)``.

    s_extended 1; d_x2_y2 D_x² − D_y²; d_xy 2 D_x D_y; d_id both, (D_x + iD_y)²; p_x, p_y, p_z the components
    of D; chiral_p D_x + iD_y. D is the unit vector along the bond.

    Raises
    ------
    InputError
        If there is none of that name.
    """
    if symmetry not in SYMMETRIES:
        raise InputError(f"unknown symmetry {symmetry!r}; use {', '.join(SYMMETRIES)}")
    length = np.linalg.norm(displacement, axis=1)
    unit = np.zeros((len(displacement), 3))
    unit[:, : displacement.shape[1]] = displacement / np.where(length > 0, length, 1.0)[:, None]
    x, y, z = unit.T
    values: dict[str, Numbers] = {
        "s_extended": np.ones(len(x)),
        "d_x2_y2": x**2 - y**2,
        "d_xy": 2 * x * y,
        "d_id": (x + 1j * y) ** 2,
        "p_x": x,
        "p_y": y,
        "p_z": z,
        "chiral_p": x + 1j * y,
    }
    return values[symmetry]


def no_weight(sample: Sample, symmetries: Sequence[str]) -> str:
    """What to say of form factors that vanish on bonds, with the shells where one of them does not."""
    kinds = sample.bonds.kinds
    if kinds.amplitude is None:
        kinds = bond_kinds(sample.cell, SEARCHED)
    size = np.sum([np.abs(form_factor(name, kinds.displacement)) for name in symmetries], axis=0)
    shells = sorted({int(shell) for shell in kinds.shell[size > 1e3 * NO_WEIGHT] if shell > 0})[:3]
    here = f"the form factor of {' and '.join(symmetries)} vanishes on every bond that has pairs"
    if not shells:
        return f"{here}, and on those of all other shells; choose another symmetry"
    return f"{here}; it does not on those of shell {' or '.join(map(str, shells))}: give these the attraction"


def given_pairs(
    sample: Sample,
    given: Mapping[str, SiteValue],
    bonds: NDArray[np.bool_],
    d_vector: Sequence[float] = (0.0, 0.0, 1.0),
    *,
    factor: Numbers | None = None,
    phase: NDArray[np.float64] | None = None,
) -> Numbers:
    """Δ_{source σ, target σ'} = Σ value · form factor · spin matrix · e^{iθ}, shape ``(n_bonds, 2, 2)``.

    θ lies midway between those of Δ at the ends, each carried along the bond by its Peierls phase; see
    :func:`bdg.gauge.factor_between`.

    Parameters
    ----------
    sample
        The bonds.
    given
        A value over sites for each symmetry by name, of which a bond takes the mean of its ends.
    bonds
        Which bonds have pairs.
    d_vector
        Direction of the d vector of odd symmetries; its length does not matter.
    factor
        e^{iθ} of Δ on the sites, shape ``(n_sites,)``, of which the values are the amplitudes; by default
        that of the twists, see :func:`bdg.gauge.pair_factor`.
    phase
        Peierls phases of the bonds, shape ``(n_bonds,)``; by default those of the twists.

    Raises
    ------
    InputError
        If a symmetry has no such name, the d vector no length, or the form factors vanish on all bonds.
    """
    direction = np.asarray(d_vector, dtype=np.float64)
    if direction.shape != (3,) or not (np.isfinite(direction).all() and np.linalg.norm(direction) > 0):
        raise InputError(f"d_vector {list(d_vector)} has no direction; give [0, 0, 1], for example")
    x, y, z = direction / np.linalg.norm(direction)
    triplet = z * TRIPLET_Z + x * TRIPLET_X + (1j * y if y else 0.0) * TRIPLET_Y
    ends, displacement = sample.bonds, sample.bonds.displacement
    total: Numbers = np.zeros((sample.n_bonds, 2, 2))
    has_size = False
    for symmetry, value in given.items():
        values = values_at(sample.positions, value, f"given {symmetry}")
        middle = 0.5 * (values[ends.source] + values[ends.target])
        has_size |= bool(middle[bonds].any())
        size = middle * form_factor(symmetry, displacement) * bonds
        total = total + size[:, None, None] * (SINGLET if symmetry in EVEN else triplet)
    if has_size and np.abs(total).max(initial=0.0) < NO_WEIGHT:
        raise InputError(no_weight(sample, tuple(given)))
    factor = pair_factor(sample, None) if factor is None else factor
    phase = peierls_phase(sample, np.zeros(sample.n_bonds)) if phase is None else phase
    carried: Numbers = factor_between(sample, factor, phase)[:, None, None] * total
    return carried


def fixed_pairs(
    sample: Sample,
    given: Mapping[str, SiteValue],
    bonds: NDArray[np.bool_],
    d_vector: Sequence[float] = (0.0, 0.0, 1.0),
    *,
    factor: Numbers,
    phase: NDArray[np.float64],
) -> tuple[Numbers, tuple[str, ...]]:
    """The pairs of :func:`given_pairs`, to stay as they are, and what a reader must know of them.

    Between ends of opposite phase two phases lie midway, and the pairs are the mean of both: there are none.
    Parameters as for :func:`given_pairs`.

    Raises
    ------
    InputError
        As there, or if all pairs lie between such ends.
    """
    pairs = given_pairs(sample, given, bonds, d_vector, factor=factor, phase=phase)
    size = np.abs(pairs).max(axis=(1, 2))
    present = size > NO_WEIGHT * size.max(initial=0.0)
    lost = present & opposite_ends(sample, factor, phase)
    if not lost.any():
        return pairs, ()
    if np.array_equal(lost, present):
        raise InputError(
            "all given pairs lie on bonds whose ends have opposite phases, and no phase is midway between"
            " these; change the phase, or the twist"
        )
    return np.where(lost[:, None, None], 0.0, pairs), (
        f"the ends of {counted(int(lost.sum()), 'bond')} with given pairs have opposite phases: two phases"
        " are midway, and the pairs there are the mean of both, 0; a little less or more phase decides",
    )


def components(pairs: Numbers, basis: NDArray[np.float64]) -> Numbers:
    """Coefficients g_c of matrices on bonds, shape ``(n_components, n_bonds)``; ``basis`` holds the S_c."""
    found: Numbers = 0.5 * np.einsum("cab,nab->cn", basis, pairs)
    return found


def matrices(coefficients: Numbers, basis: NDArray[np.float64]) -> Numbers:
    """Σ_c g_c S_c, shape ``(n_bonds, 2, 2)``: the inverse of :func:`components`."""
    found: Numbers = np.einsum("cn,cab->nab", coefficients, basis)
    return found
