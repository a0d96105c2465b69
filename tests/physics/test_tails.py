"""A tip over Wannier functions' tails: sums over sites by hand, filters in closed form, waves that cancel."""

from __future__ import annotations

import numpy as np
import pytest

import bdg
from bdg import Boundary
from bdg.errors import InputError
from bdg.nambu import NambuAssembler
from bdg.observables import State, measure
from tests.support.states import DENSE, ENGINE, state_of

BIASES = [-0.8, -0.1, 0.3, 0.7]
HOW = {"biases": BIASES, "broadening": 0.2, "accuracy": 1e-8}
OFFSETS = [(0, 0), (1, 0), (-1, 0), (0, 1), (0, -1), (1, 1)]
WAVES = np.array([1.0, 0.4, -0.3, 0.25, 0.1, -0.2])


def table(waves=WAVES, orbital=0):
    """From the orbital to the tip."""
    rows = (
        [orbital, *offset, wave.real, wave.imag] for offset, wave in zip(OFFSETS, waves + 0j, strict=True)
    )
    return [row if row[4] else row[:4] for row in rows]


def zero_temperature(kind, size, ends, **terms):
    return state_of(bdg.build_sample(kind, size, ends), ENGINE, temperature=0.0, **terms)


def by_hand(state, site, waves, periodic=True):
    """N(R, ω) of both spins, of the amplitudes ψ_i of the sites that the table names, at T = 0 dI/dV."""
    sample, matrix = state.model.sample, state.hamiltonian
    psi = np.zeros(sample.n_sites, complex)
    for offset, wave in zip(OFFSETS, waves, strict=True):
        cell = sample.cells[site] - offset
        if periodic:
            cell %= sample.size
        if ((cell >= 0) & (cell < sample.size)).all():
            psi[sample.site_at(cell)] += wave
    h, total = matrix.dense(), 0.0
    for spin in (0, 1):
        is_hole = spin == 1 and matrix.dofs == 2
        vector = np.zeros(matrix.dimension, complex)
        vector[spin :: matrix.dofs] = psi if is_hole else np.conj(psi)
        z = np.array(BIASES) + 0.2j
        z = -z.conj() if is_hole else z
        green = [vector.conj() @ np.linalg.solve(one * np.eye(len(h)) - h, vector) for one in z]
        total = total - np.imag(green) / np.pi
    return total


TERMS = {
    "singlets": {"delta": 0.3, "disorder": bdg.Disorder(width=1.0, seed=3)},
    "spins apart": {"delta": 0.3, "zeeman": [0, 0, 0.3], "disorder": bdg.Disorder(width=1.0, seed=3)},
    "spins mixed": {"delta": 0.3, "zeeman": [0.2, 0.1, 0.3], "rashba": 0.3},
}


@pytest.mark.parametrize("ends", ["open", "periodic"])
@pytest.mark.parametrize("name", TERMS)
def test_waves_are_added_with_their_phases(name, ends):
    state = zero_temperature("square", [5, 4], ends, **TERMS[name])
    for waves in (WAVES, WAVES * np.exp(1j * np.arange(6))):
        found = measure(state, "stm", HOW | {"tip": {"tails": table(waves)}})["stm_conductance"]
        for site in (0, 7, 13):
            expected = by_hand(state, site, waves, ends == "periodic")
            np.testing.assert_allclose(found.values[:, site], expected, atol=1e-6)
        assert found.error < 1e-4


def test_an_infinite_sample_is_one_of_many_cells():
    terms = {"delta": 0.3, "temperature": 0.0}
    torus = state_of(bdg.build_sample("square", [8, 8], "periodic"), DENSE, **terms)
    infinite = state_of(bdg.build_sample("square", [1, 1], Boundary("bloch", n_k=8)), DENSE, **terms)
    how = HOW | {"tip": {"tails": table(WAVES * np.exp(1j * np.arange(6)))}}
    one, all_ = (measure(state, "stm", how)["stm_conductance"].values for state in (infinite, torus))
    np.testing.assert_allclose(all_, np.broadcast_to(one, all_.shape), atol=1e-6)


def test_tails_that_fall_off_exponentially_are_the_exponential_filter():
    state = zero_temperature("square", [7, 7], "periodic", **TERMS["singlets"])
    height, decay = 1.0, 4.0
    places = [(x, y) for x in range(-3, 4) for y in range(-3, 4) if np.hypot(x, y) < 2.84]
    waves = [np.exp(-decay * (np.sqrt(x * x + y * y + height**2) - height)) for x, y in places]
    tails = [[0, x, y, wave] for (x, y), wave in zip(places, waves, strict=True)]
    filtered = measure(state, "stm", HOW | {"tip": {"height": height, "decay": decay}})["stm_conductance"]
    weighted = measure(state, "stm", HOW | {"tip": {"tails": tails, "interference": False}})[
        "stm_conductance"
    ]
    np.testing.assert_allclose(weighted.values, filtered.values, rtol=1e-6)
    apart = measure(state, "stm", HOW | {"tip": {"tails": tails}})["stm_conductance"]
    assert np.abs(apart.values - filtered.values).max() > 0.01


