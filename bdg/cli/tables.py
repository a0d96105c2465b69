"""Tables on standard output: by rich for a person, plain for a pipe or a file."""

from __future__ import annotations

import sys
from collections.abc import Sequence

import typer

from bdg.words import aligned, printable


def show(header: Sequence[str], rows: Sequence[Sequence[str]], marked: Sequence[bool] = ()) -> None:
    """Print a table.

    Parameters
    ----------
    header, rows
        Cells as text.
    marked
        Of each row, whether a person is to see it first.
    """
    safe = [tuple(printable(cell) for cell in row) for row in rows]
    if not sys.stdout.isatty():
        typer.echo("\n".join(aligned([tuple(header), *safe])))
        return
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    table = Table(box=None, pad_edge=False, header_style="bold")
    for name in header:
        table.add_column(name, overflow="fold")
    for row, is_marked in zip(safe, marked or [False] * len(safe), strict=True):
        table.add_row(*map(Text, row), style="bold red" if is_marked else None)
    Console().print(table)
