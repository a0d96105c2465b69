"""What the points of a sweep have in common is made once, and changes no number."""

from __future__ import annotations

import numpy as np
import pytest

import bdg
from bdg.config import ConfigSource
from bdg.setup import Kept, kept
from bdg.simulation.run import run
from bdg.solvers.selected_inversion import solver

CONFIG = """
lattice: {kind: square, size: [6, 5], boundary: periodic}
hamiltonian: {chemical_potential: -0.4, disorder: {width: 1.0, seed: 0}}
interaction: {onsite: 2.5}
temperature: 0.1
solver: {method: selected_inversion, threads: 1}
observables: {order_parameter: {}, spectral_gap: {}}
output: one.h5
"""
VALUES_ONLY = {
    "hamiltonian.disorder.seed": [0, 1, 2],
    "temperature": [0.05, 0.1, 0.15],
    "hamiltonian.chemical_potential": [-1.0, -0.5, 0.1],
    "interaction.onsite": [2.0, 2.5, 3.0],
    "hamiltonian.hopping": [1.0, [1.0, 0.0], 1.1],
}
OTHERS = {
    "lattice.size[0]": [5, 6, 7],
    "lattice.boundary": ["open", "periodic", {"twist": 0.3}],
    "lattice.vacancies": [[], [[0, 0]], [[1, 2]]],
    "solver.method": ["selected_inversion", "diagonalization", "auto"],
}


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "one.yaml").write_text(CONFIG)
    return tmp_path


@pytest.mark.parametrize(("key", "values"), [*VALUES_ONLY.items(), *OTHERS.items()])
def test_every_point_is_what_it_is_alone(folder, key, values):
    study = bdg.sweep("one.yaml", {key: values}, executor="serial")
    for point, result in study.results():
        source = ConfigSource(CONFIG, "one.yaml", ("output=alone.h5",), tuple(point.settings.items()))
        alone = run(source.parse(), source)
        assert np.array_equal(result.fields.delta, alone.fields.delta)
        assert result["spectral_gap"].values == alone["spectral_gap"].values
        assert len(result.history) == len(alone.history)
        assert result.provenance.config_resolved.replace(result.path.as_posix(), "alone.h5") == (
            alone.provenance.config_resolved
        )


@pytest.mark.parametrize(("key", "values"), VALUES_ONLY.items())
def test_points_with_other_values_share_the_sample_and_the_order_of_elimination(
    folder, monkeypatch, key, values
):
    cuts, plans = [], []
    cut, make_plan = kept.cut, solver.make_plan
    monkeypatch.setattr(kept, "cut", lambda *given: cuts.append(1) or cut(*given))
    monkeypatch.setattr(solver, "make_plan", lambda *given: plans.append(1) or make_plan(*given))
    monkeypatch.setattr("bdg.studies.work.task._kept", type("Local", (), {})())
    bdg.sweep("one.yaml", {key: values}, executor="serial")
    if key == "hamiltonian.hopping":
        assert len(cuts) == len(plans) == 3  # the second has bonds to second neighbours
    else:
        assert (len(cuts), len(plans)) == (1, 1)


def test_a_sample_that_lies_in_a_file_is_read_anew(folder):
    image = pytest.importorskip("matplotlib.image")
    text = CONFIG.replace("periodic}", "open, region: {picture: {file: island.png}}}")
    source = ConfigSource(text, "one.yaml")
    config, last, sites = source.parse(), Kept(), []
    for dark in (2, 4):
        pixels = np.ones((5, 6))
        pixels[:, :dark] = 0.0
        image.imsave("island.png", pixels, cmap="gray", vmin=0, vmax=1)
        sites.append(last.sample(config, source).n_sites)
    assert sites[0] < sites[1]
