"""Spectra and maps that were measured, and simulated ones in their place: files, fits.

``bdg.measured.read("grid.3ds")`` reads Nanonis's .3ds, .sxm and .dat, Gwyddion's .gsf, .csv and .txt;
``bdg.measured.write("grid.3ds", result)`` writes what a result has of it, for a group's own tools.
"""

from bdg.measured.curve_fit import CurveFit, Varied, fit_curve
from bdg.measured.files import read, write
from bdg.measured.fit import SpectrumFit, fit_spectrum
from bdg.measured.measured import Channel, Measured
from bdg.measured.simulated import simulated

__all__ = [
    "Channel",
    "CurveFit",
    "Measured",
    "SpectrumFit",
    "Varied",
    "fit_curve",
    "fit_spectrum",
    "read",
    "simulated",
    "write",
]
