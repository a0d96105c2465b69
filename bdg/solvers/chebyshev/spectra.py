"""Spectra of vectors, summed over the momenta, with the bound on their error."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from concurrent.futures import Executor, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bdg.arrays import Floats, Numbers
from bdg.executors import shares_memory, workers_of
from bdg.nambu import NambuMatrix
from bdg.resources import default_threads, require_memory
from bdg.solvers.chebyshev.bounds import spectral_bound
from bdg.solvers.chebyshev.lines import Line
from bdg.solvers.chebyshev.moments import BYTES, moments
from bdg.solvers.chebyshev.stencil import Stencil
from bdg.solvers.contract import TOLERANCE, Solver, executor_of
from bdg.solvers.monitor import SILENT, Monitor
from bdg.solvers.tasks import in_order

RIM = 1e-12
"""Largest amplitude on the rim of a vector, as a share of what each moment may be off."""


@dataclass(frozen=True)
class Source:
    """A vector: amplitudes, shape ``(n, dofs)``, on sites, shape ``(n,)``, and zero elsewhere."""

    sites: NDArray[np.intp]
    amplitudes: Numbers

    @property
    def norm(self) -> float:
        """⟨s|s⟩."""
        return float(np.vdot(self.amplitudes, self.amplitudes).real)

    def parts(self, stencil: Stencil, is_paired: bool) -> list[Source]:
        """Vectors whose spectra have that of this one as their mean, real where H is.

        At −k it is the spectrum that s* has at k. Where f(H) is real and symmetric ⟨s|f(H)|s⟩ is the sum of
        those of Re s and Im s.
        """
        if np.isrealobj(self.amplitudes):
            return [self]
        if stencil.planes == stencil.dofs:
            both = self.amplitudes.real, self.amplitudes.imag
            return [Source(self.sites, np.sqrt(2) * part) for part in both]
        return [self, Source(self.sites, self.amplitudes.conj())] if is_paired else [self]


class RandomSources(Sequence[Source]):
    """Vectors of random signs on some Nambu components of all sites: the mean of their spectra is the trace.

    Parameters
    ----------
    n_sites, dofs, components
        Where they are.
    count, seed
        How many; the signs of each depend on its number and the seed alone.
    """

    def __init__(self, n_sites: int, dofs: int, components: Sequence[int], count: int, seed: int) -> None:
        self._n_sites, self._dofs, self._components = n_sites, dofs, [*components]
        self._count, self._seed = count, seed

    def __len__(self) -> int:
        return self._count

    def __getitem__(self, number: Any) -> Any:
        if not 0 <= number < self._count:
            raise IndexError(number)
        rng, amplitudes = np.random.default_rng([self._seed, number]), np.zeros((self._n_sites, self._dofs))
        for component in self._components:
            amplitudes[:, component] = 2.0 * rng.integers(0, 2, self._n_sites, np.int8) - 1.0
        return Source(np.arange(self._n_sites), amplitudes)


@dataclass(frozen=True)
class Spectra:
    """Broadened spectra ``(n_sources, n_energies)``, in 1/t, and the bound on their largest error."""

    values: Floats
    error: float


def spectra(
    hamiltonian: NambuMatrix,
    sources: Sequence[Source],
    line: Line,
    *,
    tolerance: float = TOLERANCE,
    solver: Solver | None = None,
) -> Spectra:
    """Σ_n |⟨n|s⟩|² δ(ω − E_n) of each vector s, in the mean over the momenta of H.

    Parameters
    ----------
    hamiltonian
        H. Where its momenta stand for −k too the mean with that of s* is taken.
    sources
        The vectors.
    line
        What δ becomes, and at which energies.
    tolerance
        Of ⟨s|(z − H)⁻¹|s⟩, that of a solver, for ⟨s|s⟩ = 1.
    solver
        Whose threads and monitor are used.

    Raises
    ------
    ResourceError
        If the vectors do not fit into memory.
    NumericalError
        If H is not finite.
    """
    total, error, n_momenta = np.zeros((0, 0)), 0.0, len(hamiltonian.momenta)
    monitor = getattr(solver, "monitor", SILENT)
    with _executor(solver, len(sources)) as executor:
        for number, momentum in enumerate(hamiltonian.momenta):
            bound = spectral_bound(hamiltonian.sparsity, momentum.values)
            if not np.isfinite(bound):
                hamiltonian.require_finite()
            stencil = Stencil.of(hamiltonian.sparsity, momentum.values, bound)
            _require_room(stencil, min(len(sources), 1 if executor is None else workers_of(executor)))
            watch = monitor.share(number * len(sources), len(sources), n_momenta * len(sources))
            more = momentum.is_paired, line, tolerance, monitor
            tasks = (partial(_spectrum, stencil, one, *more) for one in sources)
            found = _reported(in_order(tasks, executor, monitor), len(sources), watch)
            values, errors = zip(*found, strict=True)
            total = momentum.weight * np.array(values) + (total if number else 0.0)
            error = max(error, *errors)
    return Spectra(total, error)


def _spectrum(
    stencil: Stencil, source: Source, is_paired: bool, line: Line, tolerance: float, monitor: Monitor
) -> tuple[Floats, float]:
    count, values, errors = line.count(stencil.bound, tolerance), [], [0.0]
    for part in source.parts(stencil, is_paired):
        threshold = RIM * tolerance / count * np.sqrt(part.norm)
        found = moments(stencil, part.amplitudes, part.sites, count + 1, threshold, monitor)
        rounding = float(np.finfo(float).eps) * count * part.norm
        values.append(line.spectrum(found.values, stencil.bound))
        errors.append(line.error(found.values, stencil.bound, found.error + rounding))
    return np.mean(values, axis=0), max(errors)


def _reported(
    found: Iterator[tuple[Floats, float]], total: int, monitor: Monitor
) -> Iterator[tuple[Floats, float]]:
    monitor.report("vectors", 0, total)
    for done, one in enumerate(found):
        monitor.report("vectors", done + 1, total)
        yield one


@contextmanager
def _executor(solver: Solver | None, count: int) -> Iterator[Executor | None]:
    """The threads of a solver for several vectors; other processes would have to be sent H as a whole."""
    given = executor_of(solver)
    threads = getattr(solver, "threads", None) or default_threads()
    if given is not None and shares_memory(given):
        yield given
    elif given is not None or count < 2 or threads < 2:
        yield None
    else:
        with ThreadPoolExecutor(min(threads, count), thread_name_prefix="bdg-moments") as pool:
            yield pool


def _require_room(stencil: Stencil, vectors: int) -> None:
    """Refuse vectors that cannot fit.

    Raises
    ------
    ResourceError
        If they cannot.
    """
    rows = stencil.n_sites * stencil.planes
    hint = "make the sample smaller, or use fewer threads"
    require_memory(BYTES * rows * vectors, f"{vectors} vectors of {rows} rows", hint)
