"""Figures of the macroscopic theories draw what was computed."""

import numpy as np
import pytest

import bdg
from bdg.bridge import macroscopic_state
from bdg.errors import InputError
from bdg.plot import macroscopic as figures
from bdg.plot import save_figure
from bdg.theory.macroscopic import ginzburg_landau as gl
from bdg.theory.macroscopic import london, wave
from bdg.theory.macroscopic.grid import Grid


def drawn(figure, tmp_path):
    save_figure(figure, tmp_path / "figure.png")
    assert (tmp_path / "figure.png").stat().st_size > 5000
    return [axes for axes in figure.axes if axes.get_label() != "<colorbar>"]


def test_dots_lie_on_the_lines(tmp_path):
    """Finite differences on closed forms, in the panels of slab, cylinder and sphere."""
    panels = drawn(figures.screening(sizes=(1.0, 6.0), lengths=(1.0,)), tmp_path)
    assert len(panels) == 6
    for axes in panels[:3]:
        lines = axes.get_lines()
        for line, dots in zip(lines[::2], lines[1::2], strict=True):
            exact = np.interp(dots.get_xdata(), line.get_xdata(), line.get_ydata())
            np.testing.assert_allclose(dots.get_ydata(), exact, atol=0.01)


def test_cross_section(tmp_path):
    depth = np.full((20, 16), 0.5)
    depth[8:12, 6:10] = np.inf
    section = london.solve_section(depth, 0.2, 1.0)
    (axes,) = drawn(figures.cross_section(section, "A tube"), tmp_path)
    np.testing.assert_array_equal(axes.get_images()[0].get_array(), section.field.T)
    assert axes.get_title() == "A tube"


def test_frames(tmp_path):
    line = Grid.build(40, 0.3, "hard")
    done = wave.evolve(
        wave.wave_packet(line, (0,), 1.0, (1,)), wave.hamiltonian(line), duration=1.0, steps=4, keep=4
    )
    (axes,) = drawn(figures.wave_frames(line, done, frames=3), tmp_path)
    assert [text.get_text() for text in axes.get_legend().get_texts()] == ["t = 0", "t = 0.5", "t = 1"]
    np.testing.assert_array_equal(axes.get_lines()[-1].get_ydata(), wave.density(done.states[-1]))
    plane = Grid.build((12, 10), 0.5, "hard")
    done = wave.evolve(
        wave.wave_packet(plane, (0, 0), 1.0, (1, 0)), wave.hamiltonian(plane), duration=1.0, steps=2, keep=2
    )
    panels = drawn(figures.wave_frames(plane, done, frames=2, path=[(0, 0), (1, 0)]), tmp_path)
    assert len(panels) == 2
    with pytest.raises(InputError, match="5 frames of 3 states"):
        figures.wave_frames(plane, done, frames=5)


def test_loops_and_junctions(tmp_path):
    energy, velocity = drawn(figures.ring_states(2.0), tmp_path)
    lowest = energy.get_lines()[-1].get_ydata()
    assert 0 <= lowest.min() < lowest.max() == pytest.approx(0.25, abs=5e-3)
    assert np.nanmax(np.abs(velocity.get_lines()[0].get_ydata())) == pytest.approx(0.5, abs=5e-3)
    assert len(drawn(figures.josephson_steps(), tmp_path)) == 2


def test_ginzburg_landau(tmp_path):
    panels = drawn(figures.vortex_profiles((1.0, 3.0)), tmp_path)
    assert [axes.get_title() for axes in panels] == ["Order parameter", "Field", "Current"]
    fields, lattices = drawn(figures.critical_fields((np.sqrt(0.5), 2.0)), tmp_path)
    assert fields.get_lines()[2].get_ydata()[0] == pytest.approx(1.0, rel=1e-5)
    assert min(lattices.get_lines()[1].get_ydata()) == pytest.approx(1.1596, abs=1e-3)
    film = gl.Film(Grid.build((12, 10), 0.5, "free"), kappa=1.0, applied=0.2)
    assert len(drawn(figures.film_state(gl.start(film)), tmp_path)) == 3
    assert len(drawn(figures.film_state(gl.start(gl.Film(film.grid))), tmp_path)) == 2


def test_slab(tmp_path):
    x = np.linspace(-4, 4, 9)
    measured = london.slab_field(x, 8.0, 2.0, 0.01)
    field, _ = drawn(figures.slab_in_field(8.0, 2.0, 1.0, 0.01, (x, measured)), tmp_path)
    one, two, dots = field.get_lines()
    np.testing.assert_allclose(
        np.interp(dots.get_xdata(), one.get_xdata(), one.get_ydata()), dots.get_ydata()
    )
    assert two.get_ydata()[0] == pytest.approx(1.0)


def test_bridge(tmp_path):
    sample = bdg.build_sample("square", [5, 5])
    model = bdg.build_model(sample, attraction=3.0, vector_potential=[0.1, 0])
    result = bdg.solve(model, observables="currents")
    state = macroscopic_state(result, 0.7, vector_potential=[0.1, 0])
    panels = drawn(figures.london_beside_bdg(result, state), tmp_path)
    assert [axes.get_title() for axes in panels] == ["Quasiparticles", "London: n_s and θ alone"]
    without = bdg.solve(model, observables=())
    with pytest.raises(InputError, match="add currents"):
        figures.london_beside_bdg(without, state)
