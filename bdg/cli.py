"""The command line. Heavy imports wait inside the commands, so that ``bdg --help`` is quick."""

from __future__ import annotations

import re
import sys
import warnings
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from bdg.errors import BdgError, FileRefused, InputError, Stopped
from bdg.terminal import make_streams_forgiving, what_was_not_printed
from bdg.theory_command import app as theory
from bdg.theory_command.options import number, whole
from bdg.words import counted

if TYPE_CHECKING:
    from bdg.hooks import Hooks
    from bdg.result import Result
    from bdg.signals import SignalTrap

app = typer.Typer(
    help="Self-consistent Bogoliubov-de Gennes simulations on a lattice: YAML in, HDF5 out.",
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)

app.add_typer(theory, name="theory")

Overrides = Annotated[
    list[str] | None,
    typer.Option(
        "--set",
        metavar="KEY=VALUE",
        help="Replace a value of the configuration, for example scf.tolerance=1e-10.",
    ),
]
ConfigFile = Annotated[Path, typer.Argument(help="The configuration, a YAML file.")]
ResultFile = Annotated[Path, typer.Argument(help="The HDF5 file a run left.")]
Quiet = Annotated[bool, typer.Option("--quiet", help="Print nothing but errors.")]

# The base of all that is wrong with a command line; typer names only this one of its children.
_UsageError: Any = typer.BadParameter.__mro__[1]


def _version(wanted: bool) -> None:
    if wanted:
        from bdg._version import __version__

        typer.echo(f"bdg {__version__}")
        raise typer.Exit


@app.callback(invoke_without_command=True)
def options(
    context: typer.Context,
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version.")
    ] = False,
) -> None:
    """Self-consistent Bogoliubov-de Gennes simulations on a lattice: YAML in, HDF5 out."""
    if context.invoked_subcommand is None:
        typer.echo(context.get_help())


@app.command()
def init(
    file: Annotated[Path, typer.Argument(help="Where to write it.")] = Path("bdg.yaml"),
) -> None:
    """Write a commented configuration to start from."""
    from bdg.config import TEMPLATE
    from bdg.store import write_text

    if file.suffix not in (".yaml", ".yml"):
        raise InputError(f"{file}: a configuration is YAML; give a name that ends in .yaml")
    if file.exists():
        raise FileRefused(f"{file}: exists already; name another file")
    write_text(file, TEMPLATE)
    typer.echo(f"wrote {file}; now: bdg run {file}")


@contextmanager
def _watched(*, quiet: bool) -> Iterator[tuple[SignalTrap, Hooks]]:
    """What a run shows, and the signals it obeys."""
    from bdg.progress import Console
    from bdg.signals import SignalTrap

    with SignalTrap(is_final=True) as trap, Console(quiet=quiet) as console:
        yield (
            trap,
            replace(
                console.hooks(),
                stop=trap.caught,
                keep=trap.keep,
                interrupt=trap.interrupt,
                measuring=trap.hurry,
                rescue=trap.rescue,
            ),
        )


@app.command()
def run(
    config: ConfigFile,
    overrides: Overrides = None,
    overwrite: Annotated[bool, typer.Option("--overwrite", help="Replace an existing output.")] = False,
    quiet: Quiet = False,
) -> None:
    """Run a configuration and write its HDF5 file."""
    from bdg.run import run_file

    with _watched(quiet=quiet) as (trap, hooks):
        result, output = run_file(config, overrides or (), overwrite=overwrite, hooks=hooks)
    _report(result, output, trap.number, quiet=quiet)


@app.command()
def resume(
    file: Annotated[Path, typer.Argument(help="OUTPUT or OUTPUT.checkpoint.")],
    overrides: Overrides = None,
    quiet: Quiet = False,
) -> None:
    """Go on with a run that was stopped or did not converge."""
    from bdg.run import resume_file

    with _watched(quiet=quiet) as (trap, hooks):
        result, output = resume_file(file, overrides or (), hooks=hooks)
    _report(result, output, trap.number, quiet=quiet)


