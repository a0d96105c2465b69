r"""The superfluid weight D_ab = ∂²Ω/∂A_a∂A_b / N: what a superconductor has and a normal metal has not.

With the order parameter held, and V_a = ∂H/∂A_a of the Nambu matrix,

    diamagnetic    (q²/N) Σ_bonds d_a d_b · (−2) Re Σ_σσ' ⟨tσ|h|sσ'⟩⟨c†_tσ c_sσ'⟩
    paramagnetic   (1/N) Σ_nm ⟨n|V_a|m⟩⟨m|V_b|n⟩ (f_n − f_m)/(E_n − E_m)      (half of it with 4 dofs)

their sum is Kubo's (Scalapino, White, Zhang, Phys. Rev. B 47, 7995 (1993), whose D_s is π times this). The
same is −∂J_a/∂A_b / N, which needs no eigenvectors. With the order parameter following A a part of it can
relax. (M28), (M29) of docs/theory/mean_field.md.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Annotated, Any, Literal

import numpy as np
from numpy.typing import NDArray

from bdg.arrays import Floats, Numbers
from bdg.conventions import ELECTRON_CHARGE
from bdg.expectations import bond_stiffness
from bdg.model import Fields, Model
from bdg.nambu import BlochMomenta, Momentum, NambuAssembler, NambuMatrix
from bdg.observables.needs import periodic_directions
from bdg.observables.parameters import Flag
from bdg.observables.quantity import Notes, Quantity, scalar
from bdg.observables.registry import observable
from bdg.observables.response.current_response import Response, current_response
from bdg.observables.response.vector_potential import joined_axes
from bdg.observables.state import State
from bdg.solvers import executor_of
from bdg.solvers.diagonalization import diagonalize
from bdg.solvers.thermal import divided_fermi, fermi

DENSE_ROWS, DENSE_WORK = 1600, 4e9
"""Rows of H up to which eigenvectors are quick, and rows³ times momenta."""

SLOPES_TO = 1e-11
"""Relative error of the paramagnetic part: (f_n − f_m)/(E_n − E_m) as f′ of levels that are 1e-5 T apart."""


UNIT = "e^2 t a^2/hbar^2"


@observable(
    title="Superfluid weight, its diamagnetic and paramagnetic parts, and its map.",
    group="response",
    needs=periodic_directions,
    numbers={"phase_stiffness_temperature": "π/8 of the stiffness"},
)
def superfluid_weight(
    state: State,
    method: Annotated[
        Literal["auto", "exact", "response", "difference"],
        "exact: eigenvectors; response (or, as it was, difference): of currents, any size; auto chooses.",
    ] = "auto",
    relax: Annotated[Flag, "Also with the self-consistent fields following."] = False,
) -> dict[str, Quantity]:
    """Superfluid weight D_ab per site, in e² t a²/ħ², along the coordinates whose ends are joined.

    Parameters
    ----------
    state
        The state.
    method
        ``exact``: Kubo's formula with all eigenvectors. ``response``: −∂J/∂A from the exact response of f(H),
        with any solver; ``difference`` is its older name. ``auto`` takes eigenvectors where there are few.
    relax
        Whether to find the weight with self-consistent fields following A as well, and the map of it.

    Returns
    -------
    dict
        ``superfluid_weight`` with the fields held, and its ``diamagnetic`` and ``paramagnetic`` parts, shapes
        ``(n_axes, n_axes)``; ``local_stiffness``, each site's part of the diagonal, ``(n_axes, n_sites)``,
        whose mean it is; with ``relax`` also ``relaxed_weight`` and ``relaxed_stiffness``, NaN where fields
        do not follow. In two dimensions
        ``phase_stiffness_temperature`` = (π/8)√det D·N/area: where it falls below T, vortices unbind.

    Raises
    ------
    InputError
        If no ends are joined, or the method has no such name.
    """
    axes = joined_axes(state.model.sample)
    held = held_weight(state, axes, method)
    weight, error = held.diamagnetic + held.paramagnetic, held.error
    lacking: Notes = {}
    notes: Notes = {
        "method": "exact" if held.is_exact else "response",
        "self_consistent": state.is_converged,
        "axes": ", ".join("xyz"[axis] for axis in axes),
    }
    dia, para = (f"{part} part of the superfluid weight" for part in ("diamagnetic", "paramagnetic"))
    found = {
        "superfluid_weight": _tensor(weight, "superfluid weight, fields held", error, notes),
        "diamagnetic": _tensor(held.diamagnetic, dia, held.diamagnetic_error, notes),
        "paramagnetic": _tensor(held.paramagnetic, para, held.paramagnetic_error, notes),
        "local_stiffness": _local(held.response, "stiffness of the site, fields held"),
    }
    if relax:
        following, lacking = _following(state, axes)
        weight, error = following.total, following.total_error
        name = "superfluid weight, fields following"
        found["relaxed_weight"] = _tensor(weight, name, error, {**notes, **lacking})
        found["relaxed_stiffness"] = _local(following, "stiffness of the site, fields following", lacking)
    if len(axes) == 2 and state.model.sample.dimension == 2:
        scale, name = np.pi / 8 / area_of_a_site(state.model), "π/8 of the stiffness, below which T must be"
        found["phase_stiffness_temperature"] = scalar(
            scale * _mean_weight(weight), "t/k_B", name, scale * _error_of_mean(weight, error), lacking
        )
    return found


def _following(state: State, axes: list[int]) -> tuple[Response, Notes]:
    """The response with the fields following, NaN where they do not, and what is to be said of that."""
    found = current_response(state, axes, following=True)
    if found is not None:
        return found, {}
    n_sites, n_axes = state.model.sample.n_sites, len(axes)
    nothing = np.full((n_axes, n_sites), np.nan), np.full((n_axes, n_axes), np.nan)
    why = "how the fields follow a vector potential is not found: the state is at a transition"
    return Response(*nothing, np.nan, np.nan), {"no_state": why, "warning": why}


def _mean_weight(weight: Floats) -> float:
    """√det D of a plane; 0 where it is not positive."""
    if np.isnan(weight).any():
        return float("nan")
    return float(np.sqrt(max(float(np.linalg.det(weight)), 0.0)))


def _error_of_mean(weight: Floats, error: float) -> float:
    """Change of √det D when all entries of D are off by an error, the worst way round."""
    shifts = ([[1, 0], [0, 1]], [[-1, 0], [0, -1]], [[1, 1], [1, 1]], [[1, -1], [-1, 1]])
    changed = (_mean_weight(weight + error * np.array(shift)) for shift in shifts)
    return 2 * max(abs(value - _mean_weight(weight)) for value in changed)


def _tensor(values: Floats, name: str, error: float, notes: Notes) -> Quantity:
    return Quantity(values, ("along", "across"), UNIT, name, error=error, attributes=notes)


def _local(found: Response, name: str, notes: Notes | None = None) -> Quantity:
    dims, error = ("component", "site"), found.local_error
    return Quantity(found.local, dims, UNIT, name, error=error, attributes=notes or {})


@dataclass(frozen=True)
class Weight:
    """The superfluid weight with the fields held.

    Parameters
    ----------
    diamagnetic, paramagnetic
        Its parts, shape ``(n_axes, n_axes)``.
    diamagnetic_error, error
        Of the first part, and of the sum.
    paramagnetic_error
        Of the second part.
    response
        That of the currents.
    is_exact
        Whether all eigenvectors were taken.
    """

    diamagnetic: Floats
    paramagnetic: Floats
    diamagnetic_error: float
    paramagnetic_error: float
    error: float
    response: Response
    is_exact: bool


def held_weight(state: State, axes: list[int], method: str) -> Weight:
    """The weight with the fields held; ``method`` is ``exact``, ``response`` or ``auto``."""
    dia, dia_error = diamagnetic(state, axes), _diamagnetic_error(state)
    held = current_response(state, axes)
    assert held is not None
    rows, work = state.hamiltonian.dimension, len(state.model.sample.momenta) * state.hamiltonian.dimension**3
    is_exact = method == "exact" or (method == "auto" and rows <= DENSE_ROWS and work <= DENSE_WORK)
    para = paramagnetic(state, axes) if is_exact else held.total - dia
    error = dia_error + SLOPES_TO * float(np.abs(para).max()) if is_exact else held.total_error
    para_error = error + (0.0 if is_exact else dia_error)
    return Weight(dia, para, dia_error, para_error, error, held, is_exact)


def diamagnetic(state: State, axes: list[int]) -> Floats:
    """⟨∂²H/∂A_a∂A_b⟩/N, shape ``(n_axes, n_axes)``."""
    sample, held = state.model.sample, bond_stiffness(state.model, state.on_bonds)
    along = sample.bonds.displacement[:, axes]
    found: Floats = np.einsum("n,na,nb->ab", held, along, along) / sample.n_sites
    return found


def paramagnetic(state: State, axes: list[int]) -> Floats:
    """Minus the static response of the current to A, shape ``(n_axes, n_axes)``; not positive."""
    total = np.zeros((len(axes), len(axes)))
    for strengths, _, _, change in transitions(state, axes):
        total += np.einsum("abknm,knm->ab", strengths, change)
    return total


def transitions(state: State, axes: list[int]) -> Iterator[tuple[Floats, Floats, Floats, Floats]]:
    """What currents couple, some momenta at a time.

    Yields
    ------
    tuple
        Re⟨n|V_a|m⟩⟨m|V_b|n⟩ per site, with the weight of the momentum and the half of 4 dofs, shape
        ``(n_axes, n_axes, n_momenta, n, n)``; f_n and E_n, shape ``(n_momenta, n)``; and
        (f_n − f_m)/(E_n − E_m), shape ``(n_momenta, n, n)``.
    """
    model, n_sites = state.model, state.model.sample.n_sites
    k = model.sample.momenta.k
    hamiltonian = _on_whole_grid(state.hamiltonian, k)
    vertices = [_on_whole_grid(current_vertex(model, axis), k) for axis in axes]
    share = (0.5 if hamiltonian.dofs == 4 else 1.0) / (n_sites * len(k))
    first = 0
    for system in diagonalize(hamiltonian, None, executor_of(state.solver)):
        levels = system.energies.reshape(system.n_momenta, -1)
        # (n_momenta, dimension, n)
        vectors = system.vectors.reshape(len(system.vectors), *levels.shape).swapaxes(0, 1)
        moved = np.array([_applied(vertex, first, vectors) for vertex in vertices])
        between: Numbers = _between(vectors, moved)
        strengths = share * np.real(between[:, None] * np.conj(between))
        occupied = fermi(levels, model.temperature, system.rounding)
        yield strengths, occupied, levels, divided_fermi(levels, model.temperature, system.rounding)
        first += system.n_momenta


def _between(vectors: Numbers, moved: Numbers) -> Numbers:
    """⟨n|V_a|m⟩; of real states and an imaginary vertex its imaginary part: the i drops out of products."""
    rounding = float(np.finfo(float).eps) * float(np.abs(moved).max(initial=0.0))
    if np.isrealobj(vectors) and np.abs(moved.real).max(initial=0.0) <= 4 * rounding:
        real: Numbers = vectors.real.swapaxes(-1, -2) @ np.ascontiguousarray(moved.imag)
        return real
    found: Numbers = vectors.conj().swapaxes(-1, -2) @ moved
    return found


def current_vertex(model: Model, axis: int) -> NambuMatrix:
    """V = ∂H/∂A along a coordinate: the hops of the model times iq d, and nothing on the sites."""
    n_sites, along = model.sample.n_sites, model.sample.bonds.displacement[:, axis]
    bare = replace(
        model,
        hopping=model.hopping * along,
        phase=model.phase + ELECTRON_CHARGE * np.pi / 2,
        spin_orbit=None if model.spin_orbit is None else model.spin_orbit * along[:, None],
        onsite=np.zeros(n_sites),
        zeeman=np.zeros((3, n_sites)),
        given_delta=None,
        given_bonds=None,
        bond_attraction=None,
        least_dofs=model.dofs,
    )
    nothing = Fields(np.zeros(n_sites), np.zeros((2, n_sites)), 0.0)
    return NambuAssembler(bare).matrix(nothing)


def _applied(vertex: NambuMatrix, first: int, vectors: Numbers) -> Numbers:
    """The matrix at as many momenta from the first on times their vectors, ``(n_momenta, dimension, n)``."""
    if len(vectors) == 1:
        alone: Numbers = (vertex.sparse(first) @ vectors[0])[None]
        return alone
    some = vertex.momenta[first : first + len(vectors)]
    values: NDArray[Any] = np.stack([momentum.values for momentum in some])
    together: Numbers = vertex.to_dense(values) @ vectors
    return together


def _on_whole_grid(matrix: NambuMatrix, k: Floats) -> NambuMatrix:
    """The matrix at every momentum of the grid, none of them standing for −k too."""
    if isinstance(matrix.momenta, BlochMomenta):
        return replace(matrix, momenta=matrix.momenta.at(k))
    (only,) = matrix.momenta
    return replace(matrix, momenta=(Momentum(1.0, only.k, only.values),))


def _diamagnetic_error(state: State) -> float:
    """Largest error of ⟨∂²H/∂A_a∂A_b⟩/N that the error of f on the bonds leaves."""
    sample = state.model.sample
    hops = np.abs(state.model.spin_amplitude).sum(axis=(1, 2))
    squared = np.sum(sample.bonds.displacement**2, axis=1)
    return float(2 * ELECTRON_CHARGE**2 * state.on_bonds.error * (hops @ squared) / sample.n_sites)


def area_of_a_site(model: Model) -> float:
    """Area of the plane for each site, in a²."""
    vectors, sample = model.sample.cell.vectors, model.sample
    cell = abs(float(np.linalg.det(vectors)))
    return cell * float(np.prod(sample.size)) / sample.n_sites
