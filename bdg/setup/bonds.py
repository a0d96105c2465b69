"""Interactions on bonds: which bonds they need, and their strengths there."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from bdg.config.schema.config import Config
from bdg.config.source import ConfigSource
from bdg.lattice import Sample, UnitCell
from bdg.lattice.hoppings import BondName
from bdg.model.couplings.words import BondInteraction, strengths_on_bonds
from bdg.model.terms.shells import WITHIN, bonds_of_shell, shell_number
from bdg.setup.placing import placed
from bdg.setup.values import real_values_of
from bdg.wannier90 import read_interaction


def shells_needed(config: Config) -> int:
    """Neighbour shells that need bonds."""
    terms, interaction = config.hamiltonian, config.interaction
    wanted = [len(terms.shells or (1.0,)), 1 if terms.intrinsic_soc == 0 else 2]
    wanted += [shell_number(entry.shell) for entry in interaction.bonds if entry.shell is not None]
    if terms.spin_hopping is not None:
        wanted.append(shell_number(terms.spin_hopping.shell))
    if interaction.given is not None and interaction.given.on_bonds:
        wanted.append(shell_number(interaction.given.shell))
    return max(wanted)


def bonds_needed(config: Config, source: ConfigSource, cell: UnitCell) -> list[BondName]:
    """Bonds that an interaction names, whether there is a hopping or not.

    Raises
    ------
    ConfigError
        If a file of an interaction cannot be used.
    """
    interaction, needed = config.interaction, list[BondName]()
    given = interaction.given is not None and interaction.given.on_bonds and interaction.given.shell == WITHIN
    if given or interaction.orbitals is not None or any(entry.shell == WITHIN for entry in interaction.bonds):
        needed += cell.pairs_within()
    for index, entry in enumerate(interaction.bonds):
        if entry.bond is not None:
            needed.append(entry.bond)
        elif entry.file is not None:
            with placed(source, f"interaction.bonds[{index}].file"):
                needed += read_interaction(entry.file, cell)
    return needed


def strengths_of(
    config: Config, source: ConfigSource, sample: Sample
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """V and J of every bond: sums over all entries, each of shape ``(n_bonds,)``."""
    found = []
    for index, entry in enumerate(config.interaction.bonds):
        key = f"interaction.bonds[{index}]"
        if entry.shell is not None:
            require_shell(entry.shell, f"{key}.shell", source, sample)
        value, exchange = (
            0.0 if given is None else real_values_of(given, f"{key}.{name}", source, sample)
            for name, given in (("value", entry.value), ("exchange", entry.exchange))
        )
        found.append(BondInteraction(value, exchange, entry.shell, entry.bond, entry.file, entry.factor))
    return strengths_on_bonds(sample, found)


def require_shell(shell: int | str, key: str, source: ConfigSource, sample: Sample) -> None:
    """Refuse a shell that the sample's cell has no bond of.

    Raises
    ------
    ConfigError
        If it has none.
    """
    with placed(source, key):
        bonds_of_shell(sample, shell)
