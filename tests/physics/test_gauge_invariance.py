"""What a change of gauge leaves as it is, and what the vector potential is conjugate to."""

from dataclasses import replace

import numpy as np
import pytest

from bdg import State, build_model, build_sample, solve
from bdg.gauge import FluxTube, FluxTubes, UniformField, VortexLattice
from bdg.lattice import Boundary
from bdg.nambu import NambuAssembler
from bdg.observables import measure
from bdg.scf import ScfOptions, initial_fields, self_consistency
from bdg.solvers import choose

SIZES = {"chain": (7,), "square": (5, 4), "triangular": (4, 4), "honeycomb": (3, 4), "kagome": (3, 3)}
SIZES |= {"lieb": (3, 3), "cubic": (3, 3, 3)}


def measured(model, fields, method):
    sample = model.sample
    solver = choose(method, rows=2 * sample.n_sites, temperature=model.temperature)
    state = State(model, fields, NambuAssembler(model).matrix(fields), solver, 1e-13)
    found = {}
    for name in ("density", "anomalous_density", "currents", "grand_potential", "bond_order"):
        if name != "bond_order" or fields.bond_delta is not None:
            found |= measure(state, name)
    if len(sample.plaquettes):
        found |= measure(state, "flux") | measure(state, "vortices")
    return found


@pytest.mark.parametrize("method", ["diagonalization", "selected_inversion"])
@pytest.mark.parametrize("dofs", [2, 4])
@pytest.mark.parametrize("name", SIZES)
def test_a_random_change_of_gauge_leaves_everything_as_it_is(name, dofs, method):
    rng = np.random.default_rng(5)
    sample = build_sample(name, SIZES[name], shells=None if name == "lieb" else 2)
    soc = {"rashba": 0.3, "zeeman": [0.1, 0.2, 0.3]} if dofs == 4 and sample.dimension > 1 else {}
    field = UniformField(0.3) if sample.dimension > 1 else [0.3]
    model = build_model(
        sample,
        hopping=1.0 if name == "lieb" else [1.0, -0.4],
        chemical_potential=-0.4,
        attraction=2.0,
        fields=("pairing", "hartree", "fock"),
        bond_attraction=1.0,
        channels=("singlet",) if dofs == 2 else ("singlet", "triplet"),
        onsite=rng.normal(size=sample.n_sites),
        vector_potential=field,
        temperature=0.2,
        least_dofs=dofs,
        **soc,
    )
    assert model.dofs == dofs
    fields = initial_fields(model, "random", 3, is_complex=True)
    fock = 0.1 * (rng.normal(size=sample.n_bonds) + 1j * rng.normal(size=sample.n_bonds))
    fields = replace(fields, fock=fock[:, None, None] * np.eye(2))
    angle = rng.uniform(-np.pi, np.pi, sample.n_sites)
    turned, moved = fields.transformed(angle, sample.bonds), model.transformed(angle)
    assert moved.peierls_phase - model.peierls_phase == pytest.approx(moved.phase - model.phase, abs=1e-13)
    one, two = measured(model, fields, method), measured(moved, turned, method)
    assert np.abs(one["bond_current"].values).max() > 1e-3
    for key, quantity in one.items():
        before, after = np.asarray(quantity.values), np.asarray(two[key].values)
        if key == "vortex_position":  # the order of plaquettes alone decides theirs
            assert after == pytest.approx(before, abs=1e-9)
            continue
        if np.iscomplexobj(before) or np.iscomplexobj(after):  # order parameters: their sizes
            before, after = np.abs(before), np.abs(after)
        np.testing.assert_array_equal(
            np.isnan(after), np.isnan(before), err_msg=key
        )  # cores without a radius
        assert np.abs(np.nan_to_num(after - before)).max(initial=0) < 1e-11, key


def test_the_current_is_the_derivative_of_omega_by_the_vector_potential_of_any_bond():
    sample = build_sample("triangular", (4, 4), "periodic")
    rng = np.random.default_rng(1)
    model = build_model(
        sample,
        chemical_potential=0.3,
        attraction=1.0,
        rashba=0.4,
        zeeman=[0.1, 0.0, 0.2],
        temperature=0.1,
        vector_potential=VortexLattice(2),
    )
    fields = replace(initial_fields(model), mu=0.3)
    solver = choose("diagonalization", rows=32, temperature=0.1)
    assembler = NambuAssembler(model)

    def omega(bond, step):
        shifted = model.vector_potential + step * (np.arange(sample.n_bonds) == bond)
        other = assembler.in_potential(shifted)
        return float(
            measure(State(other.model, fields, other.matrix(fields), solver), "grand_potential")[
                "grand_potential"
            ]
        )

    current = measure(State(model, fields, assembler.matrix(fields), solver), "currents")[
        "bond_current"
    ].values
    for bond in rng.choice(sample.n_bonds, 5, replace=False):
        h = 1e-3
        slope = (8 * (omega(bond, h) - omega(bond, -h)) - omega(bond, 2 * h) + omega(bond, -2 * h)) / (12 * h)
        assert current[bond] == pytest.approx(-slope, abs=1e-9)
    assert np.abs(current).max() > 0.05


