"""Files of Wannier90 and their like: Hamiltonians and interactions between Wannier functions."""

from bdg.wannier90.cell import read_wannier90
from bdg.wannier90.interaction import read_interaction

__all__ = ["read_interaction", "read_wannier90"]
