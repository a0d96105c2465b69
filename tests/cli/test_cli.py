"""The command line as a user meets it: commands, exit codes, one-line errors, no half-written files."""

import json
import os
import re
import signal
import subprocess
import sys
import time

import h5py
import numpy as np
import pytest
from typer.testing import CliRunner

import bdg
from bdg.cli.app import app
from bdg.errors import ConfigError
from bdg.simulation.validation import checked_model
from tests.support.commands import ROOT, bdg_command

CONFIGS = sorted((ROOT / "configs").glob("*.yaml"))
TOY = """
title: A toy
lattice: {kind: square, size: [4, 3], boundary: periodic}
hamiltonian: {chemical_potential: -0.5, disorder: {width: 1.0}}
interaction: {onsite: 3.0}
temperature: 0.05
observables:
  {order_parameter: {}, density: {}, spectral_gap: {}, dos: {energies: {start: -2, stop: 2, num: 21}}}
output: toy.h5
"""


@pytest.fixture
def toy(tmp_path):
    (tmp_path / "toy.yaml").write_text(TOY)
    return tmp_path


def files(folder):
    return sorted(path.name for path in folder.iterdir())


def test_a_run_leaves_a_file_and_a_picture(toy):
    ran = bdg_command("run", "toy.yaml", cwd=toy)
    assert (ran.returncode, ran.stderr) == (0, "")
    assert "converged" in ran.stdout
    assert files(toy) == ["toy.h5", "toy.yaml"]
    drawn = bdg_command("plot", "toy.h5", cwd=toy)
    assert (drawn.returncode, drawn.stderr) == (0, "")
    assert (toy / "toy.png").read_bytes().startswith(b"\x89PNG")
    told = bdg_command("info", "toy.h5", cwd=toy)
    assert told.returncode == 0
    assert "converged" in told.stdout
    assert "order_parameter" in told.stdout


def test_an_existing_output_is_refused_before_any_work_and_kept(toy):
    (toy / "toy.h5").write_text("precious")
    ran = bdg_command("run", "toy.yaml", cwd=toy)
    assert ran.returncode == 6
    assert "--overwrite" in ran.stderr
    assert "iteration" not in ran.stdout
    assert (toy / "toy.h5").read_text() == "precious"
    assert bdg_command("run", "toy.yaml", "--overwrite", "--quiet", cwd=toy).stdout == ""
    assert bdg.load(toy / "toy.h5").status == "converged"


def test_several_starts_are_listed_ranked_and_flagged(toy):
    starts = ["--set", "scf.initial=[normal, uniform, random]"]
    ran = bdg_command("run", "toy.yaml", *starts, cwd=toy)
    assert (ran.returncode, ran.stderr) == (0, "")
    assert "start 2 of 3: uniform" in ran.stdout
    assert "best of 3 starts: uniform" in ran.stdout
    told = bdg_command("info", "toy.h5", cwd=toy).stdout
    assert told.index("\nuniform ") < told.index("\nnormal ")
    few = bdg_command(
        "run",
        "toy.yaml",
        *("--set", "scf.initial=[uniform, random]", "--set", "scf.max_iterations=2"),
        *("--set", "output=few.h5"),
        cwd=toy,
    )
    assert few.returncode == 3
    assert len(bdg.load(toy / "few.h5", warn=False).starts) == 2
    missing = bdg_command("validate", "toy.yaml", "--set", "scf.initial=old.h5", cwd=toy)
    assert (missing.returncode, missing.stdout) == (2, "")
    assert "scf.initial" in missing.stderr
    assert missing.stderr.count("\n") == 1


def test_set_replaces_values(toy):
    ran = bdg_command("run", "toy.yaml", "--set", "lattice.size[0]=2", "--set", "output=other.h5", cwd=toy)
    assert ran.returncode == 0
    assert bdg.load(toy / "other.h5").sample.size == (2, 3)


