"""Semi-infinite leads: their surfaces, their self-energies, and what scatters between them."""

from bdg.leads.scattering import Probabilities, scattering
from bdg.leads.surface import surface_green

__all__ = ["Probabilities", "scattering", "surface_green"]
