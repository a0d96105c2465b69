"""A fit of Dynes's formula to a measured spectrum: Δ, Γ and the temperature, with confidence."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from bdg.arrays import Floats
from bdg.errors import InputError, NumericalError
from bdg.measured.confidence import confidence
from bdg.tunnelling.dynes import Smearing, dynes_spectra

NAMES = ("delta", "gamma", "temperature", "level", "slope", "offset")
"""Parameters of the fit."""


SHIFTS = 80
"""Nodes of the thermal convolution: for Γ down to a tenth of T."""


@dataclass(frozen=True, eq=False)
class SpectrumFit:
    """A fit of (a + bE) N(E; Δ, Γ) smeared by a temperature T, E = V − V₀, energies in the unit of the bias.

    Parameters
    ----------
    values
        Δ, Γ, k_B T, a, b and V₀, by the names of :data:`NAMES`.
    intervals
        Half widths of the 95 % intervals of those that were fitted, Student's, of independent noise.
    correlation
        Of those, shape ``(n_fitted, n_fitted)``, in the order of ``intervals``: Γ and T do much the same.
    biases, curve
        Where the spectrum was measured, and the fit there.
    residual
        Root of the mean square of what the fit leaves.
    """

    values: dict[str, float]
    intervals: dict[str, float]
    correlation: Floats
    biases: Floats
    curve: Floats
    residual: float

    def __repr__(self) -> str:
        """``delta = 1.35 ± 0.01, …``."""
        widths = {name: f" ± {width:.2g}" for name, width in self.intervals.items()}
        return ", ".join(f"{name} = {value:.6g}{widths.get(name, '')}" for name, value in self.values.items())


def fit_spectrum(
    biases: Floats,
    spectrum: Floats,
    *,
    temperature: float | None = None,
    gamma: float | None = None,
    offset: float | None = 0.0,
    modulation: float = 0.0,
) -> SpectrumFit:
    """Fit Δ, Γ and T, or what of them is not given, to dI/dV.

    Parameters
    ----------
    biases
        Shape ``(n_biases,)``; their unit is that of all energies.
    spectrum
        dI/dV there, in any unit.
    temperature, gamma, offset
        k_B T, Γ and the zero of the bias where they are known; ``None`` to fit them.
    modulation
        Peak amplitude of the lock-in modulation.

    Raises
    ------
    InputError
        If there are too few points, or some are not finite.
    NumericalError
        If the fit does not converge.
    """
    from scipy.optimize import least_squares  # slow to import, rarely needed

    biases, spectrum = np.asarray(biases, float), np.asarray(spectrum, float)
    if biases.shape != spectrum.shape or biases.ndim != 1 or len(biases) < 12:
        raise InputError(f"a spectrum has 12 points at least, as many values as biases, not {spectrum.shape}")
    if not (np.isfinite(biases).all() and np.isfinite(spectrum).all()):
        raise InputError("the spectrum holds a value that is not finite (NaN or infinity); leave it out")
    reach = float(np.abs(biases).max())
    known = {"gamma": gamma, "temperature": temperature, "offset": offset}
    start = _start(biases, spectrum, reach) | {name: one for name, one in known.items() if one is not None}
    free = [name for name in NAMES if known.get(name) is None]
    scale = np.array([_scale(name, start, reach) for name in free])

    def at(point: Floats) -> dict[str, float]:
        return start | dict(zip(free, point * scale, strict=True))

    def residual(point: Floats) -> Floats:
        return (_curve(biases, at(point), modulation)[0] - spectrum) / size

    def jacobian(point: Floats) -> Floats:
        slopes = _slopes(biases, at(point), modulation, reach)
        matrix: Floats = np.stack([slopes[name] for name in free], axis=1) * scale / size
        return matrix

    low = [1e-6 if name in ("delta", "gamma", "temperature") else -np.inf for name in free]
    first = np.maximum(np.array([start[name] for name in free]) / scale, np.array(low) + 1e-6)
    size = float(np.abs(spectrum).max())
    found = least_squares(residual, first, jacobian, bounds=(low, np.inf), xtol=1e-9, ftol=1e-9)
    if not found.success:
        raise NumericalError(f"the fit of the spectrum does not converge: {found.message}")
    judged = confidence(found.jac, found.fun, float(np.linalg.norm(spectrum)) / size)
    values = start | {name: float(one) for name, one in zip(free, found.x * scale, strict=True)}
    return SpectrumFit(
        {name: values[name] for name in NAMES},
        {name: float(one) for name, one in zip(free, judged.half_widths * scale, strict=True)},
        judged.correlation,
        biases,
        _curve(biases, values, modulation)[0],
        float(size * np.sqrt(2 * found.cost / len(biases))),
    )


def _curve(biases: Floats, values: dict[str, float], modulation: float) -> tuple[Floats, Floats]:
    """The spectrum, and its derivatives by Δ, Γ, a and b."""
    row = np.array([[values[name] for name in ("delta", "gamma", "level", "slope")]])
    smearing = Smearing.of(values["temperature"], modulation, SHIFTS)
    form, slopes = dynes_spectra(biases - values["offset"], row, smearing)
    return form[0], slopes[0]


def _slopes(biases: Floats, values: dict[str, float], modulation: float, reach: float) -> dict[str, Floats]:
    """The derivatives by each parameter; of the temperature and the zero of the bias by differences."""
    exact = _curve(biases, values, modulation)[1]
    found = {name: exact[:, n] for n, name in enumerate(("delta", "gamma", "level", "slope"))}
    for name in ("temperature", "offset"):
        step = 1e-5 * (values["temperature"] if name == "temperature" else reach)
        moved = [_curve(biases, values | {name: values[name] + s * step}, modulation)[0] for s in (1, -1)]
        found[name] = (moved[0] - moved[1]) / (2 * step) if step else 0 * biases
    return found


def _start(biases: Floats, spectrum: Floats, reach: float) -> dict[str, float]:
    """First values: the gap from the highest places of the two sides within 0.7 of the range."""
    inner = np.abs(biases) < 0.7 * reach
    sides = [inner & (biases > 0), inner & (biases < 0)]
    peaks = [abs(float(biases[side][np.argmax(spectrum[side])])) for side in sides if side.any()]
    delta = float(np.mean(peaks)) if peaks else 0.3 * reach
    level = float(np.median(spectrum[np.abs(biases) > 0.7 * reach]))
    width = 0.05 * delta
    energies = {"delta": 0.95 * delta, "gamma": width, "temperature": width, "offset": 0.0}
    return energies | {"level": level, "slope": 0.0}


def _scale(name: str, start: dict[str, float], reach: float) -> float:
    """The size of a parameter."""
    return {"level": abs(start["level"]) or 1.0, "slope": (abs(start["level"]) or 1.0) / reach}.get(
        name, start["delta"]
    )
