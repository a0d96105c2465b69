"""A batch script for Slurm: a job array over the shares of a study, or one run.

Slurm sends SIGTERM to the script ahead of the time limit; the script passes it on, the run writes its
checkpoints and ends, and the job is put back into the queue, from where it continues.
"""

from __future__ import annotations

import math
import re
import shlex
from collections.abc import Sequence
from dataclasses import dataclass

from bdg.errors import InputError
from bdg.studies.batch.estimate import Needs
from bdg.words import counted, in_bytes, in_time

AHEAD = 120
"""Seconds from SIGTERM to the time limit."""

TIME_FACTOR, MEMORY_FACTOR = 2.0, 1.25
"""How far the estimates of a dry run may be off."""

START = 60.0
"""Seconds until a job is at work."""

UNKNOWN = 3600.0
"""Seconds that are asked for where the estimate knows none."""

MASTER = 300 * 2**20
"""Bytes of the process that schedules the points."""

RESTARTS = 50
"""A job that is back in the queue this often makes no headway."""

TIME = re.compile(r"\d+(-\d{1,2}(:\d{1,2}){0,2}|(:\d{1,2}){0,2})")
MEMORY = re.compile(r"\d+[KMGT]?")

LINE = re.compile(r"[^\r\n]+")


@dataclass(frozen=True)
class Options:
    """What a job asks of the cluster.

    Parameters
    ----------
    cpus, workers
        Cores of a job, and points that it runs at once: each has its share of the cores as threads.
    time, memory
        In Slurm's words; empty for the estimate.
    partition, account
        Empty for the cluster's own.
    at_once
        Most jobs of the array that run at the same time; 0 for any number.
    modules
        Loaded before the run.
    directives
        Further lines for sbatch, ``--qos=long``.
    lines
        Further lines of shell before the run.

    Raises
    ------
    InputError
        If a value is impossible.
    """

    cpus: int = 1
    workers: int = 1
    time: str = ""
    memory: str = ""
    partition: str = ""
    account: str = ""
    at_once: int = 0
    modules: Sequence[str] = ()
    directives: Sequence[str] = ()
    lines: Sequence[str] = ()

    def __post_init__(self) -> None:
        if self.cpus < 1 or self.workers < 1 or self.at_once < 0:
            raise InputError("a job needs at least one core and one worker; give numbers of at least 1")
        if self.workers > self.cpus:
            raise InputError(
                f"{self.workers} workers on {self.cpus} cores share them; give --cpus {self.workers}"
            )
        if self.time and not TIME.fullmatch(self.time):
            raise InputError(f"--time {self.time}: write minutes, 1:30:00 or 2-12 (days and hours)")
        if self.memory and not MEMORY.fullmatch(self.memory):
            raise InputError(f"--mem {self.memory}: write MiB or a number with a unit, 800M or 4G")
        for name in ("partition", "account"):
            if re.search(r"\s", getattr(self, name)):
                raise InputError(f"--{name} {getattr(self, name)!r}: a name has no spaces")
        for text in (*self.modules, *self.directives, *self.lines):
            if not LINE.fullmatch(text):
                raise InputError(f"{text!r} is not one line; give each line by an option of its own")
        for text in self.directives:
            if not text.startswith("-"):
                raise InputError(
                    f"--sbatch {text}: write an option of sbatch, --sbatch --qos=long for example"
                )


@dataclass(frozen=True)
class Job:
    """What is run.

    Parameters
    ----------
    name
        Of the job.
    folder
        Where it runs.
    log
        File for what it prints; Slurm puts numbers for ``%A`` and ``%a``, or ``%j``.
    command
        Lines of shell that end with the run; ``$share`` is the number of the job in its array.
    jobs
        Jobs of the array; 0 for a single one.
    rounds
        Points that a job runs one after the other; 0 of a single run.
    needs
        Of each.
    """

    name: str
    folder: str
    log: str
    command: str
    jobs: int
    rounds: int
    needs: Needs


def script_of(job: Job, options: Options) -> str:
    """The script for sbatch."""
    array = f"1-{job.jobs}" + (f"%{options.at_once}" if options.at_once else "")
    asked = [
        f"--job-name={shlex.quote(job.name)}",
        *([f"--array={array}"] if job.jobs else []),
        "--ntasks=1",
        f"--cpus-per-task={options.cpus}",
        f"--mem={options.memory or _memory(job.needs, options.workers)}",
        f"--time={options.time or _time(job)}",
        f"--signal=B:TERM@{AHEAD}",
        "--requeue",
        "--open-mode=append",
        f"--output={shlex.quote(job.log)}",
        *([f"--partition={options.partition}"] if options.partition else []),
        *([f"--account={options.account}"] if options.account else []),
        *options.directives,
    ]
    modules = [f"module load {shlex.quote(name)}" for name in options.modules]
    head = ["#!/bin/bash", f"# {_told(job)}", *(f"#SBATCH {line}" for line in asked)]
    whose = '"${SLURM_ARRAY_JOB_ID}_${SLURM_ARRAY_TASK_ID}"' if job.jobs else '"$SLURM_JOB_ID"'
    share = ['share="$SLURM_ARRAY_TASK_ID"'] if job.jobs else []
    body = [*modules, *options.lines, f"cd {shlex.quote(job.folder)} || exit 2", *share]
    return "\n".join([*head, "", *body, "", job.command, "", _ENDING.format(whose=whose, most=RESTARTS)])


_ENDING = """\
# Ahead of the time limit Slurm sends SIGTERM to this shell: the run ends with checkpoints, and the job goes
# back into the queue to continue from them.
child=$!
trap 'kill -TERM "$child" 2>/dev/null' TERM
while :; do
    wait "$child"
    code=$?
    kill -0 "$child" 2>/dev/null || break
done
if [ "$code" -eq 143 ] && [ "${{SLURM_RESTART_COUNT:-0}}" -lt {most} ]; then
    scontrol requeue {whose}
fi
exit "$code"
"""


def _told(job: Job) -> str:
    """What each job does, and the estimate behind what it asks for."""
    each = "not known" if math.isnan(job.needs.seconds) else f"about {in_time(job.needs.seconds)}"
    several = f"{counted(job.jobs, 'job')} of" if job.jobs else "one job of"
    what = f"{several} up to {counted(job.rounds, 'point')} one after the other" if job.rounds else "one run"
    return f"{what}; {'a point' if job.rounds else 'it'} takes {in_bytes(job.needs.memory)}, time {each}"


def _memory(needs: Needs, workers: int) -> str:
    """Of all workers and the process above them, in steps of 100 MiB."""
    mebibytes = MEMORY_FACTOR * (workers * needs.memory + MASTER) / 2**20
    return f"{100 * math.ceil(mebibytes / 100)}M"


def _time(job: Job) -> str:
    """Hours, minutes and seconds; where it turns out too short, the job goes on after it."""
    seconds = (
        UNKNOWN if math.isnan(job.needs.seconds) else TIME_FACTOR * max(1, job.rounds) * job.needs.seconds
    )
    minutes = math.ceil((seconds + START + AHEAD) / 60)
    return f"{minutes // 60:02d}:{minutes % 60:02d}:00"
