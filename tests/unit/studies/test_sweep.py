"""Studies from Python: points, results, what is run again, and what is collected."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import numpy as np
import pytest

import bdg
from bdg.errors import ConfigError, FileRefusedError, InputError
from bdg.store import only_run_on
from bdg.studies.collected.figure import study_figure
from bdg.studies.kept.index import Entry, Index
from bdg.studies.schedule import task_of

TEXT = """
lattice: {kind: chain, size: [6], boundary: [periodic]}
hamiltonian: {chemical_potential: -0.4, disorder: {width: 0.5, seed: 0}}
interaction: {onsite: 2.0}
temperature: 0.1
observables: {order_parameter: {}, spectral_gap: {}, dos: {energies: [-1, 0, 1]}}
sweep:
  temperature: [0.05, 0.1]
  hamiltonian.disorder.seed: {count: 3}
"""


@pytest.fixture
def config(tmp_path):
    path = tmp_path / "gap.yaml"
    path.write_text(TEXT + f"output: {tmp_path}/gap.h5\n")
    return path


def ran(config, values=None, **options):
    """The study, and the numbers of the points that were run."""
    numbers = []
    options = {"executor": "serial"} | options
    study = bdg.sweep(config, values, watch=lambda progress: numbers.append(progress.latest.point), **options)
    return study, numbers


def test_every_point_is_the_run_of_its_configuration(config, tmp_path):
    study, numbers = ran(config)
    assert numbers == list(range(6))
    assert study.counts() == {"converged": 6}
    together = bdg.collect(study)
    settings = ["sweep=null", "temperature=0.1", "hamiltonian.disorder.seed=2", f"output={tmp_path}/one.h5"]
    alone = bdg.run_file(config, settings)
    for name in ("order_parameter", "spectral_gap", "dos"):
        assert np.array_equal(together[name].values[1, 2], alone[name].values)
    assert together["order_parameter"].dims == ("temperature", "seed", "site")
    assert together["dos"].dims == ("temperature", "seed", "energy")
    assert together["spectral_gap"].coords["temperature"].units == "t"
    assert together["spectral_gap_error"].values[1, 2] == alone["spectral_gap"].error
    assert together["largest_delta"].values[1, 2] == np.abs(alone.fields.delta).max()


def test_what_is_done_is_not_run_again_and_what_has_changed_is(config):
    study, _ = ran(config)
    assert ran(config)[1] == []
    assert ran(config, workers=3)[1] == []
    study.file(study.points[4]).unlink()
    assert ran(config)[1] == [4]
    config.write_text(config.read_text() + "# a remark\n")
    assert ran(config)[1] == []
    config.write_text(config.read_text().replace("[0.05, 0.1]", "[0.05, 0.2]"))
    assert ran(config)[1] == [3, 4, 5]
    config.write_text(config.read_text().replace("onsite: 2.0", "onsite: 2.1"))
    assert ran(config)[1] == list(range(6))


def test_an_entry_that_was_cut_off_is_made_again_from_the_result(config):
    study, _ = ran(config)
    path = study.index.path
    path.write_bytes(path.read_bytes()[:-10])
    assert ran(config)[1] == []
    assert [json.loads(line)["point"] for line in path.read_text().splitlines()] == [0, 1, 2, 3, 4, 5]


def test_a_damaged_index_is_refused(tmp_path):
    index = Index(tmp_path / "index.jsonl")
    for number in range(3):
        index.add(Entry(number, "", "converged", {}))
    lines = index.path.read_text().splitlines()
    index.path.write_text("\n".join([lines[0], "{}", lines[2], ""]))
    with pytest.raises(FileRefusedError, match="line 2 is damaged"):
        Index(index.path)


def test_points_that_do_not_converge_or_fail_are_named_and_tried_again(config):
    study, numbers = ran(config, overrides=["scf.max_iterations=2"])
    assert study.counts() == {"not_converged": 6}
    assert len(study.todo) == 6
    assert len(list(study.results())) == 6
    with pytest.raises(InputError, match="no point has converged yet"):
        bdg.collect(study)
    study, numbers = ran(config)
    assert (len(numbers), study.counts()) == (6, {"converged": 6})


def _model(temperature, seed, fails=False):
    if fails and seed == 1:
        raise ValueError("no such sample")
    sample = bdg.build_sample("chain", 6)
    return bdg.build_model(
        sample,
        attraction=2.0,
        chemical_potential=-0.4,
        temperature=temperature,
        disorder=bdg.Disorder(0.5, seed),
    )


def test_functions_make_points_too(tmp_path):
    values = {"temperature": np.array([0.05, 0.1]), "seed": range(2)}
    study, numbers = ran(_model, values, folder=tmp_path / "own")
    assert numbers == [0, 1, 2, 3]
    gap = bdg.collect(study)["largest_delta"]
    alone = bdg.solve(_model(0.1, 1))
    assert gap.values[1, 1] == np.abs(alone.fields.delta).max()
    assert ran(_model, values, folder=tmp_path / "own")[1] == []
    opened = bdg.open_study(tmp_path / "own")
    assert np.array_equal(bdg.collect(opened)["largest_delta"].values, gap.values)
    with pytest.raises(InputError, match=r"call bdg\.sweep with it"):
        opened.recipe.work(opened.points[0], None)


def test_what_a_function_raises_costs_only_its_point(tmp_path):
    values = {"temperature": [0.1], "seed": [0, 1, 2], "fails": [True]}
    study, _ = ran(_model, values, folder=tmp_path / "own")
    assert study.counts() == {"converged": 2, "failed": 1}
    assert study.entry(study.points[1]).error == "ValueError: no such sample"
    gap = bdg.collect(study)["largest_delta"].values
    assert np.isnan(gap[0, 1, 0])
    assert np.isfinite(gap[0, [0, 2], 0]).all()


def test_an_executor_of_ones_own_gives_the_same_numbers(config, tmp_path):
    first = bdg.collect(ran(config)[0])
    with ThreadPoolExecutor(2) as executor:
        study, _ = ran(config, executor=executor, workers=2, folder=tmp_path / "threads")
    second = bdg.collect(study)
    for name in ("order_parameter", "spectral_gap", "dos"):
        assert np.abs(first[name].values - second[name].values).max() < 1e-12
    assert executor.submit is not None


def test_following_a_key_starts_from_its_neighbour_and_both_ways_are_branches(config):
    values = {"temperature": [0.05, 0.1, 0.15], "follow": "temperature", "direction": "both"}
    study, numbers = ran(config, values)
    assert numbers == [0, 3, 1, 4, 2, 5]  # both ways at once
    together = bdg.collect(study)
    gap, iterations = together["largest_delta"], together["iterations"]
    assert gap.dims == ("temperature", "branch")
    assert gap.values[:, 0] == pytest.approx(gap.values[:, 1], abs=1e-7)
    alone = ran(config, {"temperature": [0.1]}, folder=study.folder / "alone")[0]
    assert iterations.values[1].max() < bdg.collect(alone)["iterations"].values[0]


def test_a_point_whose_neighbour_failed_starts_from_the_one_before(config):
    study, _ = ran(config, {"temperature": [0.05, 0.1, 0.15, 0.2], "follow": "temperature"})

    def start(number):
        return task_of(study, study.points[number], None).start

    files = [str(study.file(point)) for point in study.points]
    assert [start(number) for number in range(4)] == ["", *files[:3]]
    study.file(study.points[2]).unlink()
    assert start(3) == files[1]
    study.index.add(replace(study.entry(study.points[1]), status="failed", file=""))
    assert start(3) == files[0]
    study.file(study.points[0]).unlink()
    assert start(3) == ""


def test_a_first_order_transition_keeps_both_branches(tmp_path):
    """A superconductor in a Zeeman field at low temperature: Δ₀/2 < h < Δ₀ is a minimum of both states."""
    path = tmp_path / "exchange.yaml"
    path.write_text(
        f"""
