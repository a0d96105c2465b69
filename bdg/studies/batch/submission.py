"""The job of a configuration for Slurm: an array over the shares of its sweep, or one run."""

from __future__ import annotations

import math
import os
import shlex
import sys
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from bdg.config import Config, ConfigSource, load_config
from bdg.errors import FileRefusedError, InputError
from bdg.simulation.checkpointing import checkpoint_path
from bdg.studies.batch.estimate import needs_of_points, needs_of_run
from bdg.studies.batch.slurm import Job, Options
from bdg.studies.plan.planning import grows
from bdg.studies.study import CONFIGURATION, Study, open_study, study_of
from bdg.studies.work.recipes import FromConfiguration
from bdg.studies.work.shares import chains_of

USUAL_SECONDS = 3600.0
"""What a job of an array is to take, where nobody says how many there are."""

MOST_JOBS = 1000
"""Jobs of an array, likewise: what clusters allow."""


def job_of(
    path: str | os.PathLike[str],
    overrides: Sequence[str],
    options: Options,
    *,
    folder: str | os.PathLike[str] | None = None,
    jobs: int = 0,
) -> tuple[Job, Path]:
    """The job, and where its script belongs.

    Parameters
    ----------
    path
        A configuration, or the folder of a study.
    overrides
        ``a.b=value`` texts that replace values of it.
    options
        What it asks of the cluster.
    folder
        Of the study; by default as for ``bdg sweep``.
    jobs
        Jobs of the array; 0 for as many as take an hour each.

    Raises
    ------
    ConfigError
        If the configuration is wrong.
    FileRefusedError
        If the output of a single run exists already.
    InputError
        If there is nothing to run, or only one process can run it.
    """
    if os.path.isdir(path):
        recipe = open_study(path).recipe
        if not isinstance(recipe, FromConfiguration):
            raise InputError(
                f"{os.fspath(path)}: made by the function {recipe.title!r}; jobs run configurations"
            )
        path, folder = Path(path, CONFIGURATION), path if folder is None else folder
    config, source = load_config(path, overrides)
    if config.sweep is None:
        if folder is not None or jobs:
            raise InputError(f"{os.fspath(path)}: nothing is swept; --folder and --jobs are for sweeps")
        return _run(config, source, options)
    study = study_of(path, overrides, folder)
    if not study.todo:
        raise InputError(f"{study.folder}: all its points are done; see bdg status {study.folder}")
    return _sweep(study, source, options, jobs)


def _sweep(study: Study, source: ConfigSource, options: Options, jobs: int) -> tuple[Job, Path]:
    assert isinstance(study.recipe, FromConfiguration)
    todo, chains = study.todo, chains_of(study.points)
    needs = needs_of_points(study.recipe, todo)
    lengths = Counter(chains[point.number] for point in todo)
    count = min(
        len(set(chains.values())), jobs or _jobs(len(todo) * needs.seconds / options.workers, MOST_JOBS)
    )
    if grows(study.recipe.sweep):
        if jobs > 1:
            raise InputError("points are added as others end: one job runs the sweep; leave out --jobs")
        count = 1
    in_job = Counter[int]()
    for chain, length in lengths.items():
        in_job[chain % count] += length
    rounds = max(max(lengths.values()), -(-max(in_job.values()) // options.workers))
    threads = f'"$((SLURM_CPUS_PER_TASK / {options.workers}))"'
    share = "" if count == 1 else f' --share "$share/{count}"'
    words = _words("sweep", source.path, *_set(source.overrides), "--folder", study.folder)
    command = f"{words}{share} --workers {options.workers} --threads {threads} &"
    folder = Path(os.path.abspath(study.folder))
    log = _log(folder / "slurm", "%A_%a" if count > 1 else "%j")
    several = count if count > 1 else 0
    return Job(folder.name, os.getcwd(), log, command, several, rounds, needs), folder / "submit.sh"


def _jobs(seconds: float, most: int) -> int:
    """As many as take an hour each."""
    return 10 if math.isnan(seconds) else max(1, min(most, math.ceil(seconds / USUAL_SECONDS)))


def _run(config: Config, source: ConfigSource, options: Options) -> tuple[Job, Path]:
    """A run, or what is left of it from its checkpoint."""
    output = Path(config.output)
    checkpoint = checkpoint_path(output)
    if output.exists() and not checkpoint.exists():
        raise FileRefusedError(f"{output}: exists already; name another output with --set output=…")
    threads = ' --set solver.threads="$SLURM_CPUS_PER_TASK"' if config.solver.threads == "auto" else ""
    lines = [
        f"if [ -e {shlex.quote(str(checkpoint))} ]; then",
        f"    {_words('resume', checkpoint)}{threads} &",
        f"elif [ -e {shlex.quote(str(output))} ]; then",
        "    exit 0  # it was done before the job came back into the queue",
        "else",
        f"    {_words('run', source.path, *_set(source.overrides))}{threads} &",
        "fi",
    ]
    needs = needs_of_run(source)
    target = Path(os.path.abspath(output))
    script = target.with_name(f"{target.stem}-submit.sh")
    log = _log(target.with_name(f"{target.stem}-slurm"), "%j")
    return Job(target.stem, os.getcwd(), log, "\n".join(lines), 0, 0, needs), script


def _log(path: Path, number: str) -> str:
    """A file's name with the number that Slurm gives a job; other signs of per cent are doubled for it."""
    return f"{str(path).replace('%', '%%')}-{number}.out"


def _set(overrides: Sequence[str]) -> list[str]:
    return [word for override in overrides for word in ("--set", override)]


def _words(*words: object) -> str:
    """A command of bdg, by the interpreter that runs now."""
    return shlex.join([sys.executable, "-m", "bdg", *map(str, words)])
