"""A page that is served while a block runs."""

from __future__ import annotations

import queue
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from http.server import ThreadingHTTPServer
from pathlib import Path

from bdg.view.live import serve


@contextmanager
def served(path: Path, only: Sequence[str] = ()) -> Iterator[str]:
    """The address of the page of a file or folder."""
    begun: queue.Queue[ThreadingHTTPServer] = queue.Queue()
    thread = threading.Thread(target=serve, args=(path, only), kwargs={"ready": begun.put})
    thread.start()
    server = begun.get(timeout=30)
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}/"
    finally:
        server.shutdown()
        thread.join(30)
