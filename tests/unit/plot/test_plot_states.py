"""Figures of the lowest quasiparticles, and of spectra by spin; what is written of them."""

import numpy as np
import pytest

import bdg
from bdg.errors import InputError
from bdg.plot import plot, states
from bdg.plot.figures.spectra.states import different_levels
from bdg.store import summary
from tests.store.made_up import result
from tests.support.figures import ink, texts

SPECTRUM = {"energies": np.linspace(-1, 1, 11), "broadening": 0.1, "tip": [0, 0, 0.5]}


def solved(kind, size, boundary="periodic", **terms):
    middle = tuple(n // 2 for n in size)
    model = bdg.build_model(
        bdg.build_sample(kind, size, boundary),
        chemical_potential=-0.5,
        impurities=[bdg.Impurity(middle, moment=(0.5, 0, 1.5))],
        given_delta=0.4,
        fields=(),
        **terms,
    )
    return bdg.solve(model, observables={"states": {"count": 4}, "ldos": SPECTRUM})


@pytest.mark.parametrize(
    ("kind", "size", "boundary"),
    [
        ("square", [7, 7], "periodic"),
        pytest.param("square", [13, 3], "open", marks=pytest.mark.slow),
        pytest.param("chain", [9], "open", marks=pytest.mark.slow),
        ("honeycomb", [4, 4], "periodic"),
        ("cubic", [3, 3, 3], "periodic"),
        ("square", [7, 1], ["open", bdg.Boundary("bloch", n_k=4)]),
    ],
)
def test_every_lattice_has_pictures_of_its_states(kind, size, boundary):
    model = bdg.build_model(
        bdg.build_sample(kind, size, boundary), given_delta=0.3, fields=(), zeeman=[0.1, 0, 0.1]
    )
    made = bdg.solve(model, observables={"states": {"count": 4}, "ldos": SPECTRUM})
    figure = states(made)
    written = texts(figure)
    assert "Lowest quasiparticles" in written
    assert written.count("% electron") == min(5, len(different_levels(made)))
    for name in (None, "state_spin_z", "state_participation", "spin_vector_ldos", "tip_ldos"):
        assert ink(plot(made, name)) > 300


def test_titles_tell_energy_electron_part_and_spin():
    made = solved("square", [9, 9])
    first = made["states"].values[0]
    assert 0 < first < 0.3
    assert f"E = {first:.4g} t" in texts(states(made))
    page = texts(plot(made))
    assert "Lowest state: " in page
    assert "most of the lowest state" in page
    assert f"{first:.4g}, " in page[page.index("Lowest levels") :]


def test_a_spin_that_is_negative_is_not_cut_off():
    made = solved("square", [7, 7])
    axes = plot(made, "spin_vector_ldos").axes[0]
    assert axes.get_ylim()[0] < made["spin_vector_ldos"].values[:, :, made.sample.site_at([3, 3])].min()


def test_info_lists_the_states(tmp_path):
    made = solved("square", [7, 7])
    bdg.save(made, tmp_path / "r.h5")
    told = summary(tmp_path / "r.h5")
    heading = "lowest quasiparticles in t; none below "
    line = next(line for line in told.splitlines() if line.startswith(heading))
    up_to = float(line.removeprefix(heading).split()[0])
    assert up_to >= made["states"].values[-1] * (1 - 1e-7)
    row = told.splitlines()[told.splitlines().index(line) + 2].split()
    assert float(row[1]) == pytest.approx(made["states"].values[0], abs=1e-9)
    assert float(row[3]) + float(row[4]) == pytest.approx(1.0, abs=2e-4)


def test_without_states_it_is_said_what_would_do():
    with pytest.raises(InputError, match="has no states; add it to observables"):
        plot(result(), "states")
