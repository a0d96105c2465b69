"""Whether a file is whole: every byte, every number, every shape."""

from __future__ import annotations

import os

import numpy as np

from bdg.store import load_checkpoint, read
from bdg.store.files import open_hdf5
from bdg.store.safety.checksum import has_checksum


def check(path: str | os.PathLike[str]) -> list[str]:
    """Read all of a result or checkpoint and say what a reader should know, a line each.

    Raises
    ------
    InputError
        If there is no such file.
    FileRefusedError
        If it is damaged, points outside itself, contradicts itself, is not of bdg or of a newer version.
    """
    with open_hdf5(path, "result", "checkpoint") as file:
        kind, version = str(file.attrs["kind"]), int(file.attrs["schema_version"])
    remarks = [] if has_checksum(path) else ["no checksum: edited by another program, or written by one"]
    if kind == "checkpoint":
        kept = load_checkpoint(path)
        return [f"checkpoint, schema {version}, {len(kept.history)} iterations, whole", *remarks]
    result = read(path)
    if result.status != "converged":
        remarks.append(f"the run did not converge: {result.status.replace('_', ' ')}")
    for name, quantity in result.quantities().items():
        values = quantity.values
        if values.dtype.kind in "fc" and (missing := np.count_nonzero(~np.isfinite(values))):
            remarks.append(f"{name}: {missing} of {values.size} values are not finite")
    remarks += [f"warning: {line}" for line in result.warnings]
    return [f"result, schema {version}, {len(result.quantities())} quantities, whole", *remarks]
