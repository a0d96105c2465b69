"""Repeating a run from what its file holds, and comparing."""

from __future__ import annotations

import os

from bdg.config import ConfigSource
from bdg.crosscheck import Difference, results_compared
from bdg.errors import FileRefusedError
from bdg.result import Result
from bdg.simulation.hooks import Hooks
from bdg.simulation.run import run
from bdg.store import read


def rerun(path: str | os.PathLike[str], hooks: Hooks | None = None) -> tuple[Result, list[Difference]]:
    """Run the resolved configuration of a result again and compare every field and quantity.

    Nothing is written.

    Raises
    ------
    FileRefusedError
        If the file is none, or holds no configuration, being made from Python.
    InputError, ResourceError, NumericalError
        As the run itself.
    """
    before = read(path)
    text = before.provenance.config_resolved
    if not text:
        raise FileRefusedError(f"{os.fspath(path)}: made from Python, without a configuration to run again")
    source = ConfigSource(text, os.fspath(path))
    after = run(source.parse(), source, hooks=hooks)
    return after, results_compared("again", before, after)
