"""The page of a study: the swept keys are the first axes of its quantities, a slider moves along each."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np

from bdg.arrays import Floats
from bdg.errors import InputError
from bdg.plot.facts import header, parameters
from bdg.plot.table import PLACES
from bdg.result import Result
from bdg.store import read
from bdg.store.files import open_hdf5
from bdg.studies import Study, collect, open_study
from bdg.view.contents import Contents, chosen, provenance
from bdg.words import counted

MOVED = "lie at other places in other points of the study"


def contents_of_study(folder: Path, only: Sequence[str] = ()) -> Contents:
    """The contents of the page of a study.

    Parameters
    ----------
    folder
        Where the study lies.
    only
        Names of quantities; without them, all.

    Raises
    ------
    InputError
        If it holds no study, none of its points has converged, or there is no such quantity.
    """
    study = open_study(folder)
    together = collect(study)
    files = _files(study)
    first = read(files[0])
    errors = {f"{name}_error" for name in together.quantities}
    quantities = {
        name: replace(one, error=None) for name, one in together.quantities.items() if name not in errors
    }
    left_out = dict(together.left_out)
    if not _one_sample(files):
        on_places = [name for name, one in quantities.items() if {*one.dims} & {*PLACES}]
        left_out |= dict.fromkeys(on_places, f"its sites {MOVED}")
        quantities = {name: one for name, one in quantities.items() if name not in left_out}
    counts = study.counts()
    missing = len(study.points) - counts["converged"]
    remarks = (
        [f"{counted(missing, 'point')} of {len(study.points)} without a converged result"] if missing else []
    )
    return Contents(
        first,
        chosen(quantities, only, {}),
        together.title,
        f"{counted(len(study.points), 'point')} along {', '.join(together.dims)}   ·   {_sample_of(first)}",
        {"Parameters of the first point": _without_swept(first), "Provenance": provenance(first)},
        swept=together.dims,
        remarks=tuple(remarks),
        source=folder.name,
        left_out=left_out,
    )


def _sample_of(result: Result) -> str:
    """Lattice and size; the rest of a header may be swept."""
    return "   ·   ".join(header(result).split("   ·   ")[:2])


def _files(study: Study) -> list[Path]:
    """The files of all points that converged."""
    entries = map(study.entry, study.points)
    return [
        study.folder / entry.file
        for entry in entries
        if entry is not None and entry.file and entry.status == "converged"
    ]


def _one_sample(files: Sequence[Path]) -> bool:
    """Whether the sites of all results are at the same places."""
    first = _positions(files[0])
    return all(np.array_equal(first, _positions(file)) for file in files[1:])


def _positions(file: Path) -> Floats:
    with open_hdf5(file, "result", checked_up_to=0) as opened:
        return np.asarray(opened["sample/positions"][()], np.float64)


def _without_swept(result: Result) -> dict[str, str]:
    try:
        return parameters(result)
    except InputError:
        return {}
