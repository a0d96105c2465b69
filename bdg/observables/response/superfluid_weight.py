r"""The superfluid weight D_ab = ∂²Ω/∂A_a∂A_b / N: what a superconductor has and a normal metal has not.

With the order parameter held, and V_a = ∂H/∂A_a of the Nambu matrix,

    diamagnetic    (q²/N) Σ_bonds d_a d_b · (−2) Re Σ_σσ' ⟨tσ|h|sσ'⟩⟨c†_tσ c_sσ'⟩
    paramagnetic   (1/N) Σ_nm ⟨n|V_a|m⟩⟨m|V_b|n⟩ (f_n − f_m)/(E_n − E_m)      (half of it with 4 dofs)

their sum is Kubo's (Scalapino, White, Zhang, Phys. Rev. B 47, 7995 (1993), whose D_s is π times this). The
same is −∂J_a/∂A_b / N, which needs no eigenvectors. With the order parameter following A a part of it can
relax. (M28), (M29) of docs/theory/mean_field.md.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bdg.arrays import Floats, Numbers
from bdg.conventions import ELECTRON_CHARGE
from bdg.expectations import bond_stiffness
from bdg.model import Fields, Model
from bdg.nambu import BlochMomenta, Momentum, NambuAssembler, NambuMatrix
from bdg.observables.currents.currents import currents
from bdg.observables.response.vector_potential import in_uniform
from bdg.observables.state import State
from bdg.solvers import executor_of
from bdg.solvers.diagonalization import diagonalize
from bdg.solvers.thermal import divided_fermi, fermi

DENSE_ROWS, DENSE_WORK = 1600, 4e9
"""Rows of H up to which eigenvectors are quick, and rows³ times momenta."""

SMALL = 1e-3
"""Step of A of the differences, in ħ/(e a): the currents are known to 1e-10."""

FOLLOWING = 10.0
"""Largest error of a current for each unit of residual of the fields that follow, as seen."""

PLACES = np.array([1, -1, 2, -2])
"""Where A is in a difference, in steps."""

SECOND_ORDER, FOURTH_ORDER = np.array([1, -1, 0, 0]) / 2, np.array([8, -8, -1, 1]) / 12
"""Weights of J(h), J(−h), J(2h), J(−2h) in h ∂J/∂A."""

SLOPES_TO = 1e-11
"""Relative error of the paramagnetic part: (f_n − f_m)/(E_n − E_m) as f′ of levels that are 1e-5 T apart."""


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
        That of the currents, by differences.
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
    """The weight with the fields held; ``method`` is ``exact``, ``difference`` or ``auto``."""
    dia, dia_error = diamagnetic(state, axes), _diamagnetic_error(state)
    unit, places = np.eye(state.model.sample.dimension), (SMALL * PLACES).tolist()
    flows = [[flow(in_uniform(state, place * unit[axis])) for place in places] for axis in axes]
    held = response(state.model, axes, SMALL, flows)
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
    """Minus the static answer of the current to A, shape ``(n_axes, n_axes)``; not positive."""
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
        between = vectors.conj().swapaxes(-1, -2) @ moved
        strengths = share * np.real(between[:, None] * np.conj(between))
        occupied = fermi(levels, model.temperature, system.rounding)
        yield strengths, occupied, levels, divided_fermi(levels, model.temperature, system.rounding)
        first += system.n_momenta


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


@dataclass(frozen=True)
class Response:
    """−∂J/∂A by differences, and its errors.

    Parameters
    ----------
    local
        Of each site, along the axis of A, shape ``(n_axes, n_sites)``.
    total
        Mean over the sites, shape ``(n_axes, n_axes)``.
    local_error, total_error
        What the errors of the currents leave over the step, and the truncation of the difference.
    """

    local: Floats
    total: Floats
    local_error: float
    total_error: float


def flow(state: State) -> dict[str, Any]:
    """What a difference takes of a state: the current of each site, and the errors of one and of all."""
    flowing = currents(state)
    return {
        "site_current": flowing["site_current"].values,
        "error_of_a_site": flowing["site_current"].error or 0.0,
        "error_of_all": flowing["total_current"].error or 0.0,
    }


def response(
    model: Model,
    axes: list[int],
    step: float,
    flows: Sequence[Sequence[Mapping[str, Any]]],
    residual: float = 0.0,
) -> Response:
    """The response of the currents along some axes.

    Parameters
    ----------
    model
        Without the vector potential.
    axes
        Coordinates.
    step
        h, in ħ/(e a).
    flows
        What :func:`flow` is where A is h times each of :data:`PLACES`, for each axis.
    residual
        Of the fields that follow, in t.
    """
    local, total = np.zeros((2, len(axes), model.sample.n_sites)), np.zeros((2, len(axes), len(axes)))
    for n, axis in enumerate(axes):
        vectors = np.array([each["site_current"] for each in flows[n]])
        for order, weights in enumerate((SECOND_ORDER, FOURTH_ORDER)):
            slope = np.tensordot(weights, vectors, axes=1) / step
            local[order, n] = -slope[:, axis]
            total[order, :, n] = -slope[:, axes].mean(axis=0)
    of_a_site, of_all = (
        max(float(each[name]) for along in flows for each in along)
        for name in ("error_of_a_site", "error_of_all")
    )
    noise = np.abs(FOURTH_ORDER).sum() / step * np.array([of_a_site, of_all / model.sample.n_sites])
    noise += FOLLOWING * residual / step
    left = _left_by_fourth_order(model, step)
    errors = (noise[n] + left * np.abs(both[1] - both[0]).max() for n, both in enumerate((local, total)))
    return Response(local[1], total[1], *map(float, errors))


def _left_by_fourth_order(model: Model, step: float) -> float:
    """What a fourth-order difference leaves of the error of the second-order one, at most all of it.

    J(A) is analytic up to |A| = Λ = πT/v, v the largest velocity; h²J‴/6 and h⁴J⁽⁵⁾/30 are the two errors,
    and J⁽⁵⁾/J‴ is about 12/Λ².
    """
    sample, speed = model.sample, np.abs(model.spin_amplitude).sum(axis=2).max(axis=1)
    along = speed * np.linalg.norm(sample.bonds.displacement, axis=1)
    ends = np.concatenate([sample.bonds.source, sample.bonds.target])
    fastest = float(np.bincount(ends, np.tile(along, 2)).max(initial=0.0))
    if model.temperature == 0:
        return 1.0
    share = min(1.0, step * fastest / (np.pi * model.temperature))  # a tiny T would overflow when squared
    return min(1.0, 12 / 5 * share**2)


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
