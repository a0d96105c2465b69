"""Figures of results, with matplotlib's object interface: no global state, no display needed."""

from bdg.plot.canvas.looks import Looks
from bdg.plot.canvas.saving import save_figure
from bdg.plot.figures.response.electromagnetism import (
    conductivity_curve,
    ring_curve,
    superflow_curve,
    weight_bars,
)
from bdg.plot.figures.response.junction import current_phase_curve, fraunhofer_curve, squid_curve
from bdg.plot.figures.runs.convergence import convergence
from bdg.plot.figures.runs.starts import starts
from bdg.plot.figures.sample.bonds import bond_map
from bdg.plot.figures.sample.currents import current_arrows
from bdg.plot.figures.sample.maps import site_map
from bdg.plot.figures.sample.plaquettes import plaquette_map, vortex_map
from bdg.plot.figures.spectra.bands import bands
from bdg.plot.figures.spectra.cuts import line_cut
from bdg.plot.figures.spectra.momenta import momentum_map
from bdg.plot.figures.spectra.spectra import spectrum
from bdg.plot.figures.spectra.states import states
from bdg.plot.figures.tunnelling.gaps import gap_statistics
from bdg.plot.figures.tunnelling.interference import interference
from bdg.plot.figures.tunnelling.measured import fitted_curve, maps_beside, spectra_beside
from bdg.plot.overlay import overlay
from bdg.plot.overview import overview
from bdg.plot.picking import plot
from bdg.plot.table import add_figure

__all__ = [
    "Looks",
    "add_figure",
    "bands",
    "bond_map",
    "conductivity_curve",
    "convergence",
    "current_arrows",
    "current_phase_curve",
    "fitted_curve",
    "fraunhofer_curve",
    "gap_statistics",
    "interference",
    "line_cut",
    "maps_beside",
    "momentum_map",
    "overlay",
    "overview",
    "plaquette_map",
    "plot",
    "ring_curve",
    "save_figure",
    "site_map",
    "spectra_beside",
    "spectrum",
    "squid_curve",
    "starts",
    "states",
    "superflow_curve",
    "vortex_map",
    "weight_bars",
]
