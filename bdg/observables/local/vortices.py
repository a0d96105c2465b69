r"""Vortices, found by the winding of the gauge-invariant phase.

Along a bond the phase of Δ changes by γ = θ_target − θ_source − 2φ, taken in (−π, π], φ the Peierls phase of
an electron. Around a plaquette Σ ± γ + 2 Σ ± φ = 2πn: n is its winding, −1 for the vortex of a field along
+z.
"""

from __future__ import annotations

from itertools import product
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bdg.arrays import Numbers
from bdg.conventions import ELECTRON_CHARGE
from bdg.gauge import flux, flux_of_phases
from bdg.gauge.source import periods
from bdg.lattice import Sample
from bdg.observables.local.bond_order import bond_order, largest_symmetry
from bdg.observables.needs import plaquettes
from bdg.observables.quantity import Quantity, scalar
from bdg.observables.registry import observable
from bdg.observables.state import State

NOTHING = 1e-6
"""Share of the largest |Δ| below which a plaquette is normal, and a phase means nothing."""


@observable(
    title="Winding of the phase of Δ around every plaquette; places and cores of vortices.",
    group="currents",
    needs=plaquettes,
    numbers={"total_winding": "Total winding"},
)
def vortices(state: State) -> dict[str, Quantity]:
    """Winding of the phase of Δ around every plaquette, and where the vortices are.

    ``winding`` is n of each plaquette, ``vortex_winding`` that of each vortex. ``vortex_position`` is the
    zero of the plane that fits Δ at the corners best, ``core_radius`` the largest |Δ| over the slope of that
    plane (Kramer and Pesch, Z. Phys. 269, 59 (1974)); that is NaN, with a warning, where it is no radius of a
    core: below a bond, or above half the distance to the next vortex. Where no site has an attraction, Δ is
    the largest symmetry of the pairs on bonds.

    Raises
    ------
    InputError
        If the sample has no plaquettes.
    """
    sample, phase = state.model.sample, state.model.peierls_phase
    delta = site_order(state)
    wound = winding(sample, delta, phase)
    cores = np.flatnonzero(wound)
    fits = [_core(sample, int(p), delta, phase) for p in cores]
    largest = float(np.abs(delta).max(initial=0.0))
    places = np.array([place for place, _ in fits]).reshape(-1, sample.dimension)
    radii, warning = _resolved(sample, places, np.array([largest / slope for _, slope in fits]))
    return {
        "winding": Quantity(wound, ("plaquette",), "1", "winding of the phase of Δ"),
        "vortex_position": Quantity(places, ("vortex", "component"), "a", "position of the vortex"),
        "vortex_winding": Quantity(wound[cores], ("vortex",), "1", "winding of the vortex"),
        "core_radius": Quantity(
            radii, ("vortex",), "a", "radius of the core, largest |Δ| over its slope", attributes=warning
        ),
        "total_winding": scalar(float(wound.sum()), "1", f"winding of all vortices{state.each}"),
    }


def _resolved(
    sample: Sample, places: NDArray[np.float64], radii: NDArray[np.float64]
) -> tuple[NDArray[np.float64], dict[str, str]]:
    """The radii, NaN where the lattice or the next vortex is too near for one, and a warning of that."""
    lengths = periods(sample)
    along = [(-1, 0, 1) if length.any() else (0,) for length in lengths]
    moves = np.array(list(product(*along))) @ lengths[:, : places.shape[1]]
    apart = np.linalg.norm(places[:, None, None] - places[None, :, None] + moves, axis=3)
    own = np.eye(len(places), dtype=bool)[:, :, None] & ~moves.any(axis=1)
    nearest = np.where(own, np.inf, apart).min(axis=(1, 2), initial=np.inf)
    bonds = np.linalg.norm(sample.bonds.displacement, axis=1)
    bond = float(bonds[bonds > 0].min(initial=np.inf))
    is_core = (radii > bond) & (radii < nearest / 2)
    if is_core.all():
        return radii, {}
    lost = "a core is" if np.count_nonzero(~is_core) == 1 else f"{np.count_nonzero(~is_core)} cores are"
    line = f"{lost} smaller than a bond or reach to the next vortex, and have no radius"
    return np.where(is_core, radii, np.nan), {"warning": line}


def site_order(state: State) -> Numbers:
    """Δ of every site; where that is zero, the largest symmetry of the pairs on bonds."""
    delta = state.fields.delta
    if delta.any() or state.fields.bond_delta is None:
        return delta
    return largest_symmetry(bond_order(state))


def winding(sample: Sample, delta: Numbers, phase: NDArray[np.float64]) -> NDArray[np.int64]:
    """Winding n of every plaquette, shape ``(n_plaquettes,)``; see the module.

    Parameters
    ----------
    sample
        The sample.
    delta
        Δ of every site, shape ``(n_sites,)``.
    phase
        Peierls phase of every bond, shape ``(n_bonds,)``.
    """
    bonds, faces = sample.bonds, sample.plaquettes
    change = np.angle(delta[bonds.target] * np.conj(delta[bonds.source]) * np.exp(-2j * phase))
    windings = (flux(sample, change) + 2 * ELECTRON_CHARGE * flux_of_phases(sample, phase)) / (2 * np.pi)
    size = np.maximum(np.abs(delta[bonds.source]), np.abs(delta[bonds.target]))
    largest = np.maximum.reduceat(size[faces.bonds], faces.indptr[:-1])
    found: NDArray[np.int64] = np.round(windings).astype(np.int64)
    found[largest <= NOTHING * np.abs(delta).max(initial=0.0)] = 0
    return found


def _core(
    sample: Sample, plaquette: int, delta: Numbers, phase: NDArray[np.float64]
) -> tuple[NDArray[np.float64], float]:
    """Where the plane through Δ at the corners of a plaquette is zero, and its slope.

    Δ of the corners is carried to the first one along the loop, so that it does not depend on the gauge.
    """
    bonds, faces = sample.bonds, sample.plaquettes
    of_loop = slice(faces.indptr[plaquette], faces.indptr[plaquette + 1])
    loop, signs = faces.bonds[of_loop], faces.signs[of_loop]
    sites = np.where(signs > 0, bonds.source[loop], bonds.target[loop])
    steps = signs[:, None] * bonds.displacement[loop]
    places = np.cumsum(steps, axis=0) - steps
    places -= places.mean(axis=0)
    carried = np.cumsum(signs * phase[loop]) - signs * phase[loop]
    values = delta[sites] * np.exp(-2j * carried)
    design = np.column_stack([np.ones(len(sites)), places])
    fit: Any = np.linalg.lstsq(design.astype(np.complex128), values, rcond=None)[0]
    gradient = np.array([fit[1:].real, fit[1:].imag])
    shift = -np.linalg.pinv(gradient) @ np.array([fit[0].real, fit[0].imag])
    longest = np.linalg.norm(places, axis=1).max()
    shift *= min(1.0, longest / max(float(np.linalg.norm(shift)), 1e-300))
    slope = np.sqrt(0.5) * float(np.linalg.norm(fit[1:]))
    center: NDArray[np.float64] = faces.center[plaquette] + shift
    return center, slope
