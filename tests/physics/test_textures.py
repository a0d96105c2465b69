"""Skyrmion lattices and domain walls of a Zeeman field, from expressions and from arrays."""

import numpy as np
import pytest

from bdg.lattice import Boundary, build_sample
from bdg.model import build_model
from bdg.observables import State
from bdg.scf import ScfOptions, self_consistency
from bdg.solvers.diagonalization import Diagonalization
from bdg.solvers.selected_inversion import SelectedInversion
from tests.bridge import measure, solved

OPTIONS = ScfOptions(tolerance=1e-11, max_iterations=1000)
SOLVERS = Diagonalization(threads=1), SelectedInversion(threads=1)
SIDE = 8
TORUS = build_sample("square", [SIDE, SIDE], "periodic")


def skyrmions(m):
    """h along (sin kx, sin ky, m + cos kx + cos ky): for 0 < |m| < 2 it covers the sphere once a cell."""
    x, y = (f"2*pi*{axis}/{SIDE}" for axis in "xy")
    parts = f"sin({x})", f"sin({y})", f"({m} + cos({x}) + cos({y}))"
    length = "sqrt(" + " + ".join(f"{part}**2" for part in parts) + ")"
    return [f"0.5*{part}/{length}" for part in parts]


def skyrmion_number(vectors):
    """Solid angles of the triangles of a torus over 4π: Berg and Lüscher, Nucl. Phys. B 190, 412 (1981)."""
    unit = vectors.reshape(3, SIDE, SIDE) / np.linalg.norm(vectors, axis=0).reshape(SIDE, SIDE)
    a, b = unit, np.roll(unit, -1, 1)
    c, d = np.roll(unit, (-1, -1), (1, 2)), np.roll(unit, -1, 2)
    total = 0.0
    for p, q, r in ((a, b, c), (a, c, d)):
        triple = np.sum(p * np.cross(q, r, axis=0), axis=0)
        total += np.sum(np.arctan2(triple, 1 + np.sum(p * q + q * r + r * p, axis=0)))
    return total / (2 * np.pi)


@pytest.mark.parametrize(("m", "number"), [(1.0, -1), (-1.0, 1), (3.0, 0)])
def test_electrons_follow_a_lattice_of_skyrmions(m, number):
    """Their spins wind as often as the field; an array and its formula, and both solvers, are one."""
    given = {"chemical_potential": -1.0, "attraction": 3.5, "temperature": 0.1}
    formulas = build_model(TORUS, zeeman=skyrmions(m), **given)
    array = build_model(TORUS, zeeman=formulas.zeeman.copy(), **given)
    assert skyrmion_number(formulas.zeeman) == pytest.approx(number, abs=1e-12)
    states = []
    for model, solver in ((formulas, SOLVERS[0]), (array, SOLVERS[0]), (array, SOLVERS[1])):
        outcome = self_consistency(model, solver, OPTIONS)
        assert outcome.status == "converged"
        assert outcome.hamiltonian.symmetry == "general"
        states.append(State(model, outcome.fields, outcome.hamiltonian, solver, tolerance=1e-11))
    assert np.abs(states[0].fields.delta).min() > 0.1
    spins = [[measure(state, "magnetisation")[f"magnetisation_{axis}"] for axis in "xyz"] for state in states]
    assert skyrmion_number(np.array(spins[0])) == pytest.approx(number, abs=1e-12)
    assert np.sum(np.array(spins[0]) * formulas.zeeman, axis=0).min() > 1e-3  # each along its own field
    np.testing.assert_array_equal(spins[1], spins[0])
    np.testing.assert_allclose(spins[2], spins[0], atol=3e-9)
    omegas = [float(measure(state, "grand_potential")["grand_potential"]) for state in states]
    assert omegas[2] == pytest.approx(omegas[0], abs=1e-8)


WIDTH, MIDDLE = 16, 7.5


def wall_energy(way, rashba):
    """Ω of a wall between h ∥ z and h ∥ −z over a few sites, through the direction ``way`` in the plane."""
    sample = build_sample("square", [WIDTH, 1], ["open", Boundary("bloch", n_k=8)])
    turn = f"(x - {MIDDLE})/2"
    across = f"0.4/cosh({turn})"
    field = [f"{way[0]}*{across}", f"{way[1]}*{across}", f"-0.4*tanh({turn})"]
    model = build_model(
        sample, zeeman=field, rashba=rashba, chemical_potential=-0.7, attraction=3.0, temperature=0.1
    )
    outcome, state = solved(model, OPTIONS)
    assert outcome.status == "converged"
    assert np.abs(outcome.fields.delta).min() > 0.1
    moments = measure(state, "magnetisation")
    assert moments["magnetisation_z"][0] > 1e-3 > -1e-3 > moments["magnetisation_z"][-1]
    return float(measure(state, "grand_potential")["grand_potential"])


def test_rashba_coupling_tells_the_walls_apart():
    """Without it Bloch's and Néel's walls are one, turned; with it a wall's hand counts, and −α undoes it."""
    neel, other_hand, bloch = (1, 0), (-1, 0), (0, 1)
    assert wall_energy(neel, 0.0) == pytest.approx(wall_energy(bloch, 0.0), abs=1e-10)
    one, two = wall_energy(neel, 0.4), wall_energy(other_hand, 0.4)
    assert abs(one - two) > 1e-3
    assert wall_energy(neel, -0.4) == pytest.approx(two, abs=1e-10)
    assert wall_energy(bloch, 0.4) == pytest.approx(wall_energy((0, -1), 0.4), abs=1e-10)
