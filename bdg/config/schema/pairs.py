"""Pairs on bonds by their symmetries, as a given Δ and as one to start from."""

from __future__ import annotations

from typing import Any

from pydantic import Field

from bdg.config.schema.values import SiteEnergy
from bdg.parameters.base import Section

SYMMETRIES = ("s_extended", "d_x2_y2", "d_xy", "d_id", "p_x", "p_y", "p_z", "chiral_p")
"""Form factors of pairs on bonds; see :mod:`bdg.model.pairs`."""


def _amplitude(form: str) -> Any:
    return Field(None, description=f"Δ of bonds with the form factor {form}, given as that of sites is.")


class PairsBySymmetry(Section):
    """Amplitudes of pairs on bonds, each with a form factor along D, the direction of the bond."""

    s_extended: SiteEnergy | None = _amplitude("1 (singlet)")
    d_x2_y2: SiteEnergy | None = _amplitude("D_x² − D_y² (singlet)")
    d_xy: SiteEnergy | None = _amplitude("2 D_x D_y (singlet)")
    d_id: SiteEnergy | None = _amplitude("(D_x + iD_y)² (singlet)")
    p_x: SiteEnergy | None = _amplitude("D_x (triplet)")
    p_y: SiteEnergy | None = _amplitude("D_y (triplet)")
    p_z: SiteEnergy | None = _amplitude("D_z (triplet)")
    chiral_p: SiteEnergy | None = _amplitude("D_x + iD_y (triplet)")

    @property
    def on_bonds(self) -> dict[str, Any]:
        """What is given on bonds, by symmetry."""
        given = ((name, getattr(self, name)) for name in SYMMETRIES)
        return {name: value for name, value in given if value is not None}
