"""Results made up by hand, for tests that need no physics; and the comparison of results."""

import dataclasses

import numpy as np
import scipy.sparse

from bdg.lattice import Boundary, UnitCell, build_sample, difference, disk, rectangle
from bdg.model import Fields
from bdg.observables import Quantity
from bdg.observables.quantity import energy_axis, scalar
from bdg.result import Provenance, Result, Units
from bdg.scf import ScfOptions
from bdg.scf.history import Iteration

TRIANGULAR = UnitCell.build([[1.0, 0.0], [0.5, np.sqrt(3) / 2]], name="triangular")
HONEYCOMB = UnitCell.build(
    [[np.sqrt(3), 0.0], [np.sqrt(3) / 2, 1.5]], [[0.0, 0.0], [np.sqrt(3), 1.0]], name="honeycomb"
)
LIEB = UnitCell.build([[2.0, 0.0], [0.0, 2.0]], [[0.0, 0.0], [1.0, 0.0], [0.0, 1.0]], name="lieb")
TWO_ORBITALS = UnitCell.build(
    [[1.0, 0.0], [0.0, 1.0]],
    [[0.0, 0.0], [0.0, 0.0]],
    hoppings=[(0, 0, [1, 0], 1.0), (1, 1, [0, 1], -0.5), (0, 1, [0, 0], 0.3j), (0, 1, [0, 1], 0.1 + 0.2j)],
    onsite=[0.2, -0.2],
)
LADDER = UnitCell.build([[1.0, 0.0]], [[0.0, 0.0], [0.0, 1.0]], name="ladder")


def samples():
    """A small sample of every kind of lattice."""
    return {
        "chain": build_sample("chain", 12, "periodic"),
        "single": build_sample("chain", 1),
        "square": build_sample("square", (7, 5), ["periodic", Boundary("periodic", 0.3)], vacancies=[[2, 3]]),
        "strip": build_sample("square", (9, 1), "open"),
        "ring": build_sample(
            "square",
            (11, 11),
            region=difference([rectangle([8, 8], [5, 5]), disk(2.5, [5, 5])]),
            shells=2,
        ),
        "triangular": build_sample(TRIANGULAR, (5, 6), "periodic"),
        "honeycomb": build_sample(HONEYCOMB, (4, 5)),
        "lieb": build_sample(LIEB, (4, 3)),
        "ladder": build_sample(LADDER, 6),
        "two_orbitals": build_sample(TWO_ORBITALS, (4, 3), ["periodic", "open"]),
        "cubic": build_sample("cubic", (4, 5, 3), "periodic"),
    }


