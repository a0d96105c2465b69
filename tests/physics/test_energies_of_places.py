"""Energies of vortices and impurities against London's image, perturbation theory, symmetry and the loop."""

import numpy as np
import pytest

from bdg import Boundary, Disorder, ScfOptions, build_model, build_sample, solve
from bdg.errors import InputError, NumericalError
from bdg.experiments.energetics.vortex import Pinned, VortexIn, settled, with_vortex
from bdg.observables import measure
from bdg.observables.local.vortices import winding

TIGHT = ScfOptions(1e-10)


def square(n=5, **given):
    sample = build_sample("square", (n, n), "open")
    model = build_model(
        sample, **{"chemical_potential": -0.5, "attraction": 3.5, "temperature": 0.1, **given}
    )
    return solve(model, scf=TIGHT).state()


def disk(radius):
    n = 2 * int(radius + 1)
    middle = (n - 1) / 2
    return build_sample(
        "square", (n, n), "open", region=lambda p: np.hypot(*(p - middle).T) < radius
    ), np.full(2, middle)


def image_force(radius, along):
    """Ω(r) − Ω(0) of a vortex in a disk over London's πK ln(1 − r²/R²), K = ħ²D/4e² of the uniform metal."""
    sample, middle = disk(radius)
    given = {"chemical_potential": -0.5, "attraction": 4.0, "temperature": 0.1}
    cell = build_sample("square", (1, 1), [Boundary("bloch", 0.0, 32, 0.5)] * 2)
    uniform = solve(build_model(cell, **given), observables=["superfluid_weight"], scf=TIGHT)
    stiffness = uniform["superfluid_weight"].values[0, 0] / 4
    state = solve(build_model(sample, **given), scf=TIGHT, solver="selected_inversion").state()
    line = {"along": [middle.tolist(), (middle + np.array([along, 0])).tolist()]}
    found = measure(state, "vortex_energy", line)
    distance = np.linalg.norm(found["vortex_track"].values - middle, axis=1)
    energy = found["vortex_energy"].values
    assert distance[:2] == pytest.approx([0, 1])
    london = np.pi * stiffness * np.log(1 - distance[1:] ** 2 * np.pi / sample.n_sites)
    assert (np.sign(found["vortex_force"].values[1:]) == 1).all()
    return (energy[1:] - energy[0]) / london


def test_a_vortex_in_a_small_disk_is_drawn_to_its_edge():
    assert image_force(8.1, 1) == pytest.approx(1, abs=0.06)


@pytest.mark.slow
def test_a_vortex_in_a_disk_has_the_force_of_londons_image():
    """Within 2 % at r ≪ R; what is left falls as the ratio of the core to R."""
    wide, narrow = image_force(24.1, 3), image_force(12.1, 3)
    assert wide == pytest.approx(1, abs=0.02)
    assert np.abs(wide - 1).max() < 0.65 * np.abs(narrow - 1).max()


def test_the_map_of_a_square_is_that_of_its_mirrors_and_the_line_is_part_of_it():
    state = square(4)
    found = measure(state, "vortex_energy")["vortex_energy"]
    faces = state.model.sample.plaquettes.center
    assert found.dims == ("plaquette",)
    assert (found.values > 0).all()
    for mirrored in (faces[:, ::-1], 3 - faces):
        same = [int(np.argmin(np.linalg.norm(faces - place, axis=1))) for place in mirrored]
        assert found.values[same] == pytest.approx(found.values, abs=1e-7)
    anti = measure(state, "vortex_energy", {"winding": 1})["vortex_energy"].values
    assert anti == pytest.approx(found.values, abs=1e-7)
    line = measure(state, "vortex_energy", {"along": [[0, 1.5], [3, 1.5]]})
    on_line = np.flatnonzero(faces[:, 1] == 1.5)
    on_line = on_line[np.argsort(faces[on_line, 0])]
    assert line["vortex_energy"].values == pytest.approx(found.values[on_line], abs=1e-9)
    assert float(line["entry_barrier"]) == line["vortex_energy"].values.max()


def test_the_vortex_is_where_it_is_held_and_all_else_is_self_consistent():
    state = square(6, disorder=Disorder(1.0, 3))
    sample = state.model.sample
    pinned = settled(VortexIn(7.0, -1).start(Pinned(state, np.zeros(36, bool)), state.fields, 0.0))
    wound = winding(sample, pinned.state.fields.delta, state.model.peierls_phase)
    assert wound[7] == -1
    assert np.abs(wound).sum() == 1
    assert pinned.held.sum() == 4
    net = measure(pinned.state, "currents")["divergence"].values
    assert np.abs(net[~pinned.held]).max() < 1e-8
    assert np.abs(net[pinned.held]).max() > 1e-4


