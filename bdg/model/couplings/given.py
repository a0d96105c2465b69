"""Attractions and given pairs on bonds, from what a user gives."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import ArrayLike, NDArray

from bdg.arrays import Numbers
from bdg.errors import InputError
from bdg.gauge import turn
from bdg.lattice import Sample, SiteValue, real_values, values_at
from bdg.lattice.hoppings import BondName, kinds_of
from bdg.model.couplings.bonds import BondAttraction
from bdg.model.couplings.orbitals import OrbitalInteraction
from bdg.model.pairs import CHANNELS, EVEN, NO_WEIGHT, SYMMETRIES, fixed_pairs, form_factor, no_weight
from bdg.model.terms.spin_orbit import bond_values

BondValue = SiteValue | Sequence[SiteValue] | Mapping[BondName, float]
"""V or J: of nearest neighbours, by shell, over all bonds, or by bond ``(from, to, offset)`` of a cell."""


def bond_interaction(
    sample: Sample,
    attraction: BondValue,
    exchange: BondValue,
    channels: str | Sequence[str],
    fields: Sequence[str],
    is_given: bool,
    orbitals: OrbitalInteraction | None,
    phase: NDArray[np.float64],
) -> BondAttraction | None:
    """The interaction on bonds, whose Peierls phases are ``phase``; ``None`` where it is zero."""
    names = (channels,) if isinstance(channels, str) else tuple(channels)
    wanted = _channels(names)
    strength = _by_shell(sample, attraction, "bond_attraction")
    spin_exchange = _by_shell(sample, exchange, "bond_exchange")
    pair_hopping = np.zeros(sample.n_bonds)
    if orbitals is not None:
        more, aligning, pair_hopping = orbitals.on_bonds(sample)
        strength, spin_exchange = strength + more, spin_exchange + aligning
    acts = (strength != 0) | (spin_exchange != 0) | (pair_hopping != 0)
    if not acts.any():
        if "fock" in fields:
            raise InputError("the field fock is of an attraction on bonds; give bond_attraction, or drop it")
        return None
    reach = np.array([ends.is_infinite for ends in sample.boundary])
    bonds = sample.bonds
    itself = (bonds.source == bonds.target) & ~(bonds.crossing * reach).any(axis=1) & acts
    if itself.any():
        raise InputError("a bond of a site to itself cannot attract; make the periodic direction longer")
    pairing, start = "pairing" in fields and not is_given, _start(sample, names)
    if pairing and np.abs(start[acts]).max() < NO_WEIGHT:
        raise InputError(no_weight(sample, names))
    return BondAttraction(
        strength,
        wanted if pairing else (),
        start,
        "hartree" in fields,
        "fock" in fields,
        spin_exchange if spin_exchange.any() else None,
        pair_hopping * turn(2 * phase * (pair_hopping != 0)) if pair_hopping.any() else None,
        bool(set(names) & set(SYMMETRIES)),
    )


def _channels(names: tuple[str, ...]) -> tuple[str, ...]:
    """Spin channels of names of channels or symmetries, each once."""
    for name in names:
        if name not in (*CHANNELS, *SYMMETRIES):
            raise InputError(f"unknown channel {name!r}; use {', '.join((*CHANNELS, *SYMMETRIES))}")
    wanted = dict.fromkeys(map(_channel, names))
    if "triplet" in wanted:
        wanted.pop("triplet_z", None)
    return tuple(wanted)


def _channel(name: str) -> str:
    return name if name in CHANNELS else "singlet" if name in EVEN else "triplet_z"


def _start(sample: Sample, names: tuple[str, ...]) -> Numbers:
    """Pairs of size 1 that a loop may start from, shape ``(n_bonds, 2, 2)``."""
    start: Numbers = np.zeros((sample.n_bonds, 2, 2))
    for name in names:
        channel = _channel(name)
        # A channel by itself says nothing of the symmetry: its start has something of several.
        mixed = {"d_x2_y2": 0.6, "s_extended": 0.4} if channel == "singlet" else {"p_x": 0.6, "p_y": 0.4}
        spin = sum(np.array(matrix) for matrix in CHANNELS[channel])
        for symmetry, share in mixed.items() if name in CHANNELS else ((name, 1.0),):
            start = start + share * form_factor(symmetry, sample.bonds.displacement)[:, None, None] * spin
        # Orbitals at one place have no direction: there a triplet is odd in the orbitals instead.
        here = sample.bonds.shell == 0
        start[here] = np.where(start[here] == 0, spin, start[here])
    return start


def _by_shell(sample: Sample, given: BondValue, name: str) -> NDArray[np.float64]:
    """A number for every bond, from values by shell, by bond of the cell, or over bonds."""
    if isinstance(given, Mapping):
        by_kind = np.zeros(len(sample.bonds.kinds))
        values = np.array(list(given.values()))
        by_kind[kinds_of(sample.bonds.kinds, list(given))] = real_values(
            values_at(np.zeros((len(values), 1)), values, name), name
        )
        return by_kind[sample.bonds.kind]
    by_shell = given if isinstance(given, list | tuple) else [given]
    array = np.asarray(given) if isinstance(given, np.ndarray) else None
    if array is not None and array.shape == (sample.n_bonds,):
        return real_values(values_at(sample.bonds.displacement, array, name), name)
    n_shells = sample.bonds.kinds.n_shells
    if not n_shells and isinstance(given, int | float) and given == 0:
        return np.zeros(sample.n_bonds)
    if len(by_shell) > n_shells:
        raise InputError(
            f"{name} has {len(by_shell)} shells, the sample has bonds for {n_shells};"
            f" build it with shells={len(by_shell)}"
        )
    strength = np.zeros(sample.n_bonds)
    for shell, value in enumerate(by_shell, 1):
        own = sample.bonds.shell == shell
        strength[own] = bond_values(sample, value, name)[own]
    return strength


def given_on_bonds(
    sample: Sample,
    given: Mapping[str, SiteValue] | ArrayLike,
    factor: Numbers,
    phase: NDArray[np.float64],
) -> tuple[Numbers, tuple[str, ...]]:
    """Fixed pairs on bonds, and warnings; values by symmetry have the phases θ of the sites.

    An array stands as it is.
    """
    if isinstance(given, Mapping):
        return fixed_pairs(sample, given, sample.bonds.shell == 1, factor=factor, phase=phase)
    pairs = np.asarray(given)
    if pairs.shape != (sample.n_bonds, 2, 2) or pairs.dtype.kind not in "biufc":
        raise InputError(
            f"given_bonds has shape {pairs.shape}; give numbers of shape ({sample.n_bonds}, 2, 2),"
            " or values by symmetry"
        )
    if not np.isfinite(pairs).all():
        raise InputError("given_bonds is not finite (NaN or infinity)")
    return pairs.astype(np.complex128) if np.iscomplexobj(pairs) else pairs.astype(np.float64), ()
