"""What a sample must be for each topological observable, told before any work."""

from __future__ import annotations

from collections.abc import Callable

from bdg.errors import InputError
from bdg.lattice import Sample
from bdg.topology.closed import closed_directions


def require(observable: str, sample: Sample) -> None:
    """Refuse a sample that has no such quantity.

    Raises
    ------
    InputError
        With what would do instead; nothing is asked of a sample for observables of other rooms.
    """
    check = _CHECKS.get(observable)
    if check is not None:
        check(sample)


def _two_closed(sample: Sample) -> None:
    closed = len(closed_directions(sample))
    if closed != 2:
        raise InputError(
            f"a Chern number needs two directions without ends, this sample has {closed}; give both the"
            " boundary {bloch: 32} or periodic, or measure local_chern_marker"
        )


def _torus(sample: Sample) -> None:
    _finite("a Bott index", sample, "measure chern")
    if len(closed_directions(sample)) != 2:
        raise InputError(
            f"a Bott index needs a torus, two periodic directions, this sample has"
            f" {len(closed_directions(sample))}; measure local_chern_marker"
        )


def _local_marker(sample: Sample) -> None:
    _finite_plane("a local Chern marker", sample)


def _window(sample: Sample) -> None:
    _finite_plane("a spectral localizer", sample)


def _finite_plane(what: str, sample: Sample) -> None:
    _finite(what, sample, "measure chern")
    if sample.cell.n_directions != 2 or min(sample.size) < 2:
        raise InputError(f"{what} needs a sample in two dimensions, not {sample!r}; measure pfaffian")


def _polarised(sample: Sample) -> None:
    _finite("a Majorana polarisation", sample, "measure pfaffian")


def _with_zero_modes(sample: Sample) -> None:
    _finite("a number of zero modes", sample, "measure pfaffian")


def _finite(what: str, sample: Sample, instead: str) -> None:
    if sample.is_infinite:
        raise InputError(f"{what} is of a finite sample; {instead}, or give the boundary open or periodic")


_CHECKS: dict[str, Callable[[Sample], None]] = {
    "chern": _two_closed,
    "bott": _torus,
    "local_chern_marker": _local_marker,
    "majorana_polarisation": _polarised,
    "spectral_localizer": _window,
    "zero_modes": _with_zero_modes,
}
