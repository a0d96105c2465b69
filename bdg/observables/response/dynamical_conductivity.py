r"""The conductivity σ(q, ω) with the self-consistent fields following (vertex corrections), and without.

A field E e^{−iωt} is the vector potential A = E/iω. Of line integrals A_b = d_a cos q·r_b on the bonds (and
of sin) it drives currents J_b = −Σ K_bb' A_b', those of the motion of :mod:`.motion.linear_motion` less the
diamagnetic ones, so that per site

    σ_aa(q, ω) = iK_aa(q, ω)/(ω + iη),    K = (1/N) Σ A_b K_bb' A_b' .

With the fields held charge is not conserved: H_Δ creates pairs. With them following it is, site by site,

    −iω δρ_i + Σ_j δJ_ij = 0,                                                                   (continuity)
    (2/π) ∫_0^∞ ω Im χ_nn(q, ω) dω = (1/N) Σ_b (stiffness of b) (Δ_b cos q·r)² + the same of sin,   (f sum)

χ_nn the response of the density, Δ_b the difference over a bond (Nambu, Phys. Rev. 117, 648 (1960)).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Annotated, Any

import numpy as np

from bdg.arrays import Complexes, Floats
from bdg.expectations import bond_stiffness, current_of, divergence
from bdg.model import Fields
from bdg.model.fields import zeros_like
from bdg.observables.needs import periodic_directions
from bdg.observables.parameters import Energies, PositiveEnergy
from bdg.observables.quantity import Notes, Quantity
from bdg.observables.registry import observable
from bdg.observables.response.motion.bare import bare_amplitudes, bare_response
from bdg.observables.response.motion.chain import Goal, resolvent
from bdg.observables.response.motion.drives import waves
from bdg.observables.response.motion.linear_motion import LinearMotion
from bdg.observables.response.sources import source
from bdg.observables.response.vector_potential import joined_axes
from bdg.observables.response.wave_vectors import WaveVectors
from bdg.observables.state import State
from bdg.parameters.base import Positive
from bdg.solvers import Correlations

UNIT = "e^2 a^2/hbar"


@observable(
    title="Conductivity σ(q, ω) with the fields following (vertex corrections), continuity and f-sum rule.",
    group="response",
    needs=periodic_directions,
    example="{energies: {start: 0.1, stop: 4, num: 40}, broadening: 0.1}",
)
def dynamical_conductivity(
    state: State,
    energies: Energies,
    broadening: PositiveEnergy = 0.05,
    wave_vectors: WaveVectors = None,
    accuracy: Annotated[
        Positive, "Change of the spectra, of the largest value, that ends the search."
    ] = 1e-4,
) -> dict[str, Quantity]:
    """σ_aa(q, ω + iη) along the coordinates whose ends are joined, per site, in e² a²/ħ.

    Parameters
    ----------
    state
        A self-consistent state at a minimum of Ω.
    energies, broadening
        ħω and η, in t.
    wave_vectors
        Shape ``(n_wave_vectors, dimension)``, in 1/a; by default 0.
    accuracy
        The chain ends where it changes nothing by more; what continuity leaves is about its root.

    Returns
    -------
    dict
        ``dynamical_conductivity``, complex, and ``bare_dynamical_conductivity`` with the fields held, shape
        ``(n_wave_vectors, n_axes, n_energies)``, zero along other coordinates; of each ``continuity_error``
        and ``bare_continuity_error``, the charge that a site gains from nothing as a share of the largest
        that flows, at the energy in the middle, shape ``(n_wave_vectors, n_axes)``; ``f_sum`` and
        ``bare_f_sum``, the left side of the rule over the right, shape ``(n_wave_vectors,)``, NaN at q = 0.

    Raises
    ------
    InputError
        If no ends are joined, the state is no minimum of Ω, or it would take hours.
    """
    axes, dimension = joined_axes(state.model.sample), state.model.sample.dimension
    motion = LinearMotion(state, broadening, with_bonds=True)
    currents = _Currents(state, motion, energies + 1j * broadening, accuracy)
    q = np.zeros((1, dimension)) if wave_vectors is None else wave_vectors
    shape = len(q), dimension
    sigma = np.zeros((2, *shape, len(energies)), np.complex128)
    broken, change = np.zeros((2, *shape)), 0.0
    for row, vector in enumerate(q):
        for axis in axes:
            found = [currents.of(part) for part in _potentials(state, vector, axis)]
            kernel = np.sum([one.kernel for one in found], axis=0)
            sigma[:, row, axis] = 1j * kernel / currents.z
            broken[:, row, axis] = np.max([one.broken for one in found], axis=0)
            change = max(change, *(one.change for one in found))
    sums = np.array([currents.f_sum(vector) for vector in q]).T
    return _named(currents, q, axes, sigma, broken, sums, change)


def _potentials(state: State, q: Floats, axis: int) -> Iterator[Floats]:
    """A_b of the waves cos and sin along a coordinate, at the middles of the bonds; shape ``(n_bonds,)``."""
    bonds, positions = state.model.sample.bonds, state.model.sample.positions
    phase = (positions[bonds.source] + 0.5 * bonds.displacement) @ q
    for wave in (np.cos(phase), np.sin(phase)):
        if np.abs(wave).max(initial=0.0) > 1e-12:
            yield wave * bonds.displacement[:, axis]


@dataclass(frozen=True)
class _Found:
    """K of one wave and the share of charge from nothing, following and held; the last change of a chain."""

    kernel: Complexes
    broken: Floats
    change: float


@dataclass(frozen=True, eq=False)
class _Currents:
    """What vector potentials drive in a state."""

    state: State
    motion: LinearMotion
    z: Complexes
    accuracy: float

    @cached_property
    def stiffness(self) -> Floats:
        """That of each bond."""
        return bond_stiffness(self.motion.model, self.state.on_bonds)

    def of(self, potential: Floats) -> _Found:
        """The response to line integrals on the bonds."""
        motion, n_sites = self.motion, self.state.model.sample.n_sites
        driven = motion.driven(self._drive(potential))
        goals: list[Goal] = [
            ((slice(None), slice(1)), self.accuracy),
            ((slice(None), slice(1, None)), float(np.sqrt(self.accuracy))),
        ]

        def measure(f: Correlations) -> Floats:
            flow, gain = self._flow(f)
            return np.concatenate([[potential @ flow], gain, divergence(motion.model.sample, flow)])

        answered = resolvent(motion, driven, measure, self.z, goals)
        bare = bare_response(motion.transitions, driven, driven, self.z)
        dia, middle = float(self.stiffness @ potential**2), len(self.z) // 2
        maps = np.split(answered.values[middle, 1:], 2)
        held = self._held(driven, self.z[middle])
        kernel = dia - np.array([answered.values[:, 0], bare])
        broken = [self._broken(gain, outward, potential, self.z[middle]) for gain, outward in (maps, held)]
        return _Found(
            np.asarray(kernel / n_sites, np.complex128), np.array(broken), float(answered.changes[0])
        )

    def f_sum(self, q: Floats) -> tuple[float, float]:
        """Left over right side of the f-sum rule, following and held."""
        sample, transitions = self.motion.model.sample, self.motion.transitions
        sums = np.zeros(3)
        for wave in waves(sample, q):
            driven = -1j * self.motion.driven(source("charge", "z", self.motion.fields, wave))
            share = 1.0 if transitions.dofs == 4 else 2.0
            image = self.motion.product(driven)[0]
            over = wave[sample.bonds.target] - wave[sample.bonds.source]
            sums += [
                share * float(np.real(np.vdot(driven, image))),
                share * float(np.sum(transitions.energy * np.abs(driven) ** 2)),
                float(self.stiffness @ over**2),
            ]
        if not sums[2] > 1e-12 * sample.n_sites:
            return np.nan, np.nan
        return sums[0] / sums[2], sums[1] / sums[2]

    def _drive(self, potential: Floats) -> Fields:
        return replace(zeros_like(self.motion.fields), vector_potential=potential)

    def _flow(self, f: Correlations) -> tuple[Floats, Floats]:
        """Paramagnetic currents of the bonds, and δn of the sites."""
        changes = self.motion.changes(f)
        return current_of(self.motion.model, changes["normal"]), changes["spin_density"].sum(axis=0)

    def _held(self, driven: Complexes, z: complex) -> list[Any]:
        """δn and the paramagnetic ∇·J of every site with the fields held."""
        parts = bare_amplitudes(self.motion.transitions, driven, z)
        flows = [self._flow(self.motion.entries(part)) for part in parts]
        sample = self.motion.model.sample
        gains = [(gain, divergence(sample, flow)) for flow, gain in flows]
        return [gains[0][n] + 1j * gains[1][n] for n in (0, 1)]

    def _broken(self, gain: Complexes, outward: Complexes, potential: Floats, z: complex) -> float:
        """The largest −iω δρ + ∇·J of a site, of charges −1, over the largest current of a bond's kind."""
        flow = outward - divergence(self.motion.model.sample, self.stiffness * potential)
        largest = float(np.abs(self.stiffness * potential).max())
        return float(np.abs(1j * z * gain + flow).max()) / largest if largest else 0.0