@app.command()
def validate(config: ConfigFile, overrides: Overrides = None) -> None:
    """Check a configuration without running it: every problem is a line."""
    from bdg.errors import ConfigError
    from bdg.validation import checked_sample

    try:
        sample = checked_sample(config, overrides or ())
    except ConfigError as error:
        for problem in error.each[:-1]:
            print(f"bdg: {problem}", file=sys.stderr)
        raise error.each[-1] from None
    for line in sample.cell.warnings:
        typer.echo(f"warning: {line}", err=True)
    typer.echo(f"{config}: fine; {counted(sample.n_sites, 'site')}, {counted(sample.n_bonds, 'bond')}")


@app.command()
def crosscheck(config: ConfigFile, overrides: Overrides = None) -> None:
    """Run a configuration on every solver, look at its state otherwise, and compare."""
    from bdg.config import load_config
    from bdg.crosscheck import differences, run_all, slopes, state_of, views_compared
    from bdg.errors import NumericalError

    checked, source = load_config(config, overrides or ())
    runs = run_all(checked, source)
    for entry in runs:
        if entry.result is None:
            typer.echo(f"{entry.method:20} cannot: {entry.reason}")
            continue
        turns, residual = len(entry.result.history), entry.result.residual
        ended = f"{entry.result.status} in {counted(turns, 'iteration')}, residual {residual:.1e} t"
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


@app.command()
def bench(
    names: Annotated[list[str] | None, typer.Argument(help="Which; without names, all.")] = None,
    json: Annotated[Path | None, typer.Option("--json", help="Write the tables there.")] = None,
    large: Annotated[bool, typer.Option("--large", help="Run what is extrapolated otherwise.")] = False,
) -> None:
    """Measure how fast and how exact this machine does it."""
    from bdg.bench import bench as measure

    measure(names or [], json, large)


@app.command()
def schema() -> None:
    """Print the JSON schema of configurations, for editors."""
    import json

    from bdg.config import json_schema

    typer.echo(json.dumps(json_schema(), indent=2, ensure_ascii=False))


@app.command()
def info(file: ResultFile) -> None:
    """Say what is in a result."""
    from bdg.store import summary

    typer.echo(summary(file))


def _with_or_without_unit(text: str) -> str:
    """A number, or what may be one with a unit, as it is written."""
    from bdg.config.quantities import QUANTITY

    if not QUANTITY.fullmatch(text):
        number(text)
    return text


@app.command()
def check(file: Annotated[Path, typer.Argument(help="A result or a checkpoint.")]) -> None:
    """Read all of a file and say whether it is whole."""
    from bdg.upkeep import check as examine

    whole, *remarks = examine(file)
    typer.echo("\n".join([f"{file}: {whole}", *(f"  {line}" for line in remarks)]))


@app.command()
def rerun(file: ResultFile, quiet: Quiet = False) -> None:
    """Repeat a run from what its file holds, and compare."""
    from bdg.errors import NumericalError
    from bdg.progress import Console
    from bdg.upkeep import rerun as repeat

    with Console(quiet=quiet) as console:
        _, rows = repeat(file, console.hooks())
    typer.echo(f"{'quantity':28} {'difference':>10}  {'allowed':>8}  units")
    for row in rows:
        typer.echo(f"{row.name:28} {row.difference:10.1e}  {row.allowed:8.1e}  {row.units}")
    apart = [row.name for row in rows if not row.agrees]
    if apart:
        raise NumericalError(f"{file}: {', '.join(apart)} did not come out again; compare bdg info: versions")
    typer.echo(f"{file}: comes out again")


