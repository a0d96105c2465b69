"""(1/2m)(−iħ∇ − qA)² Ψ₀e^{iθ} written out, term by term.

A text that writes it out easily loses one of the terms, iħqΨ₀∇·A: in Coulomb's gauge it is zero. But its
imaginary part needs it: without it charge would be conserved in some gauges only.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from bdg.arrays import Floats
from bdg.errors import InputError
from bdg.theory.macroscopic.carriers import PAIRS, Carriers
from bdg.theory.macroscopic.grid import Grid


def expanded_kinetic_terms(
    grid: Grid,
    amplitude: ArrayLike,
    phase: ArrayLike,
    vector_potential: tuple[ArrayLike, ...],
    carriers: Carriers = PAIRS,
) -> dict[str, NDArray[np.complex128]]:
    """The eight terms of e^{−iθ}(1/2m)(−iħ∇ − qA)² Ψ₀e^{iθ}, an energy times Ψ₀, on every point.

    (1/2m)[−ħ²(∇²Ψ₀ + 2i∇θ·∇Ψ₀ + iΨ₀∇²θ − Ψ₀(∇θ)²) + 2iħq A·∇Ψ₀ + iħqΨ₀∇·A − 2ħqΨ₀ A·∇θ + q²A²Ψ₀].

    The imaginary ones are ħ∂Ψ₀/∂t = −(ħ/2Ψ₀)∇·(n_s v_s), the equation of continuity divided by 2√n_s (and
    not the equation itself). Derivatives are spectral, so smooth periodic arguments give rounding errors
    only.

    Parameters
    ----------
    grid
        Periodic in all directions.
    amplitude, phase
        Ψ₀ and θ on the points; θ periodic as it stands.
    vector_potential
        A on the points, one array for each direction.

    Returns
    -------
    dict
        By name: ``laplacian``, ``phase_gradient``, ``phase_curvature``, ``phase_kinetic``, ``drift``,
        ``divergence`` (the one that is easily lost), ``interference``, ``diamagnetic``.

    Raises
    ------
    InputError
        If the grid is not periodic.
    """
    if set(grid.ends) != {"periodic"}:
        raise InputError(f"spectral derivatives need periodic ends, these are {grid.ends}")
    size = np.asarray(amplitude, np.float64)
    theta = np.asarray(phase, np.float64)
    a = [np.broadcast_to(np.asarray(part, np.float64), grid.shape) for part in vector_potential]
    directions = range(grid.dimension)
    d_size = [_derivative(grid, size, d) for d in directions]
    d_theta = [_derivative(grid, theta, d) for d in directions]
    hbar, q = carriers.hbar, carriers.charge
    terms = {
        "laplacian": -(hbar**2) * sum(_derivative(grid, d_size[d], d) for d in directions),
        "phase_gradient": -2j * hbar**2 * _dot(d_theta, d_size),
        "phase_curvature": -1j * hbar**2 * size * sum(_derivative(grid, d_theta[d], d) for d in directions),
        "phase_kinetic": hbar**2 * size * _dot(d_theta, d_theta),
        "drift": 2j * hbar * q * _dot(a, d_size),
        "divergence": 1j * hbar * q * size * sum(_derivative(grid, a[d], d) for d in directions),
        "interference": -2 * hbar * q * size * _dot(a, d_theta),
        "diamagnetic": q**2 * size * _dot(a, a),
    }
    return {name: np.asarray(term, np.complex128) / (2 * carriers.mass) for name, term in terms.items()}


def _dot(first: list[Floats], second: list[Floats]) -> Floats:
    return np.asarray(sum(one * other for one, other in zip(first, second, strict=True)))


def _derivative(grid: Grid, values: Floats, direction: int) -> Floats:
    """∂ of a periodic function by Fourier's series; of an even number of points the highest wave has none."""
    n = grid.shape[direction]
    k = 2 * np.pi * np.fft.fftfreq(n, grid.spacing[direction])
    if n % 2 == 0:
        k[n // 2] = 0.0
    shape = [1] * grid.dimension
    shape[direction] = n
    wave = np.fft.fft(values, axis=direction) * (1j * k).reshape(shape)
    derivative: Floats = np.fft.ifft(wave, axis=direction).real
    return derivative