@pytest.mark.parametrize(
    ("replace", "by", "words"),
    [
        ("size: [4, 3]", "size: [4, -3]", ["toy.yaml:3:", "lattice.size[1]", "-3"]),
        ("onsite: 3.0", "onsit: 3.0", ["toy.yaml:5:", "onsite"]),
        ("disorder: {width: 1.0}", "filling: 1.0", ["toy.yaml:4:", "filling", "chemical_potential"]),
        (
            "boundary: periodic",
            "region: {disk: {radius: 0.2, center: [0.5, 0.5]}}",
            ["toy.yaml:3:", "lattice.region"],
        ),
        ("temperature: 0.05", "temperature: -1", ["toy.yaml:6:", "temperature"]),
        (
            "disorder: {width: 1.0}",
            "impurities: [{site: [9, 0], potential: 1}]",
            ["toy.yaml:4:", "impurities[0].site", "9"],
        ),
    ],
)
def test_wrong_configs_give_one_line_and_no_file(toy, replace, by, words):
    (toy / "toy.yaml").write_text(TOY.replace(replace, by))
    for command in ("run", "validate"):
        ran = bdg_command(command, "toy.yaml", cwd=toy)
        assert ran.returncode == 2
        assert ran.stdout == ""
        assert ran.stderr.count("\n") == 1
        for word in words:
            assert word in ran.stderr
    assert files(toy) == ["toy.yaml"]


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (["run", "missing.yaml"], 2),
        (["run", "."], 2),
        (["run", "toy.yaml", "--set", "scf.tolerence=1"], 2),
        (["run"], 2),
        (["fly"], 2),
        (["info", "missing.h5"], 2),
        (["plot", "missing.h5"], 2),
        (["resume", "missing.h5"], 2),
        (["info", "toy.yaml"], 6),
        (["init", "toy.yaml"], 6),
    ],
)
def test_wrong_commands_leave_with_their_code_and_no_traceback(toy, arguments, code):
    ran = bdg_command(*arguments, cwd=toy)
    assert ran.returncode == code
    assert ran.stderr
    assert "Traceback" not in ran.stderr
    assert files(toy) == ["toy.yaml"]


@pytest.mark.parametrize(
    ("arguments", "line"),
    [
        (["runn"], "no such command 'runn'; did you mean 'run', 'rerun'? see bdg --help"),
        (["fly"], "no such command 'fly'; see bdg --help"),
        (["--foo"], "no such option: --foo; see bdg --help"),
        (["plot", "r.h5", "--energy", "abc"], "--energy': abc is no number; see bdg plot --help"),
        (["plot", "r.h5", "--dpi", "1.5"], "--dpi': 1.5 is no whole number; see bdg plot --help"),
        (["plot", "r.h5", "--energi", "1"], "--energi; did you mean --energy? see bdg plot --help"),
        (["run"], "see bdg run --help"),
        (["init", "foo.h5"], "foo.h5: a configuration is YAML; give a name that ends in .yaml"),
    ],
)
def test_a_wrong_command_line_is_one_line(tmp_path, arguments, line):
    ran = bdg_command(*arguments, cwd=tmp_path)
    assert (ran.returncode, ran.stdout) == (2, "")
    assert ran.stderr.startswith("bdg: ")
    assert ran.stderr.endswith(f"{line}\n")
    assert ran.stderr.count("\n") == 1
    assert files(tmp_path) == []


@pytest.mark.parametrize(
    ("typed", "offered"),
    [("bdg ru", {"run"}), ("bdg plot --sca", {"--scale", "--scale-bar"}), ("bdg theory ga", {"gap"})],
)
@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_words_are_completed_in_every_shell(typed, offered, shell):
    """As the scripts of ``bdg --install-completion`` ask for them."""
    asked = {
        "_BDG_COMPLETE": f"complete_{shell}",
        "COMP_WORDS": typed,
        "COMP_CWORD": str(len(typed.split()) - 1),
        "_TYPER_COMPLETE_ARGS": typed,
        "_TYPER_COMPLETE_FISH_ACTION": "get-args",
    }
    words = [sys.executable, "-m", "bdg"]
    ended = subprocess.run(words, env={**os.environ, **asked}, capture_output=True, text=True)
    assert ended.stderr == ""
    found = set(
        re.findall(
            r"--[a-z-]+|\b[a-z]+\b", "\n".join(line.split("\t")[0] for line in ended.stdout.splitlines())
        )
    )
    assert offered <= found


def test_bdg_alone_is_help_with_every_sentence_whole(tmp_path):
    alone, asked = bdg_command(cwd=tmp_path), bdg_command("--help", cwd=tmp_path)
    assert (alone.returncode, alone.stderr) == (0, "")
    assert alone.stdout == asked.stdout
    assert "crosscheck" in alone.stdout
    assert "..." not in alone.stdout.partition("Commands:")[2]


