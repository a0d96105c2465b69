"""Commands on several results: in what two differ, and tables of many."""

from __future__ import annotations

import math
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from bdg.cli.tables import show
from bdg.cli.theory.options import number
from bdg.errors import BdgError, InputError
from bdg.words import counted

if TYPE_CHECKING:
    from bdg.records import Diff, StudyDiff
    from bdg.records.values import ValueDifference

SAME, DIFFERENT, CANNOT = 0, 1, 2
"""Exit codes of ``bdg diff``, those of diff(1)."""


def diff(
    first: Annotated[Path, typer.Argument(metavar="A", help="A result, or the folder of a study.")],
    second: Annotated[Path, typer.Argument(metavar="B", help="Another one.")],
    tolerance: Annotated[
        float | None,
        typer.Option(
            "--tolerance",
            metavar="R",
            parser=number,
            help="Differences up to R times the largest value are none; by default, what the errors allow.",
        ),
    ] = None,
    defaults: Annotated[
        bool, typer.Option("--defaults", help="Name also keys that nobody gave in either.")
    ] = False,
    values_only: Annotated[
        bool, typer.Option("--values-only", help="Compare what was found, not what was asked for.")
    ] = False,
) -> None:
    """Compare two results or studies: 0 if they are the same, 1 if not, 2 if that cannot be said."""
    try:
        is_same = _differ(first, second, tolerance, defaults=defaults, values_only=values_only)
    except BdgError as error:
        error.exit_code = CANNOT
        raise
    raise typer.Exit(SAME if is_same else DIFFERENT)


def _differ(first: Path, second: Path, tolerance: float | None, *, defaults: bool, values_only: bool) -> bool:
    """Show in what two results or studies differ; whether they do not."""
    from bdg.records import diff as compare
    from bdg.records import diff_studies

    if first.is_dir() != second.is_dir():
        folder, file = (first, second) if first.is_dir() else (second, first)
        raise InputError(f"{folder} is a folder and {file} is none; give two results, or two studies")
    if first.is_dir():
        studies = diff_studies(first, second, tolerance=tolerance)
        _show_studies(studies)
        return studies.is_same
    results = compare(first, second, tolerance=tolerance, defaults=defaults)
    _show_results(results, values_only=values_only)
    return results.has_same_values if values_only else results.is_same


def _show_results(found: Diff, *, values_only: bool) -> None:
    ends = zip("AB", found.names, found.status, found.iterations, found.residuals, strict=True)
    for letter, name, status, iterations, residual in ends:
        told = f"{status.replace('_', ' ')} in {counted(iterations, 'iteration')}"
        typer.echo(f"{letter}: {name}, {told}, residual {residual:.1e} t")
    if found.settings and not values_only:
        typer.echo("")
        show(("key", "A", "B"), [(row.key, *row.shown()) for row in found.settings])
    typer.echo("")
    header = ("quantity", "difference", "relative", "errors", "allowed", "units", "")
    show(header, [_row(row) for row in found.values], [not row.is_same for row in found.values])
    typer.echo("")
    is_same = found.has_same_values if values_only else found.is_same
    typer.echo("the same" if is_same else f"different: {str(found).partition(': ')[2]}")


def _row(row: ValueDifference) -> tuple[str, ...]:
    """Largest difference; as a share of the largest value, and of the stated errors; what is allowed."""
    comparable = math.isfinite(row.largest)
    return (
        row.name,
        f"{row.largest:.2e}" if comparable else "-",
        f"{row.relative:.1e}" if comparable else "-",
        f"{row.in_errors:.3g}" if comparable and row.error else "-",
        f"{row.allowed:.1e}",
        "" if row.units == "1" else row.units,
        "; ".join(part for part in ("" if row.is_same else "differs", row.note) if part),
    )


def _show_studies(found: StudyDiff) -> None:
    typer.echo(f"A: {found.names[0]}\nB: {found.names[1]}\n")
    rows = []
    for point in found.differing:
        values = () if point.diff is None else point.diff.differing
        worst = max(
            values, key=lambda row: row.largest / row.allowed if row.allowed else math.inf, default=None
        )
        ended = "" if point.diff is None else " and ".join(dict.fromkeys(point.diff.status)).replace("_", " ")
        largest = "" if worst is None else f"{worst.largest:.2e}"
        rows.append((point.point, point.missing or ended, "" if worst is None else worst.name, largest))
    if rows:
        show(("point", "status", "differs most", "by"), rows)
        typer.echo("")
    typer.echo(
        f"{counted(len(found.points), 'point')}: " + ("the same" if not rows else f"{len(rows)} differ")
    )
