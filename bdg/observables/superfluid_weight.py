r"""The superfluid weight D_ab = ∂²Ω/∂A_a∂A_b / N: what a superconductor has and a normal metal has not.

With the order parameter held, and V_a = ∂H/∂A_a of the Nambu matrix,

    diamagnetic    (q²/N) Σ_bonds d_a d_b · (−2) Re Σ_σσ' ⟨tσ|h|sσ'⟩⟨c†_tσ c_sσ'⟩
    paramagnetic   (1/N) Σ_nm ⟨n|V_a|m⟩⟨m|V_b|n⟩ (f_n − f_m)/(E_n − E_m)      (half of it with 4 dofs)

their sum is Kubo's (Scalapino, White, Zhang, Phys. Rev. B 47, 7995 (1993), whose D_s is π times this). The
same is −∂J_a/∂A_b / N, which needs no eigenvectors. With the order parameter following A a part of it can
relax.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Annotated, Any, Literal

import numpy as np
from numpy.typing import NDArray

from bdg.conventions import ELECTRON_CHARGE
from bdg.expectations import bond_current, bond_stiffness
from bdg.model import Fields, Model
from bdg.nambu import BlochMomenta, Momentum, NambuAssembler, NambuMatrix
from bdg.observables.currents import site_vectors
from bdg.observables.needs import periodic_directions
from bdg.observables.parameters import Flag
from bdg.observables.quantity import Notes, Quantity, scalar
from bdg.observables.registry import observable
from bdg.observables.response import in_uniform, joined_axes, relaxed
from bdg.observables.state import State
from bdg.solvers import executor_of
from bdg.solvers.diagonalization import diagonalize
from bdg.solvers.thermal import fermi

Matrix = NDArray[np.float64]
Array = NDArray[np.float64] | NDArray[np.complex128]

DENSE_ROWS, DENSE_WORK = 1600, 4e9
"""Rows of H up to which eigenvectors are quick, and rows³ times momenta."""

SMALL, SMALL_RELAXED = 1e-3, 5e-3
"""Steps of A of the differences, in ħ/(e a): the currents are known to 1e-10, or to the residual of a
loop."""

RELAXED_TO = 1e-10
"""Residual of the fields that follow."""


@observable(
    title="Superfluid weight, its diamagnetic and paramagnetic parts, and its map.",
    group="response",
    needs=periodic_directions,
    numbers={"phase_stiffness_temperature": "π/8 of the stiffness"},
)
def superfluid_weight(
    state: State,
    method: Annotated[
        Literal["auto", "exact", "difference"],
        "exact: eigenvectors; difference: of currents, for large samples; auto chooses.",
    ] = "auto",
    relax: Annotated[Flag, "Also with the self-consistent fields following."] = False,
) -> dict[str, Quantity]:
    """Superfluid weight D_ab per site, in e² t a²/ħ², along the coordinates whose ends are joined.

    Parameters
    ----------
    state
        The state.
    method
        ``exact``: Kubo's formula with all eigenvectors. ``difference``: fourth-order differences of the
        current, with any solver. ``auto`` takes eigenvectors where there are few.
    relax
        Whether to find the weight with self-consistent fields following A as well, and the map of it.

    Returns
    -------
    dict
        ``superfluid_weight`` with the fields held, and its ``diamagnetic`` and ``paramagnetic`` parts, shapes
        ``(n_axes, n_axes)``; ``local_stiffness``, each site's part of the diagonal, ``(n_axes, n_sites)``,
        whose mean it is; with ``relax`` also ``relaxed_weight`` and ``relaxed_stiffness``. In two dimensions
        ``phase_stiffness_temperature`` = (π/8)√det D·N/area: where it falls below T, vortices unbind.

    Raises
    ------
    InputError
        If no ends are joined, or the method has no such name.
    NumericalError
        If the fields do not follow.
    """
    sample, axes = state.model.sample, joined_axes(state.model.sample)
    dia = diamagnetic(state, axes)
    local, by_difference = _responses(state, axes, SMALL, None)
    rows, work = state.hamiltonian.dimension, len(sample.momenta) * state.hamiltonian.dimension**3
    exact = method == "exact" or (method == "auto" and rows <= DENSE_ROWS and work <= DENSE_WORK)
    para = paramagnetic(state, axes) if exact else by_difference - dia
    notes: Notes = {
        "method": "exact" if exact else "difference",
        "self_consistent": state.is_converged,
        "axes": ", ".join("xyz"[axis] for axis in axes),
    }
    found = {
        "superfluid_weight": _tensor(dia + para, "superfluid weight, fields held", notes),
        "diamagnetic": _tensor(dia, "diamagnetic part of the superfluid weight", notes),
        "paramagnetic": _tensor(para, "paramagnetic part of the superfluid weight", notes),
        "local_stiffness": _local(local, "stiffness of the site, fields held"),
    }
    weight = dia + para
    if relax:
        local, weight = _responses(state, axes, SMALL_RELAXED, RELAXED_TO)
        found["relaxed_weight"] = _tensor(
            weight, "superfluid weight, fields following", {"step": SMALL_RELAXED}
        )
        found["relaxed_stiffness"] = _local(local, "stiffness of the site, fields following")
    if len(axes) == 2 and sample.dimension == 2:
        stiffness = np.sqrt(max(float(np.linalg.det(weight)), 0.0)) / area_of_a_site(state.model)
        found["phase_stiffness_temperature"] = scalar(
            np.pi / 8 * stiffness, "t", "π/8 of the stiffness, below which T must be"
        )
    return found


def diamagnetic(state: State, axes: list[int]) -> Matrix:
    """⟨∂²H/∂A_a∂A_b⟩/N, shape ``(n_axes, n_axes)``."""
    sample, held = state.model.sample, bond_stiffness(state.model, state.on_bonds)
    along = sample.bonds.displacement[:, axes]
    found: Matrix = np.einsum("n,na,nb->ab", held, along, along) / sample.n_sites
    return found


def paramagnetic(state: State, axes: list[int]) -> Matrix:
    """Minus the static answer of the current to A, shape ``(n_axes, n_axes)``; not positive."""
    total = np.zeros((len(axes), len(axes)))
    for strengths, _, _, change in transitions(state, axes):
        total += np.einsum("abknm,knm->ab", strengths, change)
    return total


def transitions(state: State, axes: list[int]) -> Iterator[tuple[Matrix, Matrix, Matrix, Matrix]]:
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
        yield strengths, occupied, levels, _divided_fermi(levels, model.temperature, system.rounding)
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


def _applied(vertex: NambuMatrix, first: int, vectors: Array) -> Array:
    """The matrix at as many momenta from the first on times their vectors, ``(n_momenta, dimension, n)``."""
    if len(vectors) == 1:
        alone: Array = (vertex.sparse(first) @ vectors[0])[None]
        return alone
    some = vertex.momenta[first : first + len(vectors)]
    values: NDArray[Any] = np.stack([momentum.values for momentum in some])
    together: Array = vertex.to_dense(values) @ vectors
    return together


def _on_whole_grid(matrix: NambuMatrix, k: Matrix) -> NambuMatrix:
    """The matrix at every momentum of the grid, none of them standing for −k too."""
    if isinstance(matrix.momenta, BlochMomenta):
        return replace(matrix, momenta=matrix.momenta.at(k))
    (only,) = matrix.momenta
    return replace(matrix, momenta=(Momentum(1.0, only.k, only.values),))


def _divided_fermi(energies: Matrix, temperature: float, rounding: float) -> Matrix:
    """(f_n − f_m)/(E_n − E_m), and f′ where the two energies are the same; shape ``(…, n, n)``."""
    occupied = fermi(energies, temperature, rounding)
    row, column = energies[..., :, None], energies[..., None, :]
    apart, middle = row - column, 0.5 * (row + column)
    # Differences of f lose digits where the energies are close: there f′ is better, to (δE/T)²/24.
    close = np.abs(apart) <= max(1e-5 * temperature, rounding)
    slope = np.zeros_like(middle)
    if temperature > rounding:  # below it, T is 0 to what the levels show
        slope = -0.25 / temperature / np.cosh(np.clip(middle / (2 * temperature), -300, 300)) ** 2
    ratio = (occupied[..., :, None] - occupied[..., None, :]) / np.where(close, 1.0, apart)
    return np.where(close, slope, ratio)


def _responses(state: State, axes: list[int], step: float, tolerance: float | None) -> tuple[Matrix, Matrix]:
    """−∂J/∂A by differences: of each site along the axis of A, and per site in all; fields follow or not."""
    sample, dimension = state.model.sample, state.model.sample.dimension
    local, total = np.zeros((len(axes), sample.n_sites)), np.zeros((len(axes), len(axes)))
    for n, axis in enumerate(axes):
        for times, share in ((1, 8), (-1, -8), (2, -1), (-2, 1)):
            moved = in_uniform(state, times * step * np.eye(dimension)[axis])
            if tolerance is not None:
                moved = relaxed(moved, tolerance)
            vectors = site_vectors(sample, bond_current(moved.model, moved.on_bonds))
            local[n] -= share * vectors[:, axis] / (12 * step)
            total[:, n] -= share * vectors[:, axes].mean(axis=0) / (12 * step)
    return local, total


def area_of_a_site(model: Model) -> float:
    """Area of the plane for each site, in a²."""
    vectors, sample = model.sample.cell.vectors, model.sample
    cell = abs(float(np.linalg.det(vectors)))
    return cell * float(np.prod(sample.size)) / sample.n_sites


def _tensor(values: Matrix, name: str, notes: Notes) -> Quantity:
    return Quantity(values, ("along", "across"), "e^2 t a^2/hbar^2", name, attributes=notes)


def _local(values: Matrix, name: str) -> Quantity:
    return Quantity(values, ("component", "site"), "e^2 t a^2/hbar^2", name)
