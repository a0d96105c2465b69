r"""The Chern number of infinite samples and of tori, on a mesh of momenta.

Fukui, Hatsugai and Suzuki (J. Phys. Soc. Jpn. 74, 1674 (2005)): with the states below zero in the columns
of V_k,

    U_μ(k) = det V_k† V_{k+μ} / |…|,   F(k) = arg [ U_1(k) U_2(k+1) U_1*(k+2) U_2*(k) ] ∈ (−π, π] ,

Σ_k F is 2π times an integer on any mesh, whatever the phases of the states, and the right one where no |F|
comes near π. As U ≈ e^{−iA·dk} with the Berry connection A = i⟨u|∂u⟩, C = −ΣF/2π in the sign of
:mod:`bdg.topology`.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from bdg.nambu import NambuMatrix
from bdg.resources import blas_threads, require_memory
from bdg.topology.closed import matrices_at

FINEST, COARSEST = 400, 4
"""Momenta along a direction, where the mesh is chosen."""

SMOOTH = 1.0
"""A mesh is fine enough where no |F| is larger: half of π is still far from the jump at π."""

UNRESOLVED = 2.5
"""With an |F| larger than this the number is not to be trusted."""

CLOSED = 1e-9
"""A gap below this share of the largest energy is none."""

Frames = tuple[NDArray[np.complex128], NDArray[np.float64]]


@dataclass(frozen=True)
class BerryMesh:
    """The Chern number of a block of H, and what tells whether to trust it.

    Parameters
    ----------
    chern
        C of the block, NaN where the gap closes or the mesh does not resolve it.
    flux
        Berry flux −F through each plaquette of the mesh, shape ``(n, n)``, oriented as x → y; NaN without
        gap.
    k
        Phases at which the plaquettes begin along each of the two directions, shape ``(n,)``.
    gap
        Smallest |E| over the zone, in t.
    gap_at
        Where it is, in units of 2π along the two directions.
    """

    chern: float
    flux: NDArray[np.float64]
    k: NDArray[np.float64]
    gap: float
    gap_at: tuple[float, float]


def chern_number(
    hamiltonian: NambuMatrix, closed: list[int], orientation: int, length: int, mesh: int | None = None
) -> BerryMesh:
    """The Chern number of the states below zero.

    Parameters
    ----------
    hamiltonian
        Of :func:`bdg.topology.closed_matrix`, of any dofs.
    closed
        The two closed directions.
    orientation
        −1 where the second of them turns clockwise from the first.
    length
        Cells of the shorter of the two: a longer block has a smaller zone, and needs fewer momenta.
    mesh
        Momenta along each direction; ``None``: twice as many as before until F is smooth.
    """
    n = mesh or max(COARSEST, 48 // length)
    flux, count, gap, at = _berry(hamiltonian, closed, n)
    gap, at = _refined(hamiltonian, closed, gap, at)
    is_closed = gap <= CLOSED * hamiltonian.norm_bound() or np.unique(count).size > 1
    while mesh is None and not is_closed and np.abs(flux).max() > SMOOTH and 2 * n * length <= FINEST:
        n *= 2
        flux, *_ = _berry(hamiltonian, closed, n)
    chern = float(np.rint(-orientation * flux.sum() / (2 * np.pi))) + 0.0  # no −0
    if is_closed or np.abs(flux).max() > UNRESOLVED:
        chern = np.nan
    flux = np.full_like(flux, np.nan) if is_closed else -orientation * flux
    return BerryMesh(chern, flux, 2 * np.pi * np.arange(n) / n, gap, (float(at[0]), float(at[1])))


def _berry(
    hamiltonian: NambuMatrix, closed: list[int], n: int
) -> tuple[NDArray[np.float64], NDArray[np.intp], float, NDArray[np.float64]]:
    """F of each plaquette, how many states lie below zero, the smallest |E| on the mesh and where."""
    require_memory(
        6 * 16 * n * float(hamiltonian.dimension) ** 2,
        f"the states of {hamiltonian.n_sites} sites on a row of {n} momenta",
        "make the sample or the mesh smaller, or measure spectral_localizer",
    )
    below = hamiltonian.dimension // 2
    flux, count, lowest = np.empty((n, n)), np.empty((n, n), np.intp), np.empty((n, n))

    def row(index: int) -> NDArray[np.complex128]:
        k = np.zeros((n, hamiltonian.momenta[0].k.size))
        k[:, closed[0]], k[:, closed[1]] = 2 * np.pi * index / n, 2 * np.pi * np.arange(n) / n
        frames, energies = _frames(hamiltonian, k, below)
        count[index], lowest[index] = (energies < 0).sum(axis=1), np.abs(energies).min(axis=1)
        return frames

    first = here = row(0)
    along = _link(here, np.roll(here, -1, axis=0))
    first_along = along
    for index in range(n):
        following = first if index == n - 1 else row(index + 1)
        after = first_along if index == n - 1 else _link(following, np.roll(following, -1, axis=0))
        across = _link(here, following)
        flux[index] = np.angle(across * after * np.conj(np.roll(across, -1)) * np.conj(along))
        here, along = following, after
    where = np.unravel_index(int(np.argmin(lowest)), lowest.shape)
    return flux, count, float(lowest.min()), np.array(where, dtype=np.float64) / n


def _frames(hamiltonian: NambuMatrix, k: NDArray[np.float64], below: int) -> Frames:
    """The lower half of the states in columns, and all energies, at each momentum."""
    with blas_threads(None if hamiltonian.dimension > 256 else 1):
        if hamiltonian.dimension > 64:  # one at a time: together they may not fit
            each = [np.linalg.eigh(matrices_at(hamiltonian, one[None])[0]) for one in k]
            return np.stack([v[:, :below] for _, v in each]), np.stack([e for e, _ in each])
        energies, vectors = np.linalg.eigh(matrices_at(hamiltonian, k))
    return vectors[:, :, :below], energies


def _link(one: NDArray[np.complex128], other: NDArray[np.complex128]) -> NDArray[np.complex128]:
    """Phase of det V† V' of each pair of frames."""
    phase: NDArray[np.complex128] = np.linalg.slogdet(np.conj(one.swapaxes(1, 2)) @ other)[0]
    return phase


def _refined(
    hamiltonian: NambuMatrix, closed: list[int], gap: float, at: NDArray[np.float64]
) -> tuple[float, NDArray[np.float64]]:
    """The smallest |E| near that of the mesh, which may miss the momentum at which the gap closes."""

    def energy(place: NDArray[np.float64]) -> float:
        k = np.zeros((1, hamiltonian.momenta[0].k.size))
        k[0, closed] = 2 * np.pi * place
        return float(np.abs(np.linalg.eigvalsh(matrices_at(hamiltonian, k)[0])).min())

    if hamiltonian.dimension > 400:
        return gap, at
    from scipy.optimize import minimize  # rarely needed, imported late

    found = minimize(
        energy, at, method="Nelder-Mead", options={"xatol": 1e-12, "fatol": 1e-14, "maxfev": 400}
    )
    return (float(found.fun), np.asarray(found.x) % 1.0) if found.fun < gap else (gap, at)
