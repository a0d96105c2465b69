"""Commands on a configuration that has not run: write one, check it, compare ways to solve it."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer

from bdg.cli.options import ConfigFile, Overrides
from bdg.errors import FileRefusedError, InputError, NumericalError
from bdg.words import counted


def init(
    file: Annotated[Path, typer.Argument(help="Where to write it.")] = Path("bdg.yaml"),
) -> None:
    """Write a commented configuration to start from."""
    from bdg.config import template
    from bdg.store import write_text

    if file.suffix not in (".yaml", ".yml"):
        raise InputError(f"{file}: a configuration is YAML; give a name that ends in .yaml")
    if file.exists():
        raise FileRefusedError(f"{file}: exists already; name another file")
    write_text(file, template())
    typer.echo(f"wrote {file}; now: bdg run {file}")


def validate(config: ConfigFile, overrides: Overrides = None) -> None:
    """Check a configuration: every problem is a line."""
    from bdg.errors import ConfigError
    from bdg.simulation.validation import checked_model

    try:
        model = checked_model(config, overrides or ())
    except ConfigError as error:
        for problem in error.each[:-1]:
            print(f"bdg: {problem}", file=sys.stderr)
        raise error.each[-1] from None
    sample = model.sample
    for line in (*sample.cell.warnings, *model.warnings):
        typer.echo(f"warning: {line}", err=True)
    points = _points(config, overrides or ())
    counts = [counted(sample.n_sites, "site"), counted(sample.n_bonds, "bond")]
    counts += [points] if points else []
    typer.echo(f"{config}: fine; {', '.join(counts)}")


def _points(config: Path, overrides: Sequence[str]) -> str:
    """How many points a sweep has, each value of its keys checked; empty without a sweep."""
    from bdg.config import load_config

    if load_config(config, overrides)[0].sweep is None:
        return ""
    from bdg.studies import study_of
    from bdg.studies.plan.planning import grows

    study = study_of(config, overrides)
    more = " to begin with" if grows(study.recipe.sweep) else ""
    return counted(len(study.points), "point") + more


def schema() -> None:
    """Print the JSON schema of configurations, for editors."""
    import json

    from bdg.config import json_schema

    typer.echo(json.dumps(json_schema(), indent=2, ensure_ascii=False))


def crosscheck(config: ConfigFile, overrides: Overrides = None) -> None:
    """Compare solvers, and the state seen in other ways."""
    from bdg.config import load_config
    from bdg.crosscheck import differences, run_all, slopes, state_of, views_compared

    checked, source = load_config(config, overrides or ())
    runs = run_all(checked, source)
    for entry in runs:
        if entry.result is None:
            typer.echo(f"{entry.method:20} cannot: {entry.reason}")
            continue
        iterations, residual = len(entry.result.history), entry.result.residual
        ended = f"{entry.result.status} in {counted(iterations, 'iteration')}, residual {residual:.1e} t"
        typer.echo(f"{entry.method:20} {ended}, {entry.seconds:.1f} s")
    results = {entry.method: entry.result for entry in runs if entry.result is not None}
    first, *others = results
    state = state_of(checked, source, results[first])
    rows = [*differences(runs), *views_compared(state, others), *slopes(state)]
    heads = f"{'difference':>10}  {'allowed':>8}  {'largest value':>13}  units"
    typer.echo(f"\n{'against the first':24} {'quantity':20} {heads}")
    for row in rows:
        numbers = f"{row.largest:10.1e}  {row.allowed:8.0e}  {row.scale:13.6g}  {row.units}"
        typer.echo(f"{row.method:24} {row.quantity:20} {numbers}{'' if row.agrees else '   <- disagrees'}")
    apart = [f"{row.quantity} ({row.method})" for row in rows if not row.agrees]
    if apart:
        raise NumericalError(f"{len(apart)} of {len(rows)} comparisons disagree: {', '.join(apart)}")
    typer.echo(f"\nall {len(rows)} agree")
