"""Figures of results, with matplotlib's object interface: no global state, no display needed."""

from bdg.plot.convergence import convergence
from bdg.plot.currents import current_arrows
from bdg.plot.maps import site_map
from bdg.plot.overview import overview
from bdg.plot.picking import plot
from bdg.plot.saving import save_figure
from bdg.plot.spectra import spectrum

__all__ = ["convergence", "current_arrows", "overview", "plot", "save_figure", "site_map", "spectrum"]
