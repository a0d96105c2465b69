"""The entry point: every error is one line, and its exit code says of which kind it is."""

from __future__ import annotations

import atexit
import gc
import re
import sys
import warnings
from typing import Any

import typer

from bdg.cli.app import app
from bdg.errors import BdgError, ResourceError
from bdg.terminal import make_streams_forgiving, what_was_not_printed

# The base of all that is wrong with a command line; typer names only this one of its children.
_UsageError: Any = typer.BadParameter.__mro__[1]

NO_MEMORY = ("cannot allocate memory", "failed to map segment", "could not find/load shared object")
"""What the loader and, of a library of its own, llvmlite say where there is no room for it."""

GARBAGE_THRESHOLD = 20_000
"""Objects after which Python looks for cycles: loading the libraries makes 600,000, none of them garbage."""

LEAST_ADDRESSES = 1 << 29
"""Bytes of addresses that loading the libraries takes; with less OpenBLAS may wait for ever."""


def main() -> None:
    """Entry point: every error is one line on standard error, and its exit code says of which kind it is."""
    gc.set_threshold(GARBAGE_THRESHOLD)
    atexit.register(
        gc.freeze
    )  # memory goes back as a whole: no look through all that is there before the end
    make_streams_forgiving()
    warnings.showwarning = _show_warning  # type: ignore[assignment]
    try:
        _require_addresses()
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
        if not any(text in str(error).lower() for text in NO_MEMORY):
            raise
        reason = " ".join(str(error).split())
        _fail(f"out of memory while a library was loaded ({reason}); raise the limit (ulimit -v)", 5)
    except (KeyboardInterrupt, typer.Abort):
        _fail("stopped", 130)


def _require_addresses() -> None:
    """Refuse a limit on addresses (ulimit -v) that does not even hold the libraries."""
    try:
        import resource
    except ImportError:  # no such limits on this system
        return
    limit = resource.getrlimit(resource.RLIMIT_AS)[0]
    if limit != resource.RLIM_INFINITY and limit < LEAST_ADDRESSES:
        have, least = limit >> 20, LEAST_ADDRESSES >> 20
        raise ResourceError(
            f"out of memory: {have} MiB of addresses do not hold the libraries; allow {least} (ulimit -v)"
        )


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
