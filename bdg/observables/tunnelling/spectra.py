"""The current and the conductance between a tip and the sites of a sample."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np

from bdg.arrays import Floats, Indices
from bdg.errors import InputError
from bdg.observables.spectra.ldos import resolved_ldos
from bdg.observables.state import State
from bdg.observables.tunnelling.parameters import Broadened, Modulation, Table, Tip
from bdg.observables.tunnelling.places import site_weights
from bdg.observables.tunnelling.tails import Waves, interfering_ldos
from bdg.tunnelling import DynesTip, NormalTip, TabulatedTip, resolve, tunnelling_weights, window
from bdg.tunnelling import Tip as TipDensity
from bdg.tunnelling.panels import ORDER

PER_BROADENING = 8
"""Energies over each broadening, where the spectrum has as much structure as its broadening allows."""


@dataclass(frozen=True)
class Tunnelled:
    """What a tip measures over some sites.

    Parameters
    ----------
    biases
        eV, shape ``(n_biases,)``.
    sites
        The sites below the tip, shape ``(n_sites,)``.
    current, conductance
        I in units of the tunnel factor and dI/dV in 1/t of it, shape ``(n_biases, n_sites)``.
    normalised
        (dI/dV)/(I/V), of the same shape; at V = 0 it is 1 without modulation.
    error
        Estimate of the largest error of dI/dV.
    current_error
        That of I.
    energies
        How many energies the spectrum was computed at.
    """

    biases: Floats
    sites: Indices
    current: Floats
    conductance: Floats
    normalised: Floats
    error: float
    current_error: float
    energies: int


def tunnelled(
    state: State,
    biases: Floats,
    broadening: Broadened,
    sites: Indices | None = None,
    modulation: Modulation | None = None,
    tip: Tip | None = None,
    accuracy: float = 1e-6,
) -> Tunnelled:
    """Measure I(V) and dI/dV over sites; see :func:`bdg.observables.tunnelling.stm.stm`."""
    over = np.arange(state.model.sample.n_sites) if sites is None else sites
    seen = _seen(state, tip, over)
    density, temperatures = density_of(tip), _temperatures(state, tip)
    amplitude = 0.0 if modulation is None else modulation.amplitude
    solver_errors = []

    def spectrum(energies: Floats) -> Floats:
        by_spin, vector, error = seen.spectra(energies, broadening(energies))
        polarisation = np.zeros(3) if tip is None or tip.polarisation is None else np.array(tip.polarisation)
        solver_errors.append(2 * error * (1 + float(np.abs(polarisation).sum())))
        return np.asarray(by_spin.sum(axis=0) + np.tensordot(polarisation, vector, axes=1))

    low, high = window(biases, temperatures, amplitude, accuracy)
    high = max(high, low + float(broadening(np.array([low]))[0]))
    ends = (min(0.0, biases.min() - amplitude), max(0.0, biases.max() + amplitude))
    share = partial(_importance, ends=ends, temperature=max(temperatures))
    panels, values, between = resolve(spectrum, low, high, broadening, accuracy, share)
    least = float(broadening(panels.nodes).min())
    weights = tunnelling_weights(biases, panels, density, temperatures, amplitude, least)
    onto = seen.onto
    current, conductance = (weights.current @ values) @ onto, (weights.conductance @ values) @ onto
    ratio = _per_bias(biases, current, (weights.plain @ values) @ onto)
    with np.errstate(divide="ignore", invalid="ignore"):
        normalised = np.where(ratio > 0, conductance / ratio, np.nan)
    off = (between + max(solver_errors)) * float(abs(onto).sum(axis=0).max())
    return Tunnelled(
        biases,
        over,
        current,
        conductance,
        normalised,
        off * _largest_sum(weights.conductance),
        off * _largest_sum(weights.current),
        len(panels.nodes),
    )


@dataclass(frozen=True, eq=False)
class _Seen:
    """What a tip sees: spectra of some places, and how much of each at each of its own.

    Parameters
    ----------
    spectra
        N_σ and the spin part of places at energies with their broadenings, and an error; see
        :func:`bdg.observables.spectra.ldos.resolved_ldos`.
    onto
        Weights, a sparse matrix ``(n_places, n_over)``.
    """

    spectra: Callable[[Floats, Floats], tuple[Floats, Floats, float]]
    onto: Any


def _seen(state: State, tip: Tip | None, over: Indices) -> _Seen:
    """The sites below a tip with their weights; of tails that interfere the places of the tip themselves."""
    from scipy.sparse import eye_array  # slow to import, rarely needed

    sample = state.model.sample
    waves = None if tip is None or tip.tails is None else Waves.of(sample, tip, over)
    if waves is not None and tip is not None and tip.interference:
        return _Seen(partial(_of_waves, state, waves), eye_array(len(over)))
    weights = site_weights(sample, tip, over) if waves is None else waves.weights(sample)
    needed = np.unique(weights.indices)
    return _Seen(partial(_of_sites, state, needed), weights[:, needed].T)


def _of_waves(state: State, waves: Waves, energies: Floats, widths: Floats) -> tuple[Floats, Floats, float]:
    return interfering_ldos(state, energies, widths, waves)


def _of_sites(
    state: State, needed: Indices, energies: Floats, widths: Floats
) -> tuple[Floats, Floats, float]:
    return resolved_ldos(state, energies, widths, needed)


def expected_energies(
    temperature: float,
    biases: Floats,
    broadening: Broadened,
    modulation: Modulation | None = None,
    tip: Tip | None = None,
    accuracy: float = 1e-6,
) -> int:
    """How many energies :func:`tunnelled` is likely to take: :data:`PER_BROADENING` a broadening."""
    warmest = max(temperature, temperature if tip is None or tip.temperature is None else tip.temperature)
    amplitude = 0.0 if modulation is None else modulation.amplitude
    low, high = window(biases, (temperature, warmest), amplitude, accuracy)
    grid = np.linspace(low, high, 201)
    return ORDER + int(PER_BROADENING * (high - low) * float(np.mean(1 / broadening(grid))))


def density_of(tip: Tip | None) -> TipDensity:
    """The density of states of a tip.

    Raises
    ------
    InputError
        If its table is none.
    """
    if tip is None:
        return NormalTip()
    if tip.dos is not None:
        table = _read(tip.dos) if isinstance(tip.dos, Table) else np.array(tip.dos, dtype=np.float64)
        return TabulatedTip(table[:, 0], table[:, 1])
    if tip.delta > 0:
        assert tip.broadening is not None
        return DynesTip(tip.delta, tip.broadening)
    return NormalTip()


def _read(table: Table) -> Floats:
    try:
        found = np.loadtxt(table.file, ndmin=2)
    except (OSError, ValueError) as error:
        raise InputError(f"{table.file}: can't be read: {error}; give lines of two numbers") from None
    if found.shape[1] != 2:
        raise InputError(
            f"{table.file} has {found.shape[1]} columns; give the energy and the density of states"
        )
    return np.asarray(found * [table.unit, 1.0])


def _temperatures(state: State, tip: Tip | None) -> tuple[float, float]:
    """Of the sample and of the tip."""
    own = state.model.temperature
    return own, own if tip is None or tip.temperature is None else tip.temperature


def _per_bias(biases: Floats, current: Floats, at_zero: Floats) -> Floats:
    """I/V, at V = 0 its limit."""
    with np.errstate(divide="ignore", invalid="ignore"):
        ratio: Floats = current / biases[:, None]
    ratio[biases == 0] = at_zero
    return ratio


def _importance(energies: Floats, ends: tuple[float, float], temperature: float) -> Floats:
    """How much states beyond the biases count: they are thermal."""
    beyond = np.maximum(np.maximum(ends[0] - energies, energies - ends[1]), 0.0)
    if temperature == 0:
        return np.ones_like(energies)
    # The slope of the Fermi function is steepest at its middle, some temperatures away it is e^{−x}.
    return np.asarray(np.minimum(1.0, np.exp(3 - beyond / temperature)))


def _largest_sum(weights: Any) -> float:
    return float(np.abs(weights).sum(axis=1).max())