@app.command()
def doctor() -> None:
    """Say what this installation has and lacks, and check its numbers against theory (ten seconds)."""
    from bdg.errors import NumericalError
    from bdg.upkeep import examine

    wrong = []
    for finding in examine():
        typer.echo(f"{finding.topic:34} {finding.text}{finding.advice and f'; {finding.advice}'}")
        wrong += [finding.topic] if finding.is_wrong else []
    if wrong:
        raise NumericalError(f"wrong numbers by {', '.join(wrong)}: results cannot be trusted here")
    typer.echo("all is well")


@app.command()
def plot(
    file: ResultFile,
    quantity: Annotated[
        str | None, typer.Argument(help="What to draw; without it, one page with all there is.")
    ] = None,
    energy: Annotated[
        str | None,
        typer.Option(
            "--energy",
            metavar="E",
            parser=_with_or_without_unit,
            help="A map at this energy: a number in t, or 5 meV where the result has units.",
        ),
    ] = None,
    site: Annotated[
        list[str] | None,
        typer.Option("--site", metavar="X,Y", help="The spectrum at this site; may be given again."),
    ] = None,
    line: Annotated[
        str | None, typer.Option("--line", metavar="X,Y:X,Y", help="A cut from one site to another.")
    ] = None,
    output: Annotated[
        Path | None, typer.Option("--output", "-o", help="PNG, PDF or SVG; by default beside the file.")
    ] = None,
    dpi: Annotated[
        int, typer.Option("--dpi", metavar="N", parser=whole, help="Pixels an inch, of a PNG.")
    ] = 150,
) -> None:
    """Draw a result."""
    from bdg import plot as drawing
    from bdg.store import load

    result = load(file)
    sites = None if not site else [_site(result, "--site", place) for place in site]
    ends = None if line is None else _ends(result, line)
    at = None if energy is None else _energy(result, energy)
    figure = drawing.plot(result, quantity, energy=at, sites=sites, line=ends)
    target = output or file.with_name(f"{_figure_name(file.stem, quantity, at, site, line)}.png")
    drawing.save_figure(figure, target, dpi=dpi)
    typer.echo(f"wrote {target}")


def _figure_name(
    stem: str, quantity: str | None, energy: float | None, sites: list[str] | None, line: str | None
) -> str:
    """A name of its own for every figure of a result: ``q``, ``q_ldos_at_0.5``, ``q_site_12_12``."""
    parts = [stem] if quantity is None else [stem, quantity]
    parts += [] if energy is None else [f"at_{energy:g}"]
    parts += ["site", *sites] if sites else []
    parts += ["line", *line.split(":")] if line else []
    return "_".join("_".join(part.replace(",", " ").split()) for part in parts)


def _energy(result: Result, text: str) -> float:
    """The energy ``0.6``, in t, or ``5 meV``."""
    from bdg.config.dimensions import ENERGY, UnitError
    from bdg.config.quantities import decimal

    try:
        given = ENERGY.number(text, None if result.units is None else decimal(result.units.energy))
    except UnitError as error:
        raise InputError(f"--energy {text}: {error.text}; {error.hint}") from None
    return number(text) if given is None else given


def _ends(result: Result, text: str) -> tuple[int, int]:
    """The two sites of ``0,12:23,12``."""
    ends = text.split(":")
    if len(ends) != 2:
        raise InputError(f"--line {text}: give two sites with a colon between them, 0,12:23,12 for example")
    return _site(result, "--line", ends[0]), _site(result, "--line", ends[1])


def _site(result: Result, option: str, text: str) -> int:
    """Index of the site ``12,12``."""
    try:
        place = [int(part) for part in text.split(",")]
    except ValueError:
        raise InputError(f"{option} {text}: give the cell of a site, 12,12 for example") from None
    return result.sample.site_at(place)


