"""Observables added to a finished run: the same numbers as asked for at once, and nothing half-written."""

from dataclasses import replace
from pathlib import Path

import h5py
import numpy as np
import pytest
from typer.testing import CliRunner

import bdg
from bdg.cli.app import app
from bdg.config import parse_config
from bdg.errors import FileRefusedError, InputError
from bdg.experiments import loop as loops
from bdg.simulation.checkpointing import checkpoint_path
from bdg.store import only_run_on
from tests.store.made_up import differences

PLAIN = "lattice: {kind: square, size: [6, 5], boundary: periodic}\n"
BLOCH = "lattice: {kind: square, size: [2, 2], boundary: [{bloch: 4}, {bloch: 4}]}\n"
OPEN = "lattice: {kind: square, size: [5, 5], boundary: open}\n"
MATTER = "temperature: 0.1\ninteraction: {onsite: 3}\n"
DOPED = "hamiltonian: {hopping: 1, chemical_potential: -0.5}\n"
SPECTRUM = "{energies: [-1, 0, 0.7], broadening: 0.1}"
MODELS = {
    "impurity": PLAIN
    + MATTER
    + "hamiltonian: {hopping: 1, chemical_potential: -0.3, impurities: [{site: [1, 1], potential: 2}]}\n",
    "large": PLAIN.replace("[6, 5]", "[10, 9]") + MATTER + DOPED + "solver: {tolerance: 1.e-8}\n",
    "bloch": BLOCH + MATTER + DOPED,
    "four_dofs": PLAIN
    + MATTER
    + "hamiltonian: {hopping: 1, chemical_potential: -0.3, rashba: 0.4, zeeman: [0.1, 0, 0.2]}\n",
    "bonds": PLAIN
    + "temperature: 0.1\ninteraction: {bonds: [{shell: 1, value: 2}], fields: [pairing, fock]}\n"
    "hamiltonian: {hopping: 1, filling: 0.9}\n",
    "screened": OPEN + MATTER + DOPED + "field: {applied: 0.05, screening: {mu0: 0.2, geometry: film}}\n",
}
LATER = {
    "ldos": {"energies": [-1, 0, 0.7], "broadening": 0.1},
    "dos": {"energies": [-1, 0, 0.7], "broadening": 0.1},
    "currents": {},
    "superfluid_weight": {},
    "grand_potential": {},
}


def text_of(model, names):
    sections = "".join(f"  {name}: {SPECTRUM if LATER.get(name) else '{}'}\n" for name in ("density", *names))
    return f"{MODELS[model]}observables:\n{sections}"


def run(folder, model, *names, more=""):
    folder.mkdir(exist_ok=True)
    (folder / "run.yaml").write_text(text_of(model, names) + more + f"output: {folder}/run.h5\n")
    bdg.run_file(folder / "run.yaml", hooks=bdg.Hooks())
    return folder / "run.h5"


def settings_of(names):
    return [f"{name}.{key}={value}" for name in names for key, value in LATER[name].items() if LATER[name]]


@pytest.mark.parametrize("model", MODELS)
def test_what_is_added_is_what_would_have_been_measured_at_once(tmp_path, model):
    """To the last bit, from the command line's form of parameters and from Python's."""
    names = [name for name in LATER if not (model == "screened" and name == "superfluid_weight")]
    at_once = bdg.load(run(tmp_path / "once", model, *names))
    file = run(tmp_path / "later", model)
    from_python = bdg.load(file)
    for name in names:
        assert bdg.measure(from_python, name, **LATER[name]) == from_python.observables[name]
    bdg.measure_file(file, names, settings_of(names))
    bdg.save(from_python, tmp_path / "python.h5")
    added = bdg.load(file)
    for result in (added, bdg.load(tmp_path / "python.h5")):
        assert differences(dict(at_once.observables), dict(result.observables)) == []
    assert differences(at_once.model, added.model) == []
    stored = parse_config(added.provenance.config_resolved)
    assert stored.observables == parse_config(at_once.provenance.config_resolved).observables


