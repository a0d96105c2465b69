"""T_BKT of a sample from the fluctuations of its phases: Monte Carlo of an XY model on its own stiffness."""

from __future__ import annotations

from typing import Annotated, Any

import numpy as np
from pydantic import Field

from bdg.arrays import Floats
from bdg.experiments.xy.couplings import bond_couplings
from bdg.experiments.xy.network import stiffness
from bdg.experiments.xy.phases import Phases
from bdg.experiments.xy.unbinding import Unbinding, unbinding
from bdg.lattice import Sample
from bdg.observables.contract import Form
from bdg.observables.needs import periodic_plane
from bdg.observables.parameters import Flag, Positive, Steps
from bdg.observables.quantity import Notes, Quantity, scalar
from bdg.observables.registry import observable
from bdg.observables.state import State

SMALLEST = 12
"""Sites along the shorter side of the smallest sample by default; the next are twice and four times that."""


def _copies(copies: Any, sample: Sample) -> tuple[int, ...]:
    if copies is not None:
        return tuple(sorted(copies))
    side = np.sqrt(sample.n_sites / np.prod(sample.size)) * min(sample.size)
    first = max(1, int(np.ceil(SMALLEST / side)))
    return first, 2 * first, 4 * first


Copies = Annotated[
    Any,
    Form(
        Annotated[tuple[Annotated[int, Field(strict=True, ge=1, le=1000)], ...], Field(min_length=2)] | None,
        _copies,
    ),
    "How often the sample is repeated along its directions, e.g. [1, 2, 4]; two at least.",
]
"""Repetitions; the function receives them in ascending order."""

Sweeps = Annotated[int, Field(strict=True, ge=32, le=100_000_000)]
"""How many sweeps of a Markov chain."""

Seed = Annotated[int, Field(strict=True, ge=0, le=2**32 - 1)]
"""A seed of random numbers."""


@observable(
    title="Helicity modulus and T_BKT of the phases, by Monte Carlo on the sample's own stiffness.",
    group="response",
    needs=periodic_plane,
    example="{copies: [1, 2, 4], sweeps: 4000}",
    numbers={"xy_bkt_temperature": "T_BKT of the phases"},
)
def xy_model(
    state: State,
    copies: Copies = None,
    sweeps: Annotated[Sweeps, "Sweeps of each Markov chain."] = 4000,
    num: Annotated[Steps, "How many temperatures around T_BKT."] = 5,
    window: Annotated[Positive, "How far they go from it, as a share."] = 0.06,
    follow: Annotated[Flag, "Whether the couplings are those of each temperature."] = True,
    seed: Annotated[Seed, "Of the Markov chains."] = 0,
) -> dict[str, Quantity]:
    """Υ(T) and T_BKT of E = −Σ_bonds J cos(θ_i − θ_j), J = ħ²/4e² times the superfluid weight of the bond.

    Mean fields have a modulus of Δ and a phase of it; these phases fluctuate, classically, by spin waves and
    vortices. The couplings are those of :func:`.bond_couplings`, at each temperature those of the state that
    is self-consistent there.

    Parameters
    ----------
    state
        A converged state without currents, of a plane that is periodic in both directions.
    copies
        How often the sample is repeated along its directions: T_BKT is found from several lengths.
    sweeps
        Of each chain, all sites once on average; the error falls as one over its root.
    num, window
        Temperatures that T_BKT is found between, and how far the outermost are from the first guess of it.
    follow
        Whether the couplings follow T; else they stay those of the state.
    seed
        Of the chains: the same numbers come of the same seed.

    Returns
    -------
    dict
        ``xy_coupling`` J of each bond of the state, in t; ``xy_stiffness``, √det of their modulus at T = 0,
        that of the state with currents that go around weak bonds; ``helicity_modulus`` over ``copies`` and
        ``temperature``, and its standard error ``helicity_error``; ``xy_bkt_temperature``.

    Raises
    ------
    InputError
        If the sample is no such plane, or the state has currents or no stiffness.
    NumericalError
        If a loop does not converge.
    """
    phases = Phases(state, follow)
    couplings, error = bond_couplings(state)
    middle = phases.guess(copies[0], sweeps, seed)
    scale = phases.steepness(middle)
    temperatures = middle * (1 + window * np.linspace(-1, 1, num) / scale)
    chains = [phases.chains(temperature, copies, sweeps, seed) for temperature in temperatures]
    modulus = np.array([[one.value for one in chain] for chain in chains]).T
    spread = np.array([[one.error for one in chain] for chain in chains]).T
    found = unbinding(temperatures, phases.length * np.array(copies), modulus, spread, seed)
    axes = {
        "copies": Quantity(np.array(copies), ("copies",), "1", "copies of the sample along its directions"),
        "temperature": Quantity(temperatures, ("temperature",), "t/k_B", "temperature"),
    }
    dims, name = ("copies", "temperature"), "helicity modulus of the phases"
    stiff = stiffness(state.model.sample, couplings, phases.area)
    return {
        "xy_coupling": Quantity(couplings, ("bond",), "t", "coupling of the phases of a bond", error=error),
        "xy_stiffness": scalar(stiff, "t", "stiffness of the phases without fluctuations"),
        "helicity_modulus": Quantity(modulus, dims, "t", name, axes, float(spread.max())),
        "helicity_error": Quantity(spread, dims, "t", f"standard error of the {name}", axes),
        "xy_bkt_temperature": _temperature(found, temperatures),
    }


def _temperature(found: Unbinding, temperatures: Floats) -> Quantity:
    notes: Notes = {"constant": found.constant, "misfit": found.misfit, "error_is": "standard"}
    if not temperatures[0] <= found.temperature <= temperatures[-1]:
        line = (
            f"vortices unbind beyond the temperatures {temperatures[0]:.4g} to {temperatures[-1]:.4g} t that "
            "were looked at; raise window or sweeps"
        )
        notes = {**notes, "warning": line}
    name = "temperature at which vortices unbind, phases fluctuating"
    return scalar(found.temperature, "t/k_B", name, found.error, notes)
