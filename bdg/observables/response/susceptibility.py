r"""Static susceptibilities χ_ij = ∂⟨O_i⟩/∂λ_j of −Σ λ_i O_i, the self-consistent fields following.

With χ₀ the response of f(H) at fixed fields, W the interaction and J = W χ₀ the linearised map,

    χ = χ₀ (1 − W χ₀)⁻¹ ,

whose expansion is that of vertex corrections in the random-phase approximation, which mean fields that follow
sum. It is the second derivative −∂²Ω/∂λ_i∂λ_j, symmetric, and positive at a minimum of Ω. At wave vector q

    χ(q) = (1/N) Σ_ij e^{−iq·(r_i − r_j)} χ_ij ;

of charge at q = 0 it is the compressibility ∂n/∂μ. Turning all phases costs nothing: the response of the
phase at q = 0 is infinite (Goldstone), and so is that of a magnet's spins across it.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Annotated, Any

import numpy as np
from numpy.typing import NDArray

from bdg.arrays import Floats
from bdg.lattice import Sample
from bdg.observables.contract import Form
from bdg.observables.parameters import SITES
from bdg.observables.quantity import Notes, Quantity
from bdg.observables.registry import observable
from bdg.observables.response.sources import Channel, SpinAxis, measured, source
from bdg.observables.response.wave_vectors import WaveVectors
from bdg.observables.state import State
from bdg.scf.derivative import Derivative
from bdg.scf.stability.following import Free, free_directions, responding
from bdg.scf.stability.jacobian import Jacobian
from bdg.scf.stability.unrestricted import with_all_spins

LEFT = 1e-6
"""Share of what drives the fields that may be left."""


def _driven(sites: Any, sample: Sample) -> NDArray[np.int64] | None:
    if sites is None:
        return None
    found = SITES.resolve(sites, sample)
    return np.arange(sample.n_sites) if found is None else np.asarray(found)


DrivenSites = Annotated[
    Any,
    Form(
        SITES.written | None,
        _driven,
        in_python=SITES.in_python | None,
    ),
    "Sites that are driven, each by itself, for maps; by default none.",
]
"""Sites; the function receives their indices, or ``None`` for none."""


@observable(
    title="Static susceptibility of charge, spin or pairs, the self-consistent fields following.",
    group="response",
    example="{channel: charge, wave_vectors: [[0, 0]], sources: [[0, 0]], axis: z}",
)
def susceptibility(
    state: State,
    channel: Annotated[Channel, "charge, spin, amplitude or phase (of the pairs on sites)."] = "charge",
    wave_vectors: WaveVectors = None,
    sources: DrivenSites = None,
    axis: Annotated[SpinAxis, "Of spins."] = "z",
) -> dict[str, Quantity]:
    """χ at wave vectors, and its maps around driven sites, with the fields held and following, in 1/t.

    μ is held, also where the run fixes the filling; a field of the currents is held.

    Parameters
    ----------
    state
        A self-consistent state; of any other the fields would change without a source too.
    channel, axis
        See :mod:`bdg.observables.response.sources`.
    wave_vectors
        Shape ``(n_wave_vectors, dimension)``, in 1/a; by default 0 where no sites are driven.
    sources
        Sites.

    Returns
    -------
    dict
        ``susceptibility`` of the wave vectors and ``bare_susceptibility`` with the fields held, per site;
        ``susceptibility_map`` and ``bare_susceptibility_map``, shape ``(n_sources, n_sites)``, ⟨O_i⟩ of each
        site for a source of size 1 at each driven one. Infinite, with a warning, where the source turns what
        nothing holds.

    Raises
    ------
    InputError
        If T = 0 and a level lies at zero energy, or a wave vector does not fit into the sample.
    """
    linear = LinearResponse.of(state, channel, axis)
    found: dict[str, Quantity] = {}
    if sources is not None:
        found |= linear.maps(sources)
    if wave_vectors is not None or sources is None:
        dimension = state.model.sample.dimension
        found |= linear.at_wave_vectors(np.zeros((1, dimension)) if wave_vectors is None else wave_vectors)
    return found


@dataclass(frozen=True, eq=False)
class LinearResponse:
    """A state's response to sources of one channel."""

    state: State
    channel: Channel
    axis: SpinAxis
    derivative: Derivative
    jacobian: Jacobian
    free: list[Free]

    @classmethod
    def of(cls, state: State, channel: Channel, axis: SpinAxis) -> LinearResponse:
        """That of a state at its μ; spins across z in four dofs."""
        model, fields = replace(state.model, chemical_potential=state.fields.mu, filling=None), state.fields
        if channel == "spin" and axis != "z":
            model, fields = with_all_spins(model, fields)
        jacobian = Jacobian(model, state.solver, fields, 1.0)
        return cls(state, channel, axis, jacobian.derivative, jacobian, free_directions(jacobian))

    def to(self, strength: Floats) -> tuple[Floats, Floats]:
        """δ⟨O⟩ of each site with the fields following, and held, for λ of each site."""
        fields = self.derivative.fields
        driver = source(self.channel, self.axis, fields, strength)
        held = self._measured(self.derivative.along(driver)[0].f)
        found = responding(self.jacobian, driver, self.free)
        if found.is_infinite:
            return np.full_like(held, np.inf), held
        return (self._measured(found.f) if found.left <= LEFT else np.full_like(held, np.nan)), held

    def maps(self, sites: NDArray[np.int64]) -> dict[str, Quantity]:
        """Those of sources on single sites."""
        unit = np.eye(self.state.model.sample.n_sites)
        both = np.array([self.to(unit[site]) for site in sites])
        axis = {"source": Quantity(sites, ("source",), "1", "driven site")}
        return self._named(both[:, 0], both[:, 1], ("source", "site"), axis, "_map", "response of each site")

    def at_wave_vectors(self, wave_vectors: Floats) -> dict[str, Quantity]:
        """χ(q) from a cosine and a sine as sources."""
        positions, n = self.state.model.sample.positions, self.state.model.sample.n_sites
        totals = np.zeros((2, len(wave_vectors)))
        for place, q in enumerate(wave_vectors):
            for wave in (np.cos(positions @ q), np.sin(positions @ q)):
                if np.abs(wave).max() > 1e-12:
                    totals[:, place] += [wave @ one / n for one in self.to(wave)]
        axis = {"wave_vector": Quantity(np.arange(len(wave_vectors)), ("wave_vector",), "1", "number of q")}
        q = Quantity(wave_vectors, ("wave_vector", "component"), "1/a", "wave vectors")
        named = self._named(totals[0], totals[1], ("wave_vector",), axis, "", "per site")
        return {**named, "susceptibility_wave_vectors": q}

    def _measured(self, f: Any) -> Floats:
        return measured(self.channel, self.axis, self.derivative.fields, self.state.model.sample, f)

    def _named(
        self, following: Floats, held: Floats, dims: tuple[str, ...], axis: Any, end: str, what: str
    ) -> dict[str, Quantity]:
        told = self.channel if self.channel != "spin" else f"spin along {self.axis}"
        notes: Notes = {"channel": told, "self_consistent": self.state.is_converged, "fixed": "mu"}
        error = self.derivative.error
        warned = notes
        if np.isinf(following).any():
            warned = {
                **notes,
                "warning": "the source turns what nothing holds: the response to it is infinite",
            }
        elif np.isnan(following).any():
            warned = {
                **notes,
                "warning": "how the fields follow is not found: the state is near a transition",
            }
        return {
            f"susceptibility{end}": Quantity(
                following, dims, "1/t", f"susceptibility of {told}, {what}", axis, error, warned
            ),
            f"bare_susceptibility{end}": Quantity(
                held, dims, "1/t", f"susceptibility of {told}, fields held, {what}", axis, error, notes
            ),
        }
