"""The command line reference, from the commands themselves."""

from __future__ import annotations

import inspect
from collections.abc import Iterator
from typing import Any

from typer.main import get_command

from bdg.cli import app
from docs.generators.markdown import code, prose, table

INTRODUCTION = """# Command line

Every command takes `--help`. An error is one line on standard error, and the exit code says of which kind
it is: 0 converged or done, 1 internal error, 2 bad input, 3 not converged, 4 numerical failure, 5 out of
memory or disk, 6 file busy, damaged or refused, 128 + n ended by signal n.

"""


def pages() -> dict[str, str]:
    """One page for all commands."""
    parts = [_command(name, command, 2) for name, command in _visible(get_command(app), "bdg")]
    return {"commands": INTRODUCTION + "\n".join(parts)}


def _visible(group: Any, prefix: str) -> Iterator[tuple[str, Any]]:
    for name, command in group.commands.items():
        if not command.hidden:
            yield f"{prefix} {name}", command


def _command(name: str, command: Any, level: int) -> str:
    nested = getattr(command, "commands", None)
    usage = (
        f"{name} COMMAND"
        if nested
        else " ".join([name, *command.collect_usage_pieces(_context(command, name))])
    )
    text = (
        f"{'#' * level} {name}\n\n{prose(inspect.cleandoc(command.help or ''))}\n\n```text\n{usage}\n```\n\n"
    )
    if nested:
        return text + "\n".join(_command(*one, level + 1) for one in _visible(command, name))
    return text + table(["", "", "default"], (_parameter(one) for one in command.params)) + "\n"


def _context(command: Any, name: str) -> Any:
    return command.make_context(name, [], resilient_parsing=True)


def _parameter(one: Any) -> tuple[str, str, str]:
    is_option = one.param_type_name == "option"
    names = (
        ", ".join([*one.opts, *one.secondary_opts]) if is_option else (one.metavar or one.name).strip("{}")
    )
    value = f" {one.metavar}" if is_option and one.metavar and not getattr(one, "is_flag", False) else ""
    default = one.default() if callable(one.default) else one.default
    shown = "" if default in (None, "", (), [], False) or one.required else code(str(default))
    return code(names + value), prose(getattr(one, "help", "") or ""), shown