def _named(
    currents: _Currents, q: Floats, axes: list[int], sigma: Any, broken: Any, sums: Any, change: float
) -> dict[str, Quantity]:
    """The quantities, each with the fields following and held."""
    notes: Notes = {
        "broadening": float(currents.z.imag[0]),
        "axes": ", ".join("xyz"[axis] for axis in axes),
        "self_consistent": currents.state.is_converged,
    }
    if change > currents.accuracy:
        notes = {**notes, "warning": "the spectra have not settled; broaden more"}
    number = {"wave_vector": Quantity(np.arange(len(q)), ("wave_vector",), "1", "number of q")}
    along = {**number, "energy": Quantity(currents.z.real, ("energy",), "t", "photon energy")}
    vectors = Quantity(q, ("wave_vector", "component"), "1/a", "wave vectors")
    found = {"conductivity_wave_vectors": vectors}
    for n, (name, end) in enumerate((("", ", fields following"), ("bare_", ", fields held"))):
        error = change * float(np.abs(sigma[0]).max()) if n == 0 else None
        dims: tuple[str, ...] = ("wave_vector", "component", "energy")
        long_name = f"conductivity{end}"
        found[f"{name}dynamical_conductivity"] = Quantity(
            sigma[n], dims, UNIT, long_name, along, error, notes
        )
        long_name = f"charge from nothing, share of the current{end}"
        found[f"{name}continuity_error"] = Quantity(broken[n], dims[:2], "1", long_name, number, None, notes)
        long_name = f"f sum of the density over what hopping says{end}"
        found[f"{name}f_sum"] = Quantity(sums[n], dims[:1], "1", long_name, number, None, notes)
    return found
