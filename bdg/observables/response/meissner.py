r"""How a sample screens a field: B on its faces, what London's theory makes of it, and the depth."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

import numpy as np
from numpy.typing import NDArray

from bdg.conventions import ELECTRON_CHARGE
from bdg.errors import InputError
from bdg.expectations import bond_current, spin_density
from bdg.gauge import Screening
from bdg.lattice import Sample
from bdg.lattice.plaquettes.circuits import circuits
from bdg.model import Model
from bdg.observables.needs import screened_field
from bdg.observables.parameters import NonNegativeLength
from bdg.observables.quantity import Quantity, scalar
from bdg.observables.registry import observable
from bdg.observables.response.bulk import bulk_stiffness, stiffness_spread
from bdg.observables.state import State
from bdg.observables.thermodynamics.grand_potential import field_energy

FIELD, FLUX, LENGTH = "hbar/(e a^2)", "hbar/e", "a"

CONFIDENCE = 0.95
"""Probability of the interval that the error of a depth stands for."""

SLOWEST = 0.9
"""Largest ratio of two changes of a depth, as one more lattice constant is left out, that is believed."""

LEAST_TO_FIT = 5
"""Rows of faces."""


def bulk_of_slab(model: Model, surface: float) -> None:
    """Of a slab, enough beyond its surfaces to fit a depth."""
    if model.screening is not None and model.screening.geometry == "slab":
        require_depth(model.sample, surface)


@observable(
    title="Field inside a sample that screens it, beside London's; of a slab the depth.",
    group="currents",
    needs=(screened_field, bulk_of_slab),
    numbers={
        "depth": "Penetration depth",
        "london_depth": "London depth",
        "surface_offset": "Surface offset",
        "moment_per_area": "Moment per area",
    },
)
def meissner(
    state: State,
    surface: Annotated[NonNegativeLength, "Depth at the faces of a slab that the fit of λ leaves out."] = 4.0,
) -> dict[str, Quantity]:
    r"""The field inside a sample that screens it, beside that of London's theory.

    ``screened_field`` is B of every plaquette, ``applied_field`` that without currents, ``hole_flux`` Φ
    through every hole. ``moment_per_area`` is the mean of (B − B_a)/μ₀ over the sample, holes
    included, of a film the moment over its area. ``london_field`` is what J = −D(A − ∇θ/2q) gives with the
    uniform D of the bulk (:func:`bdg.observables.response.bulk.bulk_stiffness`) and the phase θ that Δ has.

    A slab has profiles across it besides, and the depth λ of

        B(x) = B₀ cosh((x − x₀)/λ)

    fitted further than ``surface`` from both faces, with its error: the larger of the 95% confidence of the
    fit and of what leaving out more, up to the bulk, would change; see :func:`beyond`. ``london_depth`` is
    the same fit of ``london_field``, for one bond a cell 2cosh(1/λ) − 2 = μ₀D; its error counts that D is
    that of one cell of the sample. ``surface_offset`` is how far outside of the outermost sites the fit
    reaches the applied field: ½ where London's theory holds up to the surface.

    Parameters
    ----------
    state
        A state with screening.
    surface
        Depth, in lattice constants, that the fit leaves out at either face: some coherence lengths.

    Raises
    ------
    InputError
        If nothing is screened, or ``surface`` leaves too little to fit.
    """
    screening, induced = state.model.screening, state.fields.vector_potential
    if screening is None or induced is None:
        raise InputError("nothing is screened; give field.screening, or drop meissner")
    sample, faces = state.model.sample, screening.faces
    if screening.geometry == "slab":
        require_depth(sample, surface)
    n_holes = len(faces.corners)
    n = len(faces) - n_holes
    stiffness = bulk_stiffness(state)[sample.bonds.kind]
    london = screening.london(_momentum(state, screening), stiffness)
    total, of_london = (screening.flux(screening.applied + a) for a in (induced, london))
    field, london_field = total / faces.area, of_london / faces.area
    applied = screening.flux(screening.applied) / faces.area
    around = screening.circulating(induced)
    found = {
        "screened_field": Quantity(field[:n], ("plaquette",), FIELD, "field through the plaquette"),
        "applied_field": Quantity(applied[:n], ("plaquette",), FIELD, "applied field"),
        "london_field": Quantity(london_field[:n], ("plaquette",), FIELD, "field of London's theory"),
        "moment_per_area": scalar(
            float(around @ faces.area / faces.area.sum()), "e t/hbar", "magnetisation, moment over area"
        ),
        "mu0": scalar(screening.mu0, "hbar^2/(e^2 t)", "coupling of currents and field"),
    }
    energy = field_energy(state)
    if energy is not None:
        found["field_energy"] = energy
    if n_holes:
        found["hole_flux"] = Quantity(total[n:], ("hole",), FLUX, "flux through the hole")
    if screening.geometry == "slab":
        found |= _across(state, screening, field, london_field, applied, surface)
    return found


def _momentum(state: State, screening: Screening) -> NDArray[np.float64]:
    """A − ∇θ/2q of every bond without the induced part of A, nearest to what it is with it."""
    bonds, delta = state.model.sample.bonds, state.fields.delta
    twice = 2 * ELECTRON_CHARGE
    phase = (
        np.angle(delta[bonds.target] * np.conj(delta[bonds.source])) if delta.any() else np.zeros(len(bonds))
    )
    induced = state.fields.vector_potential
    assert induced is not None
    with_induced = np.angle(np.exp(1j * (twice * (screening.applied + induced) - phase))) / twice
    momentum: NDArray[np.float64] = with_induced - induced
    return momentum


def _across(
    state: State,
    screening: Screening,
    field: NDArray[np.float64],
    london_field: NDArray[np.float64],
    applied: NDArray[np.float64],
    surface: float,
) -> dict[str, Quantity]:
    """Profiles of a slab along the normal of its faces, and the depth."""
    sample = state.model.sample
    normal, along = _axes(sample)
    depth_of_face = screening.faces.center @ normal
    where, of_face = _layers(depth_of_face)
    b, london, outside = (_mean(values, of_face) for values in (field, london_field, applied))
    axis = Quantity(where, ("depth",), LENGTH, "position across the slab, of faces")
    lines = {
        "field_profile": (b, "field across the slab"),
        "london_profile": (london, "field of London's theory across the slab"),
    }
    found = {
        name: Quantity(values, ("depth",), FIELD, long_name, {"depth": axis})
        for name, (values, long_name) in lines.items()
    }
    sites, of_site = _layers(sample.positions @ normal)
    current = bond_current(state.model, state.on_bonds)
    half = 0.5 * current * (sample.bonds.displacement @ along)
    flow = np.bincount(of_site[sample.bonds.source], half, len(sites))
    flow += np.bincount(of_site[sample.bonds.target], half, len(sites))
    rows = {
        "current_profile": (flow / np.bincount(of_site), "e t/hbar", "current a site along the slab"),
        "delta_profile": (_mean(np.abs(state.fields.delta), of_site), "t", "order parameter across the slab"),
        "density_profile": (
            _mean(spin_density(state.on_sites).sum(axis=0), of_site),
            "1",
            "electrons a site across the slab",
        ),
    }
    layer = Quantity(sites, ("layer",), LENGTH, "position across the slab, of sites")
    found |= {
        name: Quantity(values, ("layer",), units, long_name, {"layer": layer})
        for name, (values, units, long_name) in rows.items()
    }
    edges = float((sample.positions @ normal).min()), float((sample.positions @ normal).max())
    fit, of_london = (_depth(where, values, edges, surface) for values in (b, london))
    kinds = np.abs(sample.bonds.kinds.displacement @ along) > 0
    of_cell = 0.5 * of_london.depth * float(stiffness_spread(state)[kinds].max(initial=0.0))  # λ ∝ 1/√D
    offset = fit.reach(float(outside.mean())) - 0.5 * (edges[1] - edges[0])
    return found | {
        "depth": scalar(fit.depth, LENGTH, "penetration depth, of a cosh fitted to the field", fit.error),
        "london_depth": scalar(
            of_london.depth, LENGTH, "penetration depth of London's theory", of_london.error + of_cell
        ),
        "fit_deviation": scalar(fit.deviation, "1", "largest deviation of the field from the fitted cosh"),
        "surface_offset": scalar(offset, LENGTH, "how far outside the fit reaches the applied field"),
    }


@dataclass(frozen=True)
class _Fit:
    """B₀ cosh((x − x₀)/λ): λ with its error, and the largest relative deviation."""

    least: float
    depth: float
    error: float
    deviation: float

    def reach(self, field: float) -> float:
        """Distance from the middle at which the cosh has grown to a field."""
        ratio = field / self.least
        return float(self.depth * np.arccosh(ratio)) if ratio > 1 else float("nan")


def _depth(
    x: NDArray[np.float64], b: NDArray[np.float64], edges: tuple[float, float], surface: float
) -> _Fit:
    depth, error, least, deviation = _fitted(x, b, edges, surface)
    narrower = [
        _fitted(x, b, edges, surface + more)[0]
        for more in (1, 2)
        if np.count_nonzero(_inside(x, edges, surface + more)) >= LEAST_TO_FIT
    ]
    return _Fit(least, depth, max(error, beyond([depth, *narrower])), deviation)


def beyond(depths: list[float]) -> float:
    """How far the depth of the bulk may be from the first of fits that leave out ever more of the surface.

    The trace of the surface falls by a factor r from one fit to the next, so that the changes add up to
    d/(1 − r), d the first; that of the other face, in a thin slab, may be as large.
    """
    changes = np.abs(np.diff(depths))
    ratio = changes[1] / changes[0] if len(changes) > 1 and changes[0] > 0 else SLOWEST
    return float(2 * changes[0] / (1 - min(ratio, SLOWEST)))


def require_depth(sample: Sample, surface: float) -> None:
    """Refuse a slab of which ``surface`` leaves too little for a fit, and for one a cell narrower.

    Raises
    ------
    InputError
        If it does.
    """
    normal, _ = _axes(sample)
    where, _ = _layers(circuits(sample).center @ normal)
    heights = sample.positions @ normal
    edges = float(heights.min()), float(heights.max())
    if np.count_nonzero(_inside(where, edges, surface + 1)) < LEAST_TO_FIT:
        raise InputError(
            f"surface {surface:g} leaves too little of a slab {edges[1] - edges[0]:g} thick to fit a depth"
            " to; lower it, or make the slab thicker"
        )


def _inside(x: NDArray[np.float64], edges: tuple[float, float], surface: float) -> NDArray[np.bool_]:
    inside: NDArray[np.bool_] = (x > edges[0] + surface) & (x < edges[1] - surface)
    return inside


def _fitted(
    x: NDArray[np.float64], b: NDArray[np.float64], edges: tuple[float, float], surface: float
) -> tuple[float, float, float, float]:
    """λ, its confidence, B₀ and the largest relative deviation."""
    import scipy.optimize  # slow to import, and of slabs alone
    import scipy.stats

    inside = _inside(x, edges, surface)
    x, b = x[inside] - 0.5 * (edges[0] + edges[1]), b[inside]
    scale = float(np.abs(b).max())
    if scale == 0.0:
        return float("nan"), float("nan"), 0.0, 0.0
    curvature = np.abs(np.diff(b, 2)).sum() / np.abs(b[1:-1]).sum()
    start = float(b[np.argmin(np.abs(b))] / scale), 0.0, float(1 / np.sqrt(max(curvature, 1e-12)))

    def cosh(least: float, middle: float, depth: float) -> NDArray[np.float64]:
        with np.errstate(over="ignore"):  # of a field that is none of a cosh a step of the fit can go far
            curve: NDArray[np.float64] = least * np.cosh((x - middle) / depth)
        return curve

    best = scipy.optimize.least_squares(lambda p: cosh(*p) - b / scale, start, x_scale=(1.0, 1.0, start[2]))
    freedom = len(x) - len(start)
    spread = np.linalg.pinv(best.jac.T @ best.jac) * (2 * best.cost / freedom)
    sure = scipy.stats.t.ppf(0.5 + 0.5 * CONFIDENCE, freedom) * np.sqrt(spread[2, 2])
    deviation = float(np.abs(cosh(*best.x) / (b / scale) - 1).max())
    return abs(float(best.x[2])), float(sure), float(best.x[0] * scale), deviation


def _axes(sample: Sample) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Unit vectors across a slab and along it."""
    closed = next(d for d, ends in enumerate(sample.boundary) if ends.is_periodic)
    along = sample.cell.vectors[closed] / np.linalg.norm(sample.cell.vectors[closed])
    normal = np.array([along[1], -along[0]])
    return (normal if normal @ sample.cell.vectors[1 - closed] > 0 else -normal), along


def _layers(position: NDArray[np.float64]) -> tuple[NDArray[np.float64], NDArray[np.intp]]:
    """The different positions, ascending, and which each is."""
    where, which = np.unique(np.round(position, 6), return_inverse=True)
    return where, which


def _mean(values: NDArray[np.float64], which: NDArray[np.intp]) -> NDArray[np.float64]:
    mean: NDArray[np.float64] = np.bincount(which, values) / np.bincount(which)
    return mean