def main() -> None:
    """Entry point: every error is one line on standard error, and its exit code says of which kind it is."""
    make_streams_forgiving()
    warnings.showwarning = _show_warning  # type: ignore[assignment]
    try:
        # Left alone, typer would print usage errors over several lines.
        code = app(prog_name="bdg", standalone_mode=False)
        if (reason := what_was_not_printed()) is not None:
            print(f"bdg: standard output took only a part ({reason})", file=sys.stderr)
        sys.exit(code)
    except BdgError as error:
        _fail(str(error), error.exit_code)
    except _UsageError as error:
        _fail(_in_a_line(error), 2)
    except MemoryError:
        _fail("out of memory; make the sample smaller", 5)
    except (ImportError, OSError) as error:
        if not any(
            text in str(error).lower() for text in ("cannot allocate memory", "failed to map segment")
        ):
            raise
        reason = " ".join(str(error).split())
        _fail(f"out of memory while a library was loaded ({reason}); raise the limit (ulimit -v)", 5)
    except (KeyboardInterrupt, typer.Abort):
        _fail("stopped", 130)


def _in_a_line(error: Any) -> str:
    """What is wrong with the command line, and where it says what would do."""
    command = "bdg" if error.ctx is None else error.ctx.command_path
    text = " ".join(error.format_message().split()).rstrip(".").replace(". Did you mean", "; did you mean")
    text = re.sub(r" \(Possible options: (.+)\)$", r"; did you mean \1?", text)
    return f"{text[:1].lower()}{text[1:]}{'' if text.endswith('?') else ';'} see {command} --help"


def _show_warning(message: Warning | str, *place: Any) -> None:
    """A warning in a line, without the place in the code."""
    print(f"bdg: warning: {message}", file=sys.stderr)


def _fail(message: str, code: int) -> None:
    print(f"bdg: {message}", file=sys.stderr)
    sys.exit(code)


def _report(result: Result, output: Path, signal_number: int | None, *, quiet: bool) -> None:
    """Say how a run ended; raise what its exit code needs."""
    from bdg.errors import NotConverged, NumericalError
    from bdg.run import checkpoint_path
    from bdg.scf.history import by_way_of

    made = len(result.history)
    turns, residual = counted(made, "iteration"), f"residual {result.residual:.1e} t"
    checkpoint = checkpoint_path(output)
    for line in () if quiet or result.status == "broken" else result.warnings:
        typer.echo(f"warning: {line}", err=True)
    if result.status == "stopped":
        assert signal_number is not None
        raise Stopped(f"stopped after {turns}; go on with: bdg resume {checkpoint}", signal_number)
    if result.status == "not_converged":
        last, advice = result.history[-1], f"bdg resume {checkpoint} --set scf.max_iterations={2 * made}"
        if result.temperature == 0 and last.filling_error > last.residual_delta:
            advice = "a temperature above 0: at T = 0 the density of a finite sample jumps with mu"
        raise NotConverged(
            f"{output}: not converged after {turns}, {residual}, tolerance {result.tolerance:.0e};"
            f" go on with: {advice}"
        )
    if result.status == "broken":
        raise NumericalError(
            f"{output}: numerical failure, {result.warnings[0] if result.warnings else 'NaN or infinity'};"
            " the last good fields are kept; check the input values or lower scf.damping"
        )
    if not quiet:
        if result.starts:
            best = result.starts[0]
            left = ", a saddle; the state lies below it" if result.left_saddle and best.is_saddle else ""
            typer.echo(f"best of {len(result.starts)} starts: {best.name}{left}")
        typer.echo(f"converged in {turns}, {residual}{by_way_of(result.left_saddle)}")
        typer.echo(f"wrote {output}; now: bdg plot {output}")
    if result.failures:
        _report_failures(result.failures, output)


def _report_failures(failures: Mapping[str, BdgError], output: Path) -> None:
    """Raise the error of the first observable that failed, which says where all else is."""
    from bdg.run import checkpoint_path

    name, error = next(iter(failures.items()))
    others = f" (and {', '.join(list(failures)[1:])})" if len(failures) > 1 else ""
    failed = BdgError(
        f"{name} failed{others}: {error}; all else is in {output},"
        f" to measure again: bdg resume {checkpoint_path(output)}"
    )
    failed.exit_code = error.exit_code
    raise failed
