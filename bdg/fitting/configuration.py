"""A fit of keys of a configuration to a measured spectrum."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence

import numpy as np

from bdg.arrays import Floats
from bdg.config import ConfigSource, load_config
from bdg.errors import InputError
from bdg.fitting.keys import varied
from bdg.fitting.simulated import SimulatedSpectrum
from bdg.measured import CurveFit, fit_curve


def fit(
    config: str | os.PathLike[str] | ConfigSource,
    biases: Floats,
    spectrum: Floats,
    vary: Sequence[str] | Mapping[str, float | Sequence[float] | None],
    *,
    quantity: str = "stm_conductance",
    level: float | None = None,
    slope: float | None = 0.0,
    watch: Callable[[Mapping[str, float], float], object] = lambda values, residual: None,
) -> CurveFit:
    """Fit (a + bV) g(V; keys) to a measured spectrum, g that of ``stm`` of a configuration.

    At each trial the model is solved from the last state, and ``stm`` measured at the biases, the mean over
    its ``sites``, with its tip, temperature and modulation. A key under ``observables.stm`` does not touch
    the state, which is then kept. The minimum is that next to the first values: least squares by the
    trust-region method of Branch, Coleman and Li, SIAM J. Sci. Comput. 21, 1 (1999), with the intervals of
    linear regression.

    Parameters
    ----------
    config
        A configuration with ``observables: {stm: …}``, whose own biases do not count.
    biases
        Of the sample, in t/e, shape ``(n_biases,)``.
    spectrum
        What was measured there, in any unit.
    vary
        Dotted keys, ``"interaction.onsite"``; or with each its first value or ``(first, low, high)``, in t.
    quantity
        ``stm_conductance``, or another spectrum of ``stm``.
    level, slope
        a and b, in the unit of ``spectrum`` over that of g; ``None`` to fit them.
    watch
        Called with the values and the residual of each trial.

    Raises
    ------
    InputError
        If a key can't be varied, the spectrum has too few points for them, or the configuration no ``stm``.
    NumericalError
        If the loop does not converge at the first values, or the fit does not.
    """
    source = config if isinstance(config, ConfigSource) else load_config(config)[1]
    biases, spectrum = np.asarray(biases, float), np.asarray(spectrum, float)
    if biases.shape != spectrum.shape or biases.ndim != 1:
        raise InputError(f"a spectrum has as many values as biases, not {spectrum.shape} and {biases.shape}")
    order = np.argsort(biases, kind="stable")
    biases, spectrum = biases[order], spectrum[order]
    parameters = varied(source, vary)
    simulated = SimulatedSpectrum(source, biases, quantity)
    simulated.first({one.name: one.start for one in parameters})
    return fit_curve(simulated, parameters, biases, spectrum, level=level, slope=slope, watch=watch)
