"""Turns of the phase of Δ: their force is that of Ω, and with them vortices settle in few iterations."""

from __future__ import annotations

import numpy as np
import pytest

import bdg
from bdg.gauge import UniformField
from bdg.lattice import Boundary, build_sample
from bdg.model import Disorder, Fields, build_model
from bdg.observables import State
from bdg.scf import ScfOptions, self_consistency
from bdg.scf.map import FixedPoint
from bdg.scf.newton.phases import poisson
from bdg.scf.starts.start import start_fields
from bdg.solvers.diagonalization import Diagonalization
from bdg.solvers.selected_inversion import SelectedInversion
from tests.bridge import measure
from tests.support.variation import derivative, omega

TWISTED = {"chemical_potential": -0.6, "temperature": 0.2, "disorder": Disorder(1.0, 4)}
CASES = {
    "pairs on sites": {"attraction": 2.5, "fields": ("pairing",)},
    "singlets on bonds": {"bond_attraction": 2.0, "channels": ("singlet",)},
    "singlets and triplets": {
        "bond_attraction": 2.0,
        "bond_exchange": 0.7,
        "channels": ("triplet", "singlet"),
        "rashba": 0.4,
    },
    "sites and bonds": {
        "attraction": 1.5,
        "fields": ("pairing",),
        "bond_attraction": 1.8,
        "channels": ("singlet",),
    },
}


def at_random_fields(case):
    """A map evaluated at random pairs, its residual, and the fields."""
    sample = build_sample("square", [4, 3], [Boundary("periodic", 0.3), "open"])
    model = build_model(sample, vector_potential=[0.2, 0.1], **TWISTED, **CASES[case])
    fields = start_fields(model, "random", (1, 0), None)
    rng = np.random.default_rng(0)
    fields = fields.having(
        {name: p * np.exp(0.5j * rng.normal(size=p.shape)) for name, p in fields.pairs().items()}
    )
    fixed_point = FixedPoint(model, Diagonalization(), fields.as_complex(), 1e-10)
    fields = fixed_point.layout.unpack(fixed_point.layout.pack(fields.as_complex()), fields.as_complex())
    out, _ = fixed_point(fields)
    residual = fixed_point.layout.pack(out) - fixed_point.layout.pack(fields)
    return model, fields, fixed_point, residual


@pytest.mark.parametrize("case", CASES)
def test_the_force_is_minus_the_slope_of_omega(case):
    model, fields, fixed_point, residual = at_random_fields(case)
    force = fixed_point.turns().force(residual)
    assert np.abs(force).max() > 1e-2
    for site in range(0, model.sample.n_sites, 3):

        def turned(angle, site=site):
            half = np.zeros(model.sample.n_sites)
            half[site] = 0.5 * angle  # a pair has two electrons
            return omega(model, fields.transformed(half, model.sample.bonds))

        assert -derivative(turned) == pytest.approx(force[site], abs=1e-7)


@pytest.mark.parametrize("case", CASES)
def test_a_step_turns_pairs_and_nothing_else(case):
    model, fields, fixed_point, residual = at_random_fields(case)
    turns = fixed_point.turns()
    angle, small = turns.angles(residual), 1e-6
    moved = fixed_point.layout.pack(fields.transformed(0.5 * small * angle, model.sample.bonds))
    expected = (moved - fixed_point.layout.pack(fields)) / small
    np.testing.assert_allclose(turns.step(residual), expected, atol=1e-5)


def test_what_cannot_turn_freely_is_left_alone():
    sample = build_sample("square", [4, 3], "open")
    real = build_model(sample, attraction=2.0, chemical_potential=-0.5, temperature=0.1)
    given = build_model(
        sample,
        given_delta=0.1,
        bond_attraction=2.0,
        channels=("singlet",),
        chemical_potential=0.0,
        temperature=0.1,
    )
    for model, is_complex in ((real, False), (given, True)):
        start = start_fields(model, "uniform", (0, 0), np.zeros(12))
        fixed_point = FixedPoint(model, Diagonalization(), start.as_complex() if is_complex else start, 1e-8)
        fixed_point(fixed_point.start)
        assert fixed_point.turns() is None


@pytest.mark.parametrize("shape", [(5, 4), (3, 3, 3)], ids=["direct", "iterative"])
def test_turns_solve_poissons_equation_on_every_part(shape):
    """Parts that nothing joins turn as a whole at no cost; sites that are held do not turn."""
    sample = build_sample("square" if len(shape) == 2 else "cubic", list(shape), "open")
    rng = np.random.default_rng(1)
    stiffness = rng.uniform(0.2, 1.0, sample.n_bonds)
    left = sample.positions[:, 0] < 1.5
    stiffness[left[sample.bonds.source] != left[sample.bonds.target]] = 0.0
    hops = np.zeros((sample.n_sites,) * 2)
    np.add.at(hops, (sample.bonds.source, sample.bonds.target), stiffness)
    hops += hops.T
    laplacian = np.diag(hops.sum(axis=1)) - hops
    force = rng.normal(size=sample.n_sites)
    centred = force.copy()
    for part in (left, ~left):
        centred[part] -= force[part].mean()
    np.testing.assert_allclose(
        poisson(sample, stiffness, None)(force), np.linalg.pinv(laplacian) @ centred, rtol=0, atol=5e-3
    )
    held = np.zeros(sample.n_sites, bool)
    held[[0, sample.n_sites - 1]] = True
    angle = poisson(sample, stiffness, held)(force)
    expected = np.linalg.solve(laplacian[~held][:, ~held], force[~held])
    assert not angle[held].any()
    np.testing.assert_allclose(angle[~held], expected, rtol=0, atol=5e-3)


def test_a_vortex_settles_in_few_iterations(monkeypatch):
    """In a disk, from beside the middle: the same Ω as without turns, in half the iterations."""
    sample = build_sample("square", [31, 31], "open", region=bdg.disk(15.3, [15, 15]))
    field = UniformField(0.02, "symmetric")
    model = build_model(
        sample, chemical_potential=-0.5, attraction=2.5, temperature=0.05, vector_potential=field
    )
    x, y = sample.positions.T
    pairs = 0.4 * np.exp(-1j * np.arctan2(y - 14.4, x - 15.3))
    start, options = Fields(pairs, np.zeros((2, sample.n_sites)), -0.5), ScfOptions(tolerance=1e-7)
    solver = SelectedInversion(threads=1)
    turned = self_consistency(model, solver, options, initial=start)
    monkeypatch.setattr("bdg.scf.map.can_turn", lambda *given: False)
    relaxed = self_consistency(model, solver, options, initial=start)
    assert turned.status == relaxed.status == "converged"
    assert len(turned.history) < 0.6 * len(relaxed.history)
    potentials = [
        float(
            measure(State(model, end.fields, end.hamiltonian, solver), "grand_potential")["grand_potential"]
        )
        for end in (turned, relaxed)
    ]
    assert potentials[0] == pytest.approx(potentials[1], abs=1e-6)