def test_unknown_quantity_names_the_known_ones(toy):
    bdg_command("run", "toy.yaml", cwd=toy)
    ran = bdg_command("plot", "toy.h5", "gap", cwd=toy)
    assert ran.returncode == 2
    assert "order_parameter" in ran.stderr
    assert files(toy) == ["toy.h5", "toy.yaml"]


@pytest.mark.slow
def test_plots_of_a_line_and_of_an_energy(toy):
    local = "observables={ldos: {energies: {start: -1, stop: 1, num: 5}, broadening: 0.1, sites: all}}"
    assert bdg_command("run", "toy.yaml", "--set", local, cwd=toy).returncode == 0
    drawn = bdg_command("plot", "toy.h5", "--line", "0,1:3,1", "-o", "cut.pdf", cwd=toy)
    assert (drawn.returncode, drawn.stdout) == (0, "wrote cut.pdf\n")
    drawn = bdg_command("plot", "toy.h5", "ldos", "--energy", "-0.5", "--dpi", "60", cwd=toy)
    assert (drawn.returncode, drawn.stdout) == (0, "wrote toy_ldos_at_-0.5.png\n")
    for options, name in (
        (["--site", "1,0"], "toy_site_1_0.png"),
        (["--site", "1, 0", "--site", "2,1"], "toy_site_1_0_2_1.png"),
        (["--line", "0,1:3,1"], "toy_line_0_1_3_1.png"),
        (["--energy", "0"], "toy_at_0.png"),
    ):
        drawn = bdg_command("plot", "toy.h5", *options, cwd=toy)
        assert (drawn.returncode, drawn.stdout) == (0, f"wrote {name}\n")
        (toy / name).unlink()
    for options, words in (
        (["--site", "9,9"], "outside the sample"),
        (["--site", "one"], "--site one: give the cell"),
        (["--line", "0,1"], "--line 0,1: give two sites"),
    ):
        refused = bdg_command("plot", "toy.h5", *options, cwd=toy)
        assert refused.returncode == 2
        assert words in refused.stderr
        assert refused.stderr.count("\n") == 1
    assert files(toy) == ["cut.pdf", "toy.h5", "toy.yaml", "toy_ldos_at_-0.5.png"]


def test_without_convergence_the_result_is_kept_flagged_and_can_go_on(toy):
    ran = bdg_command("run", "toy.yaml", "--set", "scf.max_iterations=4", cwd=toy)
    assert ran.returncode == 3
    assert "bdg resume" in ran.stderr
    assert bdg.load(toy / "toy.h5", warn=False).status == "not_converged"
    assert files(toy) == ["toy.h5", "toy.h5.checkpoint", "toy.yaml"]
    gone_on = bdg_command("resume", "toy.h5", "--set", "scf.max_iterations=100", cwd=toy)
    assert (gone_on.returncode, gone_on.stderr) == (0, "")
    assert files(toy) == ["toy.h5", "toy.yaml"]
    whole = bdg_command("run", "toy.yaml", "--set", "output=whole.h5", cwd=toy)
    assert whole.returncode == 0
    one, two = bdg.load(toy / "toy.h5"), bdg.load(toy / "whole.h5")
    assert one.history == two.history
    np.testing.assert_array_equal(one.fields.delta, two.fields.delta)
    again = bdg_command("resume", "toy.h5", cwd=toy)
    assert (again.returncode, "nothing to continue" in again.stderr) == (6, True)


