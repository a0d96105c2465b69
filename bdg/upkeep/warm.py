"""Compiling all kernels ahead of the first run: on a cluster once, before a thousand jobs would."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np

from bdg.lattice import Boundary, build_sample
from bdg.model import Disorder, build_model
from bdg.scf import ScfOptions
from bdg.simulation.run import solve

SMALL, LARGE = 12, 104
"""Edges of samples that have every kind of front, and enough rows for single precision."""


@dataclass(frozen=True)
class Warmed:
    """Kernels that are ready.

    Parameters
    ----------
    what
        What they are for.
    seconds
        How long it took: under one where they had been compiled before.
    """

    what: str
    seconds: float


def warm() -> Iterator[Warmed]:
    """Run small samples of every arithmetic, each as soon as the next one is asked for."""
    for what, run in _runs().items():
        began = time.perf_counter()
        run()
        yield Warmed(what, time.perf_counter() - began)


def _runs() -> dict[str, Callable[[], Any]]:
    spectrum = {"energies": np.array([0.2, 0.5]), "broadening": 0.1}
    moments = {"ldos": {**spectrum, "sites": [[0, 0]], "method": "chebyshev"}}
    others = ("superfluid_weight", "stability", "grand_potential")
    everything: dict[Any, Any] = {"ldos": spectrum} | {name: {} for name in others}
    return {
        "real singlet pairs": partial(_run, SMALL, everything),
        "singlet pairs in a field": partial(_run, SMALL, everything, field=0.1),
        "spins along z": partial(_run, SMALL, everything, zeeman=0.1),
        "any spin": partial(_run, SMALL, everything, rashba=0.3, zeeman=[0.1, 0.0, 0.1]),
        "single precision": partial(_run, LARGE, {}, tolerance=1e-3),
        "single precision in a field": partial(_run, LARGE, {}, tolerance=1e-3, field=0.1),
        "moments at a few sites": partial(_run, LARGE, moments, tolerance=1e-3),
        "states in time": partial(_run, 4, {"dynamics": {"until": 0.1}}),
        "momenta in time": partial(_run, 1, {"dynamics": {"until": 0.1}}, ends=Boundary("bloch", n_k=4)),
    }


def _run(
    side: int,
    observables: dict[Any, Any],
    *,
    tolerance: float = 1e-6,
    field: float = 0.0,
    ends: Boundary | str = "periodic",
    **terms: Any,
) -> None:
    """A few iterations and what is measured then; whether the loop converges is of no interest."""
    sample = build_sample("square", [side, side], [ends, ends])
    if field:
        terms["vector_potential"] = [field, 0.0]
    model = build_model(
        sample, chemical_potential=-0.5, attraction=2.5, temperature=0.1, disorder=Disorder(1.0), **terms
    )
    loop = ScfOptions(tolerance=tolerance, max_iterations=4)
    solve(model, observables=observables, scf=loop, solver="selected_inversion", solver_tolerance=tolerance)
