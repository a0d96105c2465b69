"""What observables need of a model, checked before any work.

Each is a function ``need(model, **parameters)`` of those parameters of the observable that it names, and
raises ``InputError`` with one line that says what would do.
"""

from __future__ import annotations

from collections.abc import Callable

from bdg.errors import InputError
from bdg.lattice import Sample
from bdg.leads import layers_of
from bdg.model import Model
from bdg.model.interactions import acting, given_pairs
from bdg.observables.response.vector_potential import joined_axes, require_axis, require_plane
from bdg.topology.closed import closed_directions
from bdg.topology.places import require_room

Need = Callable[..., object]


def pairs_on_bonds(model: Model) -> None:
    """A pairing of neighbours, given or their own."""
    if model.given_bonds is None and not model.on_bonds.pairing:
        raise InputError("no bond has pairs; remove it, or add interaction.bonds: [{shell: 1, value: 1}]")


def interaction(model: Model) -> None:
    """Something that is self-consistent."""
    if not any(kind.gain(model) for kind in acting(model)):
        raise InputError(
            "without an interaction nothing is self-consistent, and nothing can be unstable;"
            " remove it, or set interaction.onsite"
        )


def free_pairs(model: Model) -> None:
    """Pairs that are self-consistent."""
    if given_pairs(model) or not any(kind.row.is_of_pairs for kind in acting(model)):
        raise InputError(
            "no pairs are self-consistent here, so that there is no T_c; remove it, or set"
            " interaction.onsite: 2 with fields: [pairing] in place of given pairs"
        )


def free_winding(model: Model) -> None:
    """A Δ that is free to wind."""
    if given_pairs(model):
        raise InputError(
            "a given Δ keeps its winding; remove it, or write interaction.onsite: 2 in place of given"
        )


def screened_field(model: Model) -> None:
    """Currents that make a field."""
    if model.screening is None:
        raise InputError(
            "nothing is screened; remove it, or add 'field: {applied: 0.01, screening: {mu0: 0.03}}'"
        )


def plaquettes(model: Model) -> None:
    """A sample that a flux can pass."""
    if not len(model.sample.plaquettes):
        raise InputError("the sample has no plaquettes; remove it")


def periodic_directions(model: Model) -> None:
    """A direction that is periodic or infinite."""
    joined_axes(model.sample)


def periodic_axis(model: Model, axis: int) -> None:
    """A sample that is periodic or infinite along the axis."""
    require_axis(model.sample, axis)


def periodic_plane(model: Model) -> None:
    """A plane that is periodic or infinite in both directions."""
    require_plane(model.sample)


def lead_ends(model: Model, axis: int) -> None:
    """Ends along the axis that two leads can be a continuation of."""
    layers_of(model.sample, axis, model.dofs)


def two_closed_directions(model: Model) -> None:
    """Two directions without ends."""
    closed = len(closed_directions(model.sample))
    if closed != 2:
        raise InputError(
            f"a Chern number needs two directions without ends, this sample has {closed}; give both the"
            " boundary {bloch: 32} or periodic, or measure local_chern_marker"
        )


def torus(model: Model) -> None:
    """A finite sample with two periodic directions."""
    _require_finite("a Bott index", model.sample, "measure chern")
    closed = len(closed_directions(model.sample))
    if closed != 2:
        raise InputError(
            f"a Bott index needs a torus, two periodic directions, this sample has {closed};"
            " measure local_chern_marker"
        )


def room(model: Model, radius: float) -> None:
    """A sample wider than a window about a site."""
    require_room(model.sample, radius)


def finite(what: str) -> Need:
    """A finite sample."""

    def need(model: Model) -> None:
        _require_finite(what, model.sample, "measure pfaffian")

    return need


def finite_plane(what: str) -> Need:
    """A finite sample in two dimensions."""

    def need(model: Model) -> None:
        sample = model.sample
        _require_finite(what, sample, "measure chern")
        if sample.cell.n_directions != 2 or min(sample.size) < 2:
            raise InputError(f"{what} needs a sample in two dimensions, not {sample!r}; measure pfaffian")

    return need


def _require_finite(what: str, sample: Sample, instead: str) -> None:
    if sample.is_infinite:
        raise InputError(f"{what} is of a finite sample; {instead}, or give the boundary open or periodic")
