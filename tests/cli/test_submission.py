"""``bdg submit``: the script it writes, run by bash with Slurm played by scripts of a few lines."""

from __future__ import annotations

import os
import re
import signal
import stat
import subprocess
import sys
import time
from pathlib import Path

import pytest
from typer.testing import CliRunner

import bdg
from bdg.cli import app
from bdg.errors import BdgError
from bdg.simulation import dry_run
from bdg.studies.batch import estimate, submission
from bdg.studies.batch.estimate import Needs

ROOT = Path(__file__).parents[2]
CONFIG = """
lattice: {kind: square, size: [8, 8], boundary: periodic}
hamiltonian: {chemical_potential: -0.4, disorder: {width: 1.0, seed: 0}}
interaction: {onsite: 2.5}
temperature: 0.05
solver: {method: diagonalization}
scf: {tolerance: 1e-9}
observables: {order_parameter: {}}
"""
SWEEP = CONFIG + "sweep: {hamiltonian.disorder.seed: {count: 6}}\noutput: seeds.h5\n"

SBATCH = """#!/bin/bash
# Runs the jobs of the array one after the other; scontrol puts a job back by a line in the file requeued.
n=$(sed -n 's/^#SBATCH --array=1-\\([0-9]*\\).*/\\1/p' "$1")
cpus=$(sed -n 's/^#SBATCH --cpus-per-task=//p' "$1")
for task in $(seq "${n:-1}"); do
    SLURM_ARRAY_JOB_ID=7 SLURM_ARRAY_TASK_ID=$task SLURM_JOB_ID=7 SLURM_CPUS_PER_TASK=$cpus bash "$1" || exit
done
echo "Submitted batch job 7"
"""


