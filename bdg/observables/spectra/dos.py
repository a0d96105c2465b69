"""Density of states per site."""

from __future__ import annotations

from typing import Annotated

import numpy as np
from pydantic import Field

from bdg.arrays import Complexes
from bdg.errors import InputError
from bdg.observables.blocks import in_blocks
from bdg.observables.loops import Numbers
from bdg.observables.parameters import Broadening, Energies
from bdg.observables.quantity import Quantity, energy_axis
from bdg.observables.registry import observable
from bdg.observables.spectra.few_sites import METHOD, Method, stochastic_trace
from bdg.observables.spectra.ldos import notes_of, spin_ldos
from bdg.observables.state import State
from bdg.parameters.base import Seed

RandomVectors = Annotated[
    Annotated[int, Field(strict=True, ge=2, le=100_000)] | None,
    "Number of random vectors of a stochastic trace, for samples of which every site is too many; none:"
    " the trace over all sites.",
]


@observable(
    title="Density of states per site, of both spins.",
    group="spectra",
    example="{energies: {start: -2, stop: 2, num: 201}, random_vectors: 10, seed: 0}",
    uses_places=False,
)
def dos(
    state: State,
    energies: Energies,
    broadening: Broadening = 0.05,
    random_vectors: RandomVectors = None,
    seed: Annotated[Seed, "Seed of the random vectors."] = 0,
    method: Annotated[Method, METHOD] = "auto",
) -> dict[str, Quantity]:
    """Density of states per site, N(ω) = (1/n_sites) Σ_iσ N_iσ(ω), in 1/t; ∫N dω = 2.

    Parameters
    ----------
    state
        The state to measure.
    energies
        ω from the chemical potential, shape ``(n_energies,)``, in t.
    broadening
        η, the half width of the Lorentzian each level becomes, in t.
    random_vectors
        With so many the trace is the mean of ⟨r|δ(ω − H)|r⟩ over vectors r of random signs, by Chebyshev
        moments: its error falls as 1/√(n_sites · random_vectors) (Weiße et al., Rev. Mod. Phys. 78, 275
        (2006)).
    seed
        Of the random vectors.
    method
        See :func:`bdg.observables.spectra.ldos.ldos`.

    Returns
    -------
    dict
        ``dos``, shape ``(n_energies,)``; with random vectors ``dos_error``, of the same shape: the standard
        error of the mean, from the scatter of the vectors.

    Raises
    ------
    InputError
        If the broadening is not positive, an energy not finite, or random vectors are asked of a solver.
    """
    axis, notes = {"energy": energy_axis(energies)}, notes_of(broadening, method)
    name, dims = "density of states per site, both spins", ("energy",)
    if random_vectors is None:
        everywhere = np.arange(state.model.sample.n_sites)
        by_spin, error = spin_ldos(state, energies, broadening, everywhere, method)
        values = by_spin.sum(axis=0).mean(axis=1)
        return {"dos": Quantity(values, dims, "1/t", name, axis, 2 * error, notes)}
    if method == "solver":
        raise InputError("random vectors are for moments; leave method out, or random_vectors")
    z: Complexes = np.asarray(energies) + 1j * broadening

    def compute(part: slice) -> Numbers:
        mean, scatter, bound = stochastic_trace(state, z[part], method, random_vectors, seed)
        return {"mean": mean, "scatter": scatter, "bound": np.array(bound)}

    found = in_blocks(state, ("trace", broadening, method, random_vectors, seed), energies, 1, compute)
    worst = float(found["scatter"].max() + found["bound"])
    notes |= {"random_vectors": random_vectors}
    return {
        "dos": Quantity(found["mean"], dims, "1/t", name, axis, worst, notes),
        "dos_error": Quantity(
            found["scatter"], dims, "1/t", "standard error of the density of states per site", axis
        ),
    }
