"""J·v against differences of the map: every symmetry class, every field, both solvers, any momenta."""

from dataclasses import replace

import numpy as np
import pytest

from bdg.errors import InputError
from bdg.lattice import Boundary, build_sample
from bdg.model import Disorder, Fields, Layout, build_model
from bdg.model.interactions import free_rows
from bdg.scf.derivative import Derivative
from bdg.scf.map import FINEST, FixedPoint
from bdg.solvers.diagonalization import Diagonalization
from bdg.solvers.selected_inversion import InversionOrDense, SelectedInversion

SOLVERS = {"dense": Diagonalization(1), "engine": SelectedInversion(1)}
WIRE = [Boundary("bloch", n_k=6), Boundary("open")]
DISORDER = Disorder(width=1.0, seed=3)

# Name: size, boundary, terms of the model, whether the state has phases.
CASES = {
    "real singlet": ([4, 3], "periodic", {"attraction": 2.5}, False),
    "complex singlet": ([4, 3], "open", {"attraction": 2.5, "vector_potential": [0.3, 0.1]}, True),
    "Hartree and bonds": (
        [3, 3],
        "periodic",
        {"attraction": 2.0, "fields": ["pairing", "hartree"], "bond_attraction": 1.0,
         "bond_fields": ["pairing", "hartree", "fock"]},
        False,
    ),
    "collinear": (
        [4, 3],
        "open",
        {"attraction": 2.5, "zeeman": (0, 0, 0.2), "fields": ["pairing", "hartree"]},
        True,
    ),
    "any spin": (
        [3, 3],
        "open",
        {"attraction": 2.5, "rashba": 0.4, "zeeman": (0.2, 0, 0.1), "fields": ["pairing", "hartree"]},
        True,
    ),
    "triplets": (
        [3, 3],
        "open",
        {"bond_attraction": 2.0, "channels": ("singlet", "triplet"), "zeeman": (0.1, 0, 0)},
        True,
    ),
    "momenta": ([1, 3], WIRE, {"attraction": 2.5, "fields": ["pairing", "hartree"]}, False),
    "momenta, any spin": ([1, 2], WIRE, {"attraction": 2.5, "rashba": 0.4, "zeeman": (0.1, 0, 0.1)}, True),
    "one site": ([1, 1], "open", {"attraction": 2.5, "fields": ["pairing", "hartree"]}, False),
    "one momentum": ([1, 1], [Boundary("bloch", n_k=1)] * 2, {"attraction": 2.5}, False),
    "no pairs": ([4, 3], "periodic", {"attraction": 2.5, "fields": ["pairing", "hartree"]}, None),
}  # fmt: skip


def case(name, temperature=0.2):
    size, boundary, terms, has_phases = CASES[name]
    sample = build_sample("square", size, boundary)
    given = {"chemical_potential": -0.4, "temperature": temperature, "disorder": DISORDER, **terms}
    model = build_model(sample, **given)
    rng, layout = np.random.default_rng(1), Layout.of(model, is_complex=True, spin_resolved=True)
    point = layout.unpack(0.3 * rng.standard_normal(length_of(layout)), full(model))
    if has_phases is None:
        point = point.with_pairs(0.0)
    if not has_phases:
        point = spin_alike(point.as_real())
    return model, layout, replace(point, mu=-0.4)


def full(model):
    """Fields of every free row, zero."""
    zero = {row.name: np.zeros(row.shape(model.sample)) for row in free_rows(model)}
    n = model.sample.n_sites
    return Fields.of({"delta": np.zeros(n), "hartree": np.zeros((2, n)), **zero, "mu": 0.0}).as_complex()


def length_of(layout):
    return max((place.stop for place in layout.slices().values()), default=0)


def spin_alike(fields):
    """Hartree potentials alike, pairs on bonds in singlets, one Fock field."""
    change = {"hartree": np.tile(fields.hartree.mean(axis=0), (2, 1))}
    if fields.bond_delta is not None:
        singlet = 0.5 * (fields.bond_delta[:, 0, 1] - fields.bond_delta[:, 1, 0])
        change["bond_delta"] = singlet[:, None, None] * np.array([[0, 1], [-1, 0]])
    if fields.fock is not None:
        change["fock"] = fields.fock[:, :1, :1] * np.eye(2)
    return fields.having(change)


