"""Semi-infinite leads: their surfaces, their self-energies, what scatters and what flows between them."""

from bdg.leads.cut import OpenCut, open_cut
from bdg.leads.scattering import Probabilities, scattering
from bdg.leads.surface import surface_green

__all__ = ["OpenCut", "Probabilities", "open_cut", "scattering", "surface_green"]
