"""Spectra by Chebyshev moments: a few vectors, any number of energies, no factorisation.

``μ_n = ⟨s|T_n(H/a)|s⟩`` of a vector s cost one multiplication by H for two moments; whatever broadening,
temperature or energies, ``⟨s|(z − H)⁻¹|s⟩`` is a sum over them (Weiße, Wellein, Alvermann, Fehske, Rev. Mod.
Phys. 78, 275 (2006)). From the bottom up: `bounds` (a ≥ ‖H‖, proven), `stencil` (H as shifted rows),
`moments`, `lines` (the shape of a level: Lorentz, Jackson), `spectra` (all momenta, and the error).
"""

from bdg.solvers.chebyshev.cost import is_cheaper, seconds_of
from bdg.solvers.chebyshev.lines import Jackson, Line, Lorentz
from bdg.solvers.chebyshev.spectra import RandomSources, Source, Spectra, spectra

__all__ = [
    "Jackson",
    "Line",
    "Lorentz",
    "RandomSources",
    "Source",
    "Spectra",
    "is_cheaper",
    "seconds_of",
    "spectra",
]
