"""Samples of a Hamiltonian matrix with positions, as other tight-binding codes make it."""

from __future__ import annotations

from typing import Any, Protocol

import numpy as np
import scipy.sparse
from numpy.typing import ArrayLike, NDArray

from bdg.errors import InputError
from bdg.lattice.free import sample_of_positions
from bdg.lattice.sample import Sample
from bdg.words import quoted

NOT_HERMITIAN = 1e-10
"""Differences between H and its conjugate transpose above this share of the largest element are errors."""

UP, DOWN = 0, 1


def sample_of_matrix(
    matrix: Any,
    positions: ArrayLike,
    *,
    spin: str | ArrayLike | None = None,
    orbitals: ArrayLike | None = None,
    cutoff: float = 0.0,
    name: str = "matrix",
) -> Sample:
    """A sample whose normal state is a given matrix, from any code or one's own.

    Off-diagonal elements become hoppings, diagonal ones on-site energies, and those between spins the spin
    parts of both. μ, fields, pairing and whatever else :func:`bdg.build_model` takes come on top; Peierls
    phases follow from the positions.

    Parameters
    ----------
    matrix
        Hermitian, sparse (of SciPy's) or dense, shape ``(n, n)``, in t; ⟨i|H|j⟩ in row i and column j.
    positions
        Shape ``(n, dimension)``, in lattice constants; or ``(n / k, dimension)``, where k rows in a row
        belong to each position.
    spin
        ``None``: the rows are orbitals, and both spins are alike. ``"interleaved"``: ↑ and ↓ in turn;
        ``"blocks"``: all ↑, then all ↓; or ``"up"`` or ``"down"``, or +1 or −1, for each row, or for each of
        the k rows of a position. Sites are the pairs, in the order of their ↑.
    orbitals
        A label of each row, or of each of the k rows of a position: ↑ and ↓ of a site have the same one.
        Needed where several orbitals share a place and their spins are not in the same order.
    cutoff
        Hoppings of at most this modulus are left out.
    name
        For messages and figures.

    Raises
    ------
    InputError
        If the matrix is not Hermitian, shapes do not fit, or a row lacks its partner of the other spin.
    """
    elements = _hermitian(matrix)
    n = elements.shape[0]
    places = np.asarray(positions, np.float64)
    places = places[:, None] if places.ndim == 1 else places
    if places.ndim != 2 or not len(places) or n % len(places):
        raise InputError(f"positions have shape {places.shape}, the matrix has {n} rows; give one for each")
    share = n // len(places)
    places = np.repeat(places, share, axis=0)
    site, which, n_spins = _sites(places, spin, orbitals, share)
    n_sites = n // n_spins
    row, column, value = elements.row, elements.col, elements.data
    blocks: dict[str, NDArray[Any]] = {}
    pairs, block = np.unique(np.column_stack([site[row], site[column]]), axis=0, return_inverse=True)
    whole = np.zeros((len(pairs), n_spins, n_spins), value.dtype)
    whole[block.ravel(), which[row], which[column]] = value
    levels = np.zeros((n_sites, n_spins, n_spins), value.dtype)
    home = pairs[:, 0] == pairs[:, 1]
    levels[pairs[home, 0]] = whole[home]
    kept = (pairs[:, 0] > pairs[:, 1]) & (np.abs(whole).max(axis=(1, 2), initial=0.0) > cutoff)
    blocks["t"], blocks["onsite"] = -whole[kept], levels
    if n_spins == 1:
        blocks = {key: part[:, 0, 0] for key, part in blocks.items()}
    onsite = blocks["onsite"].real if n_spins == 1 else blocks["onsite"]
    first = np.zeros(n_sites, np.int64)
    first[site[which == UP]] = np.flatnonzero(which == UP)
    # ⟨i|H|j⟩ hops from j to i.
    return sample_of_positions(
        places[first], pairs[kept][:, ::-1], hopping=blocks["t"], onsite=onsite, name=name
    )


class System(Protocol):
    """What :func:`sample_of_system` asks of a system: kwant's finalised builders have it."""

    sites: Any

    def hamiltonian_submatrix(self, *, sparse: bool) -> Any:
        """The Hamiltonian as a SciPy sparse matrix, the orbitals of each site in a row."""


