"""A collinear magnet among all directions of its spins: the model and the fields in the space of four dofs.

Where σ_z is conserved two dofs an orbital hold every field there is, but not the ones there might be: spins
that turn out of their axis need an exchange field between them.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from bdg.arrays import Numbers
from bdg.model import Fields, Model
from bdg.model.fields import zeros_like
from bdg.model.interactions import free_rows
from bdg.model.model import Magnetism

SIGMA_X, SIGMA_Y = np.array([[0, 1], [1, 0]], complex), np.array([[0, -1j], [1j, 0]])

ALIKE = 1e-8
"""Difference of the fields of both spins, in t, with which they are alike."""


def unrestricted(model: Model, fields: Fields) -> tuple[Model, Fields]:
    """The model and a state of it with every direction of spin open; themselves where all is open, or alike.

    Spins that H and the fields leave alike turn nowhere: along x they are what they are along z.
    """
    more, opened = with_all_spins(model, fields)
    is_split = model.zeeman.any() or model.spin_orbit is not None
    is_open = model.dofs == 4 or len([*opened.present()]) == len([*fields.present()])
    if is_open or model.is_spin_symmetric or not (is_split or splits_spins(fields)):
        return model, fields
    return more, opened


def with_all_spins(model: Model, fields: Fields) -> tuple[Model, Fields]:
    """The model and the fields in four dofs an orbital, which hold spins of any direction, alike or not."""
    magnetism: Magnetism = "noncollinear" if model.is_spin_symmetric else model.magnetism
    more = replace(model, least_dofs=4, magnetism=magnetism)
    added = {
        row.name: np.zeros(row.shape(model.sample)) for row in free_rows(more) if fields[row.name] is None
    }
    return more, fields.having(added)


def spin_rotations(model: Model, fields: Fields) -> tuple[Fields, ...]:
    """What turning all spins of a collinear state about y and −x begins with, where H does not mind.

    h → U h U† begins with −(i/2) [s, h], s = σ_y or −σ_x: a field b_z σ_z with b_z σ_x or b_z σ_y.
    """
    is_collinear = all(not np.any(h[:, 0, 1]) and not np.any(h[:, 1, 0]) for h in _normal(fields).values())
    if not (replace(model, magnetism="off", least_dofs=2).is_spin_symmetric and is_collinear):
        return ()
    turned = (_turned(fields, generator) for generator in (SIGMA_Y, -SIGMA_X))
    return tuple(change for change in turned if change is not None)


def turned_over(fields: Fields) -> Fields:
    """The fields after a turn of all spins by π about y, c → iσ_y c: h → U h U†, D → U D Uᵀ, U = iσ_y."""
    turn = np.array([[0.0, 1.0], [-1.0, 0.0]])
    return fields.each(
        lambda row, values: (
            values if row.spin is None else row.spin.values(turn @ row.spin.matrices(values) @ turn.T)
        )
    )


def _turned(fields: Fields, generator: NDArray[np.complex128]) -> Fields | None:
    """The change that a rotation begins with; ``None`` if the fields that there are can't hold it."""
    changes = {place: -0.5j * (generator @ h - h @ generator) for place, h in _normal(fields).items()}
    found = zeros_like(fields).having(
        {
            row.name: row.spin.values(changes[row.on_bonds])
            for row, _ in fields.present()
            if row.spin is not None and not row.is_of_pairs
        }
    )
    held = _normal(found)
    return found if all(np.allclose(held[place], change) for place, change in changes.items()) else None


def _normal(fields: Fields) -> dict[bool, Numbers]:
    """What the fields add to h, of sites (false) and of bonds (true)."""
    both = {on_bonds: fields.matrices(on_bonds=on_bonds, pairs=False) for on_bonds in (False, True)}
    return {on_bonds: h for on_bonds, h in both.items() if h is not None}


def splits_spins(fields: Fields) -> bool:
    """Whether the fields are not the same for both spins."""
    return any(np.abs(h[:, 0, 0] - h[:, 1, 1]).max(initial=0.0) > ALIKE for h in _normal(fields).values())
