"""What a run that is under way has so far, from its checkpoint: the fields and the iterations."""

from __future__ import annotations

import os
from pathlib import Path

from bdg import setup
from bdg.config import dump_resolved
from bdg.errors import InputError
from bdg.ground_state import Progress, Start
from bdg.model import Fields, Model
from bdg.result import Provenance, Result, Units
from bdg.scf import Iteration
from bdg.scf.starts.start import fields_at
from bdg.simulation.checkpointing import checkpoint_path, read_checkpoint
from bdg.simulation.starts import starts_of


def result_so_far(output: str | os.PathLike[str]) -> Result:
    """The fields of the last checkpoint of a run: a result without observables whose status is ``stopped``.

    Parameters
    ----------
    output
        The file that the run will write.

    Raises
    ------
    InputError
        If there is no checkpoint, or none with fields yet.
    FileRefusedError
        If it is damaged.
    """
    file = checkpoint_path(Path(output))
    config, source, progress, started = read_checkpoint(file, ())
    model = setup.model_of(config, source, setup.sample_of(config, source))
    fields, history = _last(model, starts_of(config, source, model), config.scf.seed, progress, file)
    disorder = config.hamiltonian.disorder
    return Result(
        title=config.title,
        sample=model.sample,
        temperature=config.temperature,
        fields=fields,
        history=history,
        status="stopped",
        tolerance=config.scf.tolerance,
        observables={},
        units=Units.of(config.units),
        provenance=Provenance(
            config_source=source.text,
            config_resolved=dump_resolved(config),
            created=started,
            seed=0 if disorder is None else disorder.seed,
            method=config.solver.method,
            scf=setup.scf_options_of(config),
        ),
        made_from=model,
        path=Path(output),
    )


def _last(
    model: Model, starts: tuple[Start, ...], seed: int, progress: Progress, file: Path
) -> tuple[Fields, tuple[Iteration, ...]]:
    """The fields of the loop that runs, else those of the start that ended last."""
    running = next((start for start in starts if start.name == progress.running), None)
    if running is not None and progress.snapshot is not None:
        fields = fields_at(model, running.initial, (seed, running.draw), progress.snapshot.vector)
        return fields, progress.snapshot.history
    if not progress.finished:
        raise InputError(f"{file}: no iteration has been made yet")
    ended = progress.finished[-1].candidate
    return ended.fields, ended.history
