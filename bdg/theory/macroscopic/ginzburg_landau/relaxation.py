"""Relaxation: the time-dependent equations of Ginzburg and Landau, and the way straight to a minimum."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize

from bdg.arrays import Complexes, Floats
from bdg.errors import InputError, NumericalError
from bdg.theory.macroscopic.carriers import positive
from bdg.theory.macroscopic.ginzburg_landau.functional import Film
from bdg.theory.macroscopic.grid import winding

RUN_AWAY = 1e3
"""|ψ| beyond which steps are too long: it is 1 at rest."""


@dataclass(frozen=True)
class FilmState:
    """ψ and link phases of a film.

    Parameters
    ----------
    film
        The film.
    psi
        ψ in ψ_∞, shape of the grid.
    phases
        Link phases, two arrays of that shape.
    """

    film: Film
    psi: Complexes
    phases: list[Floats]

    @property
    def free_energy(self) -> float:
        """F, in ξ² α²/β a length."""
        return self.film.free_energy(self.psi, self.phases)

    @property
    def field(self) -> Floats:
        """B of each square in B_c2."""
        return self.film.field(self.phases)

    @property
    def vortices(self) -> NDArray[np.int64]:
        """Winding of the phase around each square."""
        return winding(self.film.grid, self.psi, self.phases)

    @property
    def residual(self) -> float:
        """Largest |∂F/∂ψ*| an area or |∂F/∂φ| a length: what is left of the stationary equations."""
        by_psi, by_phase = self.film.slopes(self.psi, self.phases)
        of_points = np.abs(by_psi / self.film.points).max()
        return float(max(of_points, *(np.abs(part).max() for part in by_phase)))


def start(film: Film, *, seed: int | None = None, amplitude: float = 1.0) -> FilmState:
    """The uniform ψ in the uniform applied field; with a seed, complex noise of that amplitude instead."""
    shape = film.grid.shape
    psi = np.full(shape, amplitude, np.complex128)
    if seed is not None:
        draw = np.random.default_rng(seed).standard_normal((2, *shape))
        psi = amplitude * (draw[0] + 1j * draw[1])
    return FilmState(film, psi, film.uniform_links())


def relax(
    state: FilmState,
    *,
    duration: float,
    step: float | None = None,
    conductivity: float | None = None,
    watch: Callable[[float, FilmState], None] | None = None,
) -> FilmState:
    """Follow ∂ψ/∂t = −∂f/∂ψ* and σ ∂A/∂t = −½ ∂f/∂A without scalar potential, by Euler's steps.

    Time is in units of the relaxation time of ψ, ħγ₀/|α|; the gauge is the one in which the scalar potential
    vanishes. F falls with every step.

    Parameters
    ----------
    state
        Where to start.
    duration
        How long.
    step
        Of time; half the largest stable one, if nothing is said.
    conductivity
        σ, normal conductivity; κ² if nothing is said, so that B relaxes as fast as ψ. Not used for κ = ∞.
    watch
        Called with the time and the state after every step.

    Raises
    ------
    NumericalError
        If the step was too long and F did not fall.
    """
    film = state.film
    moves = film.kappa != np.inf
    sigma = conductivity if conductivity is not None else (film.kappa**2 if moves else 1.0)
    stiff = 2 * sum(spacing**-2.0 for spacing in film.grid.spacing)
    fastest = max(
        2 * stiff + 3, (2 * film.kappa**2 * stiff + 1) / positive("conductivity", sigma) if moves else 0
    )
    length = positive("step", step) if step is not None else 0.9 / fastest
    count = int(np.ceil(duration / length))
    length = duration / max(count, 1)
    areas = [np.where(w > 0, w, 1.0) * s**2 for w, s in zip(film.links, film.grid.spacing, strict=True)]
    psi, phases, before = state.psi, state.phases, state.free_energy
    for number in range(count):
        by_psi, by_phase = film.slopes(psi, phases)
        psi = psi - length * by_psi / film.points
        if not np.abs(psi).max() < RUN_AWAY:
            raise _too_long(length)
        if moves:
            # φ = A h and the area of a link is w h²: ∂f/∂A = h ∂F/∂φ / (w h²).
            phases = [
                phase - length * spacing**2 * slope / (2 * sigma * area)
                for phase, slope, area, spacing in zip(
                    phases, by_phase, areas, film.grid.spacing, strict=True
                )
            ]
        if watch is not None:
            watch((number + 1) * length, FilmState(film, psi, phases))
    after = FilmState(film, psi, phases)
    if not after.free_energy <= before + 1e-9 * abs(before):
        raise _too_long(length)
    return after


def _too_long(step: float) -> NumericalError:
    return NumericalError(f"the free energy rises with a step of {step:.3g}; give a shorter one")


def minimise(state: FilmState, *, tolerance: float = 1e-6, max_iterations: int = 5000) -> FilmState:
    """Go straight to a minimum of F by quasi-Newton steps (L-BFGS) in ψ and, if κ is finite, the links.

    Parameters
    ----------
    state
        Where to start; which minimum is found depends on it.
    tolerance
        Largest derivative of F that may be left.
    max_iterations
        At most.

    Raises
    ------
    InputError
        If the tolerance is not positive.
    """
    film, shape = state.film, state.film.grid.shape
    if not tolerance > 0:
        raise InputError(f"a tolerance of {tolerance}; give a positive number")
    moves = film.kappa != np.inf

    def unpacked(x: Floats) -> tuple[Complexes, list[Floats]]:
        parts = x.reshape(-1, *shape)
        return parts[0] + 1j * parts[1], [parts[2], parts[3]] if moves else state.phases

    def value(x: Floats) -> tuple[float, Floats]:
        psi, phases = unpacked(x)
        by_psi, by_phase = film.slopes(psi, phases)
        parts = [2 * by_psi.real, 2 * by_psi.imag, *(by_phase if moves else ())]
        return film.free_energy(psi, phases), np.concatenate([part.ravel() for part in parts])

    packed = [state.psi.real, state.psi.imag, *(state.phases if moves else ())]
    found = minimize(
        value,
        np.concatenate([part.ravel() for part in packed]),
        jac=True,
        method="L-BFGS-B",
        options={
            "gtol": tolerance,
            "ftol": 1e-16,
            "maxiter": max_iterations,
            "maxfun": 2 * max_iterations,
            "maxcor": 20,
        },
    )
    psi, phases = unpacked(found.x)
    return FilmState(film, psi, list(phases))
