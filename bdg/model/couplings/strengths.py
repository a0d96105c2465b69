"""Interactions on sites and bonds, and which of their mean fields are on, from what a user gives."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from bdg.arrays import Numbers
from bdg.errors import InputError
from bdg.gauge import phase_factor
from bdg.lattice import Sample, SiteValue, real_values, site_values, values_at
from bdg.lattice.hoppings import BondName, kinds_of
from bdg.model.couplings.bonds import BondAttraction
from bdg.model.couplings.onsite import OnsiteAttraction
from bdg.model.couplings.orbitals import OrbitalInteraction
from bdg.model.pairs import CHANNELS, EVEN, NO_WEIGHT, SYMMETRIES, form_factor, no_weight
from bdg.model.terms.spin_orbit import bond_values

BondValue = SiteValue | Sequence[SiteValue] | Mapping[BondName, float]
"""V or J: of nearest neighbours, by shell, over all bonds, or by bond ``(from, to, offset)`` of a cell."""


NAMES = ("pairing", "hartree", "fock")
"""Mean fields by the names that a user gives them."""

FIELDS = ("pairing",)
"""Those that are on where none are named and no Δ is given."""


@dataclass(frozen=True)
class FieldNames:
    """Which mean fields of the interactions on sites and on bonds are on, by :data:`NAMES`."""

    on_sites: tuple[str, ...]
    on_bonds: tuple[str, ...]


def field_names(
    fields: Sequence[str] | None, bond_fields: Sequence[str] | None, given_delta: object
) -> FieldNames:
    """The names that are given; without any, pairing where no Δ is given.

    Raises
    ------
    InputError
        If there is no field of a name, or pairing stands beside a given Δ.
    """
    if fields is None:
        fields = FIELDS if given_delta is None else ()
    on_sites, on_bonds = (
        (names,) if isinstance(names, str) else tuple(names)
        for names in (fields, fields if bond_fields is None else bond_fields)
    )
    unknown = sorted({*on_sites, *on_bonds} - {*NAMES})
    if unknown:
        raise InputError(f"unknown mean field {unknown[0]!r}; use {', '.join(NAMES)}")
    if given_delta is not None and "pairing" in on_sites:
        raise InputError("a given order parameter and self-consistent pairing exclude each other; drop one")
    return FieldNames(on_sites, on_bonds)


def onsite_attraction(
    sample: Sample, attraction: SiteValue, fields: Sequence[str], is_replaced: bool
) -> OnsiteAttraction:
    """The interaction on sites; ``is_replaced``: a given Δ takes its place, and no field is named.

    Raises
    ------
    InputError
        If values do not fit the sites, or U ≠ 0 stands beside what takes its place.
    """
    strength = site_values(sample, attraction, "attraction")
    if is_replaced and strength.any():
        raise InputError(
            "a given order parameter and an attraction exclude each other; drop one, or name the fields that"
            " the attraction makes, fields='hartree' for example"
        )
    return OnsiteAttraction(strength, "pairing" in fields, "hartree" in fields)


@dataclass(frozen=True)
class BondStrengths:
    """V, J and J′ of every bond, in t, each of shape ``(n_bonds,)``."""

    attraction: NDArray[np.float64]
    exchange: NDArray[np.float64]
    pair_hopping: NDArray[np.float64]

    @property
    def acts(self) -> NDArray[np.bool_]:
        """Bonds where one of them is not zero."""
        acts: NDArray[np.bool_] = (self.attraction != 0) | (self.exchange != 0) | (self.pair_hopping != 0)
        return acts


def bond_strengths(
    sample: Sample, attraction: BondValue, exchange: BondValue, orbitals: OrbitalInteraction | None
) -> BondStrengths:
    """V, J and J′ of bonds, what orbitals that share a place have among them.

    Raises
    ------
    InputError
        If values do not fit the bonds, or one attracts a site to itself.
    """
    strength = _by_shell(sample, attraction, "bond_attraction")
    spin_exchange = _by_shell(sample, exchange, "bond_exchange")
    found = BondStrengths(strength, spin_exchange, np.zeros(sample.n_bonds))
    if orbitals is not None:
        more, aligning, pair_hopping = orbitals.on_bonds(sample)
        found = BondStrengths(strength + more, spin_exchange + aligning, pair_hopping)
    reach = np.array([ends.is_infinite for ends in sample.boundary])
    bonds = sample.bonds
    returns = (bonds.source == bonds.target) & ~(bonds.crossing * reach).any(axis=1)
    if np.any(returns & found.acts):
        raise InputError("a bond of a site to itself cannot attract; make the periodic direction longer")
    return found


def bond_interaction(
    sample: Sample,
    strengths: BondStrengths,
    channels: str | Sequence[str],
    fields: Sequence[str],
    is_given: bool,
    phase: NDArray[np.float64],
) -> BondAttraction | None:
    """The interaction on bonds, whose Peierls phases are ``phase``; ``None`` where it is zero.

    Parameters
    ----------
    sample, strengths
        Where it acts, and how strongly.
    channels, fields
        Of its pairs, and which of its mean fields are on; where pairs are given, none are self-consistent.
    """
    names = (channels,) if isinstance(channels, str) else tuple(channels)
    wanted, acts = _channels(names), strengths.acts
    if not acts.any():
        if "fock" in fields:
            raise InputError("the field fock is of an attraction on bonds; give bond_attraction, or drop it")
        return None
    pairing, start = "pairing" in fields and not is_given, _start(sample, names)
    if pairing and np.abs(start[acts]).max() < NO_WEIGHT:
        raise InputError(no_weight(sample, names))
    hops = strengths.pair_hopping
    return BondAttraction(
        strengths.attraction,
        wanted if pairing else (),
        start,
        "hartree" in fields,
        "fock" in fields,
        strengths.exchange if strengths.exchange.any() else None,
        hops * phase_factor(2 * phase * (hops != 0)) if hops.any() else None,
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
