"""Interactions in the words of a configuration: its section ``interaction``, word by word, from Python."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bdg.errors import InputError
from bdg.keywords import did_you_mean
from bdg.lattice import Sample, SiteValue
from bdg.lattice.hoppings import BondName, kinds_of
from bdg.model.couplings.given import Given
from bdg.model.couplings.orbitals import OrbitalInteraction
from bdg.model.couplings.strengths import FIELDS
from bdg.model.terms.shells import bonds_of_shell
from bdg.model.terms.spin_orbit import bond_values
from bdg.wannier90 import read_interaction

WORDS = ("onsite", "bonds", "orbitals", "channels", "fields", "bond_fields", "magnetism", "given")

Spelled = dict[str, Any]
"""Keywords of :func:`bdg.build_model`."""


@dataclass(frozen=True)
class BondInteraction:
    """−V n_i n_j + J S_i·S_j on the bonds of a shell, on one bond of each cell, or on those of a file.

    Parameters
    ----------
    value
        V in t, attracting where positive: a value over sites, of which a bond takes the mean of its ends; or
        an array over bonds.
    exchange
        J in t, positive for antiparallel spins, likewise.
    shell
        Shell of neighbours, from 1, or ``"within"``: between orbitals that share a place. By default 1 where
        nothing else is named.
    bond
        One bond of each cell in place of a shell, (from, to, offset).
    file
        A table of V in place of all others, see :func:`bdg.read_interaction`.
    factor
        What V of the file is multiplied by.
    """

    value: SiteValue = 0.0
    exchange: SiteValue = 0.0
    shell: int | str | None = None
    bond: BondName | None = None
    file: str | None = None
    factor: float = 1.0

    @classmethod
    def of(cls, words: Mapping[str, Any]) -> BondInteraction:
        """Read it from the words of a configuration, ``{"shell": 2, "value": 1.0}``.

        Raises
        ------
        InputError
            If there is no such word, or they exclude each other.
        """
        ends = ("from", "to", "offset")
        known = ("shell", "value", "exchange", "file", "factor", *ends)
        _require_known(words, known, "an entry of bonds")
        named = [word for word in ends if word in words]
        if named and len(named) < 3:
            raise InputError(f"a single bond needs {', '.join(ends)}; {', '.join(named)} is given alone")
        places = [name for name in ("shell", "file") if name in words] + (["from"] if named else [])
        if len(places) > 1:
            raise InputError(f"an entry of bonds has both {places[0]} and {places[1]}; keep one of the two")
        if "file" in words and ("value" in words or "exchange" in words):
            raise InputError("a file has the bonds and their V; write other bonds as entries of their own")
        bond = tuple(words[word] for word in ends) if named else None
        return cls(bond=bond, **{word: value for word, value in words.items() if word not in ends})

    def on(self, sample: Sample) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """V and J of every bond in t, each of shape ``(n_bonds,)``.

        Raises
        ------
        InputError
            If the sample has no such bond, or a value or file cannot be used.
        """
        bonds = sample.bonds
        if self.file is not None:
            table, by_kind = read_interaction(self.file, sample.cell), np.zeros(len(bonds.kinds))
            by_kind[kinds_of(bonds.kinds, list(table))] = list(table.values())
            return self.factor * by_kind[bonds.kind], np.zeros(sample.n_bonds)
        if self.bond is not None:
            acts = bonds.kind == kinds_of(bonds.kinds, [self.bond])[0]
        else:
            acts = bonds_of_shell(sample, 1 if self.shell is None else self.shell)
        value, exchange = (
            bond_values(sample, self.value, "value"),
            bond_values(sample, self.exchange, "exchange"),
        )
        return np.where(acts, value, 0.0), np.where(acts, exchange, 0.0)


def strengths_on_bonds(
    sample: Sample, entries: Sequence[BondInteraction]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """V and J of every bond: sums over all entries, each of shape ``(n_bonds,)``."""
    total, exchange = np.zeros(sample.n_bonds), np.zeros(sample.n_bonds)
    for entry in entries:
        more, aligning = entry.on(sample)
        total, exchange = total + more, exchange + aligning
    return total, exchange


def keywords_of(sample: Sample, interaction: Mapping[str, Any]) -> Spelled:
    """The keywords of :func:`bdg.build_model` that say the same as a section ``interaction``.

    Raises
    ------
    InputError
        If there is no such word, or a given Δ and an attraction that pairs exclude each other.
    """
    _require_known(interaction, WORDS, "interaction")
    same = ("channels", "fields", "bond_fields", "magnetism")
    found: Spelled = {word: interaction[word] for word in same if word in interaction}
    if "onsite" in interaction:
        found["attraction"] = interaction["onsite"]
    if "bonds" in interaction:
        entries = [BondInteraction.of(words) for words in interaction["bonds"]]
        found["bond_attraction"], found["bond_exchange"] = strengths_on_bonds(sample, entries)
    if "orbitals" in interaction:
        bonds_of_shell(sample, "within")
        found["orbital_interaction"] = _orbitals(interaction["orbitals"])
    if "given" in interaction:
        found |= {"given": Given.of(interaction["given"]), "fields": _fields_beside(interaction)}
    return found


def _orbitals(words: Mapping[str, Any]) -> OrbitalInteraction:
    names = {"value": "attraction", "hund": "hund", "pair_hopping": "pair_hopping"}
    _require_known(words, tuple(names), "orbitals")
    return OrbitalInteraction(**{names[word]: value for word, value in words.items()})


def _fields_beside(interaction: Mapping[str, Any]) -> tuple[str, ...]:
    """The fields beside a given Δ, of which no interaction may make its own."""
    attracts = any(word in interaction for word in ("onsite", "bonds", "orbitals"))
    named = tuple(interaction.get("fields", FIELDS)) + tuple(interaction.get("bond_fields", ()))
    if attracts and "pairing" in named:
        raise InputError(
            "a given Δ and an attraction that makes its own exclude each other; remove one, or leave pairing"
            " out of fields"
        )
    return tuple(name for name in interaction.get("fields", ()) if name != "pairing")


def _require_known(words: Mapping[str, Any], known: Sequence[str], where: str) -> None:
    for word in words:
        if word not in known:
            raise InputError(
                f"{where} has no {word!r}{did_you_mean(word, known) or '; use ' + ', '.join(known)}"
            )