def test_one_tail_right_below_is_a_tip_over_the_site():
    state = zero_temperature("square", [4, 4], "periodic", **TERMS["spins mixed"])
    plain = measure(state, "stm", HOW | {"tip": {"polarisation": [0.3, 0.2, 0.5]}})["stm_conductance"].values
    one = {"tails": [[0, 0, 0, 2.0]], "polarisation": [0.3, 0.2, 0.5]}
    np.testing.assert_allclose(measure(state, "stm", HOW | {"tip": one})["stm_conductance"].values, 4 * plain,
                               rtol=1e-7)  # fmt: skip


def two_orbitals():
    """Both at one place, with bonding states at −3 and antibonding ones at 3 where nothing else hops."""
    cell = bdg.UnitCell.build([[1, 0], [0, 1]], [[0, 0], [0, 0]], hoppings=[(0, 1, (0, 0), 3.0)])
    model = bdg.build_model(bdg.build_sample(cell, [2, 2]), temperature=0.0, given={"onsite": 0.0})
    fields = bdg.solve(model, observables=[], solver=DENSE).fields
    return State(model, fields, NambuAssembler(model).matrix(fields), DENSE)


def test_two_orbitals_in_antiphase_see_nothing_of_a_state_in_phase():
    state = two_orbitals()
    how = {"biases": [-3.0, 3.0], "broadening": 0.01, "accuracy": 1e-8}
    line = 2 / np.pi / 0.01  # of both spins, at the middle of a Lorentzian
    for sign, seen in ((1, [2 * line, 0.0]), (-1, [0.0, 2 * line])):
        tip = {"tails": [[0, 0, 0, 1.0], [1, 0, 0, float(sign)]]}
        found = measure(state, "stm", how | {"tip": tip})["stm_conductance"].values
        np.testing.assert_allclose(
            found, np.broadcast_to(np.array(seen)[:, None], found.shape), atol=1e-3 * line
        )
    apart = {"tails": [[0, 0, 0, 1.0], [1, 0, 0, -1.0]], "interference": False}
    found = measure(state, "stm", how | {"tip": apart})["stm_conductance"].values
    np.testing.assert_allclose(found, line, rtol=1e-3)


def test_a_table_in_a_file_has_a_unit_of_length(tmp_path):
    state = zero_temperature("square", [4, 4], "periodic", **TERMS["singlets"])
    rows = [[o, 0.4 * x, 0.4 * y, w] for o, x, y, w in table()]
    np.savetxt(tmp_path / "tails.txt", rows, header="orbital x y amplitude")
    tip = {"tails": {"file": str(tmp_path / "tails.txt"), "unit": 2.5}}
    one, two = (
        measure(state, "stm", HOW | {"tip": each})["stm_conductance"].values
        for each in (tip, {"tails": table()})
    )
    np.testing.assert_allclose(one, two, atol=1e-12)


def test_the_gap_map_and_interference_of_quasiparticles_take_the_same_tip():
    state = zero_temperature("square", [6, 6], "periodic", **TERMS["singlets"])
    tip = {"tails": table()}
    biases = [-0.8, 0.8]
    own = measure(state, "stm", {"biases": biases, "broadening": 0.2, "tip": tip})["stm_conductance"].values
    waves = measure(state, "qpi", {"biases": biases, "broadening": 0.2, "tip": tip})["qpi"].values
    change = (own - own.mean(axis=1, keepdims=True)).reshape(2, 6, 6)
    expected = np.sort(np.abs(np.fft.fft2(change)).ravel()) / 36
    np.testing.assert_allclose(np.sort(waves.ravel()), expected, atol=1e-6)


@pytest.mark.parametrize(
    ("tip", "words"),
    [
        ({"tails": [[0, 0.5, 0, 1.0]]}, "no orbital 0 is at"),
        ({"tails": [[1, 0, 0, 1.0]]}, "orbitals 0 to 0"),
        ({"tails": [[0, 0, 0, 0.0]]}, "not all zero"),
        ({"tails": [[0, 0, 1.0]]}, "tails"),
        ({"tails": {"file": "none.txt"}}, "can't be read"),
        ({"tails": [[0, 0, 0, 1.0]], "height": 1.0, "decay": 1.0}, "no height"),
        ({"tails": [[0, 0, 0, 1.0]], "orbitals": [1.0]}, "no height"),
    ],
)
def test_tables_that_are_none_are_refused(tip, words):
    state = zero_temperature("square", [4, 4], "periodic", delta=0.3)
    with pytest.raises(InputError, match=words):
        measure(state, "stm", HOW | {"tip": tip})


def test_where_phases_depend_on_a_gauge_interference_is_refused():
    for ends, terms in (
        ("open", {"vector_potential": [0.1, "0.2*x"]}),
        ([Boundary("periodic", twist=0.3), Boundary("open")], {}),
    ):
        state = state_of(bdg.build_sample("square", [4, 4], ends), DENSE, delta=0.3, **terms)
        with pytest.raises(InputError, match="interference: false"):
            measure(state, "stm", HOW | {"tip": {"tails": table()}})
        assert measure(state, "stm", HOW | {"tip": {"tails": table(), "interference": False}})