def test_a_result_from_python_is_as_complete_as_one_from_a_file(tmp_path):
    sample = bdg.build_sample("square", [4, 4], "periodic")
    model = bdg.build_model(sample, attraction=3.0, chemical_potential=-0.5, temperature=0.1)
    solved = bdg.solve(model, hooks=bdg.Hooks())
    assert solved.model is model
    bdg.save(solved, tmp_path / "r.h5")
    loaded = bdg.load(tmp_path / "r.h5")
    assert differences(model, loaded.model) == []
    bdg.measure_file(tmp_path / "r.h5", ["dos"], ["dos.energies=[0, 1]"])
    expected = bdg.measure(solved, "dos", energies=[0, 1])
    assert differences(expected, bdg.load(tmp_path / "r.h5").observables["dos"]) == []
    with pytest.raises(FileRefusedError, match="has dos already"):
        bdg.measure_file(tmp_path / "r.h5", ["dos"], ["dos.energies=[0, 1]"])
    with pytest.raises(InputError, match=r"dos\.energies.*missing|dos\.energies"):
        bdg.measure_file(tmp_path / "r.h5", ["dos"], overwrite=True)


def test_files_without_a_model_take_it_from_their_configuration(tmp_path):
    file = run(tmp_path, "impurity")
    whole = bdg.load(file)
    old = replace(whole, made_from=None)
    bdg.save(old, tmp_path / "old.h5")
    with h5py.File(tmp_path / "old.h5") as stored:
        assert "model" not in stored
    assert differences(whole.model, bdg.load(tmp_path / "old.h5").model) == []
    bdg.measure_file(tmp_path / "old.h5", ["entropy"])
    with h5py.File(tmp_path / "old.h5") as stored:
        assert "model" in stored
    nothing = replace(old, provenance=replace(old.provenance, config_resolved=""))
    with pytest.raises(InputError, match="neither its model nor a configuration"):
        _ = nothing.model


def test_one_that_did_not_converge_is_measured_and_stays_so(tmp_path):
    file = run(tmp_path, "impurity", more="scf: {max_iterations: 2}\n")
    bdg.measure_file(file, ["entropy"])
    after = bdg.load(file, warn=False)
    assert after.status == "not_converged"
    assert "entropy" in after
    broken = replace(after, status="broken")
    with pytest.raises(InputError, match="left no state to measure"):
        bdg.measure(broken, "dos", energies=[0.0])


def call(*arguments):
    """Exit code and the lines on both streams of a command."""
    from bdg.errors import BdgError

    done = CliRunner().invoke(app, ["measure", *map(str, arguments)])
    if isinstance(done.exception, BdgError):
        return done.exception.exit_code, str(done.exception)
    assert done.exception is None or isinstance(done.exception, SystemExit), done.exception
    return done.exit_code, done.output


def test_what_cannot_be_added_is_refused_in_a_line_and_the_file_is_left(tmp_path):
    file = run(tmp_path, "impurity", "ldos", more="scf: {max_iterations: 2}\n")
    before = file.read_bytes()
    checkpoint = checkpoint_path(file)
    assert checkpoint.exists()
    expected = {
        (file, "ldso"): (2, "did you mean 'ldos'"),
        (tmp_path / "none.h5", "dos"): (2, "there is no such file"),
        (tmp_path / "none" / "r.h5", "dos"): (2, "there is no such file"),
        (tmp_path, "dos"): (6, "is a folder"),
        (checkpoint, "dos"): (6, "a checkpoint, not a result"),
        (file, "dos"): (2, "energies"),
        (file, "dos", "--set", "dos.energies=[1, 0]"): (2, "ascend"),
        (file, "dos", "--set", "ldos.broadening=0.1"): (2, "none of the observables to measure"),
        (file, "ldos", "--set", "ldos.broadening=0.2"): (6, "has ldos already"),
        (file, "bands", "--set", "bands.path=[[0, 0], [1, 0]]"): (2, "bands"),
    }
    for arguments, (code, words) in expected.items():
        given, text = call(*arguments)
        assert (given, words in text, "\n" in text) == (code, True, False), (arguments, text)
    with only_run_on(file):
        assert call(file, "entropy") == (6, f"{file}: another run is at work on it; wait for its end, or"
                                            " name another output")  # fmt: skip
    assert file.read_bytes() == before


def test_what_is_there_is_left_unless_it_may_be_replaced(tmp_path):
    file = run(tmp_path, "impurity", "dos")
    before = file.read_bytes()
    assert call(file, "dos") == (0, f"{file}: dos was there already, with these parameters\n")
    assert file.read_bytes() == before
    code, _ = call(file, "dos", "--set", "dos.energies=[0.5]", "--overwrite", "--quiet")
    assert code == 0
    np.testing.assert_array_equal(bdg.load(file)["dos"].coords["energy"].values, [0.5])


