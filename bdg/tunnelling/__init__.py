"""Tunnelling between a tip and a sample: spectra on panels, tips, currents, gaps; arrays in, arrays out."""

from bdg.tunnelling.junction import Weights, tunnelling_weights, window
from bdg.tunnelling.panels import Panels, resolve
from bdg.tunnelling.tips import DynesTip, NormalTip, TabulatedTip, Tip

__all__ = [
    "DynesTip",
    "NormalTip",
    "Panels",
    "TabulatedTip",
    "Tip",
    "Weights",
    "resolve",
    "tunnelling_weights",
    "window",
]
