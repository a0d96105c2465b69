r"""The dynamical conductivity, by Kubo's formula with all eigenvectors.

A field E e^{−iωt} is the vector potential A = E/iω, which drives j = −K(ω) A, so that

    σ(ω) = iK(ω)/(ω + iη),   K(ω) = diamagnetic + (1/N) Σ_nm |⟨n|V|m⟩|² (f_n − f_m)/(E_n − E_m + ω + iη)

(half of the sum with 4 dofs; the order parameter is held). K(0) = D is the superfluid weight: a
superconductor has a peak of weight πD at ω = 0 and Im σ = D/ω beside it, a kinetic inductance of 1/D; and ∫
Re σ dω = π · diamagnetic.
"""

from __future__ import annotations

import numpy as np

from bdg.observables.dense import announce_dense
from bdg.observables.needs import periodic_directions
from bdg.observables.parameters import Broadening, Energies
from bdg.observables.quantity import Notes, Quantity, scalar
from bdg.observables.registry import observable
from bdg.observables.response.pole_sums import sum_of_poles
from bdg.observables.response.superfluid_weight import area_of_a_site, diamagnetic, transitions
from bdg.observables.response.vector_potential import joined_axes
from bdg.observables.state import State


@observable(
    title="Dynamical conductivity σ(ω) and kinetic inductance, with all eigenvectors.",
    group="response",
    needs=periodic_directions,
    example="{energies: {start: 0, stop: 4, num: 201}, broadening: 0.05}",
    numbers={"kinetic_inductance": "Kinetic inductance"},
)
def conductivity(state: State, energies: Energies, broadening: Broadening = 0.05) -> dict[str, Quantity]:
    """Conductivity σ(ω) along the coordinates whose ends are joined, per site, in e² a²/ħ.

    Parameters
    ----------
    state
        The state.
    energies
        ħω, shape ``(n_energies,)``, in t.
    broadening
        η, in t.

    Returns
    -------
    dict
        ``conductivity_real`` and ``conductivity_imaginary``, shape ``(n_axes, n_energies)``, and
        ``kinetic_inductance`` of a square, 1/D along the first axis, in ħ²/(e² t), where there is a D.

    Raises
    ------
    InputError
        If no ends are joined, the broadening is not positive or an energy not finite.
    """
    omega = energies + 1j * broadening
    axes = joined_axes(state.model.sample)
    announce_dense(
        state,
        f"the conductivity of {state.model.sample.n_sites} sites",
        state.hamiltonian.dimension,
        matrices=4 + 0.5 * len(axes) ** 2,
        cubes=2.0 * len(axes),
        instead="make the sample smaller, or repeat a smaller one with the boundary bloch",
    )
    dia = np.diag(diamagnetic(state, axes))
    answer = np.zeros((len(axes), len(omega)), np.complex128)
    static = np.zeros(len(axes))
    for strengths, occupied, levels, slope in transitions(state, axes):
        apart = levels[..., :, None] - levels[..., None, :]
        change = occupied[..., :, None] - occupied[..., None, :]
        for n in range(len(axes)):
            # What moves nothing between levels of one energy answers a static A alone.
            static[n] += float(np.sum(strengths[n, n] * slope))
            moved = strengths[n, n] * change
            acting = (moved != 0) & (apart > 0)
            both = sum_of_poles(moved[acting], apart[acting], np.concatenate([omega, -omega]))
            answer[n] += both[: len(omega)] + both[len(omega) :]  # n → m and m → n
    sigma = 1j * (dia[:, None] + answer) / omega
    axis = {"energy": Quantity(omega.real, ("energy",), "t", "photon energy")}
    notes: Notes = {"broadening": float(broadening), "axes": ", ".join("xyz"[n] for n in axes)}
    dims, units = ("component", "energy"), "e^2 a^2/hbar"
    whole = np.zeros((state.model.sample.dimension, len(omega)), np.complex128)
    whole[axes] = sigma
    found = {
        "conductivity_real": Quantity(
            whole.real, dims, units, "conductivity, real part", axis, attributes=notes
        ),
        "conductivity_imaginary": Quantity(
            whole.imag, dims, units, "conductivity, imaginary part", axis, attributes=notes
        ),
    }
    weight_ = float(dia[0] + static[0])
    if weight_ > 0 and state.model.sample.dimension == 2:
        found["kinetic_inductance"] = scalar(
            area_of_a_site(state.model) / weight_, "hbar^2/(e^2 t)", "kinetic inductance of a square"
        )
    return found
