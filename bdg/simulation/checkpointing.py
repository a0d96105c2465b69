"""Checkpoints of a running simulation: when they are written, and how one is resumed from."""

from __future__ import annotations

import itertools
import os
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import numpy as np

from bdg.config import Config, ConfigSource, dump_resolved
from bdg.errors import InputError
from bdg.ground_state import Attempt, Progress
from bdg.scf import Snapshot
from bdg.simulation.keeping import WORTH_KEEPING, PartsKeeper, parts_path
from bdg.store import Checkpoint, load_checkpoint, remove_parts, save_checkpoint

CHANGED_IN_PLACE = ("scf", "solver", "observables")
"""Sections of a configuration that a resumed run may change: how it is solved and what is measured."""


def checkpoint_path(output: Path) -> Path:
    """OUTPUT.checkpoint beside the output."""
    return output.with_name(output.name + ".checkpoint")


class CheckpointKeeper:
    """Writes a checkpoint every ``scf.checkpoint`` seconds, and whenever it is told to.

    Parameters
    ----------
    path
        The file; ``None`` to keep none.
    config, source
        What runs.
    started
        When the run began, if this is one that is continued.

    Attributes
    ----------
    parts
        What its observables have found.
    """

    def __init__(
        self,
        path: Path | None,
        config: Config,
        source: ConfigSource,
        started: str | None = None,
    ) -> None:
        self._path, self._config, self._source = path, config, source
        self._started = started or datetime.now(UTC).isoformat(timespec="milliseconds")
        self._latest: Callable[[], Progress] | None = None
        self._began = self._written = time.monotonic()
        self._has_written = self._has_fields = False
        folder = None if path is None else parts_path(path.with_suffix(""))
        self.parts = PartsKeeper(folder, config.scf.checkpoint, self._write_fields)

    def iteration(self, take: Callable[[], Progress], *, now: bool = False) -> None:
        """Take note of an iteration; write if the last checkpoint is old, or at once."""
        self._latest = take
        if now or time.monotonic() - self._written >= self._config.scf.checkpoint:
            self.write(take())

    def start_ended(self, progress: Progress) -> None:
        """Write what one of several starts led to: nothing may cost it any more."""
        self._latest = lambda: progress
        self.write(progress)

    def fields_done(self, progress: Progress) -> None:
        """Write the fields before they are measured, if they took a while: measuring may, and be killed."""
        self._latest, self._has_fields = (lambda: progress), False
        if time.monotonic() - self._began > WORTH_KEEPING:
            self._write_fields()

    def _write_fields(self) -> None:
        """Write the fields that are measured, if the checkpoint does not have them."""
        if not self._has_fields and self._latest is not None:
            self.write(self._latest())
            self._has_fields = True

    def write_latest(self, *, mixer_is_whole: bool = False) -> Path | None:
        """Write the last iteration there was, without the mixer unless it cannot have been cut off in a step.

        A checkpoint that this run has written is whole, and is kept instead: what continues from it ends to
        the last bit as if nothing had happened.
        """
        if self._latest is None or (self._has_written and not mixer_is_whole):
            return None
        progress = self._latest()
        if progress.snapshot is not None and not mixer_is_whole:
            progress = replace(progress, snapshot=replace(progress.snapshot, mixer_state={}))
        return self.write(progress)

    def write(self, progress: Progress) -> Path | None:
        """Write how far a search has come, if there is a file to write to; the file."""
        if self._path is None:
            return None
        resolved = dump_resolved(self._config)
        at = progress.snapshot or Snapshot(np.zeros(0), (), {})
        kept = Checkpoint(
            self._source.text,
            resolved,
            at.vector,
            at.history,
            at.mixer_state,
            progress.running,
            progress.finished,
            self._started,
        )
        save_checkpoint(self._path, kept)
        self.parts.write()
        self._written, self._has_written = time.monotonic(), True
        return self._path


def set_aside(checkpoint: Path) -> Path | None:
    """Give the checkpoint of an earlier run a name where it is neither lost nor taken for this run's.

    ``q.h5.checkpoint`` becomes ``q.1.h5.checkpoint``, or the next number that is free, and can be continued
    by that name, with what its observables had found. Returns it; ``None`` where there was no checkpoint.
    """
    output = checkpoint.with_suffix("")
    if not checkpoint.exists():
        remove_parts(parts_path(output))  # of nothing that could be continued
        return None
    names = (output.with_name(f"{output.stem}.{n}{output.suffix}") for n in itertools.count(1))
    kept = next(
        checkpoint_path(name) for name in names if not (name.exists() or checkpoint_path(name).exists())
    )
    checkpoint.rename(kept)
    if (parts := parts_path(output)).is_dir():
        parts.rename(parts_path(kept.with_suffix("")))
    return kept


def belongs_to_a_later_run(checkpoint: Path, created: str) -> bool:
    """Whether the run of a checkpoint began after a result was ``created``: it is not the result's own."""
    started = load_checkpoint(checkpoint).started
    if not (started and created):
        return False
    return datetime.fromisoformat(started) >= datetime.fromisoformat(created)


def read_checkpoint(file: Path, overrides: Sequence[str]) -> tuple[Config, ConfigSource, Progress, str]:
    """The configuration of a checkpoint with ``overrides`` applied, how far its run had come, and its start.

    Raises
    ------
    InputError
        If there is no such file, or an override changes what cannot change.
    FileRefusedError
        If it is damaged.
    """
    if not os.path.exists(file):
        raise InputError(f"{file}: there is no checkpoint to continue from; run the configuration again")
    kept = load_checkpoint(file)
    before = ConfigSource(kept.config_resolved, str(file)).parse()
    source = ConfigSource(kept.config_resolved, str(file), tuple(overrides))
    config = source.parse()
    for section in type(config).model_fields:
        if section not in CHANGED_IN_PLACE and getattr(config, section) != getattr(before, section):
            allowed = ", ".join(CHANGED_IN_PLACE)
            raise InputError(f"resume cannot change {section}, only {allowed}; for the rest, run it anew")
    if config.scf.mixer != before.scf.mixer:
        kept = replace(kept, mixer_state={}, finished=tuple(map(_without_mixer, kept.finished)))
    has_begun = kept.vector.size or kept.history
    snapshot = Snapshot(kept.vector, kept.history, kept.mixer_state) if has_begun else None
    return config, source, Progress(kept.running, snapshot, kept.finished), kept.started


def _without_mixer(attempt: Attempt) -> Attempt:
    if attempt.snapshot is None:
        return attempt
    return replace(attempt, snapshot=replace(attempt.snapshot, mixer_state={}))
