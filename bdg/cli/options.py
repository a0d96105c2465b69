"""Arguments and options that several commands take."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from bdg.cli.theory.options import whole

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
Workers = Annotated[
    int, typer.Option("--workers", metavar="N", parser=whole, help="How many of them; 0 for one a core.")
]
Scheduler = Annotated[str, typer.Option("--scheduler", metavar="ADDRESS", help="Of a Dask scheduler.")]
SharedBy = Annotated[
    str,
    typer.Option(
        "--executor",
        help="local, dask or mpi: processes that share the work on the one system; by default threads do.",
    ),
]
Log = Annotated[
    Path | None,
    typer.Option(
        "--log", metavar="FILE", help="Append what happens to FILE, as JSON lines: every iteration and stage."
    ),
]
