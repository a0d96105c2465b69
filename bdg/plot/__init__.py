"""Figures of results, with matplotlib's object interface: no global state, no display needed."""

from bdg.plot.bands import bands
from bdg.plot.bonds import bond_map
from bdg.plot.convergence import convergence
from bdg.plot.currents import current_arrows
from bdg.plot.cuts import line_cut
from bdg.plot.electromagnetism import conductivity_curve, ring_curve, superflow_curve, weight_bars
from bdg.plot.junction import current_phase_curve, fraunhofer_curve, squid_curve
from bdg.plot.maps import site_map
from bdg.plot.overview import overview
from bdg.plot.picking import plot
from bdg.plot.plaquettes import plaquette_map, vortex_map
from bdg.plot.saving import save_figure
from bdg.plot.spectra import spectrum
from bdg.plot.starts import starts
from bdg.plot.states import states

__all__ = [
    "bands",
    "bond_map",
    "conductivity_curve",
    "convergence",
    "current_arrows",
    "current_phase_curve",
    "fraunhofer_curve",
    "line_cut",
    "overview",
    "plaquette_map",
    "plot",
    "ring_curve",
    "save_figure",
    "site_map",
    "spectrum",
    "squid_curve",
    "starts",
    "states",
    "superflow_curve",
    "vortex_map",
    "weight_bars",
]