@pytest.mark.skipif(sys.platform == "win32", reason="POSIX signals")
@pytest.mark.parametrize(
    ("number", "code"),
    [pytest.param(signal.SIGINT, 130, marks=pytest.mark.slow), (signal.SIGTERM, 143)],
)
def test_a_signal_leaves_a_checkpoint_and_resume_ends_as_if_nothing_happened(toy, number, code):
    slow = TOY.replace("[4, 3]", "[14, 12]").replace(
        "output", "scf: {mixer: linear, damping: 0.2, max_iterations: 1000}\noutput"
    )
    (toy / "toy.yaml").write_text(slow)
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "OPENBLAS_NUM_THREADS": "1"}
    process = subprocess.Popen(
        [sys.executable, "-m", "bdg", "run", "toy.yaml"],
        cwd=toy,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert "sites" in process.stdout.readline()
    assert process.stdout.readline().startswith("iteration 1")
    time.sleep(0.2)
    process.send_signal(number)
    _, errors = process.communicate(timeout=120)
    assert process.returncode == code
    assert "bdg resume" in errors
    assert "Traceback" not in errors
    assert files(toy) == ["toy.h5.checkpoint", "toy.yaml"]
    assert bdg_command("resume", "toy.h5.checkpoint", cwd=toy).returncode == 0
    assert bdg_command("run", "toy.yaml", "--set", "output=whole.h5", cwd=toy).returncode == 0
    one, two = bdg.load(toy / "toy.h5"), bdg.load(toy / "whole.h5")
    assert one.history == two.history
    np.testing.assert_array_equal(one.fields.delta, two.fields.delta)


@pytest.mark.skipif(sys.platform == "win32", reason="POSIX signals")
def test_a_signal_while_something_is_measured_stops_at_once_and_costs_no_fields(toy):
    before, _, after = TOY.partition("{order_parameter")
    wanted = "{current_phase: {num: 10000}}\n"
    (toy / "toy.yaml").write_text(before + wanted + after.partition("\n")[2])
    process = subprocess.Popen(
        [sys.executable, "-m", "bdg", "run", "toy.yaml"],
        cwd=toy,
        env={**os.environ, "PYTHONPATH": str(ROOT), "OPENBLAS_NUM_THREADS": "1"},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    while not process.stdout.readline().startswith("computing current phase"):
        assert process.poll() is None
    time.sleep(0.5)
    process.send_signal(signal.SIGINT)
    _, errors = process.communicate(timeout=20)
    assert process.returncode == 130
    assert errors == "bdg: stopped at once; continue with: bdg resume toy.h5.checkpoint\n"
    assert [name for name in files(toy) if name != "toy.h5.parts"] == ["toy.h5.checkpoint", "toy.yaml"]
    resumed = bdg_command("resume", "toy.h5.checkpoint", "--set", "observables.current_phase.num=3", cwd=toy)
    assert (resumed.returncode, resumed.stderr) == (0, "")
    assert len(bdg.load(toy / "toy.h5")["junction_current"].values) == 3


def test_init_writes_a_config_that_runs(tmp_path):
    assert bdg_command("init", cwd=tmp_path).returncode == 0
    assert bdg_command("validate", "bdg.yaml", cwd=tmp_path).returncode == 0
    ran = bdg_command("run", "bdg.yaml", "--set", "output=out.h5", cwd=tmp_path)
    assert (ran.returncode, ran.stderr) == (0, "")


def test_schema_is_json(tmp_path):
    printed = bdg_command("schema", cwd=tmp_path)
    assert set(json.loads(printed.stdout)["properties"]) >= {"lattice", "hamiltonian", "observables"}


NUMERICAL = ["numpy", "scipy", "numba", "llvmlite", "h5py", "matplotlib", "joblib", "xarray"]
LIBRARIES = [*NUMERICAL, "pydantic", "yaml", "rich"]
RARE = ["scipy.optimize", "scipy.spatial", "scipy.special", "scipy.integrate", "matplotlib", "xarray"]


@pytest.mark.parametrize(
    ("code", "absent"),
    [
        ("import bdg", [*LIBRARIES, "typer", "inspect", "importlib.metadata"]),
        ("import bdg; dir(bdg); bdg.__version__", [*LIBRARIES, "typer"]),
        ("import bdg.simulation.files, bdg.observables; bdg.observables.contracts()", RARE),
        (["--help"], LIBRARIES),
        (["--version"], LIBRARIES),
        (["run", "--help"], NUMERICAL),  # for its arguments typer itself takes pydantic where it is there
        (["theory", "--help"], NUMERICAL),
    ],
)
def test_quick_things_stay_quick_because_they_import_little(code, absent):
    """What is imported, not how long it takes: time is for benchmarks."""
    if isinstance(code, list):
        code = f"sys.argv = ['bdg', *{code}]; import bdg.cli; bdg.cli.main()"
    at_exit = f"atexit.register(lambda: print('HAS', {{*{absent}}} & {{*sys.modules}}))"
    command = [sys.executable, "-c", f"import atexit, sys; {at_exit}; {code}"]
    printed = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    assert printed.stdout.splitlines()[-1] == "HAS set()"


SHRINK = {
    "ysr": [
        "lattice.size=[5, 5]",
        "hamiltonian.impurities[0].site=[2, 2]",
        "observables.ldos.sites=[[2, 2], [0, 0]]",
    ],
    "magnetic_chain": ["lattice.size=[10, 3]", "observables.states.count=3"],
    "d_wave_impurity": [
        "lattice.size=[6, 6]",
        "hamiltonian.impurities[0].site=[3, 3]",
        "interaction.bonds=[{shell: 1, value: 3}]",
    ],
    "quench": ["lattice.boundary={bloch: 8, shift: 0.5}", "dynamics.until=3"],
    "pulse": [
        "lattice.boundary={bloch: 8, shift: 0.5}",
        "dynamics.until=6",
        "dynamics.pulse.center=3",
        "dynamics.pulse.width=1",
    ],
    "voltage": [
        "lattice.size=[8]",
        "hamiltonian.impurities[0].site=[3]",
        "hamiltonian.impurities[1].site=[4]",
        "dynamics.until=2",
        "dynamics.voltage.at=3.5",
    ],
    "quickstart": ["lattice.size=[5, 4]", "hamiltonian.impurities[0].site=[2, 2]"],
    "uniform_bcs": ["lattice.size=[4, 4]"],
    "chain": ["lattice.size=[12]"],
    "single_impurity": [
        "lattice.size=[5, 5]",
        "hamiltonian.impurities[0].site=[2, 2]",
        "observables.ldos.sites=[[2, 2], [0, 0]]",
    ],
    "disorder": ["lattice.size=[5, 4]"],
    "d_wave_uniform": ["lattice.boundary.bloch=8", "interaction.bonds=[{shell: 1, value: 3}]"],
    "triangular_d_id": ["lattice.boundary.bloch=12", "interaction.bonds=[{shell: 1, value: 3}]"],
    "d_wave_110_surface": [
        "lattice.size=[4, 1]",
        "lattice.boundary[1].bloch=8",
        "interaction.bonds=[{shell: 1, value: 3}]",
        "observables.ldos.sites=[[0, 0, 0], [2, 0, 0]]",
    ],
    "fflo_chain": ["lattice.size=[20]", "scf.initial=[uniform, {delta: 0.3*cos(2*pi*x/20)}]"],
    "fs_bilayer": [
        "lattice.size=[10, 1]",
        "lattice.boundary[1]={bloch: 8}",
        "hamiltonian.zeeman=[0, 0, 0.4 if x >= 5 else 0]",
        "interaction.onsite=2.5 if x < 5 else 0",
        "observables.ldos.sites=[[2, 0], [7, 0]]",
    ],
    "rashba_nanowire": ["lattice.size=[12]"],
    "kitaev_chain": ["lattice.size=[12]"],
    "chiral_p_disk": [
        "lattice.size=[7, 7]",
        "lattice.region.disk.radius=3.2",
        "observables.ldos.sites=[[3, 0], [3, 3]]",
    ],
    "altermagnet": ["lattice.boundary.bloch=8"],
    "rashba_plane": ["lattice.boundary.bloch=8", "observables.chern.mesh=8"],
    "ring": ["lattice.size=[10]"],
    "persistent_current": ["lattice.size=[10]", "observables.persistent_current.num=5"],
    "ghosal": ["lattice.size=[5, 4]"],
    "million_sites": ["lattice.size=[12, 12]"],
    "disorder_stiffness": ["lattice.size=[5, 4]", "interaction.onsite=3"],
    "strip": ["lattice.size=[4, 1]", "lattice.boundary[1].bloch=8", "interaction.onsite=3"],
    "sns_junction": ["lattice.size=[10, 4]", "interaction.onsite=0 if 4 <= x < 6 else 2"],
    "honeycomb": ["lattice.size=[3, 4]"],
    "kagome": ["lattice.size=[3, 3]", "hamiltonian.impurities[0].site=[1, 1, 0]"],
    "triangular_disk": ["lattice.size=[8, 8]", "lattice.region.disk.radius=2.5"],
    "ring_region": [
        "lattice.size=[9, 9]",
        "lattice.region={ring: {inner: 1.5, outer: 4}}",
        "interaction.onsite[1].region.rectangle={size: [9, 2]}",
        "observables.ldos.sites=[[4, 8], [7, 4]]",
    ],
    "magnetisation_curve": [
        "lattice.size=[7, 7]",
        "lattice.region.disk.radius=3.2",
        "observables.magnetisation_curve={stop: 0.02, num: 2}",
    ],
    "meissner_slab": ["lattice.size=[16, 1]", "observables.meissner.surface=2"],
    "meissner_disk": ["lattice.size=[9, 9]", "lattice.region.disk.radius=4.2", "interaction.onsite=3.5"],
    "vortex_disk": ["lattice.size=[9, 9]", "lattice.region.disk.radius=4.2", "interaction.onsite=3.5"],
    "film": ["lattice.size=[9, 9]", "lattice.region.disk.radius=4.2", "interaction.onsite=3.5"],
    "junction": [
        "lattice.size=[12, 1]",
        "lattice.boundary[1].bloch=4",
        "interaction.onsite=0 if 5 <= x < 7 else 2.5",
        "observables.current_phase={num: 5, leads: 3}",
    ],
    "btk": [
        "lattice.size=[8, 3]",
        "hamiltonian.onsite=0.8 if x == 4 else 0",
        "interaction.given.onsite=0.3 if x > 4 else 0",
        "observables.conductance.energies.num=11",
    ],
    "andreev": [
        "lattice.size=[21]",
        "hamiltonian.onsite=1.2 if x == 10 else 0",
        "interaction.given.onsite=0 if x == 10 else 0.4",
        "observables.current_phase.num=5",
    ],
    "fraunhofer": [
        "lattice.size=[5, 6]",
        "hamiltonian.onsite=4.0 if x == 2 else 0",
        "interaction.given.onsite=0 if x == 2 else 0.3",
        "observables.fraunhofer={stop: 2, num: 5, phases: 4}",
    ],
    "squid": [
        "lattice.size=[7, 5]",
        "lattice.region={difference: [{rectangle: {center: [3, 2], size: [7, 5]}},"
        " {rectangle: {center: [3, 2], size: [3, 1]}}]}",
        "hamiltonian.onsite=4.0 if x == 3 else 0",
        "interaction.given.onsite=0 if x == 3 else 0.3",
        "observables.squid={num: 3, phases: 4, leads: semi_infinite}",
    ],
    "constriction": [
        "lattice.size=[8, 3]",
        "hamiltonian.onsite=0",
        "interaction.given.onsite=0.2",
        "temperature=0.02",
        "observables.current_phase.num=5",
    ],
    "diode": ["observables.current_phase.num=5"],
    "superflow": ["lattice.boundary.bloch=8", "observables.superflow.num=5"],
    "superfluid_weight": ["lattice.size=[5, 4]"],
    "vortex_lattice_s": ["lattice.size=[12, 6]", "interaction.onsite=3"],
    "vortex_lattice_d": ["lattice.size=[12, 6]", "interaction.bonds=[{shell: 1, value: 3}]"],
    "single_vortex": [
        "lattice.size=[9, 9]",
        "lattice.region.disk.radius=4.2",
        "field.uniform=0.06",
        "interaction.onsite=3",
    ],
    "impurity_magnetism": [
        "lattice.size=[6, 6]",
        "hamiltonian.impurities[0].site=[3, 3]",
        "observables.ldos.sites=[[3, 4], [0, 0]]",
    ],
    "stripes": [
        "lattice.size=[8, 4]",
        "scf.initial=[{magnetisation: staggered}, {delta: 0.3, magnetisation: 0}]",
    ],
    "ground_state": ["lattice.size=[8, 8]", "lattice.region={ring: {inner: 1.2, outer: 4}}"],
    "stm": [
        "lattice.size=[6, 6]",
        "hamiltonian.impurities[0].site=[3, 3]",
        "observables.stm.sites=[[3, 3], [0, 0]]",
        "observables.stm.biases.num=5",
        "observables.stm.broadening=0.2",
    ],
    "impurity_in_bulk": [
        "lattice.boundary={bloch: 8}",
        "observables.impurity_in_bulk.broadening=0.2",
        "observables.impurity_in_bulk.window=5",
    ],
    "contours": ["lattice.boundary={bloch: 8}"],
    "surface_states": [
        "lattice.boundary=[open, {bloch: 8}]",
        "observables.surface_spectral_function.num=5",
        "observables.surface_spectral_function.energies.num=5",
    ],
    "gap_map": ["lattice.size=[6, 6]", "observables.gap_map.broadening=0.1"],
    "qpi": [
        "lattice.size=[6, 6]",
        "hamiltonian.impurities[0].site=[3, 3]",
        "observables.qpi.origin=[3, 3]",
    ],
    "susceptibility": ["lattice.size=[8, 8]", "observables.susceptibility.sources=[[4, 4]]"],
    "collective_modes": ["lattice.size=[6, 6]", "observables.collective_modes.energies.num=7"],
    "dynamical_conductivity": [
        "lattice.size=[6, 6]",
        "observables.dynamical_conductivity.energies.num=7",
        "observables.dynamical_conductivity.wave_vectors=[[0, 0]]",
    ],
    "nmr": ["lattice.size=[6, 6]", "hamiltonian.impurities[0].site=[3, 3]"],
    "field_distribution": [
        "lattice.size=[9, 9]",
        "lattice.region={disk: {radius: 4.2}}",
        "scf.initial=uniform",
    ],
    "qpi_dispersion": [
        "lattice.size=[6, 6]",
        "hamiltonian.impurities[0].site=[3, 3]",
        "observables.qpi.origin=[3, 3]",
        "observables.qpi.biases=[-0.2, 0.2]",
        "observables.qpi.accuracy=1e-2",
    ],
    "spectral_function": ["lattice.size=[6, 6]", "observables.spectral_function.num=13"],
    "critical_temperature": ["lattice.size=[4, 4]"],
    "phase_slip": [
        "lattice.size=[16]",
        "field.vector_potential=[0.09817477]",
        "temperature=0.12",
        "observables.phase_slip.images=5",
    ],
    "xy_model": [
        "lattice.size=[4, 4]",
        "observables.xy_model={copies: [1, 2], sweeps: 64, num: 3}",
        "observables.bkt_temperature.relax=false",
    ],
}


@pytest.mark.parametrize("path", CONFIGS, ids=lambda path: path.stem)
def test_every_config_runs_at_toy_size_and_can_be_drawn(path, tmp_path):
    settings = [f"output={tmp_path / 'toy.h5'}", *SHRINK[path.stem]]
    result = bdg.run_file(path, settings)
    output = result.path
    assert result.status == "converged"
    with h5py.File(output) as file:
        assert file.attrs["status"] == "converged"
    bdg.plot.save_figure(bdg.plot.plot(bdg.load(output)), tmp_path / "toy.png")
    assert (tmp_path / "toy.png").stat().st_size > 10_000


@pytest.mark.parametrize("path", CONFIGS, ids=lambda path: path.stem)
def test_every_config_says_what_it_shows_how_long_it_takes_and_what_to_expect(path):
    header = path.read_text().split("\ntitle:")[0]
    assert all(line.startswith("#") for line in header.splitlines())
    for word in ("Shows:", "Takes:", "Expect:", "Phys."):
        assert word in header


def test_crosscheck_compares_the_solvers(toy):
    ran = bdg_command("crosscheck", "toy.yaml", cwd=toy)
    assert (ran.returncode, ran.stderr) == (0, "")
    lines = ran.stdout.split("\n\n")[1].splitlines()[1:]
    words = [(line[:24].strip(), *line[24:].split()) for line in lines]
    rows = {quantity: float(apart) for method, quantity, apart, *_ in words if method == "selected_inversion"}
    assert rows["order_parameter"] < 1e-7
    assert rows["dos"] < 1e-6
    assert {"another gauge", "another order", "-d omega/d mu"} <= {method for method, *_ in words}
    assert ran.stdout.splitlines()[-1] == f"all {len(lines)} agree"
    assert files(toy) == ["toy.yaml"]


SEVERAL = [
    (  # of the schema
        "lattice: {kind: square, size: [4, 4]}\nhamiltonian: {chemical_potential: 0}\ntemperature: -1\n"
        "scf: {damping: 2, seed: x}\nsolver: {threads: 0}\n",
        ["3:14: temperature", "4:16: scf.damping", "4:25: scf.seed", "5:19: solver.threads"],
    ),
    (  # between keys
        "lattice: {kind: square, size: [4, 4], vacancies: [[9, 0]]}\n"
        "hamiltonian: {chemical_potential: 0, impurities: [{site: [7, 0]}]}\n"
        "observables: {ldos: {energies: [0, 1], sites: [[5, 0]]}}\n",
        [
            "1:52: lattice.vacancies[0]",
            "2:59: hamiltonian.impurities[0].site",
            "3:49: observables.ldos.sites[0]",
        ],
    ),
    (  # of what the sample shows only
        "lattice: {kind: square, size: [6, 6]}\n"
        "hamiltonian: {chemical_potential: 0, onsite: 1/(x - 1), zeeman: [0, 0, 1j]}\n"
        "interaction: {onsite: 2}\n"
        "scf: {initial: {delta: 1/y}}\n"
        "observables: {superfluid_weight: {}, persistent_current: {}, bands: {path: [Gamma, X]}}\n",
        [
            "2:46: hamiltonian.onsite",
            "2:72: hamiltonian.zeeman[2]",
            "4:24: scf.initial.delta",
            "observables.superfluid_weight",
            "observables.persistent_current",
            "observables.bands",
        ],
    ),
]


@pytest.mark.parametrize(("text", "places"), SEVERAL, ids=["schema", "between keys", "built"])
def test_validate_names_every_problem_in_a_line_of_its_own(tmp_path, text, places):
    (tmp_path / "wrong.yaml").write_text(text)
    ran = bdg_command("validate", "wrong.yaml", cwd=tmp_path)
    assert ran.returncode == 2
    assert ran.stdout == ""
    lines = ran.stderr.splitlines()
    assert len(lines) == len(places)
    assert "more problem" not in ran.stderr
    for place in places:
        assert any(place in line for line in lines), (place, lines)
    with pytest.raises(ConfigError) as caught:
        checked_model(tmp_path / "wrong.yaml")
    assert len(caught.value.each) == len(places)
    assert str(caught.value).endswith(f"(+{len(places) - 1} more problems)")


DOUBTFUL = {
    "a cell whose vortices its momenta make differ": (
        "size: [8, 4], boundary: periodic",
        "interaction: {onsite: 2}\nfield: {vortex_lattice: {vortices: 2, geometry: square}}",
        "boundary: [periodic, {bloch: 2}] keeps it",
    ),
    "an attraction outside of the sample": (
        "size: [4, 4]",
        "interaction: {onsite: 2 if x > 10 else 0}",
        "interaction.onsite: '2 if x > 10 else 0' is 0 on every site of the sample",
    ),
    "a wall outside of the sample": (
        "size: [4, 4]",
        "interaction: {onsite: 2}\nhamiltonian: {chemical_potential: -0.5, onsite: 5*(x == 4)}",
        "hamiltonian.onsite: '5*(x == 4)' is 0 on every site of the sample",
    ),
}


@pytest.mark.parametrize(("lattice", "rest", "line"), DOUBTFUL.values(), ids=DOUBTFUL)
def test_validate_warns_before_any_work_of_what_the_result_would_warn_of(tmp_path, lattice, rest, line):
    rest = rest if "hamiltonian" in rest else f"{rest}\nhamiltonian: {{chemical_potential: -0.5}}"
    (tmp_path / "run.yaml").write_text(
        f"lattice: {{kind: square, {lattice}}}\n{rest}\ntemperature: 0.1\noutput: {tmp_path / 'run.h5'}\n"
    )
    ran = CliRunner().invoke(app, ["validate", str(tmp_path / "run.yaml")])
    assert ran.exit_code == 0
    assert ran.stderr.startswith("warning: ")
    assert line in ran.stderr
    assert any(line in warning for warning in bdg.run_file(tmp_path / "run.yaml").warnings)


def test_a_zero_that_is_written_is_no_reason_to_warn(tmp_path):
    text = "lattice: {kind: square, size: [3, 3]}\nhamiltonian: {chemical_potential: 0, onsite: 0}\n"
    (tmp_path / "run.yaml").write_text(f"{text}interaction: {{onsite: 0}}\n")
    ran = CliRunner().invoke(app, ["validate", str(tmp_path / "run.yaml")])
    assert (ran.exit_code, ran.stderr) == (0, "")
