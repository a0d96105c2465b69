"""Checkpoints: all that is needed to continue a loop that was interrupted."""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bdg.ground_state import Attempt
from bdg.scf import Iteration, Snapshot
from bdg.store.files import new_hdf5, open_hdf5
from bdg.store.groups.arrays import (
    read_array,
    read_plain_arrays,
    write_bare_scale,
    write_plain,
    write_plain_arrays,
)
from bdg.store.groups.history import read_config, read_history, write_config, write_history
from bdg.store.groups.objects import new_group, write_attributes
from bdg.store.groups.starts import field_quantities, read_candidate, write_candidate


@dataclass(frozen=True)
class Checkpoint:
    """The state of a self-consistency loop between two iterations.

    Parameters
    ----------
    config_source, config_resolved
        The YAML as written, and with every default.
    vector
        The packed fields that the next iteration starts from, shape ``(n_unknowns,)``, in t.
    history
        The iterations so far.
    mixer_state
        What the mixer remembers: arrays of any shape by name.
    running
        Name of the start these are of; empty if every start has ended.
    finished
        The starts that have ended.
    started
        When the run began, ISO 8601; empty in files of earlier versions.
    """

    config_source: str
    config_resolved: str
    vector: NDArray[np.float64]
    history: tuple[Iteration, ...] = ()
    mixer_state: dict[str, NDArray[np.float64]] = field(default_factory=dict)
    running: str = ""
    finished: tuple[Attempt, ...] = ()
    started: str = ""


def save_checkpoint(path: str | os.PathLike[str], checkpoint: Checkpoint) -> None:
    """Write a checkpoint in place of the last one, which stays until the new one is complete.

    Raises
    ------
    FileRefusedError
        If the name is a folder's.
    ResourceError
        If the folder cannot be written to, or the disk is full.
    """
    with new_hdf5(path, "checkpoint", overwrite=True) as file:
        last = checkpoint.history[-1].residual if checkpoint.history else float("nan")
        facts = {"residual": float(last), "started": checkpoint.started}
        write_attributes(file, {"iterations": len(checkpoint.history), **facts})
        write_config(new_group(file, "config"), checkpoint.config_source, checkpoint.config_resolved)
        scf = new_group(file, "scf")
        write_attributes(scf, {"running": checkpoint.running})
        _write_snapshot(scf, file, Snapshot(checkpoint.vector, checkpoint.history, checkpoint.mixer_state))
        for number, attempt in enumerate(checkpoint.finished, 1):
            _write_attempt(new_group(file, f"finished/{number}"), attempt)


def load_checkpoint(path: str | os.PathLike[str]) -> Checkpoint:
    """Read a checkpoint; what :func:`save_checkpoint` wrote comes back equal.

    Raises
    ------
    InputError
        If there is no such file.
    FileRefusedError
        If it is damaged, not of bdg, a finished result, or of a newer version.
    """
    with open_hdf5(path, "checkpoint") as file:
        return read_checkpoint(file)


def read_checkpoint(file: Any) -> Checkpoint:
    """The checkpoint in an open HDF5 file."""
    source, resolved = read_config(file["config"])
    kept, running = _read_snapshot(file["scf"], file), str(file["scf"].attrs.get("running", ""))
    ended = file.get("finished", {})
    finished = tuple(_read_attempt(ended[str(number)]) for number in range(1, 1 + len(ended)))
    started = str(file.attrs.get("started", ""))
    return Checkpoint(
        source, resolved, kept.vector, kept.history, kept.mixer_state, running, finished, started
    )


def _write_snapshot(group: Any, parent: Any, snapshot: Snapshot) -> None:
    """Write a loop into a group, and its mixer into the group ``mixer`` beside it."""
    write_plain(group, "vector", snapshot.vector, {"units": "t", "long_name": "packed fields"})
    write_history(new_group(group, "history"), snapshot.history)
    write_plain_arrays(new_group(parent, "mixer"), snapshot.mixer_state)


def _read_snapshot(group: Any, parent: Any) -> Snapshot:
    mixer = read_plain_arrays(parent["mixer"])
    if "steps" in mixer and "errors" not in mixer and "changes" in mixer:
        # The Anderson mixer of the first versions took every residual for exact.
        mixer["errors"] = np.zeros(1 + len(mixer["steps"]))
    return Snapshot(read_array(group["vector"]), read_history(group["history"]), mixer)


def _write_attempt(group: Any, attempt: Attempt) -> None:
    candidate = attempt.candidate
    lengths = {
        dim: length
        for quantity in field_quantities(candidate).values()
        for dim, length in zip(quantity.dims, quantity.values.shape, strict=True)
    }
    axes = {name: write_bare_scale(group, name, length) for name, length in lengths.items()}
    write_candidate(group, candidate, axes)
    if attempt.snapshot is not None:
        _write_snapshot(new_group(group, "loop"), group, attempt.snapshot)


def _read_attempt(group: Any) -> Attempt:
    snapshot = _read_snapshot(group["loop"], group) if "loop" in group else None
    return Attempt(read_candidate(group), snapshot)
