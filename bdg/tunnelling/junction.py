r"""The current between a tip and a sample, and its derivative, as weights of the sample's spectrum.

With the densities of states N of the sample and N_t of the tip, energies from either chemical potential and a
bias V at the sample, so that V > 0 finds its empty states,

    I(V) = ∫ dω N(ω) N_t(ω − eV) [f_t(ω − eV) − f_s(ω)],

in units of the factor 2πe|M|²N_t(normal)/ħ of Tersoff and Hamann (Phys. Rev. B 31, 805 (1985)); its
derivative has N_t′ and f_t′ in place of N_t and f_t, both with the other sign. A lock-in amplifier with the
modulation eV + eV_m sin θ measures the first harmonic, (2/V_m) ⟨I(V + V_m sin θ) sin θ⟩, which is the mean of
dI/dV over a half circle, (2/π) ∫ du √(1 − u²) dI/dV(V + V_m u).

N is a polynomial on each panel, all else is known in closed form. So the integrals are exact up to rounding:
Gauss–Legendre between points that crowd where a Fermi function, or the tip, changes fast.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.polynomial import legendre

from bdg.arrays import Floats
from bdg.theory.uniform.thermal import fermi, fermi_slope
from bdg.tunnelling.panels import ORDER, Panels
from bdg.tunnelling.tips import Mark, Tip

THERMAL = 38.0
"""Temperatures beyond which f and 1 − f are below rounding."""

_NODES, _WEIGHTS = legendre.leggauss(ORDER)


@dataclass(frozen=True)
class Weights:
    """What makes of a spectrum at the nodes of panels the current and its derivative.

    Parameters
    ----------
    current, conductance
        I(V) and dI/dV(V), as the lock-in amplifier measures it, shape ``(n_biases, n_nodes)``.
    plain
        dI/dV without modulation at those biases that are zero, shape ``(n_zero, n_nodes)``: the limit of I/V.
    """

    current: Floats
    conductance: Floats
    plain: Floats


def window(
    biases: Floats, temperatures: tuple[float, float], amplitude: float = 0.0, accuracy: float = 1e-15
) -> tuple[float, float]:
    """The energies that the current at these biases depends on, to a share of it."""
    margin = min(THERMAL, 4 - np.log(accuracy)) * max(temperatures)
    low = min(0.0, float(biases.min()) - amplitude) - margin
    high = max(0.0, float(biases.max()) + amplitude) + margin
    return low, high


def tunnelling_weights(
    biases: Floats,
    panels: Panels,
    tip: Tip,
    temperatures: tuple[float, float],
    amplitude: float = 0.0,
    broadening: float = np.inf,
) -> Weights:
    """The weights of a spectrum on panels; see the module.

    Parameters
    ----------
    biases
        eV, shape ``(n_biases,)``.
    panels
        They cover the :func:`window`.
    tip
        Its density of states.
    temperatures
        Of the sample and of the tip, either may be 0.
    amplitude
        Peak amplitude eV_m of the modulation; 0 for none.
    broadening
        The least broadening of the spectrum, by which the points of the half circle are counted.
    """
    junction = _Junction(panels, tip, *temperatures)
    circle, shares = _half_circle(amplitude, _smoothness(tip, temperatures, broadening))

    def conductance(bias: float) -> Floats:
        rows = [
            share * junction.conductance(bias + shift) for shift, share in zip(circle, shares, strict=True)
        ]
        mean: Floats = np.sum(rows, axis=0)
        return mean

    none = np.zeros((0, len(panels.nodes)))
    zero = [junction.conductance(0.0) for bias in biases if bias == 0]
    return Weights(
        np.array([junction.current(float(bias)) for bias in biases]),
        np.array([conductance(float(bias)) for bias in biases]),
        np.array(zero) if zero else none,
    )


def _smoothness(tip: Tip, temperatures: tuple[float, float], broadening: float) -> float:
    """How far off the real axis the current is an analytic function of the bias."""
    of_sample, of_tip = (np.pi * one for one in temperatures)
    return min(tip.smoothness + min(broadening, of_sample), broadening + min(tip.smoothness, of_tip))


def _half_circle(amplitude: float, smoothness: float) -> tuple[Floats, Floats]:
    """Points and weights of the mean over a half circle, as many as a smooth function needs for 1e-9."""
    if amplitude == 0:
        return np.zeros(1), np.ones(1)
    count = 6 + int(np.ceil(10 / np.arcsinh(min(smoothness / amplitude, 1e3))))
    angles = np.pi * np.arange(1, count + 1) / (count + 1)
    return amplitude * np.cos(angles), 2 / (count + 1) * np.sin(angles) ** 2


@dataclass(frozen=True)
class _Junction:
    """The integrals at one bias."""

    panels: Panels
    tip: Tip
    of_sample: float
    of_tip: float

    def current(self, bias: float) -> Floats:
        """Weights of I(V)."""

        def kernel(energies: Floats) -> Floats:
            return self.tip.density(energies - bias) * self._transfer(energies, bias)

        return self._integral(kernel, min(0.0, bias), max(0.0, bias), bias)

    def conductance(self, bias: float) -> Floats:
        """Weights of dI/dV."""

        def kernel(energies: Floats) -> Floats:
            relative = energies - bias
            moved = -self.tip.slope(relative) * self._transfer(energies, bias)
            if self.of_tip == 0:  # −f_t′ is a δ function
                return moved
            return moved + self.tip.density(relative) * fermi_slope(relative, self.of_tip)

        is_flat = np.isinf(self.tip.smoothness)  # then only −f_t′ is left
        low, high = (bias, bias) if is_flat else (min(0.0, bias), max(0.0, bias))
        row = self._integral(kernel, low, high, bias)
        if self.of_tip == 0:
            row += self.panels.row(np.array([bias]), self.tip.density(np.zeros(1)))
        return row

    def _transfer(self, energies: Floats, bias: float) -> Floats:
        """f_t(ω − eV) − f_s(ω)."""
        return fermi(energies - bias, self.of_tip) - fermi(energies, self.of_sample)

    def _integral(self, kernel: Callable[[Floats], Floats], low: float, high: float, bias: float) -> Floats:
        """Weights of an integral from low to high and where a thermal tail reaches beyond.

        Where the kernel is smooth on a panel, its own nodes do; others are divided where it changes fast.
        """
        margin, edges = THERMAL * max(self.of_sample, self.of_tip), self.panels.edges
        low, high = max(low - margin, edges[0]), min(high + margin, edges[-1])
        marks: list[Mark] = [(0.0, self.of_sample), (bias, self.of_tip)]
        marks += [(bias + place, width) for place, width in self.tip.marks]
        reach = float(np.diff(edges).max())
        cuts = np.concatenate([[low, high], *(_crowd(*mark, reach) for mark in marks)])
        cuts = np.unique(np.clip(cuts, low, high))
        holder = np.clip(np.searchsorted(edges, cuts, side="right") - 1, 0, len(edges) - 2)
        whole = (edges[:-1] >= low) & (edges[1:] <= high)
        whole[holder[cuts > edges[holder]]] = False
        nodes = self.panels.nodes.reshape(-1, ORDER)
        rows = np.zeros_like(nodes)
        halves = 0.5 * np.diff(edges)[whole]
        rows[whole] = halves[:, None] * _WEIGHTS * kernel(nodes[whole].ravel()).reshape(-1, ORDER)
        inside = edges[(edges >= low) & (edges <= high)]
        ends = np.union1d(cuts, inside)
        middle, half = 0.5 * (ends[:-1] + ends[1:]), 0.5 * np.diff(ends)
        divided = ~whole[np.clip(np.searchsorted(edges, middle) - 1, 0, len(whole) - 1)]
        middle, half = middle[divided, None], half[divided, None]
        energies, weights = (middle + half * _NODES).ravel(), (half * _WEIGHTS).ravel()
        row: Floats = rows.ravel() + self.panels.row(energies, weights * kernel(energies))
        return row


def _crowd(place: float, width: float, reach: float) -> Floats:
    """A place, and points at distances that double from its width on, up to those of the panels."""
    if width == 0:
        return np.array([place])
    distances = width * 2.0 ** np.arange(0, max(1, int(np.ceil(np.log2(max(reach / width, 1.0)))) + 1))
    return np.concatenate([place - distances, [place], place + distances])
