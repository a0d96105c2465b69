"""A single impurity, or a small cluster, in an infinite lattice."""

from __future__ import annotations

from typing import Annotated, Any

import numpy as np
from pydantic import Field

from bdg.arrays import Array, Complexes, Floats
from bdg.errors import InputError
from bdg.lattice import Sample
from bdg.leads.infinite import InfiniteLattice
from bdg.leads.t_matrix import Cluster, minima
from bdg.model import Model, spin_matrices
from bdg.nambu.spaces import nambu_blocks
from bdg.observables.blocks import in_blocks
from bdg.observables.contract import Form, at
from bdg.observables.impurities.order import AXES, cell_axes, order_around
from bdg.observables.impurities.relaxation import Relaxed, relaxed
from bdg.observables.loops import Numbers
from bdg.observables.parameters import Broadening, Energies
from bdg.observables.quantity import Quantity, energy_axis
from bdg.observables.registry import observable
from bdg.observables.state import State
from bdg.parameters.base import Cell, Section
from bdg.parameters.dimensions import EnergyNumber, PositiveLength

TOLERANCE = 1e-9
"""Error of the bulk's Green's function at the least, in units of 1/η."""

RESOLVED = 0.1
"""Error of a pole, in units of η, beyond which it is not listed."""


class Defect(Section):
    """A site of the infinite lattice that differs from the others."""

    site: Cell = Field(description="Its cell, [0, 0] in the middle; with several orbitals [x, y, orbital].")
    potential: EnergyNumber = Field(
        0.0, description="Added to the on-site energy; positive repels electrons."
    )
    moment: Annotated[tuple[EnergyNumber, ...], Field(min_length=3, max_length=3)] = Field(
        (0.0, 0.0, 0.0), description="Classical spin [mx, my, mz]: the term +m·σ, m = J S."
    )


def _on_lattice(defects: tuple[Defect, ...], sample: Sample) -> tuple[Defect, ...]:
    directions, orbitals = len(sample.boundary), sample.cell.n_orbitals
    expected = directions + (orbitals > 1)
    seen = set()
    for index, one in enumerate(defects):
        with at(index, "site"):
            if len(one.site) != expected:
                raise InputError(f"site {list(one.site)} has {len(one.site)} numbers; give {expected}")
            if orbitals > 1 and not 0 <= one.site[-1] < orbitals:
                raise InputError(f"a cell has the orbitals 0 to {orbitals - 1}, not {one.site[-1]}")
            if one.site in seen:
                raise InputError(f"site {list(one.site)} has an impurity already; add up the two")
        seen.add(one.site)
    return defects


Defects = Annotated[
    Any,
    Form(Annotated[tuple[Defect, ...], Field(min_length=1, max_length=50)], _on_lattice),
    "Impurities: {site: [0, 0], potential: 5} or with moment: [0, 0, 1]; the map is centred on cell [0, 0].",
]

Radius = Annotated[
    PositiveLength | None,
    "The self-consistent fields follow the impurities within this radius; by default they are the bulk's.",
]

Window = Annotated[
    Annotated[int, Field(strict=True, ge=1, le=201)], "Cells of the map along each direction; odd."
]


def one_infinite_cell(model: Model) -> None:
    """One cell that is repeated without end along every direction."""
    sample = model.sample
    if set(sample.size) != {1} or not all(ends.is_infinite for ends in sample.boundary):
        raise InputError(
            "an impurity in the bulk needs one cell that is infinite along every direction;"
            " write size: [1, 1], boundary: {bloch: 64}"
        )


