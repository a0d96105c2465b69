"""Semi-infinite leads: their surfaces, their self-energies, what scatters and what flows between them."""

from bdg.leads.cut import OpenCut, cut_layers, open_cut
from bdg.leads.ends import layers_of
from bdg.leads.scattering import Probabilities, scattering, upper_lead_superconducts
from bdg.leads.surface import surface_green

__all__ = [
    "OpenCut",
    "Probabilities",
    "cut_layers",
    "layers_of",
    "open_cut",
    "scattering",
    "surface_green",
    "upper_lead_superconducts",
]
