"""Given pairs on bonds whose ends have opposite phases: two are midway, and the pairs are their mean, 0."""

import numpy as np
import pytest

from bdg import Boundary, build_model, build_sample, setup, solve
from bdg.config import ConfigSource
from bdg.errors import InputError


def model_of(text):
    source = ConfigSource(text)
    config = source.parse()
    return setup.model_of(config, source, setup.sample_of(config, source))


def state_of(text):
    return solve(model_of(text), observables={"density": {}, "currents": {}})


RING = """
lattice: {{kind: chain, size: [4], boundary: periodic}}
hamiltonian: {{hopping: [1.0, -0.4], chemical_potential: 0.3}}
interaction: {{given: {{onsite: 0.3, s_extended: 0.4, shell: {shell}, phase: "{phase}"}}}}
temperature: 0.1
"""
"""A ring with one winding: neighbours are a quarter of it apart, second neighbours half of it."""

JUNCTION = """
lattice: {{kind: square, size: [6, 2], boundary: [open, periodic]}}
hamiltonian: {{chemical_potential: -0.3}}
interaction: {{given: {{{symmetry}: 0.4, phase: "{phase}"}}}}
temperature: 0.1
"""


def test_a_junction_of_opposite_phases_has_no_pairs_across_whatever_way_pi_is_reached():
    states = [
        state_of(JUNCTION.format(symmetry="d_x2_y2", phase=phase))
        for phase in ("where(x > 2.5, pi, 0)", "where(x > 2.5, -pi, 0)", "where(x > 2.5, 0.3 + pi, 0.3)")
    ]
    for state in states:
        assert np.abs(state["bond_current"].values).max() < 1e-12
        assert state["density"].values == pytest.approx(states[0]["density"].values, abs=1e-12)
        assert any("opposite phases" in line and "2 bonds" in line for line in state.warnings)


@pytest.mark.parametrize("symmetry", ["s_extended", "p_x"])
def test_pairs_across_opposite_phases_are_the_mean_of_those_at_a_little_less_and_a_little_more(symmetry):
    less, at, more = (
        model_of(JUNCTION.format(symmetry=symmetry, phase=f"where(x > 2.5, {phase}, 0)")).given_bonds
        for phase in (np.pi - 1e-6, np.pi, np.pi + 1e-6)
    )
    assert np.abs(less - more).max() == pytest.approx(0.8, abs=1e-5)
    assert at == pytest.approx(0.5 * (less + more), abs=1e-6)


@pytest.mark.parametrize("start", [0.0, 0.4, 1.0, 2.7])
def test_a_ring_whose_pairs_all_lie_between_opposite_phases_is_refused(start):
    with pytest.raises(
        InputError, match=r"interaction\.given.*opposite phases.*change the phase, or the twist"
    ):
        model_of(RING.format(shell=2, phase=f"0.5*pi*(x + {start})"))
    assert not model_of(RING.format(shell=1, phase=f"0.5*pi*(x + {start})")).warnings


def test_a_twist_by_which_the_pairs_of_one_cell_turn_by_pi_has_no_pairs_midway():
    sample = build_sample("chain", (1,), Boundary("bloch", twist=np.pi / 2))
    with pytest.raises(InputError, match="opposite phases"):
        build_model(sample, given_bonds={"s_extended": 0.3})
    sample = build_sample("square", (1, 1), [Boundary("bloch", twist=np.pi / 2), "periodic"])
    model = build_model(sample, given_bonds={"d_x2_y2": 0.3})
    across = sample.bonds.displacement[:, 0] != 0
    assert not model.given_bonds[across].any()
    assert np.abs(model.given_bonds[~across]).max() == pytest.approx(0.3)
    assert any("opposite phases" in line for line in model.warnings)
    less = build_sample("square", (1, 1), [Boundary("bloch", twist=np.pi / 2 - 1e-3), "periodic"])
    assert build_model(less, given_bonds={"d_x2_y2": 0.3}).given_bonds[across].any()


def test_the_state_does_not_depend_on_where_cells_are_counted_from():
    phases = ["where(abs(x - 1.5) < 1, pi, 0)", "where(abs(x - 1.5) < 1, 0, pi)"]
    states = [state_of(RING.format(shell=1, phase=phase)) for phase in phases]
    one, other = (state["density"].values for state in states)
    assert one == pytest.approx(other, abs=1e-12)
    assert one == pytest.approx(one[[3, 2, 1, 0]], abs=1e-12)
    assert all("opposite phases" in " ".join(state.warnings) for state in states)
