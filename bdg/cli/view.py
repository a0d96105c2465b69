"""The command that writes a page to look at."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from bdg.cli.theory.options import whole
from bdg.errors import ResourceError

if TYPE_CHECKING:
    from http.server import ThreadingHTTPServer


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
    live: Annotated[
        bool, typer.Option("--live", help="Serve it on this machine, and follow a run or a sweep.")
    ] = False,
    port: Annotated[
        int, typer.Option("--port", metavar="N", parser=whole, help="Of --live; 0 for any that is free.")
    ] = 0,
) -> None:
    """Write one HTML page to look at a result or a study."""
    from bdg.view import write_page

    if live:
        return _follow(file, quantity or (), port, show=show)
    target = output or _beside(file)
    write_page(file, target, quantity or ())
    typer.echo(f"wrote {target}, {target.stat().st_size / 1e6:.2g} MB")
    if show:
        typer.launch(str(target.resolve()))


def _follow(path: Path, only: Sequence[str], port: int, *, show: bool) -> None:
    """Serve a page until Ctrl-C."""
    from bdg.view.live import serve

    def ready(server: ThreadingHTTPServer) -> None:
        address = f"http://127.0.0.1:{server.server_address[1]}/"
        typer.echo(f"{address} follows {path}; end with Ctrl-C")
        if show:
            typer.launch(address)

    try:
        serve(path, only, port=port, ready=ready)
    except KeyboardInterrupt:
        return
    except OSError as error:
        raise ResourceError(f"port {port} of this machine: {error.strerror}; give another --port") from None


def _beside(file: Path) -> Path:
    """``gap.html`` beside ``gap.h5``; of a study, ``view.html`` in its folder."""
    return file / "view.html" if file.is_dir() else file.with_suffix(".html")
