"""Junctions whose pairs live on bonds: those on the bonds of the cut face two phases."""

from dataclasses import replace

import numpy as np
import pytest

from bdg import Boundary, ScfOptions, build_model, build_sample, run_file, solve
from bdg.experiments.josephson.facing import following_pairs
from bdg.experiments.josephson.junction import junction_of
from bdg.leads import open_cut
from bdg.nambu import NambuAssembler
from bdg.observables.loops import Loops
from tests.support.junctions import relation

ACROSS = ["open", Boundary("bloch", n_k=6, shift=0.5)]
ENDLESS = {"leads": "semi_infinite"}


def barrier(lattice, size, ends, height=1.5, **terms):
    """A symmetric junction: a wall of one layer in the middle."""
    sample = build_sample(lattice, size, ends)
    here = sample.cells[:, 0] == size[0] // 2
    return build_model(sample, onsite=height * here, **({"temperature": 0.05} | terms))


FOUND = {
    "d wave": lambda: barrier(
        "square", (11, 1), ACROSS, chemical_potential=-0.5, bond_attraction=1.8, channels="d_x2_y2"
    ),
    "d wave with its hops, in four dofs": lambda: barrier(
        "square",
        (7, 1),
        ACROSS,
        chemical_potential=-0.5,
        bond_attraction=1.8,
        channels="d_x2_y2",
        bond_fields=("pairing", "fock"),
        least_dofs=4,
    ),
    "s wave on sites and bonds": lambda: barrier(
        "square", (9, 2), "open", chemical_potential=-0.8, attraction=2.0, bond_attraction=1.0
    ),
    "p wave of a chain": lambda: barrier(
        "chain", (15,), "open", chemical_potential=-0.6, bond_attraction=2.0, channels="p_x", height=1.0
    ),
    "triplet in any direction": lambda: barrier(
        "chain", (15,), "open", chemical_potential=-0.6, bond_attraction=2.0, channels="triplet", height=1.0
    ),
}


def assert_odd(result, at_pi=1e-9):
    """I(π) = 0, I(2π − φ) = −I(φ), Ω(2π − φ) = Ω(φ), and no diode."""
    current, omega = result["junction_current"].values, result["junction_potential"].values
    largest = np.abs(current).max()
    assert largest > 1e-3
    assert current[len(current) // 2] == pytest.approx(0, abs=at_pi)
    assert current == pytest.approx(-current[::-1], abs=1e-7)
    assert omega == pytest.approx(omega[::-1], abs=1e-7)
    assert float(result["junction_diode_efficiency"]) == pytest.approx(0, abs=1e-6)


@pytest.mark.parametrize("kind", FOUND)
def test_a_symmetric_junction_is_no_diode_and_has_no_current_at_pi(kind):
    assert_odd(relation(FOUND[kind](), num=9, **ENDLESS))


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["s wave on sites and bonds", "d wave"])
def test_so_it_is_where_the_phase_is_held_in_leads_of_some_depth(kind):
    assert_odd(relation(FOUND[kind](), num=5, leads=2), at_pi=1e-7)


@pytest.mark.parametrize("kind", FOUND)
def test_the_current_between_leads_is_the_derivative_of_the_potential(kind):
    """Pairs across the cut follow, so that Ω is stationary in them."""
    result = relation(FOUND[kind](), num=13, stop=1.2, **ENDLESS)
    omega, step = result["junction_potential"].values, 0.1
    slope = (8 * (omega[3:-1] - omega[1:-3]) - (omega[4:] - omega[:-4])) / (12 * step)
    assert result["junction_current"].values[2:-2] == pytest.approx(2 * slope, abs=2e-6)


GIVEN = {
    "d wave": ("square", (9, 1), ACROSS, {"given_bonds": {"d_x2_y2": 0.3}}),
    "extended s": ("triangular", (9, 2), "open", {"given_bonds": {"s_extended": 0.3}}),
    "p wave": ("square", (9, 2), "open", {"given_bonds": {"p_x": 0.3}, "least_dofs": 4}),
}


@pytest.mark.parametrize("leads", [None, 3, "semi_infinite"])
@pytest.mark.parametrize("kind", GIVEN)
def test_given_pairs_across_a_cut_lie_midway_by_the_shorter_way(kind, leads):
    lattice, size, ends, pairs = GIVEN[kind]
    model = barrier(lattice, size, ends, chemical_potential=-0.7, fields=(), **pairs)
    assert_odd(relation(model, num=9, leads=leads), at_pi=1e-9)


@pytest.mark.parametrize("given", ["d_x2_y2: 0.3", "onsite: 0.1, p_x: 0.3", "s_extended: 0.3"])
@pytest.mark.parametrize("phase", [0.9, 4.0, 6.5])
def test_a_phase_that_is_given_is_one_that_is_added(given, phase, tmp_path):
    """`given: {phase: …}` of one side, and current_phase, of the same pairs."""
    text = f"""
lattice: {{kind: square, size: [8, 2], boundary: open}}
hamiltonian: {{chemical_potential: -0.6, onsite: 0.8 if x == 3 else 0}}
interaction: {{given: {{{given}, phase: PHASE}}}}
temperature: 0.1
observables: {{grand_potential: {{}}, currents: {{}}, current_phase: {{num: 2, stop: {phase}, at: 3.5}}}}
output: {tmp_path}/NUMBER.h5
"""
    found = []
    for number, value in enumerate(["0", f"{-phase} if x > 3.5 else 0"]):
        path = tmp_path / f"{number}.yaml"
        path.write_text(text.replace("PHASE", value).replace("NUMBER", str(number)))
        found.append(run_file(path))
    added, given_ = found
    assert added["junction_potential"].values[1] == pytest.approx(float(given_["grand_potential"]), abs=1e-10)
    bonds = given_.sample.bonds
    crossing = given_.sample.positions[bonds.source, 0] < 3.5
    crossing &= given_.sample.positions[bonds.target, 0] > 3.5
    current = given_["bond_current"].values[crossing].sum()
    assert added["junction_current"].values[1] == pytest.approx(current, abs=1e-10)
    assert abs(current) > 1e-3


def test_pairs_across_are_those_of_the_state_where_nothing_is_added():
    """Of a sample so long that its ends do not matter, at the cut as elsewhere."""
    model = barrier(
        "square",
        (41, 1),
        ACROSS,
        chemical_potential=-0.5,
        bond_attraction=1.8,
        channels="d_x2_y2",
        temperature=0.2,
    )
    result = solve(model, scf=ScfOptions(1e-11))
    junction = junction_of(model, 0, None, None, is_fixed=True)
    cut = open_cut(
        NambuAssembler(model).matrix(result.fields),
        model.sample,
        junction.crossing,
        junction.before,
        0,
        model.temperature,
        1e-12,
    )
    held = result.fields.bond_delta[cut.across.bonds]
    state = replace(result.state(), loops=Loops(ScfOptions(1e-11)))
    found = following_pairs(cut, np.zeros(len(cut.bonds)), state, held)
    assert found == pytest.approx(held, abs=1e-6)
    assert np.abs(held).max() > 1e-2
