"""The command that writes a page to look at."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer


def view(
    file: Annotated[Path, typer.Argument(metavar="FILE|DIR", help="A result, or the folder of a study.")],
    quantity: Annotated[
        list[str] | None,
        typer.Argument(metavar="QUANTITY", help="What the page shows; without it, all there is."),
    ] = None,
    output: Annotated[
        Path | None, typer.Option("--output", "-o", help="The HTML file; by default beside the result.")
    ] = None,
    show: Annotated[bool, typer.Option("--open", help="Open it in the browser.")] = False,
) -> None:
    """Write one HTML page to look at a result or a study."""
    from bdg.view import write_page

    target = output or _beside(file)
    write_page(file, target, quantity or ())
    typer.echo(f"wrote {target}, {target.stat().st_size / 1e6:.2g} MB")
    if show:
        typer.launch(str(target.resolve()))


def _beside(file: Path) -> Path:
    """``gap.html`` beside ``gap.h5``; of a study, ``view.html`` in its folder."""
    return file / "view.html" if file.is_dir() else file.with_suffix(".html")
