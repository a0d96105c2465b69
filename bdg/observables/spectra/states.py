r"""The lowest quasiparticles: where they are, and what electron, hole and spin they are made of.

A quasiparticle of energy E > 0 is created by γ† = Σ_iσ (u_iσ c†_iσ + v_iσ c_iσ). A tunnelling electron finds
it at +E with the weight |u|², at −E with |v|². It adds the charge −(|u|² − |v|²) and the spin (|u_↑|² −
|v_↑|²) − (|u_↓|² − |v_↓|²) along z.

A level E < 0 is a quasiparticle of energy −E whose u and v* are exchanged. With 4 dofs that is one of the
levels E > 0 once more, and half of the levels count. With 2 dofs, Ψ = (c_↑, c†_↓), it is another one: levels
E > 0 are quasiparticles of spin up, levels E < 0 of spin down. So where the lowest quasiparticle changes its
spin, a level has crossed zero, and the ground state its parity.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Annotated, NamedTuple

import numpy as np
from numpy.typing import NDArray

from bdg.arrays import Floats
from bdg.nambu import NambuMatrix
from bdg.observables.parameters import LowestCount
from bdg.observables.quantity import Quantity
from bdg.observables.registry import observable
from bdg.observables.state import State
from bdg.solvers.states import States, degenerate_within, lowest_states


class Quasiparticles(NamedTuple):
    """Excitations, the lowest first.

    Parameters
    ----------
    energies, errors
        E ≥ 0 and the bounds on their errors, in t, shape ``(n_states,)``.
    k
        Bloch phases for one sample length, shape ``(n_states, n_directions)``.
    electron, hole
        |u_i|² and |v_i|², shape ``(n_states, n_sites)``.
    spin
        In units of ħ/2, along x, y and z, shape ``(n_states, 3, n_sites)``.
    complete_up_to
        Below this energy none is missing.
    """

    energies: Floats
    errors: Floats
    k: Floats
    electron: Floats
    hole: Floats
    spin: Floats
    complete_up_to: float


@observable(
    title="Lowest quasiparticles: energy, |u|², |v|², charge and spin of each site.",
    group="spectra",
    uses_places=False,
)
def states(state: State, count: Annotated[LowestCount, "How many."] = 8) -> dict[str, Quantity]:
    r"""The lowest quasiparticles: energies, and the weights |u_i|², |v_i|², charge and spin on the sites.

    Degenerate ones, to √ε of the scale of hops and pairs, all have the mean of theirs: each by itself would
    be what the basis happens to be. In large samples they come from
    :func:`bdg.solvers.states.lowest_states`, which proves by the inertia of H that none is missing.

    Parameters
    ----------
    state
        The state to measure. In an infinite sample the lowest of all momenta of its grid are found; where H
        is real, −k has the same levels as k and is not listed.
    count
        How many quasiparticles.

    Returns
    -------
    dict
        ``states``, energies E ≥ 0 (none is missing below its ``complete_up_to``), and ``state_error``, the
        bound on the error of each (residual |Hψ − Eψ|); ``state_electron`` = |u_i|², ``state_hole`` = |v_i|²,
        ``state_charge`` = |v_i|² − |u_i|² in e and ``state_spin_z`` (with 4 dofs also ``_x``, ``_y``) in ħ/2,
        shape ``(n_states, n_sites)``; ``state_participation`` = 1/Σ_i (|u_i|² + |v_i|²)², the number of sites
        a state is spread over, the inverse of the inverse participation ratio; in an infinite sample
        ``state_momentum``.

    Raises
    ------
    InputError
        If the count is not positive.
    NumericalError, ResourceError
        If the states cannot be found or certified, or do not fit into memory.
    """
    hamiltonian = state.hamiltonian
    n_dofs = hamiltonian.dofs // 2  # with 4 dofs each quasiparticle is two levels
    found = lowest_states(hamiltonian, n_dofs * count, solver=state.solver)
    lowest = _quasiparticles(hamiltonian, found, count)
    notes = {"complete_up_to": lowest.complete_up_to}
    along, places = ("state",), ("state", "site")

    def made(values: Floats, dims: tuple[str, ...], name: str, units: str = "1") -> Quantity:
        return Quantity(values, dims, units, name, attributes=notes)

    share, worst = lowest.electron + lowest.hole, float(lowest.errors.max())
    quantities = {
        "states": replace(made(lowest.energies, along, "quasiparticle energy", "t"), error=worst),
        "state_error": made(lowest.errors, along, "bound on the error of the quasiparticle energy", "t"),
        "state_electron": made(lowest.electron, places, "electron weight |u|²"),
        "state_hole": made(lowest.hole, places, "hole weight |v|²"),
        "state_charge": made(lowest.hole - lowest.electron, places, "charge of the quasiparticle", "e"),
    }
    for axis, name in enumerate("xyz"):
        if hamiltonian.dofs == 4 or name == "z":
            values = np.ascontiguousarray(lowest.spin[:, axis])
            quantities[f"state_spin_{name}"] = made(values, places, f"spin of the quasiparticle along {name}")
    spread = 1.0 / np.sum(share**2, axis=1)
    quantities["state_participation"] = made(spread, along, "sites the quasiparticle is spread over")
    if state.model.sample.is_infinite:
        name = "Bloch phase of the quasiparticle for one sample length"
        quantities["state_momentum"] = made(lowest.k, ("state", "direction"), name)
    return quantities


def _quasiparticles(hamiltonian: NambuMatrix, found: States, count: int) -> Quasiparticles:
    """Quasiparticles of levels of both signs."""
    k = np.stack([hamiltonian.momenta[int(number)].k for number in found.momenta])
    top, bottom, spin = _mean_of_degenerate(found, _parts(hamiltonian, found), degenerate_within(hamiltonian))
    if hamiltonian.dofs == 4:
        every = _upper_half(found, degenerate_within(hamiltonian))
    else:
        every = np.arange(len(found))
    kept, energies = every[:count], np.abs(found.energies[every])
    turned = np.zeros(len(kept), dtype=bool) if hamiltonian.dofs == 4 else found.energies[kept] < 0
    electron, hole = top[kept], bottom[kept]
    electron[turned], hole[turned] = bottom[kept][turned], top[kept][turned]
    sign = np.where(turned, -1.0, 1.0)
    return Quasiparticles(
        energies[:count],
        found.errors[kept],
        sign[:, None] * k[kept] + 0.0,
        electron,
        hole,
        sign[:, None, None] * spin[kept],
        float(min(found.radius, *energies[count:])) if len(every) > count else found.radius,
    )


def _parts(hamiltonian: NambuMatrix, found: States) -> tuple[Floats, Floats, Floats]:
    """Weights of the c and of the c† components of each level, and their spin ψ†σψ; states first.

    The c† components are those of the time-reversed electron, so spin acts on both alike.
    """
    half = hamiltonian.dofs // 2
    amplitudes = found.vectors.reshape(hamiltonian.n_sites, 2, half, len(found))
    weights = np.abs(amplitudes) ** 2
    top, bottom = weights[:, 0].sum(axis=1).T, weights[:, 1].sum(axis=1).T
    spin = np.zeros((len(found), 3, hamiltonian.n_sites))
    if half == 1:
        spin[:, 2] = top + bottom
    else:
        flip = 2 * np.sum(np.conj(amplitudes[:, :, 0]) * amplitudes[:, :, 1], axis=1).T
        spin[:, 0], spin[:, 1] = np.real(flip), np.imag(flip)
        spin[:, 2] = (weights[:, :, 0] - weights[:, :, 1]).sum(axis=1).T
    return top, bottom, spin


def _mean_of_degenerate(
    found: States, parts: tuple[Floats, Floats, Floats], within: float
) -> tuple[Floats, Floats, Floats]:
    """The parts of levels, those of the same energy and momentum replaced by their mean."""
    order = np.lexsort((found.energies, found.momenta))
    apart = np.diff(found.energies[order]) > within
    apart |= np.diff(found.momenta[order]) != 0
    group = np.empty(len(order), dtype=np.intp)
    group[order] = np.concatenate([[0], np.cumsum(apart)])
    sizes = np.bincount(group)

    def mean(values: Floats) -> Floats:
        total = np.zeros((len(sizes), *values.shape[1:]))
        np.add.at(total, group, values)
        averages: Floats = total[group] / sizes[group].reshape(-1, *[1] * (values.ndim - 1))
        return averages

    return mean(parts[0]), mean(parts[1]), mean(parts[2])


def _upper_half(found: States, within: float) -> NDArray[np.intp]:
    """The levels E > 0, and of those at zero energy half, for each momentum; the lowest first."""
    kept = []
    for momentum in np.unique(found.momenta):
        own = np.flatnonzero(found.momenta == momentum)
        own = own[np.argsort(found.energies[own], kind="stable")]
        zero = int(np.count_nonzero(np.abs(found.energies[own]) <= within))
        below = int(np.count_nonzero(found.energies[own] < -within))
        kept.append(own[below + zero // 2 :])
    chosen = np.concatenate(kept)
    return chosen[np.argsort(np.abs(found.energies[chosen]), kind="stable")]
