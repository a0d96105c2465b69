"""Figures of topological quantities say what was found."""

import numpy as np
import pytest

import bdg
from bdg.lattice import Boundary
from bdg.store import summary

BLOCH = Boundary("bloch", n_k=4)


def solved(size, boundary, observables, lattice="square", mu=-2.5, **terms):
    sample = bdg.build_sample(lattice, size, boundary)
    given = {"given_bonds": {"chiral_p" if lattice != "chain" else "p_x": 0.5}} | terms
    model = bdg.build_model(sample, chemical_potential=mu, fields=(), **given)
    return bdg.solve(model, observables=observables)


def texts(figure):
    figure.canvas.draw()
    return " | ".join(text.get_text() for text in figure.findobj(lambda one: hasattr(one, "get_text")))


@pytest.mark.parametrize("lattice", ["square", "triangular"])
def test_berry_curvature_over_a_cell_of_the_reciprocal_lattice(lattice):
    result = solved([1, 1], BLOCH, {"chern": {"mesh": 12}}, lattice)
    figure = bdg.plot.plot(result, "chern")
    assert "C = 2" in texts(figure)
    assert "(1/a)" in texts(figure)
    mesh = next(one for one in figure.axes[0].collections if one.get_array() is not None)
    corners = mesh.get_coordinates()
    # each plaquette is drawn where it lies: the curvature at its middle, folded back into the mesh
    values, n = result["berry_curvature"].values, 12
    assert mesh.get_array().size == n * n
    vectors = result.sample.cell.vectors
    for row, column in ((0, 0), (3, 7), (11, 5)):
        middle = corners[row : row + 2, column : column + 2].mean(axis=(0, 1))
        place = np.floor((middle @ vectors.T / (2 * np.pi)) % 1 * n).astype(int)
        assert mesh.get_array().reshape(n, n)[row, column] == values[tuple(place)]


def test_no_gap_no_picture_but_a_sentence():
    result = solved([1, 1], BLOCH, ["chern"], mu=-4.0)
    assert "the gap closes" in texts(bdg.plot.plot(result, "berry_curvature"))
    assert "Berry" not in texts(bdg.plot.plot(result))


def test_a_number_that_was_not_found_is_told_as_such(tmp_path):
    result = solved([1, 1], BLOCH, {"chern": {"mesh": 3}}, mu=-0.7)
    assert np.isnan(result["chern_number"].values)
    assert np.isfinite(result["berry_curvature"].values).all()
    assert "too coarse a mesh for C" in texts(bdg.plot.plot(result, "chern"))
    bdg.save(result, tmp_path / "r.h5")
    told = next(line for line in summary(tmp_path / "r.h5").splitlines() if "chern/chern_number " in line)
    assert told.split()[1:3] == ["number", "NaN"]


def test_levels_signs_and_polarisation():
    result = solved(40, "open", ["zero_modes", "majorana_polarisation", "pfaffian"], "chain", mu=-1.0)
    assert "zero to within 0.001 t" in texts(bdg.plot.plot(result, "zero_modes"))
    assert "|Majorana polarisation|" in texts(bdg.plot.plot(result, "majorana_polarisation"))
    assert "State 1, energy" in texts(bdg.plot.plot(result, "majorana_polarisation"))
    assert "Energy of the lowest quasiparticles" in texts(bdg.plot.plot(result))
    ring = solved([3, 3], "periodic", ["pfaffian", "local_chern_marker"])
    shown = texts(bdg.plot.plot(ring, "pfaffian_signs_per_spin"))
    assert "product −1" in shown
    assert "(0, π)" in shown
    assert "Local Chern marker" in texts(bdg.plot.plot(ring))
    chosen = solved([9, 9], "open", {"spectral_localizer": {"sites": [[4, 4], [0, 4]], "radius": 3}})
    assert "[4, 4] | [0, 4]" in texts(bdg.plot.plot(chosen, "spectral_localizer"))
