"""The command that hands a sweep or a run to Slurm."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path
from typing import Annotated

import typer

from bdg.cli.options import Overrides
from bdg.cli.theory.options import whole
from bdg.errors import InputError

Texts = list[str] | None


def submit(
    config: Annotated[Path, typer.Argument(help="A configuration, or the folder of a study.")],
    overrides: Overrides = None,
    folder: Annotated[
        Path | None, typer.Option("--folder", metavar="DIR", help="Where the study lies, as for bdg sweep.")
    ] = None,
    jobs: Annotated[
        int, typer.Option("--jobs", metavar="N", parser=whole, help="Of the array; 0 for an hour each.")
    ] = 0,
    cpus: Annotated[int, typer.Option("--cpus", metavar="N", parser=whole, help="Cores of each job.")] = 1,
    workers: Annotated[
        int,
        typer.Option(
            "--workers", metavar="N", parser=whole, help="Points at once in a job, sharing its cores."
        ),
    ] = 1,
    time: Annotated[
        str, typer.Option("--time", metavar="T", help="Limit of each job; by default from the estimate.")
    ] = "",
    memory: Annotated[
        str, typer.Option("--mem", metavar="M", help="Memory of each job; by default from the estimate.")
    ] = "",
    partition: Annotated[str, typer.Option("--partition", metavar="NAME", help="Of the cluster.")] = "",
    account: Annotated[str, typer.Option("--account", metavar="NAME", help="That is charged.")] = "",
    at_once: Annotated[
        int, typer.Option("--at-once", metavar="N", parser=whole, help="Most jobs of the array at a time.")
    ] = 0,
    modules: Annotated[
        Texts, typer.Option("--module", metavar="NAME", help="Load a module first; may be given again.")
    ] = None,
    directives: Annotated[
        Texts,
        typer.Option("--sbatch", metavar="OPTION", help="A further option of sbatch: --sbatch=--qos=long."),
    ] = None,
    lines: Annotated[
        Texts,
        typer.Option("--line", metavar="SHELL", help="A line of shell before the run; may be given again."),
    ] = None,
    output: Annotated[
        Path | None, typer.Option("--output", "-o", help="Where the script is written; by default beside.")
    ] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Print the script, and submit nothing.")] = False,
) -> None:
    """Submit a sweep to Slurm as a job array, or a single run."""
    from bdg.store import write_text
    from bdg.studies.batch.slurm import Options, script_of
    from bdg.studies.batch.submission import job_of

    asked = Options(
        cpus=cpus,
        workers=workers,
        time=time,
        memory=memory,
        partition=partition,
        account=account,
        at_once=at_once,
        modules=modules or (),
        directives=directives or (),
        lines=lines or (),
    )
    if jobs < 0:
        raise InputError(f"--jobs {jobs}: give a number of at least 1, or 0 for jobs of an hour")
    if not dry_run and shutil.which("sbatch") is None:
        raise InputError(
            "sbatch is not on the PATH, this is no login node of Slurm; --dry-run prints the script"
        )
    job, beside = job_of(config, overrides or (), asked, folder=folder, jobs=jobs)
    script = script_of(job, asked)
    if dry_run and output is None:
        typer.echo(script, nl=False)
        return
    target = output or beside
    write_text(target, script, overwrite=True)
    Path(job.log).parent.mkdir(parents=True, exist_ok=True)  # Slurm does not make it
    typer.echo(f"wrote {target}")
    if not dry_run:
        typer.echo(_submitted(target))


def _submitted(script: Path) -> str:
    """What sbatch answers."""
    done = subprocess.run(["sbatch", str(script)], capture_output=True, text=True, check=False)
    if done.returncode:
        why = " ".join(done.stderr.split()) or f"exit code {done.returncode}"
        raise InputError(f"sbatch refused {script}: {why}")
    return done.stdout.strip()