lattice: {{kind: square, size: [1, 1], boundary: [{{bloch: 24}}, {{bloch: 24}}]}}
hamiltonian: {{chemical_potential: -0.5, zeeman: [0, 0, 0]}}
interaction: {{onsite: 3.0}}
temperature: 0.02
observables: {{grand_potential: {{}}}}
sweep:
  hamiltonian.zeeman[2]: [0.2, 0.5, 0.9]
  follow: hamiltonian.zeeman[2]
  direction: both
output: {tmp_path}/exchange.h5
"""
    )
    together = bdg.collect(ran(path)[0])
    gap, energy = together["largest_delta"].values, together["grand_potential"].values
    assert gap[0] == pytest.approx(gap[0, 0], abs=1e-6)  # below h = Δ₀/2 the normal state is left
    assert gap[1] == pytest.approx([gap[0, 0], 0.0], abs=1e-3)
    assert gap[2] == pytest.approx(0.0, abs=1e-6)
    assert energy[1, 0] < energy[1, 1]  # below Δ₀/√2 the superconductor is the ground state


def test_figures_of_studies(config):
    together = bdg.collect(ran(config)[0])
    axes = study_figure(together, "spectral_gap", over=["seed"]).axes[0]
    assert axes.get_xlabel() == "Temperature (t)"
    assert "mean over seed with its standard error" in axes.get_title().replace("\n", " ")
    assert len(axes.lines) == 1
    assert axes.lines[0].get_ydata() == pytest.approx(together["spectral_gap"].values.mean(axis=1))
    lines = study_figure(together, "order_parameter", x="seed").axes[0].lines
    assert [line.get_label() for line in lines] == ["0.05 t", "0.1 t"]
    assert study_figure(together, "dos", over=["seed"]).axes[0].get_xlabel().startswith("Energy")
    assert (
        study_figure(together, "spectral_gap", x="seed", y="temperature").axes[0].get_ylabel()
        == "Temperature (t)"
    )
    assert (
        "istribution" in study_figure(together, "order_parameter", over=["seed"], bins=5).axes[0].get_title()
    )
    with pytest.raises(InputError, match="no axis 'sed'"):
        study_figure(together, "spectral_gap", over=["sed"])
    with pytest.raises(InputError, match="varies along"):
        study_figure(together, "dos")
    with pytest.raises(InputError, match="did you mean 'spectral_gap'"):
        study_figure(together, "spectral_ga")


def test_figures_of_a_study_in_a_laboratory_have_its_units(config, tmp_path):
    overrides = ["units={energy: 10 meV}", "temperature=0.1"]
    together = bdg.collect(ran(config, overrides=overrides)[0])
    assert together.units == bdg.Units.of({"energy": "10 meV"})
    (axes,) = together.plot("spectral_gap", over="seed").axes
    above, beside = axes.child_axes
    assert (above.get_xlabel(), beside.get_ylabel()) == ("K", "meV")
    bdg.plot.save_figure(
        axes.figure, tmp_path / "gap.png"
    )  # second axes get their limits when they are drawn
    assert np.array(above.get_xlim()) / axes.get_xlim() == pytest.approx([116.0452] * 2, rel=1e-5)
    assert together.at(seed=0).units == together.units
    plain = bdg.collect(ran(config, folder=config.parent / "plain")[0])
    assert plain.units is None
    assert plain.plot("spectral_gap", over=["seed"]).axes[0].child_axes == []


def test_a_dataset_of_xarray_and_a_file(config, tmp_path):
    xarray = pytest.importorskip("xarray")
    from bdg.studies.collected.netcdf import write_netcdf

    together = bdg.collect(ran(config)[0])
    dataset = together.to_xarray()
    assert dict(dataset.sizes) == {"temperature": 2, "seed": 3, "site": 6, "energy": 3}
    assert dataset["temperature"].attrs["units"] == "t"
    write_netcdf(together, tmp_path / "all.nc")
    with xarray.open_dataset(tmp_path / "all.nc", engine="h5netcdf") as again:
        assert np.array_equal(again["dos"].sel(seed=1, temperature=0.1), together["dos"].values[1, 1])


def test_distributions_pool_sites_and_seeds(config):
    study, _ = ran(config, overrides=["observables.ldos={energies: [-1, 0, 1], sites: all}"])
    together = bdg.collect(study)
    gap, error = together.mean("spectral_gap", "seed")
    assert gap.values == pytest.approx(together["spectral_gap"].values.mean(axis=1))
    assert error.values == pytest.approx(together["spectral_gap"].values.std(axis=1, ddof=1) / np.sqrt(3))
    delta = np.abs(together["order_parameter"].values)
    assert together.typical("largest_delta", "seed")[0].values == pytest.approx(
        np.exp(np.log(delta.max(axis=2)).mean(axis=1))
    )
    assert together.quantiles("spectral_gap", "seed", [0.5]).values[0] == pytest.approx(
        np.median(together["spectral_gap"].values, axis=1)
    )
    pooled = together.at(energy=0.1).histogram("ldos", ["seed", "site"], bins=4)
    assert pooled.dims == ("temperature", "value")
    width = np.diff(pooled.coords["value"].values[:2])
    assert pooled.values.sum(axis=1) * width == pytest.approx(1.0)
    ldos = together["ldos"]
    values = np.take(ldos.values, 1, axis=ldos.dims.index("energy"))[0].ravel()
    low = pooled.coords["value"].values[0] - width / 2
    assert pooled.values[0, 0] * width * 18 == pytest.approx(np.sum(values < low + width))


def _curve(state, value):
    return bdg.observables.Quantity(np.array(value), (), "1", "curve")


def _made(value):
    model = bdg.build_model(bdg.build_sample("chain", 2), attraction=0.0, temperature=0.1)
    kinds = {"real": 1.5, "complex": 1.5 + 2j, "whole": 2, "word": "up", "long word": "downwards"}
    return bdg.solve(model, observables={_curve: {"value": kinds[value]}}, hooks=bdg.Hooks())


@pytest.mark.parametrize(
    ("kinds", "values"),
    [
        (["real", "complex"], [1.5, 1.5 + 2j]),
        (["whole", "real"], [2, 1.5]),
        (["complex", "whole"], [1.5 + 2j, 2]),
        (["word", "long word"], ["up", "downwards"]),
    ],
)
def test_numbers_of_several_kinds_are_collected_as_they_are(kinds, values, tmp_path):
    study, _ = ran(_made, {"value": kinds}, folder=tmp_path / "kinds")
    assert bdg.collect(study)["_curve"].values.tolist() == values


def test_wrong_values_are_told_before_any_work(config, tmp_path):
    with pytest.raises(ConfigError, match=r"gap\.yaml:7:1.*temperature = -1.*must be at least 0"):
        ran(config, overrides=["sweep.temperature=[0.1, -1]"])
    with pytest.raises(ConfigError, match="unknown key; did you mean 'temperature'"):
        ran(config, {"temperatur": [0.1]})
    with pytest.raises(InputError, match="needs values and a folder"):
        ran(_model)
    with pytest.raises(InputError, match="no executor 'slurp'"):
        ran(config, executor="slurp")
    with pytest.raises(InputError, match=r"sweep\.temperature: must be a list"):
        ran(config, {"temperature": 0.1})
    with pytest.raises(InputError, match="no study"):
        bdg.open_study(tmp_path)
    with pytest.raises(ConfigError, match="a sweep has many runs"):
        bdg.run_file(config)
    assert not (tmp_path / "gap").exists()


def test_two_sweeps_in_one_folder_do_not_meet(config, tmp_path):
    (tmp_path / "gap").mkdir()
    with only_run_on(tmp_path / "gap/index.jsonl"), pytest.raises(FileRefusedError, match="another run"):
        ran(config)