def sample_of_system(
    system: System,
    *,
    params: Any = None,
    spin: str | ArrayLike | None = None,
    orbitals: ArrayLike | None = None,
    cutoff: float = 0.0,
    name: str = "system",
) -> Sample:
    """A sample of a finalised system of kwant's, or of anything with the same two attributes.

    ``system.hamiltonian_submatrix(sparse=True)`` is the matrix, ``system.sites[i].pos`` the positions.

    Parameters
    ----------
    system
        Finite: of one with leads, the scattering region.
    params
        Of ``hamiltonian_submatrix``, where its values are functions.
    spin, orbitals, cutoff, name
        As for :func:`sample_of_matrix`; each site has as many rows as its family has orbitals.

    Raises
    ------
    InputError
        As there.
    """
    given = {} if params is None else {"params": params}
    matrix = system.hamiltonian_submatrix(sparse=True, **given)
    places = np.array([tuple(site.pos) for site in system.sites], np.float64)
    counts = [getattr(getattr(site, "family", None), "norbs", None) or 0 for site in system.sites]
    if len(set(counts)) > 1 and min(counts) > 0:
        places = np.repeat(places, counts, axis=0)
    return sample_of_matrix(matrix, places, spin=spin, orbitals=orbitals, cutoff=cutoff, name=name)


def _hermitian(matrix: Any) -> scipy.sparse.coo_array:
    """The matrix in coordinates, each element once and none zero."""
    found = scipy.sparse.csr_array(matrix)
    if found.ndim != 2 or found.shape[0] != found.shape[1] or found.dtype.kind not in "biufc":
        raise InputError(f"the matrix is {found.dtype} of shape {found.shape}; give a square one of numbers")
    found = found.astype(np.complex128 if found.dtype.kind == "c" else np.float64)
    found.sum_duplicates()
    found.eliminate_zeros()
    if not np.isfinite(found.data).all():
        raise InputError("the matrix is not finite (NaN or infinity)")
    apart = np.abs((found - found.conj().T).data).max(initial=0.0)
    if apart > NOT_HERMITIAN * np.abs(found.data).max(initial=0.0):
        raise InputError(f"the matrix is not Hermitian: elements differ from their partners by {apart:.3g}")
    return (0.5 * (found + found.conj().T)).tocoo()


def _sites(
    places: NDArray[np.float64], spin: str | ArrayLike | None, orbitals: ArrayLike | None, share: int
) -> tuple[NDArray[np.int64], NDArray[np.int64], int]:
    """Site of each row, its spin (0 up, 1 down), and how many spins there are."""
    n = len(places)
    if spin is None:
        return np.arange(n), np.zeros(n, np.int64), 1
    which = _spins(spin, n, share)
    labels = None if orbitals is None else _per_row(np.asarray(orbitals), n, share, "orbitals")
    place = np.unique(np.round(places, 6), axis=0, return_inverse=True)[1].ravel()
    if labels is not None:
        label = np.unique(labels, return_inverse=True)[1].ravel()
        place = np.unique(np.column_stack([place, label]), axis=0, return_inverse=True)[1].ravel()
    up, down = np.flatnonzero(which == UP), np.flatnonzero(which == DOWN)
    # The k-th ↑ and the k-th ↓ of a place are partners.
    in_order = [rows[np.argsort(place[rows], kind="stable")] for rows in (up, down)]
    if len(up) != len(down) or np.any(place[in_order[0]] != place[in_order[1]]):
        raise InputError(
            f"{len(up)} rows are spin up and {len(down)} spin down, and not all have a partner at their"
            " place; check positions, spin and orbitals"
        )
    site = np.empty(n, np.int64)
    site[up] = np.arange(len(up))
    site[in_order[1]] = site[in_order[0]]
    return site, which, 2


def _spins(spin: str | ArrayLike, n: int, share: int) -> NDArray[np.int64]:
    if isinstance(spin, str) and spin in ("interleaved", "blocks"):
        if n % 2:
            raise InputError(f"spin is {spin}, and the matrix has an odd number of rows, {n}")
        order = np.arange(n)
        return order % 2 if spin == "interleaved" else order // (n // 2)
    labels = np.asarray(spin)
    known = {"up": UP, "down": DOWN} if labels.dtype.kind == "U" else {1: UP, -1: DOWN}
    if labels.ndim != 1 or any(label not in known for label in labels.tolist()):
        raise InputError(
            f"spin {quoted(spin)} is impossible; give interleaved, blocks, or up or down (or +1 or −1) for"
            " each row"
        )
    found: NDArray[np.int64] = np.array([known[label] for label in labels.tolist()], np.int64)
    return _per_row(found, n, share, "spin")


def _per_row(labels: NDArray[Any], n: int, share: int, name: str) -> NDArray[Any]:
    if labels.shape == (share,) and share != n:
        return np.tile(labels, n // share)
    if labels.shape != (n,):
        raise InputError(f"{name} has shape {labels.shape}, the matrix has {n} rows; give one label for each")
    return labels