def test_pairs_on_bonds_turn_by_the_angle_midway():
    sample = build_sample("square", (6, 6), "open")
    model = build_model(
        sample, bond_attraction=1.5, channels="d_x2_y2", chemical_potential=-0.5, temperature=0.1
    )
    state = solve(model, scf=ScfOptions(1e-7)).state()
    fields = with_vortex(state.fields, sample, np.array([2.5, 2.5]), -1)
    ratio = fields.bond_delta[:, 0, 1] / state.fields.bond_delta[:, 0, 1]
    middle = sample.positions[sample.bonds.source] + 0.5 * sample.bonds.displacement - 2.5
    far = np.linalg.norm(middle, axis=1) > 1
    angle = np.exp(-1j * np.arctan2(middle[:, 1], middle[:, 0]))
    assert np.abs(ratio - angle)[far].max() < 0.1
    energy = measure(state, "vortex_energy", {"along": [[2.2, 2.5], [2.8, 2.5]]})["vortex_energy"].values
    assert (energy > 0.1).all()


def test_vortices_of_one_sign_repel_and_of_opposite_sign_attract():
    state = square(10, attraction=4.0)
    start = VortexIn(float(_near(state, [2.5, 4.5])), -1).start(Pinned(state, np.zeros(100, bool)), None, 0.0)
    one = settled(start).state
    line = {"along": [[5.5, 4.5], [6.5, 4.5]]}
    alone = measure(state, "vortex_energy", line)["vortex_energy"].values
    same, opposite = (
        measure(one, "vortex_energy", line | {"winding": sign})["vortex_energy"].values for sign in (-1, 1)
    )
    assert len(alone) == 2
    assert (same > alone + 0.05).all()
    assert (opposite < alone - 0.05).all()
    assert same[0] - alone[0] > same[1] - alone[1]


def test_a_vortex_that_leaves_its_plaquette_is_no_state():
    state = square(9, attraction=4.0)
    start = VortexIn(float(_near(state, [1.5, 3.5])), -1).start(Pinned(state, np.zeros(81, bool)), None, 0.0)
    near = {"along": [[3.4, 3.5], [3.6, 3.5]]}
    with pytest.raises(NumericalError, match="leaves the plaquette"):
        measure(settled(start).state, "vortex_energy", near)


def _near(state, place):
    return np.argmin(np.linalg.norm(state.model.sample.plaquettes.center - place, axis=1))


@pytest.mark.parametrize("filling", [None, 0.8])
def test_a_weak_impurity_costs_its_potential_times_the_density(filling):
    given = {"chemical_potential": None, "filling": filling} if filling else {}
    state = square(5, fields=("pairing", "hartree"), disorder=Disorder(1.0, 2), **given)
    density, small = measure(state, "density")["density"].values, 1e-3
    sites = [0, 6, 12]
    both = [
        measure(state, "impurity_energy", {"potential": sign * small, "sites": sites})[
            "impurity_energy"
        ].values
        for sign in (1, -1)
    ]
    assert np.isnan(np.delete(both[0], sites)).all()
    slope = (both[0] - both[1])[sites] / (2 * small)
    assert slope == pytest.approx(density[sites], abs=2e-6)
    assert np.ptp(density[sites]) > 0.05
    assert ((both[0] + both[1])[sites] < 0).all()  # Ω is concave in the potential


def test_an_impurity_is_drawn_to_the_core_of_a_vortex():
    state = square(6, attraction=3.0)
    pinned = settled(
        VortexIn(float(_near(state, [2.5, 2.5])), -1).start(Pinned(state, np.zeros(36, bool)), None, 0.0)
    )
    core, far = (state.model.sample.site_at(place) for place in ([2, 2], [0, 2]))
    sites = {"potential": 2.0, "sites": [core, far]}
    with_one = measure(pinned.state, "impurity_energy", sites)["impurity_energy"].values
    without = measure(state, "impurity_energy", sites)["impurity_energy"].values
    assert with_one[core] - without[core] < with_one[far] - without[far] - 0.01


def test_what_cannot_be_placed_is_refused():
    torus = solve(build_model(build_sample("square", (4, 4), "periodic"), attraction=3.0)).state()
    with pytest.raises(InputError, match="make the boundary open"):
        measure(torus, "vortex_energy")
    state = square(4)
    with pytest.raises(InputError, match="winding other than 0"):
        measure(state, "vortex_energy", {"winding": 0})
    with pytest.raises(InputError, match="meets no plaquette"):
        measure(state, "vortex_energy", {"along": [[20, 20], [30, 20]]})
    with pytest.raises(InputError, match="without an interaction"):
        measure(
            solve(build_model(state.model.sample, attraction=0.0)).state(),
            "impurity_energy",
            {"potential": 1.0},
        )