@observable(
    title="Impurities in an infinite lattice: LDOS around them, resonances, interference, by the T-matrix.",
    group="spectra",
    example="{impurities: [{site: [0, 0], potential: 5}], energies: [-0.5, 0, 0.5], window: 11}",
    needs=one_infinite_cell,
    uses_places=False,
)
def impurity_in_bulk(
    state: State,
    impurities: Defects,
    energies: Energies,
    broadening: Broadening = 0.05,
    window: Window = 21,
    radius: Radius = None,
) -> dict[str, Quantity]:
    r"""LDOS around impurities in the bulk, G = G₀ + G₀TG₀, T = V(1 − G₀V)⁻¹, without the noise of a sample.

    The fields are those of the uniform state, Δ included, or within a ``radius`` of the impurities those that
    follow them self-consistently, by embedding: their change is part of V, and the density matrix that makes
    them is that of the same G, see :mod:`bdg.observables.impurities.relaxation`. G₀ is exact up to the error
    that is stated, at any broadening: see :mod:`bdg.leads.infinite`. Poles of T are states bound in a gap and
    resonances (Balatsky, Vekhter, Zhu, Rev. Mod. Phys. 78, 373 (2006)).

    Parameters
    ----------
    state
        A state of one cell that is infinite along all directions.
    impurities
        Potentials U and classical spins J S, +J S·σ, at sites of the lattice.
    energies
        ω from the chemical potential, in t. Resonances are looked for where |det(1 − G₀V)| is least on them.
    broadening
        η, in t.
    window
        Cells of the map along each direction, odd.
    radius
        Within which the self-consistent fields follow the impurities, in a; ``None`` for those of the bulk.

    Returns
    -------
    dict
        ``impurity_ldos``, shape ``(n_energies, window, …)``, with several orbitals a cell one axis more, and
        ``bulk_ldos`` far away; where spins differ ``impurity_spin_ldos``, up then down; ``impurity_qpi``, the
        size of Σ_r δN(r) e^{−iq·r}/n over the window of n cells; ``resonance_energy`` and ``resonance_width``
        Γ of each pole ω − iΓ of T that is found, Γ = 0 of a bound state, continued from ω + iη. With a radius
        ``impurity_order``, Δ (of pairs on bonds their largest symmetry) on the window, and ``impurity_rim``,
        the largest change, in t, that a field would have next to the region: what the radius leaves out.

    Raises
    ------
    InputError
        If the window is even, a moment is not along z where the bulk conserves spin along it, or fields can't
        follow: at T = 0, or where none is self-consistent.
    NumericalError
        If the sum over momenta does not converge for so small a broadening, or the loop of the fields.
    """
    if window % 2 == 0:
        raise InputError(f"a window of {window} cells has no middle; take {window + 1}")
    n_directions = len(state.model.sample.boundary)
    region = None if radius is None else _relaxed(state, impurities, radius)
    cluster = _cluster(state, impurities) if region is None else _of_region(state, region)
    half = (window // 2,) * n_directions
    tolerance = max(state.tolerance, TOLERANCE) / broadening
    z: Complexes = np.asarray(energies + 1j * broadening, np.complex128)
    spins_differ = state.hamiltonian.symmetry != "singlet" or any(any(one.moment) for one in impurities)

    def compute(part: slice) -> Numbers:
        each = [_at(cluster, complex(one), half, tolerance, spins_differ) for one in z[part]]
        names = ("map", "bulk", "size", "error")
        found = {name: np.array([one[n] for one in each]) for n, name in enumerate(names)}
        return found | {"error": found["error"].max()}

    key = ("impurity", broadening, window, radius, [one.model_dump() for one in impurities])
    found = in_blocks(state, key, energies, window**n_directions, compute)
    quantities = _quantities(state, found, energies, broadening, half, spins_differ, region)
    quantities |= _poles(
        cluster, found["size"], energies, broadening, tolerance,
        is_symmetric=state.hamiltonian.dofs == 4 or not spins_differ,
    )  # fmt: skip
    return quantities if region is None else quantities | order_around(state, region, half)


def _cluster(state: State, impurities: tuple[Defect, ...]) -> Cluster:
    dofs, n_directions = state.hamiltonian.dofs, len(state.model.sample.boundary)
    moments = np.array([one.moment for one in impurities])
    if dofs == 2 and moments[:, :2].any():
        raise InputError("the bulk conserves spin along z; give the moments along z, [0, 0, m]")
    h = spin_matrices(np.array([one.potential for one in impurities]), moments)
    cells, orbitals = _places(impurities, n_directions)
    return Cluster.of_impurities(InfiniteLattice(state.hamiltonian), cells, orbitals, nambu_blocks(dofs, h))


def _places(impurities: tuple[Defect, ...], n_directions: int) -> tuple[Array, Array]:
    """Cells and orbitals of the impurities."""
    sites = np.array([one.site for one in impurities])
    several = sites.shape[1] > n_directions
    return sites[:, :n_directions], sites[:, -1] if several else np.zeros(len(sites), int)


def _relaxed(state: State, impurities: tuple[Defect, ...], radius: float) -> Relaxed:
    """The fields around the impurities."""
    _cluster(state, impurities)  # refuses moments that mix the spins of the bulk
    cells, orbitals = _places(impurities, len(state.model.sample.boundary))
    potentials, moments = ([getattr(one, name) for one in impurities] for name in ("potential", "moment"))
    return relaxed(state, cells, orbitals, np.array(potentials), np.array(moments), radius)


def _of_region(state: State, found: Relaxed) -> Cluster:
    """The sites of a region at which H is changed."""
    region, dofs = found.region, state.hamiltonian.dofs
    sites = np.flatnonzero(found.potential.reshape(region.sample.n_sites, -1).any(axis=1) | region.inside)
    rows = (dofs * sites[:, None] + np.arange(dofs)).ravel()
    potential = found.potential[np.ix_(rows, rows)]
    lattice = InfiniteLattice(state.hamiltonian)
    return Cluster(lattice, region.cells[sites], region.sample.orbitals[sites], potential)


def _at(
    cluster: Cluster, z: complex, half: tuple[int, ...], tolerance: float, spins_differ: bool
) -> tuple[Array, Array, float, float]:
    """N_σ of the map and of the bulk, spins first, |det(1 − G₀V)|, and the error, at one energy."""
    near, far, error = cluster.around(z, half, tolerance)
    maps, bulk = _by_spin(near), _by_spin(far)
    if near.shape[-1] == 2:
        if spins_differ:  # of the second component, c†_↓, at −ω
            holes, away, other = cluster.around(-z.conjugate(), half, tolerance)
            maps[1], bulk[1] = (-part[..., 1, 1].imag / np.pi for part in (holes, away))
            error = max(error, other)
        else:
            maps[1], bulk[1] = maps[0], bulk[0]
    return maps, bulk, abs(cluster.determinant(z, tolerance)), error / np.pi


def _by_spin(blocks: Array) -> Floats:
    found: Floats = -np.stack([blocks[..., 0, 0].imag, blocks[..., 1, 1].imag]) / np.pi
    return found


def _quantities(
    state: State,
    found: Numbers,
    energies: Floats,
    broadening: float,
    half: tuple[int, ...],
    spins_differ: bool,
    region: Relaxed | None,
) -> dict[str, Quantity]:
    maps, bulk, error = np.moveaxis(found["map"], 1, 0), found["bulk"], float(found["error"])
    names = list(cell_axes(half))
    axes = {"energy": energy_axis(energies), **cell_axes(half)}
    is_one = state.model.sample.cell.n_orbitals == 1
    tail = () if is_one else ("orbital",)
    if is_one:
        maps, bulk = maps[..., 0], bulk[..., 0]
    else:
        axes["orbital"] = Quantity(np.arange(bulk.shape[-1]), ("orbital",), "1", "orbital of the cell")
    notes: dict[str, Any] = {"broadening": float(broadening), "self_consistent": region is not None}
    notes |= {} if region is None else {"rim": region.rim}
    dims = ("energy", *names, *tail)
    total = maps.sum(axis=0)
    quantities = {
        "impurity_ldos": Quantity(
            total, dims, "1/t", "LDOS around the impurity", axes, 2 * error, notes
        ),
        "bulk_ldos": Quantity(
            bulk.sum(axis=1), ("energy", *tail), "1/t", "LDOS of the bulk",
            {name: axes[name] for name in ("energy", *tail)}, 2 * error, notes,
        ),
    }  # fmt: skip
    if spins_differ:
        name = "LDOS around the impurity by spin"
        quantities["impurity_spin_ldos"] = Quantity(maps, ("spin", *dims), "1/t", name, axes, error, notes)
    return quantities | {"impurity_qpi": _interference(total, bulk.sum(axis=1), half, axes["energy"], notes)}


def _interference(
    total: Floats, bulk: Floats, half: tuple[int, ...], energy: Quantity, notes: Any
) -> Quantity:
    """|Σ_r δN(r) e^{−iq·r}|/n, of all orbitals of a cell together."""
    shift = bulk.reshape(len(bulk), *[1] * len(half), *bulk.shape[1:])
    change = total - shift
    change = change.sum(axis=-1) if change.ndim > 1 + len(half) else change
    places = tuple(range(1, 1 + len(half)))
    waves = np.fft.fftshift(np.abs(np.fft.fftn(change, axes=places)), axes=places)
    names = [f"q_{name}" for name in AXES[: len(half)]]
    axes = {"energy": energy} | {
        name: Quantity(
            np.arange(-n, n + 1) / (2 * n + 1), (name,), "1", f"q along the {name[2:]} reciprocal vector"
        )
        for name, n in zip(names, half, strict=True)
    }
    name = "change of the LDOS by wave vector"
    return Quantity(waves / np.prod(waves.shape[1:]), ("energy", *names), "1/t", name, axes, attributes=notes)


def _poles(
    cluster: Cluster,
    sizes: Floats,
    energies: Floats,
    broadening: float,
    tolerance: float,
    is_symmetric: bool,
) -> dict[str, Quantity]:
    """The poles of T near the energies; with particle-hole symmetry each at ω − iΓ has one at −ω − iΓ."""
    order = np.argsort(energies)
    ordered = np.asarray(energies)[order]
    poles: list[tuple[float, float, float]] = []
    for place in minima(np.asarray(sizes)[order]):
        near = ordered[max(place - 2, 0) : place + 3]
        for pole, error in cluster.poles(float(ordered[place]), broadening, tolerance):
            is_near = near[0] <= pole.real <= near[-1] and near[0] - near[-1] < pole.imag
            if is_near and pole.imag <= error + 1e-3 * broadening and error < RESOLVED * broadening:
                mirrored = [(-pole.real, -pole.imag, error)] if is_symmetric else []
                poles += [(pole.real, -pole.imag, error), *mirrored]
    poles = _different([one for one in poles if ordered[0] <= one[0] <= ordered[-1]])
    found = np.array(poles).reshape(-1, 3)
    error = float(found[:, 2].max(initial=0.0))
    energy = Quantity(found[:, 0], ("resonance",), "t", "energy of the resonance", error=error)
    width = Quantity(found[:, 1], ("resonance",), "t", "half width of the resonance", error=error)
    return {"resonance_energy": energy, "resonance_width": width}


def _different(poles: list[tuple[float, float, float]]) -> list[tuple[float, float, float]]:
    """Poles ascending; of those that are one within their errors the most accurate."""
    found: list[tuple[float, float, float]] = []
    for one in sorted(poles, key=lambda one: (one[2], abs(one[0]))):
        known = (abs(complex(one[0] - two[0], one[1] - two[1])) <= 2 * (one[2] + two[2]) for two in found)
        if not any(known):
            found.append(one)
    return sorted(found)
