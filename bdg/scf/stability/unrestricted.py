"""A collinear magnet among all directions of its spins: the model and the fields in the space of four dofs.

Where σ_z is conserved two dofs an orbital hold every field there is, but not the ones there might be: spins
that turn out of their axis need an exchange field between them.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from bdg.model import TABLE, Fields, Model
from bdg.model.fields import zeros_like
from bdg.model.interactions import is_free

ALIKE = 1e-8
"""Difference of the fields of both spins, in t, with which they are alike."""


def unrestricted(model: Model, fields: Fields) -> tuple[Model, Fields]:
    """The model and a state of it with every direction of spin open; themselves where all is open, or alike.

    Spins that H and the fields leave alike turn nowhere: along x they are what they are along z.
    """
    is_split = model.zeeman.any() or model.spin_orbit is not None
    is_split |= bool(np.abs(fields.hartree[0] - fields.hartree[1]).max(initial=0.0) > ALIKE)
    opened = replace(model, least_dofs=4)
    if model.dofs == 4 or model.is_spin_symmetric or not is_split or not is_free(TABLE["exchange"], opened):
        return model, fields
    return opened, replace(fields, exchange=np.zeros(model.sample.n_sites))


def spin_rotations(model: Model, fields: Fields) -> tuple[Fields, ...]:
    """What turning all spins of a collinear state about y and x begins with, where H does not mind.

    A field b_z σ_z turns into b_z σ_x and b_z σ_y, on sites with b_z = (V_↑ − V_↓)/2 and x = b_x − i b_y.
    """
    is_free = replace(model, magnetism="off", least_dofs=2).is_spin_symmetric
    if not is_free or fields.exchange is None or fields.exchange.any():
        return ()
    still = zeros_like(fields)
    along_z = (fields.hartree[0] - fields.hartree[1]) / 2
    turned = []
    for factor, turn in ((1.0, np.array([[0, 1], [1, 0]])), (-1j, np.array([[0, -1j], [1j, 0]]))):
        fock = None
        if fields.fock is not None:
            hops = (fields.fock[:, 0, 0] - fields.fock[:, 1, 1]) / 2
            fock = hops[:, None, None] * turn
        turned.append(replace(still, exchange=factor * along_z, fock=fock))
    return tuple(turned)