def program(path, text):
    path.write_text(text)
    path.chmod(path.stat().st_mode | stat.S_IXUSR)


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """With both configurations, and a cluster in ``bin``."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "run.yaml").write_text(CONFIG + "output: run.h5\n")
    (tmp_path / "seeds.yaml").write_text(SWEEP)
    adds = (
        "{temperature: [0.05, 0.1], refine: {keys: [temperature], quantity: largest_delta, tolerance: 0.1}}"
    )
    (tmp_path / "adds.yaml").write_text(CONFIG + f"sweep: {adds}\noutput: adds.h5\n")
    (tmp_path / "bin").mkdir()
    program(tmp_path / "bin/sbatch", SBATCH)
    program(tmp_path / "bin/scontrol", '#!/bin/bash\necho "$*" >> requeued\n')
    monkeypatch.setenv("PATH", f"{tmp_path}/bin:{os.environ['PATH']}")
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    return tmp_path


@pytest.fixture
def quick(monkeypatch):
    """No dry runs: an estimate of 200 MiB and two minutes."""
    needs = Needs(200.0 * 2**20, 120.0)
    monkeypatch.setattr(submission, "needs_of_points", lambda recipe, points: needs)
    monkeypatch.setattr(submission, "needs_of_run", lambda source: needs)


def typed(*words):
    """The exit code, and what was printed or the line that an error is."""
    done = CliRunner().invoke(app, ["submit", *map(str, words)])
    if isinstance(done.exception, BdgError):
        assert "\n" not in str(done.exception)
        return done.exception.exit_code, str(done.exception)
    assert done.exception is None or isinstance(done.exception, SystemExit)
    return done.exit_code, done.output


def script(*words):
    code, text = typed(*words, "--dry-run")
    assert code == 0, text
    checked = subprocess.run(["bash", "-n"], input=text, text=True, capture_output=True, check=False)
    assert checked.returncode == 0, checked.stderr
    return text


def asked(text):
    return dict(re.findall(r"^#SBATCH --([\w-]+)=?(.*)$", text, re.MULTILINE))


def test_an_array_over_the_shares_of_a_sweep(folder, quick):
    text = script("seeds.yaml", "--jobs", "3", "--cpus", "4", "--workers", "2", "--at-once", "2")
    assert asked(text) == {
        "job-name": "seeds",
        "array": "1-3%2",
        "ntasks": "1",
        "cpus-per-task": "4",
        "mem": "900M",
        "time": "00:07:00",
        "signal": "B:TERM@120",
        "requeue": "",
        "open-mode": "append",
        "output": f"{folder}/seeds/slurm-%A_%a.out",
    }
    assert '--share "$share/3" --workers 2 --threads "$((SLURM_CPUS_PER_TASK / 2))" &' in text
    assert not (folder / "seeds").exists()


def test_a_sweep_that_adds_points_is_one_job(folder, quick):
    text = script("adds.yaml", "--cpus", "3", "--workers", "3")
    assert "array" not in asked(text)
    assert "share" not in text
    assert "--workers 3" in text


def test_options_are_passed_through(folder, quick):
    text = script(
        *("seeds.yaml", "--jobs", "2", "--partition", "short", "--account", "physics", "--time", "2-12"),
        *(
            "--mem",
            "4G",
            "--module",
            "python/3.11",
            "--module",
            "openmpi",
            "--line",
            "source venv/bin/activate",
        ),
        *("--sbatch=--qos=long", "--sbatch=--exclusive", "--set", "temperature=0.1", "--folder", "other one"),
    )
    found = asked(text)
    assert (found["partition"], found["account"], found["time"], found["mem"]) == (
        "short",
        "physics",
        "2-12",
        "4G",
    )
    assert found["qos"] == "long"
    assert found["exclusive"] == ""
    assert found["job-name"] == "'other one'"
    lines = text.splitlines()
    assert lines.index("module load python/3.11") < lines.index("module load openmpi")
    assert (
        lines.index("module load openmpi")
        < lines.index("source venv/bin/activate")
        < lines.index(f"cd {folder} || exit 2")
    )
    assert "--set temperature=0.1 --folder 'other one'" in text


@pytest.mark.parametrize(
    ("seconds", "words", "jobs", "limit"),
    [
        (1.0, (), None, "00:04:00"),  # six points of a second: one job
        (3600.0, (), "1-6", "02:03:00"),
        (1800.0, (), "1-3", "02:03:00"),
        (1800.0, ("--jobs", "20"), "1-6", "01:03:00"),  # no more than points
        (1800.0, ("--jobs", "2", "--cpus", "2", "--workers", "2"), "1-2", "02:03:00"),
        (float("nan"), ("--jobs", "2"), "1-2", "01:03:00"),
        (1800.0, ("--set", "sweep.follow=hamiltonian.disorder.seed"), None, "06:03:00"),  # one chain
    ],
)
def test_jobs_and_their_time_follow_from_the_estimate(folder, monkeypatch, seconds, words, jobs, limit):
    monkeypatch.setattr(submission, "needs_of_points", lambda recipe, points: Needs(1e8, seconds))
    found = asked(script("seeds.yaml", *words))
    assert found.get("array") == jobs
    assert found["time"] == limit


def test_the_estimate_is_that_of_the_point_that_takes_most(folder, monkeypatch):
    seen = []

    def pretended(source):
        size = source.parse().lattice.size[0]
        seen.append(size)
        stages = [dry_run.Stage("setup", 1e8, 1.0), dry_run.Stage("one iteration", 1e6 * size, 0.1 * size)]
        return dry_run.DryRun(tuple(stages), 0.0, 0.0)

    monkeypatch.setattr(estimate, "dry_run_of", pretended)
    sizes = "sweep={lattice.size: [[8, 8], [200, 8]], temperature: [0.1, 0.2, 0.3]}"
    text = script("seeds.yaml", "--set", sizes, "--jobs", "6")
    assert sorted(seen) == [8, 200]
    assert f"takes {200e6 / 2**20:.4g} MiB, time about 13 min" in text.splitlines()[1]


def test_the_dry_run_of_a_real_configuration_is_behind_it(folder):
    found = asked(script("seeds.yaml", "--jobs", "2"))
    assert 300 <= int(found["mem"].removesuffix("M")) <= 3000
    assert found["time"] in ("00:04:00", "00:05:00")


# Bash and its signals, with a run of bdg played by a few lines of shell.


def played(folder, text, run):
    """The script with ``run`` in place of the interpreter."""
    program(folder / "bin/played", f"#!/bin/bash\n{run}\n")
    (folder / "job.sh").write_text(text.replace(sys.executable, "played"))
    environment = {**os.environ, "SLURM_ARRAY_JOB_ID": "7", "SLURM_ARRAY_TASK_ID": "2", "SLURM_JOB_ID": "9"}
    environment["SLURM_CPUS_PER_TASK"] = "4"
    return subprocess.Popen(
        ["bash", "job.sh"], cwd=folder, env=environment, stdout=subprocess.PIPE, text=True
    )


def test_a_job_does_its_share_and_ends_as_its_run_does(folder, quick):
    job = played(folder, script("seeds.yaml", "--jobs", "3", "--cpus", "4"), 'echo "$*"; exit 3')
    told = job.communicate()[0]
    assert job.returncode == 3
    assert told == "-m bdg sweep seeds.yaml --folder seeds --share 2/3 --workers 1 --threads 4\n"
    assert not (folder / "requeued").exists()


STOPS = "trap 'touch told; sleep 0.2; exit 143' TERM; touch began; while :; do sleep 0.05; done"
ENDS = "trap 'touch told; sleep 0.2; exit 0' TERM; touch began; while :; do sleep 0.05; done"


@pytest.mark.parametrize(
    ("config", "run", "restarts", "code", "line"),
    [
        ("seeds.yaml", STOPS, "0", 143, "requeue 7_2\n"),
        ("run.yaml", STOPS, "3", 143, "requeue 9\n"),
        ("seeds.yaml", STOPS, "50", 143, None),  # it makes no headway
        ("seeds.yaml", ENDS, "0", 0, None),  # it was done by then
    ],
)
def test_a_signal_reaches_the_run_and_a_stopped_job_goes_back(
    folder, quick, monkeypatch, config, run, restarts, code, line
):
    monkeypatch.setenv("SLURM_RESTART_COUNT", restarts)
    words = ["--jobs", "3"] if config == "seeds.yaml" else []
    job = played(folder, script(config, *words), run)
    began = time.monotonic()
    while not (folder / "began").exists() and time.monotonic() < began + 20:
        time.sleep(0.01)
    job.send_signal(signal.SIGTERM)
    job.communicate(timeout=20)
    assert job.returncode == code
    assert (folder / "told").exists()
    requeued = folder / "requeued"
    assert (requeued.read_text() if requeued.exists() else None) == line


@pytest.mark.parametrize(
    ("there", "told"),
    [
        ([], "-m bdg run run.yaml --set solver.threads=4\n"),
        (["run.h5.checkpoint"], "-m bdg resume run.h5.checkpoint --set solver.threads=4\n"),
        (["run.h5", "run.h5.checkpoint"], "-m bdg resume run.h5.checkpoint --set solver.threads=4\n"),
        (["run.h5"], ""),
    ],
)
def test_a_single_run_begins_goes_on_or_is_done(folder, quick, there, told):
    text = script("run.yaml")
    assert "array" not in asked(text)
    for name in there:
        (folder / name).touch()
    job = played(folder, text, 'echo "$*"')
    assert job.communicate()[0] == told
    assert job.returncode == 0


def test_what_sbatch_says_is_told(folder, quick):
    program(folder / "bin/sbatch", '#!/bin/bash\ntest -s "$1" && echo "Submitted batch job 12"\n')
    assert typed("seeds.yaml") == (0, f"wrote {folder}/seeds/submit.sh\nSubmitted batch job 12\n")
    assert typed("seeds.yaml", "--output", "my.sh")[1].startswith("wrote my.sh\n")
    program(folder / "bin/sbatch", "#!/bin/bash\necho 'sbatch: error: invalid partition' >&2; exit 1\n")
    assert typed("run.yaml") == (
        2,
        f"sbatch refused {folder}/run-submit.sh: sbatch: error: invalid partition",
    )


@pytest.mark.parametrize(
    ("words", "code", "problem"),
    [
        (("none.yaml",), 2, "none.yaml: no such file"),
        ((".",), 2, ".: no study, study.yaml is missing"),
        (("seeds.yaml", "--jobs", "-1"), 2, "--jobs -1"),
        (("seeds.yaml", "--cpus", "0"), 2, "at least one core"),
        (("seeds.yaml", "--workers", "3"), 2, "3 workers on 1 cores share them; give --cpus 3"),
        (("seeds.yaml", "--time", "soon"), 2, "--time soon: write minutes"),
        (("seeds.yaml", "--mem", "4 GB"), 2, "--mem 4 GB: write MiB"),
        (("seeds.yaml", "--partition", "a b"), 2, "--partition 'a b'"),
        (("seeds.yaml", "--sbatch", "qos=long"), 2, "--sbatch qos=long: write an option of sbatch"),
        (("seeds.yaml", "--line", "a\nb"), 2, "is not one line"),
        (("adds.yaml", "--jobs", "2"), 2, "points are added as others end: one job runs the sweep"),
        (("run.yaml", "--jobs", "2"), 2, "nothing is swept; --folder and --jobs are for sweeps"),
        (("run.yaml", "--set", "temperature=x"), 2, "temperature"),
    ],
)
def test_mistakes_are_one_line(folder, quick, words, code, problem):
    found = typed(*words, "--dry-run")
    assert found[0] == code
    assert problem in found[1]


def test_the_points_of_a_function_are_no_jobs(folder):
    def point(temperature):
        return bdg.build_model(bdg.build_sample("chain", [4]), temperature=temperature)

    bdg.sweep(point, {"temperature": [0.1]}, folder="made", executor="serial")
    assert typed("made", "--dry-run") == (2, "made: made by the function 'point'; jobs run configurations")


def test_without_slurm_and_without_work_it_says_so(folder, quick, monkeypatch):
    (folder / "run.h5").touch()
    assert typed("run.yaml")[0] == 6
    bdg.sweep("seeds.yaml", {"temperature": [0.1]}, folder="done", executor="serial")
    assert "all its points are done" in typed("done")[1]
    monkeypatch.setenv("PATH", "")
    assert typed("seeds.yaml") == (
        2,
        "sbatch is not on the PATH, this is no login node of Slurm; --dry-run prints the script",
    )


@pytest.mark.slow
def test_the_jobs_of_an_array_do_all_points(folder):
    code, told = typed("seeds.yaml", "--jobs", "3", "--cpus", "1")
    assert code == 0, told
    assert told.endswith("Submitted batch job 7\n")
    study = bdg.open_study("seeds")
    assert study.counts() == {"converged": 6}
    assert sorted(path.name for path in (folder / "seeds").glob("index*")) == [
        f"index-{k}-of-3.jsonl" for k in (1, 2, 3)
    ]
    alone = bdg.run_file("seeds.yaml", ["sweep=null", "output=alone.h5", "hamiltonian.disorder.seed=4"])
    assert bdg.diff(alone, "seeds/points/00004.h5", tolerance=0).has_same_values


@pytest.mark.slow
@pytest.mark.parametrize("config", ["seeds.yaml", "run.yaml"])
def test_a_job_that_is_stopped_goes_on_from_its_checkpoint(folder, config):
    slower = ["lattice.size=[10, 10]", "scf.tolerance=1e-12", "scf.mixer=linear", "scf.damping=0.2"]
    slower += ["scf.max_iterations=1000", "scf.checkpoint=0.1"]
    words = ["--jobs", "2"] if config == "seeds.yaml" else []
    (folder / "job.sh").write_text(script(config, *words, *(w for one in slower for w in ("--set", one))))
    environment = {**os.environ, "SLURM_ARRAY_JOB_ID": "7", "SLURM_ARRAY_TASK_ID": "2", "SLURM_JOB_ID": "9"}
    environment["SLURM_CPUS_PER_TASK"] = "1"
    job = subprocess.Popen(["bash", "job.sh"], env=environment, start_new_session=True)
    began = time.monotonic()
    while not list(folder.rglob("*.checkpoint")) and time.monotonic() < began + 60:
        time.sleep(0.05)
    job.send_signal(signal.SIGTERM)  # to the shell alone, as --signal=B: does
    assert job.wait(60) == 143
    assert (folder / "requeued").read_text() in ("requeue 7_2\n", "requeue 9\n")
    kept = sorted(folder.rglob("*.checkpoint"))
    assert kept
    assert subprocess.run(["bash", "job.sh"], env=environment, check=False).returncode == 0
    assert not list(folder.rglob("*.checkpoint"))
    result = bdg.load(kept[0].with_suffix(""))
    extra = [f"hamiltonian.disorder.seed={result.config['hamiltonian.disorder.seed']}", "output=whole.h5"]
    whole = bdg.run_file(config, [*slower, *extra, *(["sweep=null"] if config == "seeds.yaml" else [])])
    assert len(whole.history) == len(result.history)
    assert bdg.diff(whole, result, tolerance=1e-9).has_same_values
