r"""The solver: rational expansion of the Fermi function, selected inversion at each pole.

f(H) = ½ − ½ [ c·H + Σ_p w_p Herm (H − iγ_p)⁻¹ ],   (H − iγ)⁻¹ = i (γ + iH)⁻¹
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Executor, ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from itertools import chain
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from bdg.errors import InputError
from bdg.executors import shares_memory, workers_of
from bdg.nambu import Momentum, NambuMatrix, SparsityPattern, on_common_momenta
from bdg.rational import Expansion, sign_expansion, tanh_expansion
from bdg.resources import blas_threads, default_threads
from bdg.solvers.contract import TOLERANCE, Correlations, Estimate, Greens, Pattern
from bdg.solvers.monitor import SILENT, Monitor
from bdg.solvers.pairwise import added, pairwise, shares
from bdg.solvers.selected_inversion.algebra import Algebra, choose_algebra, complex_algebra
from bdg.solvers.selected_inversion.energies import Found, greens_at, independent_energies, particle_hole
from bdg.solvers.selected_inversion.gap import spectral_gap
from bdg.solvers.selected_inversion.local import Locality
from bdg.solvers.selected_inversion.memory import require_room
from bdg.solvers.selected_inversion.plan import Plan, make_plan
from bdg.solvers.selected_inversion.poles import SMALL, PoleSum, Shift, cost_of, sum_terms
from bdg.solvers.selected_inversion.response import Engine, expansion_of_slope, response
from bdg.solvers.selected_inversion.shared import Delivery, greens_there, momenta_there, poles_there
from bdg.solvers.selected_inversion.sums import MomentumSum, of_momentum, sum_momenta, terms_at
from bdg.solvers.selected_inversion.work import Lacking, Work
from bdg.solvers.tasks import EMPTY, in_order

Outcome = TypeVar("Outcome")


@dataclass(frozen=True)
class Evaluation:
    """All that one pass over the poles gives.

    Parameters
    ----------
    correlations
        Entries of f(H).
    grand_potential
        −T Σ_n ln 2cosh(E_n/2T), halved for 4 dofs, from the same factorisations.
    """

    correlations: Correlations
    grand_potential: Estimate


Parts = tuple[Correlations | None, Estimate | None]
"""Correlations and the grand potential, or ``None`` for what was left out."""


class SelectedInversion:
    """Correlations, Green's functions and the grand potential without eigenvectors.

    One instance keeps the symbolic phase of the last few (matrix pattern, wanted pattern) pairs, recognised
    by what they hold: a self-consistency loop that refreshes values only pays for it once, and so do all the
    states of an observable or experiment that have one sample. Each thread keeps its workspaces.

    Parameters
    ----------
    threads
        Threads over poles where no executor is given; ``None`` for :func:`bdg.resources.default_threads`.
    executor
        Takes the poles, momenta and energies of every call that names no other; ``None`` for these threads.
    locality
        Whether a large sample may be cut into patches where the inverses decay, see :mod:`.local`; other
        processes and machines get its poles whole.
    """

    name = "selected_inversion"

    def __init__(
        self, threads: int | None = None, executor: Executor | None = None, *, locality: bool = True
    ) -> None:
        self.threads = default_threads() if threads is None else threads
        self.executor, self.monitor = executor, SILENT
        self.locality, self._local = locality, Locality()
        self._pool: ThreadPoolExecutor | None = None
        self._delivered: Delivery | None = None
        self._plans: OrderedDict[tuple[Algebra, SparsityPattern, Pattern], Plan] = OrderedDict()

    def alone(self) -> SelectedInversion:
        """See :class:`bdg.solvers.contract.Divides`."""
        return SelectedInversion(1, locality=self.locality)

    def correlations(
        self,
        hamiltonian: NambuMatrix,
        temperature: float,
        pattern: Pattern,
        *,
        tolerance: float = TOLERANCE,
        executor: Executor | None = None,
    ) -> Correlations:
        """Entries of f(H) on the pattern, with the measured errors of the expansion and of the inverses."""
        found, _ = self._found(hamiltonian, temperature, pattern, tolerance, executor, "potential")
        assert found is not None
        return found

    def grand_potential(
        self,
        hamiltonian: NambuMatrix,
        temperature: float,
        *,
        tolerance: float = TOLERANCE,
        executor: Executor | None = None,
    ) -> Estimate:
        """−T Σ_n ln 2cosh(E_n/2T), halved for 4 dofs; at T = 0 −½ Σ |E_n|."""
        sites = np.arange(hamiltonian.n_sites, dtype=np.int32)
        _, found = self._found(
            hamiltonian, temperature, Pattern(sites, sites), tolerance, executor, "correlations"
        )
        assert found is not None
        return found

    def evaluate(
        self,
        hamiltonian: NambuMatrix,
        temperature: float,
        pattern: Pattern,
        *,
        tolerance: float = TOLERANCE,
        executor: Executor | None = None,
    ) -> Evaluation:
        """Correlations, their response and the grand potential from one pass over the poles.

        Parameters
        ----------
        hamiltonian, temperature, pattern, executor
            See :mod:`bdg.solvers.contract`.
        tolerance
            Wanted error of the entries of f(H). It sets the number of poles, and from about 1e-6 upwards
            lets the larger poles be done in single precision.
        """
        correlations, potential = self._found(hamiltonian, temperature, pattern, tolerance, executor, None)
        assert correlations is not None
        assert potential is not None
        return Evaluation(correlations, potential)

    def _found(
        self,
        hamiltonian: NambuMatrix,
        temperature: float,
        pattern: Pattern,
        tolerance: float,
        executor: Executor | None,
        without: Lacking,
    ) -> Parts:
        """What :meth:`evaluate` gives, of which something may be left out."""
        hamiltonian.require_finite()
        expansion = self._expansion(hamiltonian, temperature, tolerance)
        executor = executor or self._executor_for(hamiltonian)
        work = Work(hamiltonian, pattern, expansion, tolerance, executor, without)
        # Parallelism is over poles and momenta. The cap belongs to the process: set once, around all threads.
        with blas_threads(1):
            total = self._momenta(work)
        error = 0.5 * expansion.error + total.error
        factor = -0.5 if hamiltonian.dofs == 4 else -1.0
        value_error = total.value_error + hamiltonian.dimension * expansion.log_trace_error
        correlations = Correlations(pattern, total.blocks, error, total.response)
        return (
            None if total.lacks == "correlations" else correlations,
            None if total.lacks == "potential" else Estimate(factor * total.value, value_error),
        )

    def greens(
        self,
        hamiltonian: NambuMatrix,
        z: NDArray[np.complex128],
        pattern: Pattern,
        *,
        tolerance: float = TOLERANCE,
        executor: Executor | None = None,
    ) -> Greens:
        """Entries of (z − H)⁻¹, z off the real axis.

        Where both z and −z* are asked for (and particle-hole symmetry holds at each momentum) one
        factorisation serves both.

        Raises
        ------
        InputError
            If an energy lies on the real axis.
        """
        hamiltonian.require_finite()
        z = np.atleast_1d(np.asarray(z, dtype=complex))
        nearest = float(np.abs(z.imag).min(initial=np.inf))
        if not nearest > 0:
            raise InputError(
                "a Green's function on the real axis has no broadening; give z an imaginary part"
            )
        error, executor = 0.0, executor or self._executor_for(hamiltonian)
        out = np.zeros((len(z), len(pattern), hamiltonian.dofs, hamiltonian.dofs), complex)
        with blas_threads(1):
            for k in range(len(hamiltonian.momenta)):
                watch = self.monitor.share(k * len(z), len(z), len(hamiltonian.momenta) * len(z))
                found = self._add_greens(out, hamiltonian, k, z, pattern, tolerance, executor, watch)
                error = max(error, found)
        return Greens(out, error)

    def response(
        self,
        hamiltonian: NambuMatrix,
        changes: Sequence[NambuMatrix],
        temperature: float,
        pattern: Pattern,
        *,
        tolerance: float = TOLERANCE,
        executor: Executor | None = None,
    ) -> list[Correlations]:
        """Entries of δf(H) from the poles' inverses differentiated; see :mod:`.response`."""
        hamiltonian, changes = on_common_momenta(hamiltonian, changes)
        for matrix in (hamiltonian, *changes):
            matrix.require_finite()
        expansion = expansion_of_slope(partial(self._expansion, hamiltonian, temperature), tolerance)
        work = Work(hamiltonian, pattern, expansion, tolerance, executor or self._executor_for(hamiltonian))
        with blas_threads(1):
            return response(work, changes, Engine(self._plan_at, self._delivery, self.monitor))

    def _momenta(self, work: Work) -> MomentumSum:
        """The sum over momenta: side by side where they are small, or enough for other processes."""
        momenta, executor = len(work.hamiltonian.momenta), work.executor
        if momenta > 1 and executor is not None:
            enough = not shares_memory(executor) and momenta >= workers_of(executor)
            if enough or work.hamiltonian.dimension < SMALL:
                return self._side_by_side(work, executor)
        if momenta == 1 and self.locality and shares_memory(executor):
            local = self._local.evaluate(
                work, work.hamiltonian.momenta[0],
                choose_algebra(work.hamiltonian), self._whole, self.monitor,
            )  # fmt: skip
            if local is not None:
                return local
        return self._whole(work)

    def _whole(self, work: Work) -> MomentumSum:
        """The sum over momenta, one after the other, the sample in one piece."""
        momenta = len(work.hamiltonian.momenta)
        watch = self.monitor if momenta == 1 else Monitor(self.monitor.interrupt)

        def made(k: int) -> MomentumSum:
            momentum = work.hamiltonian.momenta[k]
            plan = self._plan_at(work, momentum)
            found = self._poles(work, plan, k, momentum, watch)
            if momenta > 1:
                self.monitor.report("momenta", k + 1, momenta)
            return of_momentum(plan, work.hamiltonian, momentum, work.expansion, found)

        return pairwise(range(momenta), lambda k: 1.0, made)

    def _side_by_side(self, work: Work, executor: Executor) -> MomentumSum:
        """The sum over momenta, some of them a task."""
        costs = (1.0,) * len(work.hamiltonian.momenta)
        parts = [range(k, k + 1) for k in range(len(costs))]
        parcel = EMPTY
        if not shares_memory(executor):
            parts = [*shares(costs, workers_of(executor))]
            plans = [self._plan_at(work, momentum) for momentum in work.hamiltonian.momenta]
            different = [*{id(plan): plan for plan in plans}.values()]
            which = [next(n for n, other in enumerate(different) if other is plan) for plan in plans]
            parcel = self._delivery(executor).parcel(work.hamiltonian, different, len(parts))

        def task(part: range) -> Callable[[], MomentumSum]:
            more = work.expansion, work.tolerance
            if parcel is EMPTY:
                plan = self._plan_at(work, work.hamiltonian.momenta[part.start])
                return partial(sum_momenta, work.hamiltonian, part, [plan], *more)
            return parcel.job(momenta_there, part, [which[k] for k in part], *more)

        found = in_order(map(task, parts), executor, self.monitor, parcel)
        total: MomentumSum = added(
            costs, parts, self._reported(found, parts, "momenta", len(costs), self.monitor)
        )
        return total

    def _poles(self, work: Work, plan: Plan, k: int, momentum: Momentum, monitor: Monitor) -> PoleSum:
        """The sum over poles at one momentum."""
        terms, executor = terms_at(plan, work.expansion, work.tolerance), work.executor
        costs, parcel = tuple(map(cost_of, terms)), EMPTY
        parts = [range(index, index + 1) for index in range(len(terms))]
        if executor is not None and not (shares_memory(executor) and plan.elimination.rows_total >= SMALL):
            parts = [*shares(costs, workers_of(executor))]
        tasks: Iterable[Callable[[], PoleSum]]
        if executor is None or shares_memory(executor):
            values = plan.load(momentum.values)
            tasks = (partial(sum_terms, plan, values, terms[p.start : p.stop]) for p in parts)
        else:
            parcel = self._delivery(executor).parcel(work.hamiltonian, [plan], len(parts))
            tasks = (parcel.job(poles_there, k, terms[p.start : p.stop]) for p in parts)
        ends = np.cumsum([0, *map(len, terms)])
        done = [range(ends[p.start], ends[p.stop]) for p in parts]
        found = in_order(tasks, executor, monitor, parcel)
        total: PoleSum = added(costs, parts, self._reported(found, done, "poles", int(ends[-1]), monitor))
        return total

    @staticmethod
    def _reported(
        found: Iterator[Outcome], parts: Sequence[range], name: str, total: int, monitor: Monitor
    ) -> Iterator[Outcome]:
        """The same, with reports of how many of all are done."""
        monitor.report(name, 0, total)
        for part, each in zip(parts, found, strict=True):
            monitor.report(name, part.stop, total)
            yield each

    def _add_greens(
        self,
        out: NDArray[np.complex128],
        hamiltonian: NambuMatrix,
        k: int,
        z: NDArray[np.complex128],
        pattern: Pattern,
        tolerance: float,
        executor: Executor | None,
        monitor: Monitor,
    ) -> float:
        """Add what one momentum gives to the Green's functions; returns the largest measured error."""
        momentum, error, parcel = hamiltonian.momenta[k], 0.0, EMPTY
        plan = self._plan(hamiltonian, pattern, complex_algebra(hamiltonian, momentum), executor)
        conjugation = particle_hole(choose_algebra(hamiltonian, momentum))
        own, mirror = independent_energies(z, conjugation is not None)
        # No entry is larger than 1/|Im z|: the tolerance is a share of that where it is more than 1.
        wanted = [
            (Shift(complex(z[i]), tolerance * max(1.0, 1.0 / abs(z[i].imag))), i in mirror) for i in own
        ]
        length = 1
        if executor is not None and plan.elimination.rows_total < SMALL:
            length = max(1, -(-len(own) // workers_of(executor)))
        parts = [range(first, min(first + length, len(own))) for first in range(0, len(own), length)]
        make: Callable[..., Callable[[], list[Found]]]
        if shares_memory(executor):
            make = partial(partial, greens_at, plan, plan.load(momentum.values, -1.0), momentum)
        else:
            assert executor is not None
            parcel = self._delivery(executor).parcel(hamiltonian, [plan], len(parts))
            make = partial(parcel.job, greens_there, k)
        tasks = (make(conjugation, wanted[part.start : part.stop]) for part in parts)
        found = in_order(tasks, executor, monitor, parcel)
        each = chain.from_iterable(self._reported(found, parts, "energies", len(own), monitor))
        for i, one in zip(own, each, strict=True):
            error = max(error, one.error)
            out[i] += one.blocks
            if one.mirrored is not None:
                out[mirror[i]] += one.mirrored
        return error

    def _expansion(self, hamiltonian: NambuMatrix, temperature: float, tolerance: float) -> Expansion:
        bound = max(hamiltonian.norm_bound(), 1e-300)
        try:
            if temperature > 0:
                return tanh_expansion(temperature, bound, tolerance)
            return sign_expansion(spectral_gap(hamiltonian, self.monitor), bound, tolerance)
        except InputError as error:
            error.args = (f"{error}{hamiltonian.advice_on_walls}",)
            raise

    def _executor_for(self, hamiltonian: NambuMatrix) -> Executor | None:
        """The executor of this solver, or its threads where there is work for them."""
        if self.executor is not None:
            return self.executor
        if self.threads < 2 or hamiltonian.n_sites * len(hamiltonian.momenta) < 64:
            return None
        if self._pool is None:
            self._pool = ThreadPoolExecutor(self.threads, thread_name_prefix="bdg-poles")
        return self._pool

    def _delivery(self, executor: Executor) -> Delivery:
        """What the workers of an executor have, of the last one that was used."""
        if self._delivered is None or self._delivered.executor is not executor:
            self._delivered = Delivery(executor)
        return self._delivered

    def plan(self, hamiltonian: NambuMatrix, pattern: Pattern, *, at_energies: bool = False) -> Plan:
        """The symbolic phase of :meth:`evaluate`, or of :meth:`greens`, made ahead of it and kept.

        Raises
        ------
        ResourceError
            If the workspaces that it asks for do not fit into memory.
        """
        choose = complex_algebra if at_energies else choose_algebra
        algebra = choose(hamiltonian, hamiltonian.momenta[0])
        return self._plan(hamiltonian, pattern, algebra, self.executor)

    def by_patches(
        self, hamiltonian: NambuMatrix, pattern: Pattern, expansion: Expansion, tolerance: float
    ) -> tuple[float, float] | None:
        """Products of numbers, and bytes, of :meth:`correlations` if it cuts the sample into patches."""
        if len(hamiltonian.momenta) > 1 or not self.locality or not shares_memory(self.executor):
            return None
        work = Work(hamiltonian, pattern, expansion, tolerance, None, "potential")
        return self._local.forecast(work, hamiltonian.momenta[0], choose_algebra(hamiltonian))

    def _plan_at(self, work: Work, momentum: Momentum) -> Plan:
        algebra = choose_algebra(work.hamiltonian, momentum)
        return self._plan(work.hamiltonian, work.pattern, algebra, work.executor)

    def _plan(
        self, hamiltonian: NambuMatrix, pattern: Pattern, algebra: Algebra, executor: Executor | None
    ) -> Plan:
        """The plan for these patterns, from the last few where possible."""
        key = (algebra, hamiltonian.sparsity, pattern)
        if key not in self._plans:
            self.monitor.report("orderings", 0, 1)
            plan = make_plan(hamiltonian.sparsity, pattern, algebra)
            require_room(plan, self.threads if shares_memory(executor) else 0)  # workers see to theirs
            self._plans[key] = plan
            if len(self._plans) > 8:
                self._plans.popitem(last=False)
        self._plans.move_to_end(key)
        return self._plans[key]
