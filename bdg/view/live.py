"""Pages that follow a run or a sweep: served on this machine alone, made again when there is news."""

from __future__ import annotations

import html
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Lock

from bdg.errors import BdgError
from bdg.simulation.checkpointing import belongs_to_a_later_run, checkpoint_path
from bdg.simulation.underway import result_so_far
from bdg.store import read
from bdg.view.contents import Contents, contents_of
from bdg.view.document import page
from bdg.view.folders import contents_of_study
from bdg.words import counted

HERE = "127.0.0.1"

STAMP = "stamp"
"""Where a page asks whether there is something new."""

WAITING = """<!doctype html><meta charset="utf-8"><meta http-equiv="refresh" content="2"><title>bdg</title>
<p style="font: 16px system-ui, sans-serif; margin: 3em">{reason}; this page waits.</p>"""


@dataclass
class Followed:
    """The page of a file or folder as it is now.

    Parameters
    ----------
    path
        The file that a run writes or will write, or the folder of a study.
    only
        Names of the quantities to show; without them, all.
    """

    path: Path
    only: Sequence[str] = ()
    _made: tuple[str, str] | None = field(default=None, init=False)
    _lock: Lock = field(default_factory=Lock, init=False)

    def stamp(self) -> str:
        """A text that is another one as soon as there is something new."""
        files = [self.path, checkpoint_path(self.path)]
        if self.path.is_dir():
            files = sorted(self.path.glob("index*.jsonl"))
        known = []
        for file in files:
            try:
                facts = file.stat()
            except OSError:
                continue
            known.append(f"{file.name} {facts.st_mtime_ns} {facts.st_size}")
        return "; ".join(known)

    def text(self) -> str:
        """The page, made again if there is something new; until there is anything, one that waits."""
        with self._lock:
            stamp = self.stamp()
            if self._made is None or self._made[0] != stamp:
                try:
                    self._made = stamp, page(self._contents(), stamp=stamp)
                except BdgError as error:  # there is nothing yet, or it is just being replaced
                    return WAITING.format(reason=html.escape(str(error).rstrip(".")))
            return self._made[1]

    def _contents(self) -> Contents:
        if self.path.is_dir():
            return contents_of_study(self.path, self.only)
        checkpoint = checkpoint_path(self.path)
        if self.path.exists():
            result = read(self.path)
            if not (checkpoint.exists() and belongs_to_a_later_run(checkpoint, result.provenance.created)):
                return contents_of(result, self.only)
        so_far = result_so_far(self.path)
        made = counted(len(so_far.history), "iteration")
        return replace(contents_of(so_far), remarks=(f"Under way: {made}, residual {so_far.residual:.1e} t",))


def serve(
    path: Path, only: Sequence[str] = (), *, port: int = 0, ready: Callable[[ThreadingHTTPServer], None]
) -> None:
    """Serve the page of a file or folder to browsers on this machine, until the server is shut down.

    Parameters
    ----------
    path, only
        As for :class:`Followed`.
    port
        Of this machine; 0 for any that is free.
    ready
        Called with the server before it takes the first request.

    Raises
    ------
    OSError
        If the port is taken.
    """
    followed = Followed(path, only)

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            host = (self.headers.get("Host") or "").rsplit(":", 1)[0]
            known = {"/": followed.text, f"/{STAMP}": followed.stamp}
            if host not in (HERE, "localhost") or self.path not in known:
                self.send_error(404)
                return
            text = known[self.path]().encode()
            self.send_response(200)
            self.send_header("Content-Type", f"text/{'html' if self.path == '/' else 'plain'}; charset=utf-8")
            self.send_header("Content-Length", str(len(text)))
            self.send_header("Cache-Control", "no-store")
            self.end_headers()
            self.wfile.write(text)

        def log_message(self, format: str, *args: object) -> None:
            """Nothing: what is asked for every two seconds is no news."""

    with ThreadingHTTPServer((HERE, port), Handler) as server:
        ready(server)
        server.serve_forever()