def result(sample=None, *, is_complex=True, units=True, n_iterations=12, **changes):
    """A result with something of everything, smooth over the sample."""
    sample = samples()["square"] if sample is None else sample
    x = sample.positions
    n, center = sample.n_sites, x.mean(axis=0)
    distance = np.linalg.norm(x - center, axis=1)
    delta = 0.4 * (1 - 0.8 * np.exp(-(distance**2) / 4)) + 0.0 * distance
    if is_complex:
        delta = delta * np.exp(1j * np.arctan2(x[:, -1] - center[-1] + 0.1, x[:, 0] - center[0] + 0.2))
    density = np.stack([0.45 + 0.05 * np.cos(x[:, 0]), 0.45 - 0.03 * np.cos(x[:, 0])])
    energies = np.linspace(-2, 2, 41)
    gap = np.sqrt(np.maximum(np.abs(energies + 0.05j) - 0.3, 0))
    ldos = gap[:, None] * (1 + 0.3 * np.cos(distance))[None]
    current = 0.05 * np.sin(sample.positions[sample.bonds.source, 0] + 0.3)
    arrows = np.stack([0.05 * np.cos(0.3 * x[:, axis] + axis) for axis in range(sample.dimension)], axis=1)
    coords = {"energy": energy_axis(energies)}
    notes = {"self_consistent": True}
    observables = {
        "order_parameter": {"order_parameter": Quantity(delta, ("site",), "t", "order parameter")},
        "density": {
            "density": Quantity(density.sum(axis=0), ("site",), "1", "electrons per site", error=1e-14),
            "spin_density": Quantity(density, ("spin", "site"), "1", "electrons per site and spin"),
        },
        "spectral_gap": {"spectral_gap": scalar(0.29, "t", "spectral gap", 1e-15)},
        "ldos": {
            "ldos": Quantity(
                ldos,
                ("energy", "site"),
                "1/t",
                "local density of states",
                coords,
                attributes={"broadening": 0.05},
            ),
            "spin_ldos": Quantity(
                np.stack([ldos, ldos]) / 2, ("spin", "energy", "site"), "1/t", "LDOS by spin", coords
            ),
        },
        "dos": {"dos": Quantity(ldos.mean(axis=1), ("energy",), "1/t", "density of states", coords)},
        "currents": {
            "bond_current": Quantity(
                current, ("bond",), "e t/hbar", "bond current", error=1e-13, attributes=notes
            ),
            "site_current": Quantity(
                arrows, ("site", "component"), "e t/hbar", "site current", attributes=notes
            ),
            "divergence": Quantity(
                1e-9 * np.sin(np.arange(n)),
                ("site",),
                "e t/hbar",
                "net current out of the site",
                attributes=notes,
            ),
        },
        "entropy": {"entropy": scalar(0.31, "k_B", "entropy")},
    }
    history = tuple(
        Iteration(k, 0.3 * 0.2**k, 0.1 * 0.2**k, 0.0, 0.3 + 0.01 * k, -0.5)
        for k in range(1, 1 + n_iterations)
    )
    made = Result(
        title="Made up, with Δ and “quotes”",
        sample=sample,
        temperature=0.05,
        fields=Fields(delta, -0.5 * density, -0.5),
        history=history,
        status="converged",
        tolerance=1e-8,
        observables=observables,
        units=Units(1.602176634e-20, 4e-10, 1.2e-9) if units else None,
        provenance=Provenance(
            "title: Δ\n",
            "title: Δ\nlattice: {}\n",
            "2026-01-01T00:00:00+00:00",
            {"bdg": "0.1.0"},
            7,
            "made_up",
            scf=ScfOptions(1e-7, 50, "linear", 0.5, 3, leave_saddles=False),
        ),
        warnings=("spectral_gap: made up", "Δ is not what it seems"),
    )
    return dataclasses.replace(made, **changes)


def differences(one, other, place="result"):
    """Where two trees of dataclasses, mappings, arrays and values differ, types of arrays included."""
    if dataclasses.is_dataclass(one):
        return [
            found
            for entry in dataclasses.fields(one)
            if entry.compare
            for found in differences(
                getattr(one, entry.name), getattr(other, entry.name), f"{place}.{entry.name}"
            )
        ]
    if isinstance(one, dict):
        if set(one) != set(other):
            return [f"{place}: {list(one)} != {list(other)}"]
        return [found for key in one for found in differences(one[key], other[key], f"{place}[{key}]")]
    if isinstance(one, tuple | list) and not isinstance(one, str):
        if len(one) != len(other):
            return [f"{place}: lengths {len(one)} != {len(other)}"]
        pairs = zip(one, other, strict=True)
        return [found for n, (a, b) in enumerate(pairs) for found in differences(a, b, f"{place}[{n}]")]
    if scipy.sparse.issparse(one):
        triples = [(matrix.data, *matrix.tocoo().coords) for matrix in (one, other)]
        return differences(*triples, place)
    if isinstance(one, np.ndarray):
        same_type = one.dtype == other.dtype or one.dtype.kind == other.dtype.kind == "U"
        equal_nan = one.dtype.kind in "fc"
        same = same_type and one.shape == other.shape and np.array_equal(one, other, equal_nan=equal_nan)
        return [] if same else [f"{place}: {one.dtype}{one.shape} != {other.dtype}{other.shape}"]
    return [] if type(one) is type(other) and one == other else [f"{place}: {one!r} != {other!r}"]
