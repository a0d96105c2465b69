"""Long spectra block by block: what is done of one is kept, and its Green's functions fit into memory."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bdg.observables.loops import Numbers, fingerprint
from bdg.observables.state import State
from bdg.solvers.monitor import SILENT

GREENS_AT_ONCE = 1 << 22
"""Blocks of Green's functions held in memory at a time."""

WORTH_A_BLOCK, FEWEST = 1 << 20, 8
"""Blocks of Green's functions that are worth keeping together, and the fewest energies."""

REMEMBERED = 1 << 26
"""Bytes of the largest spectrum that a state remembers."""


def in_blocks(
    state: State, key: Any, energies: NDArray[np.float64], entries: int, compute: Callable[[slice], Numbers]
) -> Numbers:
    """Arrays along the energies, some at a time; blocks that an earlier run found are not made again.

    The state remembers the last spectrum, so that of the density of states and the local one, say, the second
    costs nothing.

    Parameters
    ----------
    state
        The state to measure.
    key
        What is computed: with the state and the energies it determines the numbers.
    energies
        In t, one at least.
    entries
        Entries of G that each energy takes.
    compute
        Arrays by name of a slice of the energies: the energy is their first axis, or they are numbers, of
        which the largest counts.

    Raises
    ------
    RunInterruptedError
        Between two blocks, if the solver is asked to stop.
    """
    whole = fingerprint("spectrum", key, energies)
    if whole in state.last_spectrum:
        return state.last_spectrum[whole]
    blocks, monitor = [], getattr(state.solver, "monitor", SILENT)
    for part in _slices(len(energies), entries):
        monitor.check()
        name = fingerprint("block", key, state.fingerprint, energies[part])
        blocks.append(state.loops.points.get(name, lambda part=part: compute(part)))  # type: ignore[misc]
    found = {name: _joined([np.asarray(block[name]) for block in blocks]) for name in blocks[0]}
    state.last_spectrum.clear()
    if sum(values.nbytes for values in found.values()) <= REMEMBERED:
        state.last_spectrum[whole] = found
    return found


def _slices(n_energies: int, entries: int) -> Iterator[slice]:
    """The blocks: their borders depend on sizes alone, so that a resumed run finds its own."""
    most = max(1, GREENS_AT_ONCE // max(1, entries))
    step = min(max(FEWEST, WORTH_A_BLOCK // max(1, entries)), most)
    return (slice(first, first + step) for first in range(0, n_energies, step))


def _joined(parts: list[NDArray[Any]]) -> NDArray[Any]:
    return np.concatenate(parts) if parts[0].ndim else np.max(parts, axis=0)
