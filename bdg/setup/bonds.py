"""Interactions on bonds: which bonds they need, and their strengths there."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from bdg.config.schema.bonds import WITHIN, shell_number
from bdg.config.schema.config import Config
from bdg.config.source import ConfigSource
from bdg.lattice import Sample, UnitCell
from bdg.lattice.hoppings import BondName, kinds_of
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


def strengths_on_bonds(
    which: str, config: Config, source: ConfigSource, sample: Sample
) -> NDArray[np.float64]:
    """V (``value``) or J (``exchange``) of every bond: the sum of all entries, shape ``(n_bonds,)``."""
    total = np.zeros(sample.n_bonds)
    bonds = sample.bonds
    for index, entry in enumerate(config.interaction.bonds):
        key = f"interaction.bonds[{index}]"
        if entry.file is not None:
            if which == "value":
                table = read_interaction(entry.file, sample.cell)
                by_kind = np.zeros(len(bonds.kinds))
                by_kind[kinds_of(bonds.kinds, list(table))] = list(table.values())
                total += entry.factor * by_kind[bonds.kind]
            continue
        value = getattr(entry, which)
        if entry.shell is not None:
            require_shell(entry.shell, f"{key}.shell", source, sample)
        if value is None:
            continue
        on_sites = real_values_of(value, f"{key}.{which}", source, sample)
        acts = (
            bonds.kind == kinds_of(bonds.kinds, [entry.bond])[0] if entry.bond else _of(entry.shell, sample)
        )
        total += np.where(acts, 0.5 * (on_sites[bonds.source] + on_sites[bonds.target]), 0.0)
    return total


def _of(shell: int | str | None, sample: Sample) -> NDArray[np.bool_]:
    assert shell is not None
    acts: NDArray[np.bool_] = sample.bonds.shell == shell_number(shell)
    return acts


def require_shell(shell: int | str, key: str, source: ConfigSource, sample: Sample) -> None:
    """Refuse a shell that the sample's cell has no bond of.

    Raises
    ------
    ConfigError
        If it has none.
    """
    kinds = sample.bonds.kinds
    if shell == WITHIN and not (kinds.shell == 0).any():
        text = "no two orbitals of the cell share a place"
        raise source.error(
            key, text, "interactions between places are interaction.bonds: [{shell: 1, value: 1}]"
        )
    if shell_number(shell) > kinds.n_shells:
        raise source.error(key, f"the cell's hoppings have bonds of {kinds.n_shells} lengths, not {shell}")