def test_an_assembler_in_another_potential_is_that_of_the_other_model():
    ends = [Boundary("bloch", 0.2, 2), "periodic"]
    model = build_model(build_sample("square", (4, 3), ends), vector_potential=[0.1, 0.2], attraction=1.0)
    other = np.random.default_rng(0).normal(size=model.sample.n_bonds)
    whole = build_model(model.sample, vector_potential=other, attraction=1.0)
    fields = initial_fields(model, is_complex=True)
    for one, two in zip(
        NambuAssembler(model).in_potential(other).matrix(fields).momenta,
        NambuAssembler(whole).matrix(fields).momenta,
        strict=True,
    ):
        assert np.abs(one.values - two.values).max() < 1e-14


def test_magnetic_bloch_momenta_are_a_torus_of_magnetic_cells():
    """Two by two momenta have the levels of two by two cells, whose bonds are in the potential of one."""
    ends = [Boundary("bloch", 0.0, 2), Boundary("bloch", 0.0, 2)]
    cell = build_sample("triangular", (4, 3), ends, shells=2)
    torus = build_sample("triangular", (8, 6), "periodic", shells=2)
    small = build_model(cell, hopping=[1.0, -0.3], vector_potential=VortexLattice(2))
    place = {
        (k, *cell.cells[s]): n
        for n, (k, s) in enumerate(zip(cell.bonds.kind, cell.bonds.source, strict=True))
    }
    bonds = torus.bonds
    here = [place[(k, *(torus.cells[s] % [4, 3]))] for k, s in zip(bonds.kind, bonds.source, strict=True)]
    large = build_model(torus, hopping=[1.0, -0.3], vector_potential=small.vector_potential[here])
    levels = []
    for model in (small, large):
        matrix = NambuAssembler(model).matrix(initial_fields(model, "normal"))
        levels.append(
            np.sort(np.concatenate([np.linalg.eigvalsh(matrix.dense(k)) for k in range(len(matrix.momenta))]))
        )
    assert np.abs(levels[0] - levels[1]).max() < 1e-12
    field = 2 * np.pi / (12 * np.sqrt(0.75))
    through = measure(State(large, initial_fields(large), None, None), "flux")["field"].values
    assert through == pytest.approx(field, abs=1e-12)


def test_h_over_e_through_a_tube_is_nothing_and_half_of_it_is_real():
    sample = build_sample("square", (6, 6), vacancies=[[2, 2], [3, 2], [2, 3], [3, 3]])
    given = {"chemical_potential": -0.5, "attraction": 2.0, "temperature": 0.05}
    omegas = []
    for value in (0.0, 2 * np.pi, 0.7, 0.7 + 2 * np.pi):
        model = build_model(sample, vector_potential=FluxTubes([FluxTube([2.5, 2.5], value)]), **given)
        result = solve(model, observables=("grand_potential",), scf=ScfOptions(1e-10), initial="normal")
        omegas.append(float(result["grand_potential"]))
    assert omegas[1] == pytest.approx(omegas[0], abs=1e-11)
    assert omegas[3] == pytest.approx(omegas[2], abs=1e-11)
    assert abs(omegas[2] - omegas[0]) > 1e-3
    half = build_model(sample, vector_potential=FluxTubes([FluxTube([2.5, 2.5], np.pi)]), **given)
    outcome = self_consistency(half, choose("auto", rows=64, temperature=0.05))
    assert outcome.status == "converged"


def test_pairs_on_bonds_follow_the_field_on_a_torus():
    """A d wave that starts from a vortex lattice has no seam: it is a d wave everywhere, of winding −2."""
    sample = build_sample("square", (12, 6), "periodic")
    model = build_model(
        sample,
        bond_attraction=2.0,
        channels="d_x2_y2",
        chemical_potential=-0.3,
        vector_potential=VortexLattice(2, "square"),
    )
    fields = initial_fields(model)
    state = State(
        model, fields, NambuAssembler(model).matrix(fields), choose("auto", rows=144, temperature=0.0)
    )
    order = measure(state, "bond_order")
    assert np.abs(order["s_extended"].values).max() < 0.15 * np.abs(order["d_x2_y2"].values).max()
    assert float(measure(state, "vortices")["total_winding"]) == -2
