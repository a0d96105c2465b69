"""Commands on several results: in what two differ, and tables of many."""

from __future__ import annotations

import math
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from bdg.cli.tables import show
from bdg.cli.theory.options import number
from bdg.errors import BdgError, InputError
from bdg.words import counted

if TYPE_CHECKING:
    from bdg.records import Diff, StudyDiff
    from bdg.records.listing import Listing
    from bdg.records.values import ValueDifference

FilesOrPatterns = Annotated[
    list[str], typer.Argument(metavar="FILE...", help="Results, patterns in quotes, folders, studies.")
]

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
    """Compare two results or studies; exit code 1 if they differ."""
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


def cite(
    file: Annotated[Path, typer.Argument(help="The HDF5 file a run left.")],
) -> None:
    """Print the papers behind what a run used."""
    from bdg.records.citations import citations
    from bdg.store import load

    result = load(file)
    version = result.provenance.versions.get("bdg", "")
    typer.echo(f"bdg {version}, self-consistent Bogoliubov-de Gennes simulations on a lattice (CITATION.cff)")
    for what, papers in citations(result).items():
        typer.echo(f"\n{what}")
        typer.echo("\n".join(f"  {paper}" for paper in papers))


def list_results(
    files: FilesOrPatterns,
    columns: Annotated[
        str,
        typer.Option(
            "--columns",
            metavar="NAME,…",
            help="Keys of the configuration, quantities (NAME.mean, .min, .max, .error), facts of the run.",
        ),
    ] = "",
    where: Annotated[
        str | None,
        typer.Option("--where", metavar="CONDITION", help='Rows to show: "converged and temperature < 0.1".'),
    ] = None,
    sort: Annotated[
        str | None,
        typer.Option("--sort", metavar="NAME", help="By a column or formula; -NAME the largest first."),
    ] = None,
    as_csv: Annotated[bool, typer.Option("--csv", help="Comma-separated, every digit.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="A list of JSON objects.")] = False,
) -> None:
    """Print a table of results."""
    from bdg.records.listing import files_of, listing

    if as_csv and as_json:
        raise InputError("--csv and --json are both given; keep one")
    names = [name.strip() for name in columns.split(",") if name.strip()]
    table = listing(files_of(files), names, where=where, sort=sort)
    if as_json:
        _print_json(table)
    elif as_csv:
        _print_csv(table)
    else:
        _print_table(table)


def _print_table(table: Listing) -> None:
    from bdg.records.listing import as_cell

    units = {name: "" if unit == "1" else f" ({unit})" for name, unit in table.units.items()}
    header = [name + units[name] for name in table.columns]
    rows = [
        (row.status.replace("_", " "), row.file, *(as_cell(row.values.get(name)) for name in table.columns))
        for row in table.records
    ]
    show(("status", "file", *header), rows, [row.status != "converged" for row in table.records])


def _print_csv(table: Listing) -> None:
    import csv
    import io

    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(["status", "file", *table.columns])
    for row in table.records:
        cells = (row.values.get(name) for name in table.columns)
        writer.writerow([row.status, row.file, *("" if cell is None else cell for cell in cells)])
    typer.echo(text.getvalue(), nl=False)


def _print_json(table: Listing) -> None:
    import json

    rows = [
        {"status": row.status, "file": row.file}
        | {name: _finite(row.values.get(name)) for name in table.columns}
        for row in table.records
    ]
    typer.echo(json.dumps(rows, indent=2, ensure_ascii=False, default=str))


def _finite(value: Any) -> Any:
    """JSON has no NaN."""
    return None if isinstance(value, float) and not math.isfinite(value) else value


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
