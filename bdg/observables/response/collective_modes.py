r"""The response of a self-consistent state at real frequency, χ(ω + iη), its fields following.

Of a drive −Σ λ_i O_i cos ωt, with the linearised motion i dδρ/dt = [H, δρ] + [δH, ρ] of the density matrix,
δH what the interactions make of δρ,

    χ(ω) = χ₀(ω) (1 − W χ₀(ω))⁻¹ .

Peaks of Im χ are the collective modes: of the phase of Δ (Anderson and Bogoliubov), of its amplitude (Higgs,
from 2Δ on), bound ones at impurities and in vortices; a map is the mode as it stands on the lattice. The
sample is isolated: its electrons stay, and at T > 0 the limit ω → 0 is the adiabatic response, not that of
``susceptibility``, where levels are filled anew. How: :mod:`.motion.chain`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Any

import numpy as np
from pydantic import Field, Tag

from bdg.arrays import Complexes, Floats
from bdg.model import Fields, Model
from bdg.observables.contract import Form
from bdg.observables.parameters import Energies, PositiveEnergy
from bdg.observables.quantity import Notes, Quantity
from bdg.observables.registry import observable
from bdg.observables.response.motion.bare import bare_amplitudes, bare_response
from bdg.observables.response.motion.chain import Goal, resolvent
from bdg.observables.response.motion.drives import CHANNELS, Pattern, drive, expected, waves
from bdg.observables.response.motion.linear_motion import LinearMotion
from bdg.observables.response.sources import Channel, SpinAxis, measured
from bdg.observables.response.susceptibility import DrivenSites
from bdg.observables.response.wave_vectors import WaveVectors
from bdg.observables.state import State
from bdg.parameters.base import LIST, Positive
from bdg.parameters.dimensions import EnergyNumber
from bdg.parameters.problems import refuse
from bdg.solvers import Correlations


def one_kind_of_drive(model: Model, wave_vectors: Any, sources: Any) -> None:
    """Waves or sites, not both."""
    if wave_vectors is not None and sources is not None:
        refuse("waves and sites are two runs of it; leave out wave_vectors, or sources")


MapEnergies = Annotated[
    Any,
    Form(
        Annotated[tuple[EnergyNumber, ...], Field(min_length=1), Tag(LIST)] | None,
        lambda energies, sample: np.array([] if energies is None else energies, dtype=np.float64),
    ),
    "Energies of the maps of modes, [0.4, 1.2]; by default none.",
]
"""Energies; the function receives an array, which may be empty."""


@observable(
    title="Collective modes: amplitude (Higgs), phase, charge and spin at real frequency, fields following.",
    group="response",
    needs=one_kind_of_drive,
    example="{channel: phase, pattern: uniform, energies: [0.5, 1.0], map_energies: [1.0]}",
)
def collective_modes(
    state: State,
    energies: Energies,
    broadening: PositiveEnergy = 0.05,
    channel: Annotated[
        Channel, "What is driven: charge, spin, amplitude or phase of the pairs."
    ] = "amplitude",
    pattern: Annotated[Pattern, "uniform, or order_parameter: pairs driven as strongly as Δ is."] = "uniform",
    wave_vectors: WaveVectors = None,
    sources: DrivenSites = None,
    axis: Annotated[SpinAxis, "Of spins."] = "z",
    map_energies: MapEnergies = None,
    accuracy: Annotated[
        Positive, "Change of the spectra, of the largest value, that ends the search."
    ] = 1e-4,
) -> dict[str, Quantity]:
    """χ(ω + iη) of one channel's drives in every channel, with the fields following and held, and maps.

    μ is held, also where the run fixes the filling; a field of the currents is held. T = 0 takes a quarter
    of the pairs of levels, and of a real H half the work.

    Parameters
    ----------
    state
        A self-consistent state at a minimum of Ω.
    energies, broadening
        ħω and η, in t.
    channel, axis
        See :mod:`bdg.observables.response.sources`.
    pattern
        Of pairs: the same on each site, or Δ itself, on sites and bonds.
    wave_vectors
        Shape ``(n_wave_vectors, dimension)``, in 1/a; by default 0.
    sources
        Sites, each driven by itself, in place of waves.
    map_energies
        ħω of maps.
    accuracy
        The chain ends where it changes nothing by more.

    Returns
    -------
    dict
        ``mode_spectrum`` and ``bare_mode_spectrum``, Im χ of the driven channel in itself, shape ``(n_drives,
        n_energies)``, per site of waves; ``mode_response``, complex χ in the channels amplitude, phase,
        charge and spin, shape ``(n_drives, 4, n_energies)``; ``mode_map_amplitude``, ``mode_map_phase``,
        ``mode_map_charge`` and ``mode_map_spin``, δ⟨O_i⟩ of every site to a drive of size 1 (of a wave to its
        cosine), complex, shape ``(n_drives, n_map_energies, n_sites)``, and of the driven channel with the
        fields held ``bare_mode_map``.

    Raises
    ------
    InputError
        If the state is no minimum of Ω, T = 0 and a level lies at zero energy, a wave vector does not fit
        into the sample, or it would take hours.
    """
    across = channel == "spin" and axis != "z"
    on_bonds = pattern == "order_parameter" and state.fields.bond_delta is not None
    motion = LinearMotion(state, broadening, with_bonds=on_bonds, all_spins=across)
    z, maps_at = energies + 1j * broadening, map_energies + 1j * broadening
    spectra = _Spectra(state, motion, channel, axis, pattern, z, maps_at, accuracy)
    n_sites, dimension = state.model.sample.n_sites, state.model.sample.dimension
    if sources is not None:
        drives, share = [[row] for row in np.eye(n_sites)[sources]], 1.0
        first = "source", Quantity(sources, ("source",), "1", "driven site")
    else:
        q = np.zeros((1, dimension)) if wave_vectors is None else wave_vectors
        drives, share = [waves(state.model.sample, one) for one in q], 1.0 / n_sites
        first = "wave_vector", Quantity(np.arange(len(q)), ("wave_vector",), "1", "number of q")
    found = spectra.named([spectra.of(each, share) for each in drives], first)
    if sources is None:
        vectors = Quantity(q, ("wave_vector", "component"), "1/a", "wave vectors")
        found["mode_wave_vectors"] = vectors
    return found


@dataclass
class _Found:
    """χ of one drive in every channel, ``(n_channels, n_energies)``, and held in its own; maps; the chain."""

    following: Complexes
    held: Complexes
    maps: Complexes
    held_maps: Complexes
    changes: Floats
    steps: int


@dataclass
class _Spectra:
    """Spectra of drives of one channel."""

    state: State
    motion: LinearMotion
    channel: Channel
    axis: SpinAxis
    pattern: Pattern
    z: Complexes
    maps_at: Complexes
    accuracy: float

    def of(self, strengths: list[Floats], share: float) -> _Found:
        """Σ over the parts of a drive, each measured as it is driven; maps are those of the first."""
        parts = [self._one(strength, share) for strength in strengths]
        return _Found(
            np.sum([part.following for part in parts], axis=0),
            np.sum([part.held for part in parts], axis=0),
            parts[0].maps,
            parts[0].held_maps,
            np.max([part.changes for part in parts], axis=0),
            max(part.steps for part in parts),
        )

    def _one(self, strength: Floats, share: float) -> _Found:
        motion, n_z, n_maps = self.motion, len(self.z), len(self.maps_at)
        observers = [self._drive(channel, strength) for channel in CHANNELS]
        driven = motion.driven(self._drive(self.channel, strength))

        def measure(f: Correlations) -> Floats:
            changes = motion.changes(f)
            totals = np.array([expected(one, changes) for one in observers])
            return np.concatenate([totals, self._map(f).ravel()]) if n_maps else totals

        every = np.concatenate([self.z, self.maps_at])
        found = resolvent(motion, driven, measure, every, self._goals(n_z))
        bare = bare_response(motion.transitions, driven, driven, self.z)
        shape, n = (n_maps, len(CHANNELS), -1), len(CHANNELS)
        maps = (
            found.values[n_z:, n:].reshape(shape).swapaxes(0, 1)
            if n_maps
            else np.zeros((n, 0, 0), np.complex128)
        )
        held_maps = [self._held_map(driven, z) for z in self.maps_at]
        return _Found(
            share * found.values[:n_z, :n].T,
            share * bare,
            maps,
            np.array(held_maps).swapaxes(0, 1) if n_maps else maps,
            found.changes,
            found.steps,
        )

    def _goals(self, n_z: int) -> list[Goal]:
        """Of the driven channel, of all channels and of the maps; these converge half as fast."""
        row, rough = CHANNELS.index(self.channel), float(np.sqrt(self.accuracy))
        own = (slice(n_z), slice(row, row + 1)), self.accuracy
        every, maps = (slice(n_z), slice(len(CHANNELS))), (slice(n_z, None), slice(len(CHANNELS), None))
        return [own, (every, rough), (maps, rough)]

    def _drive(self, channel: Channel, strength: Floats) -> Fields:
        sample = self.state.model.sample
        return drive(channel, self._axis(channel), self.pattern, sample, self.motion.fields, strength)

    def _axis(self, channel: Channel) -> SpinAxis:
        return self.axis if channel == "spin" and self.motion.model.dofs == 4 else "z"

    def _map(self, f: Correlations) -> Floats:
        """δ⟨O_i⟩ of every site, ``(n_channels, n_sites)``."""
        fields, sample = self.motion.fields, self.motion.model.sample
        return np.array([measured(one, self._axis(one), fields, sample, f) for one in CHANNELS])

    def _held_map(self, driven: Complexes, z: complex) -> Complexes:
        parts = bare_amplitudes(self.motion.transitions, driven, z)
        real, imaginary = (self._map(self.motion.entries(part)) for part in parts)
        return real + 1j * imaginary

    def named(self, found: list[_Found], first: tuple[str, Quantity]) -> dict[str, Quantity]:
        """The quantities of some drives."""
        name, coordinate = first
        driven = self.channel if self.channel != "spin" else f"spin along {self._axis('spin')}"
        notes: Notes = {
            "channel": driven,
            "channels": ", ".join(CHANNELS),
            "pattern": self.pattern,
            "broadening": float(self.z.imag[0]),
            "self_consistent": self.state.is_converged,
            "fixed": "electrons",
            "steps": max(one.steps for one in found),
        }
        changes = np.max([one.changes for one in found], axis=0)
        if np.any(changes > [goal for _, goal in self._goals(0)]):
            notes = {**notes, "warning": "the spectra have not settled; broaden more"}
        axes = {name: coordinate, "energy": Quantity(self.z.real, ("energy",), "t", "energy of the drive")}
        row, what = CHANNELS.index(self.channel), f"response of {driven}, imaginary part"
        following = np.array([one.following for one in found])
        held = np.array([one.held for one in found])
        errors = changes * [_largest(following[:, row]), _largest(following), 0.0]
        dims: tuple[str, ...] = (name, "energy")
        quantities = {
            "mode_spectrum": Quantity(following[:, row].imag, dims, "1/t", what, axes, errors[0], notes),
            "bare_mode_spectrum": Quantity(held.imag, dims, "1/t", f"{what}, fields held", axes, None, notes),
        }
        dims, what = (name, "channel", "energy"), f"response to a drive of {driven}"
        numbers = Quantity(np.arange(len(CHANNELS)), ("channel",), "1", ", ".join(CHANNELS))
        both = {**axes, "channel": numbers}
        quantities["mode_response"] = Quantity(following, dims, "1/t", what, both, errors[1], notes)
        return quantities | self._maps(found, {name: coordinate}, changes[2], notes)

    def _maps(
        self, found: list[_Found], axes: dict[str, Quantity], change: float, notes: Notes
    ) -> dict[str, Quantity]:
        """The maps of some drives, if any are wanted: of each channel, and with the fields held."""
        if not len(self.maps_at):
            return {}
        axes["energy"] = Quantity(self.maps_at.real, ("energy",), "t", "energy of the drive")
        row, dims = CHANNELS.index(self.channel), (*axes, "site")
        maps, held = (np.array([getattr(one, key) for one in found]) for key in ("maps", "held_maps"))
        error, units = change * _largest(maps), "1/t"
        quantities = {
            f"mode_map_{one}": Quantity(maps[:, n], dims, units, f"{one} of the mode", axes, error, notes)
            for n, one in enumerate(CHANNELS)
        }
        name = f"{self.channel}, fields held"
        quantities["bare_mode_map"] = Quantity(held[:, row], dims, units, name, axes, None, notes)
        return quantities


def _largest(values: Complexes) -> float:
    return float(np.abs(values).max(initial=0.0))