def test_an_observable_that_fails_costs_none_of_the_others(tmp_path, monkeypatch):
    file = run(tmp_path, "impurity")

    def fails(state, which, parameters):
        if which == "entropy":
            raise MemoryError
        return measured(state, which, parameters)

    measured = bdg.simulation.measuring.measure
    monkeypatch.setattr("bdg.simulation.measuring.measure", fails)
    with pytest.raises(bdg.errors.ResourceError):
        bdg.measure_file(file, ["entropy", "spectral_gap"])
    assert list(bdg.load(file).observables) == ["density", "spectral_gap"]
    assert [path.name for path in Path(tmp_path).glob("*.lock")] == []


RING = (
    "lattice: {kind: square, size: [6, 1], boundary: [periodic, open]}\n"
    "hamiltonian: {chemical_potential: -0.4}\ninteraction: {onsite: 2.5}\ntemperature: 0.05\n"
    "scf: {mixer: linear, damping: 0.6, max_iterations: 123}\n"
)


def saved_from_python(path):
    sample = bdg.build_sample("square", [6, 1], ["periodic", "open"])
    model = bdg.build_model(sample, chemical_potential=-0.4, attraction=2.5, temperature=0.05)
    scf = bdg.ScfOptions(mixer="linear", damping=0.6, max_iterations=123)
    bdg.save(bdg.solve(model, scf=scf, hooks=bdg.Hooks()), path)


def of_an_older_version(path):
    """A file that does not keep the options: those of its configuration count."""
    ran(path)
    bdg.save(
        replace(found := bdg.load(path), provenance=replace(found.provenance, scf=None)), path, overwrite=True
    )


def ran(path):
    path.with_suffix(".yaml").write_text(f"{RING}output: {path}\n")
    bdg.run_file(path.with_suffix(".yaml"))


@pytest.mark.parametrize("made", [ran, saved_from_python, of_an_older_version])
def test_loops_inside_an_experiment_have_the_options_of_the_run(tmp_path, monkeypatch, made):
    made(tmp_path / "ring.h5")
    seen = []
    loop = loops.self_consistency

    def watched(model, solver, options, **given):
        seen.append((options.mixer, options.damping, options.max_iterations))
        return loop(model, solver, options, **given)

    monkeypatch.setattr(loops, "self_consistency", watched)
    bdg.measure_file(tmp_path / "ring.h5", ["superflow"], ["superflow.stop=0.05", "superflow.num=3"])
    assert set(seen) == {("linear", 0.6, 123)}


def test_how_a_finished_file_is_used_is_said_where_it_is_used_otherwise(tmp_path):
    config, path = tmp_path / "run.yaml", tmp_path / "run.h5"
    config.write_text(PLAIN + MATTER + DOPED + "observables: {}\n")
    bdg.run_file(config, [f"output={path}"])
    for name in ("ldos", "dos"):  # a parameter that has no default
        with pytest.raises(
            InputError, match=rf"^{name}\.energies: this key is missing; write --set '{name}\.ene"
        ):
            bdg.measure_file(path, [name])
    with pytest.raises(
        FileRefusedError, match=r"bdg measure adds .* --set scf\.initial=.*run\.h5 --set output"
    ):
        bdg.resume_file(path)
    with pytest.raises(InputError, match="this is a result, not a configuration; bdg measure and bdg resume"):
        bdg.run_file(path)


@pytest.mark.parametrize("prefix", ["", "observables."])
def test_parameters_are_named_with_their_section_or_without(tmp_path, prefix):
    config, path = tmp_path / "run.yaml", tmp_path / "run.h5"
    config.write_text(PLAIN + MATTER + DOPED + "observables: {}\n")
    bdg.run_file(config, [f"output={path}"])
    added = bdg.measure_file(path, ["dos"], [f"{prefix}dos.energies=[0, 0.5]", f"{prefix}dos.broadening=0.2"])
    assert list(added["dos"]["dos"].coords["energy"].values) == [0, 0.5]
    with pytest.raises(InputError, match="begins with none of the observables to measure"):
        bdg.measure_file(path, ["dos"], [f"{prefix}ldos.energies=[0]"])
