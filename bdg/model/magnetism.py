"""Magnetism that arises by itself: whether the mean fields may distinguish spins that H does not.

Without a field a Hamiltonian is the same for every direction of spin, and so are its fields if they start so:
both spins are then kept as one, in the quickest Nambu space. An interaction that repels on a site, or
exchange between sites, can break this symmetry through the Hartree and Fock fields. Then the spins are kept
apart:

- ``collinear``: V_i↑ and V_i↓ are two fields, the magnetisation lies along z, 2 dofs an orbital. A stripe or
  an antiferromagnet needs no more, z being any direction that spins agree on.
- ``noncollinear``: the exchange field joins them, the magnetisation turns freely, 4 dofs an orbital. For
  spirals, 120° order, and orders at right angles to a field.
- ``off``: the spins stay alike: the paramagnetic solution.

Where H tells the spins apart by itself (a Zeeman field, a magnetic impurity, spin–orbit coupling, triplets)
they are kept apart anyway, along z where it conserves σ_z and else in all directions.
"""

from __future__ import annotations

from dataclasses import replace
from typing import cast, get_args

from bdg.errors import InputError
from bdg.model.interactions import acting, favoured
from bdg.model.model import Magnetism, Model
from bdg.words import quoted

CHOICES = ("auto", *get_args(Magnetism))


def with_magnetism(model: Model, asked: str) -> Model:
    """The model with the magnetism that is asked for, ``"auto"`` or one of :data:`Magnetism`.

    ``auto`` lets magnetism arise where an interaction can make it: a repulsion U < 0 on any site, or J ≠ 0 on
    any bond, with the Hartree field on; along z where H conserves σ_z.

    Raises
    ------
    InputError
        If there is no magnetism of that name, the spins cannot be alike or collinear, or no field is
        magnetic.
    """
    if asked not in CHOICES:
        raise InputError(f"unknown magnetism {quoted(asked)}; use {', '.join(CHOICES)}")
    plain = replace(model, magnetism="off")
    if asked == "auto":
        along_z = plain.dofs == 2 or plain.least_dofs == 4
        arises: Magnetism = "collinear" if along_z else "noncollinear"
        return replace(model, magnetism=arises if "magnetism" in favoured(model) else "off")
    if asked == "off" and not plain.is_spin_symmetric:
        raise InputError(
            "magnetism off is impossible: a Zeeman field, spin-orbit coupling or triplets tell the spins"
            " apart; use auto"
        )
    if asked == "collinear" and plain.dofs == 4 and plain.least_dofs == 2:
        raise InputError(
            "magnetism collinear is impossible: the Hamiltonian does not conserve spin along z; use auto"
        )
    if asked != "off" and all(kind.row.is_of_pairs for kind in acting(model)):
        raise InputError(
            f"magnetism {asked} is a field of the density, and none is on; add hartree to the fields"
        )
    return replace(model, magnetism=cast(Magnetism, asked))