def at(model, fields):
    """What the map makes, what is conjugate to it, and the electrons, dense."""
    fixed_point = FixedPoint(model, SOLVERS["dense"], fields, FINEST)
    out, _ = fixed_point(fields)
    return out, fixed_point.conjugates(), fixed_point.electrons * model.sample.n_sites


@pytest.mark.parametrize("name", CASES)
def test_it_is_the_difference_of_the_map_in_every_direction(name):
    model, layout, point = case(name)
    rng, length = np.random.default_rng(2), length_of(layout)
    directions = [layout.unpack(rng.standard_normal(length), full(model)) for _ in range(2)]
    directions[1] = directions[1].as_real()
    directions.append(replace(full(model), mu=1.0))
    for solver in SOLVERS.values():
        found = Derivative(model, solver, point).along(*directions)
        for slope, by in zip(found, directions, strict=True):
            made = np.concatenate([packed(layout, slope.fields, slope.conjugates), [slope.electrons]])
            np.testing.assert_allclose(made, difference(model, layout, point, by), rtol=0, atol=1e-8)


def packed(layout, *both):
    return np.concatenate([layout.without("mu").pack(fields.as_complex()) for fields in both])


def difference(model, layout, point, by, step=5e-4):
    """Of fourth order."""

    def made(place):
        fields, conjugates, electrons = at(model, moved(point, by, place * step))
        return np.concatenate([packed(layout, fields, conjugates), [electrons]])

    return (8 * (made(1) - made(-1)) - made(2) + made(-2)) / (12 * step)


def moved(point, by, step):
    both = {
        row.name: value + step * by[row.name] for row, value in point.present() if by[row.name] is not None
    }
    return point.having(both)


@pytest.mark.parametrize("name", ["real singlet", "any spin"])
def test_a_vector_potential_drives_currents_as_differences_say(name):
    """δH = iq δA_ij ⟨i|h|j⟩: the paramagnetic part of the response of bonds."""
    model, layout, point = case(name)
    by = replace(full(model), vector_potential=np.random.default_rng(3).standard_normal(model.sample.n_bonds))
    expected = [
        (at(model.in_potential(a + s * 1e-4 * by.vector_potential), point)[1], s)
        for s in (1, -1)
        for a in [0.0 if model.vector_potential is None else model.vector_potential]
    ]
    expected = sum(s * packed(layout, fields) for fields, s in expected) / 2e-4
    for solver in SOLVERS.values():
        (slope,) = Derivative(model, solver, point).along(by)
        np.testing.assert_allclose(packed(layout, slope.conjugates), expected, rtol=0, atol=3e-7)
        assert np.abs(expected).max() > 1e-2


def test_at_zero_temperature_it_is_right_where_there_is_a_gap_and_refused_where_there_is_none():
    model, layout, point = case("real singlet", temperature=0.0)
    by = layout.unpack(np.random.default_rng(2).standard_normal(length_of(layout)), full(model))
    expected = difference(model, layout, point, by)
    for solver in SOLVERS.values():
        (slope,) = Derivative(model, solver, point).along(by)
        made = np.concatenate([packed(layout, slope.fields, slope.conjugates), [slope.electrons]])
        np.testing.assert_allclose(made, expected, rtol=0, atol=1e-7)
    metal = build_model(build_sample("chain", [3], "periodic"), attraction=1.0, chemical_potential=1.0)
    normal = replace(full(metal).as_real(), mu=1.0)  # two levels at zero
    for solver, words in (
        (SOLVERS["engine"], "no gap"),
        (SOLVERS["dense"], "level at zero"),
        (InversionOrDense(1, dense_rows=100), "level at zero"),
    ):
        with pytest.raises(InputError, match=words):
            Derivative(metal, solver, normal).along(replace(normal, mu=1.0))


def test_a_tiny_gap_at_zero_temperature_costs_no_digits():
    """Levels at ±10⁻⁶ t; what they change by is 10⁶ times the change."""
    site = build_model(build_sample("square", [2, 1]), hopping=1e-3, onsite=np.array([1e-10, 1.0]))
    fields = replace(full(site).as_real(), mu=0.0)
    by = fields.having({"delta": np.array([1.0, 0.0])})
    found = Derivative(site, InversionOrDense(1, dense_rows=100), fields).along(by)[0]
    expected = Derivative(site, SOLVERS["dense"], fields).along(by)[0]
    np.testing.assert_allclose(found.f.blocks, expected.f.blocks, rtol=1e-10)
