"""Checkpoints: all that is needed to go on with a loop that was interrupted."""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bdg.scf.history import Iteration
from bdg.store.arrays import new_group, read_array, write_array, write_bare_scale
from bdg.store.files import new_hdf5, open_hdf5
from bdg.store.history import read_config, read_history, write_config, write_history


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
    """

    config_source: str
    config_resolved: str
    vector: NDArray[np.float64]
    history: tuple[Iteration, ...] = ()
    mixer_state: dict[str, NDArray[np.float64]] = field(default_factory=dict)


def save_checkpoint(path: str | os.PathLike[str], checkpoint: Checkpoint) -> None:
    """Write a checkpoint in place of the last one, which stays until the new one is complete.

    Raises
    ------
    FileRefused
        If the name is a folder's.
    ResourceError
        If the folder cannot be written to, or the disk is full.
    """
    with new_hdf5(path, "checkpoint", overwrite=True) as file:
        last = checkpoint.history[-1].residual if checkpoint.history else float("nan")
        file.attrs["iterations"] = len(checkpoint.history)
        file.attrs["residual"] = float(last)
        write_config(new_group(file, "config"), checkpoint.config_source, checkpoint.config_resolved)
        scf = new_group(file, "scf")
        _write_plain(scf, "vector", checkpoint.vector, {"units": "t", "long_name": "packed fields"})
        write_history(new_group(scf, "history"), checkpoint.history)
        mixer = new_group(file, "mixer")
        for name, values in checkpoint.mixer_state.items():
            _write_plain(mixer, name, values, {})


def load_checkpoint(path: str | os.PathLike[str]) -> Checkpoint:
    """Read a checkpoint; what :func:`save_checkpoint` wrote comes back equal.

    Raises
    ------
    InputError
        If there is no such file.
    FileRefused
        If it is damaged, not of bdg, a finished result, or of a newer version.
    """
    with open_hdf5(path, "checkpoint") as file:
        source, resolved = read_config(file["config"])
        mixer = {name: read_array(dataset) for name, dataset in file["mixer"].items() if not dataset.is_scale}
        return Checkpoint(
            source, resolved, read_array(file["scf/vector"]), read_history(file["scf/history"]), mixer
        )


def _write_plain(group: Any, name: str, values: NDArray[Any], attributes: dict[str, Any]) -> None:
    """Write an array whose axes mean nothing outside; netCDF readers want them named all the same."""
    array = np.asarray(values)
    scales = [write_bare_scale(group, f"{name}_{axis}", length) for axis, length in enumerate(array.shape)]
    write_array(group, name, array, scales, attributes)
