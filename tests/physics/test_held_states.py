"""What the symmetry of a start holds in a state that is no minimum is said, whatever fields it is of."""

import numpy as np
import pytest

import bdg
from bdg.ground_state.ranking import energy_of
from bdg.simulation.run import run
from benchmarks.hard import BEST, CASES, source_of


def of_case(name, *changes):
    source = source_of({**CASES[name], "set": {**CASES[name].get("set", {}), **dict(changes)}})
    return run(source.parse(), source, hooks=bdg.Hooks())


def is_called_a_saddle(result):
    return any("the state is a saddle" in line for line in result.warnings)


def energy(result):
    return float(energy_of(result.state(), result.residual).values)


def test_a_vortex_in_the_middle_of_a_disk_that_would_leave_it():
    small = ("lattice.size", [15, 15]), ("lattice.region.disk.radius", 7.2), ("field.uniform", 0.02)
    held = of_case("vortex narrow, disk", *small)
    start = {"delta": "0.5*exp(-1j*atan2(y - 6.6, x - 8.1))"}
    free = of_case("vortex narrow, disk", *small, ("scf.initial", start))
    assert held.status == free.status == "converged"
    assert is_called_a_saddle(held)
    assert float(bdg.measure(held, "stability")["largest_eigenvalue"].values) > 1.01
    assert not is_called_a_saddle(free)
    assert energy(free) < energy(held) - 1e-6
    quiet = of_case("vortex narrow, disk", *small, ("scf.leave_saddles", False))
    assert not is_called_a_saddle(quiet)


@pytest.mark.parametrize(
    "name", ["vortex lattice, d wave", "magnet without collinear order", "magnet around an impurity"]
)
def test_vortices_of_a_cell_and_spins_that_could_turn_or_order(name):
    assert is_called_a_saddle(of_case(name))


@pytest.mark.parametrize("name", ["antiferromagnet", "vortex lattice, disordered", "d + id, finite sample"])
def test_of_minima_nothing_is_said(name):
    found = of_case(name)
    assert found.status == "converged"
    assert not is_called_a_saddle(found)
    assert float(bdg.measure(found, "stability")["largest_eigenvalue"].values) < 1 + 1e-4


def test_the_set_of_hard_loops_is_one_of_configurations():
    assert len(CASES) >= 60
    for case in CASES.values():
        assert source_of(case).parse().lattice is not None
    assert set(BEST) <= set(CASES)
    assert np.isfinite(list(BEST.values())).all()
