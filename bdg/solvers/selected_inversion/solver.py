r"""The solver: rational expansion of the Fermi function, selected inversion at each pole.

f(H) = ½ − ½ [ c·H + Σ_p w_p Herm (H − iγ_p)⁻¹ ],   (H − iγ)⁻¹ = i (γ + iH)⁻¹
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Iterator
from concurrent.futures import Executor, ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from bdg.arrays import Array
from bdg.errors import InputError
from bdg.nambu import Momentum, NambuMatrix, SparsityPattern
from bdg.rational import Expansion, sign_expansion, tanh_expansion
from bdg.resources import blas_threads, default_threads
from bdg.solvers.contract import TOLERANCE, Correlations, Estimate, Greens, Pattern
from bdg.solvers.monitor import SILENT, Monitor
from bdg.solvers.selected_inversion.algebra import Algebra, choose_algebra, complex_algebra
from bdg.solvers.selected_inversion.gap import spectral_gap
from bdg.solvers.selected_inversion.memory import require_room
from bdg.solvers.selected_inversion.plan import Plan, make_plan
from bdg.solvers.selected_inversion.poles import SMALL, Shift, inverses
from bdg.solvers.selected_inversion.sums import (
    PoleSum,
    fermi_blocks,
    log_trace,
    pair_response,
    sum_poles,
)
from bdg.solvers.tasks import in_order


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
    """

    name = "selected_inversion"

    def __init__(self, threads: int | None = None, executor: Executor | None = None) -> None:
        self.threads = default_threads() if threads is None else threads
        self.executor, self.monitor = executor, SILENT
        self._pool: ThreadPoolExecutor | None = None
        self._plans: OrderedDict[tuple[Algebra, SparsityPattern, Pattern], Plan] = OrderedDict()

    def alone(self) -> SelectedInversion:
        """See :class:`bdg.solvers.contract.Divides`."""
        return SelectedInversion(1)

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
        return self.evaluate(
            hamiltonian, temperature, pattern, tolerance=tolerance, executor=executor
        ).correlations

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
        return self.evaluate(
            hamiltonian, temperature, Pattern(sites, sites), tolerance=tolerance, executor=executor
        ).grand_potential

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
        hamiltonian.require_finite()
        expansion = self._expansion(hamiltonian, temperature, tolerance)
        executor = executor or self.executor or self._own_pool(hamiltonian)
        blocks, error, value, value_error = None, 0.5 * expansion.error, 0.0, 0.0
        response = None
        # Parallelism is over poles and momenta. The cap belongs to the process: set once, around all threads.
        with blas_threads(1):
            for momentum, plan, total in self._pole_sums(
                hamiltonian, pattern, expansion, tolerance, executor
            ):
                part = fermi_blocks(plan, momentum.values, pattern, expansion, total.entries)
                phase = _bloch_phase(pattern, momentum.k)
                part = momentum.weight * (part if phase is None else phase[:, None, None] * part)
                if momentum.is_paired:  # −k brings the complex conjugate
                    part = part.real
                blocks = part if blocks is None else blocks + part
                error += momentum.weight * total.error
                value += momentum.weight * log_trace(hamiltonian, momentum.values, expansion, total.log_dets)
                value_error += momentum.weight * total.log_error
                if total.products is not None:
                    response = pair_response(plan, pattern, expansion, total.products)
        assert blocks is not None
        factor = -0.5 if hamiltonian.dofs == 4 else -1.0
        omega = Estimate(factor * value, value_error + hamiltonian.dimension * expansion.log_trace_error)
        single = response if len(hamiltonian.momenta) == 1 else None
        return Evaluation(Correlations(pattern, blocks, error, single), omega)

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
        error = 0.0
        executor = executor or self.executor or self._own_pool(hamiltonian)
        out = np.zeros((len(z), len(pattern), hamiltonian.dofs, hamiltonian.dofs), complex)
        with blas_threads(1):
            for k, momentum in enumerate(hamiltonian.momenta):
                watch = self.monitor.share(k * len(z), len(z), len(hamiltonian.momenta) * len(z))
                found = self._add_greens(out, hamiltonian, momentum, z, pattern, tolerance, executor, watch)
                error = max(error, found)
        return Greens(out, error)

    def _pole_sums(
        self,
        hamiltonian: NambuMatrix,
        pattern: Pattern,
        expansion: Expansion,
        tolerance: float,
        executor: Executor | None,
    ) -> Iterator[tuple[Momentum, Plan, PoleSum]]:
        """Momenta and their sums over poles, in order: small ones side by side, large ones one by one."""
        side_by_side = len(hamiltonian.momenta) > 1 and hamiltonian.dimension < SMALL
        side_by_side &= isinstance(executor, ThreadPoolExecutor)  # others would have to pickle the task
        inner, outer = (None, executor) if side_by_side else (executor, None)
        alone = len(hamiltonian.momenta) == 1
        watch = self.monitor if alone else SILENT if side_by_side else Monitor(self.monitor.interrupt)

        def task(momentum: Momentum) -> Callable[[], tuple[Momentum, Plan, PoleSum]]:
            plan = self._plan(hamiltonian, pattern, choose_algebra(hamiltonian, momentum))
            return lambda: (
                momentum,
                plan,
                sum_poles(plan, momentum.values, expansion, tolerance, inner, watch),
            )

        for done, found in enumerate(in_order(map(task, hamiltonian.momenta), outer, self.monitor), 1):
            if not alone:
                self.monitor.report("momenta", done, len(hamiltonian.momenta))
            yield found

    def _add_greens(
        self,
        out: NDArray[np.complex128],
        hamiltonian: NambuMatrix,
        momentum: Momentum,
        z: NDArray[np.complex128],
        pattern: Pattern,
        tolerance: float,
        executor: Executor | None,
        monitor: Monitor,
    ) -> float:
        """Add what one momentum gives to the Green's functions; returns the largest measured error."""
        algebra, error = complex_algebra(hamiltonian, momentum), 0.0
        plan = self._plan(hamiltonian, pattern, algebra)
        conjugation = _particle_hole(choose_algebra(hamiltonian, momentum))
        own, mirror = _independent_energies(z, conjugation is not None)
        phase = _bloch_phase(pattern, momentum.k)
        phase_factor: Array | float = 1.0 if phase is None else phase[:, None, None]
        # No entry is larger than 1/|Im z|: the tolerance is a share of that where it is more than 1.
        shifts = [Shift(complex(z[i]), tolerance * max(1.0, 1.0 / abs(z[i].imag)), False) for i in own]
        values = plan.load(momentum.values, -1.0)
        found = inverses(plan, values, shifts, executor, monitor, "energies")
        for i, inverse in zip(own, found, strict=True):
            error = max(error, inverse.error)
            forward = algebra.blocks(plan.read(inverse.entries))
            backward = algebra.blocks(plan.read_transposed(inverse.entries)) if momentum.is_paired else None
            out[i] += momentum.weight * _of_both(forward, backward, phase_factor)
            if i in mirror:
                assert conjugation is not None
                forward = _mirrored(forward, conjugation)
                backward = None if backward is None else _mirrored(backward, conjugation)
                out[mirror[i]] += momentum.weight * _of_both(forward, backward, phase_factor)
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

    def _own_pool(self, hamiltonian: NambuMatrix) -> ThreadPoolExecutor | None:
        """Threads of this solver, where there is work for them."""
        if self.threads < 2 or hamiltonian.n_sites * len(hamiltonian.momenta) < 64:
            return None
        if self._pool is None:
            self._pool = ThreadPoolExecutor(self.threads, thread_name_prefix="bdg-poles")
        return self._pool

    def plan(self, hamiltonian: NambuMatrix, pattern: Pattern, *, at_energies: bool = False) -> Plan:
        """The symbolic phase of :meth:`evaluate`, or of :meth:`greens`, made ahead of it and kept.

        Raises
        ------
        ResourceError
            If the workspaces that it asks for do not fit into memory.
        """
        choose = complex_algebra if at_energies else choose_algebra
        return self._plan(hamiltonian, pattern, choose(hamiltonian, hamiltonian.momenta[0]))

    def _plan(self, hamiltonian: NambuMatrix, pattern: Pattern, algebra: Algebra) -> Plan:
        """The plan for these patterns, from the last few where possible."""
        key = (algebra, hamiltonian.sparsity, pattern)
        if key not in self._plans:
            self.monitor.report("orderings", 0, 1)
            plan = make_plan(hamiltonian, pattern, algebra)
            require_room(plan, self.threads)
            self._plans[key] = plan
            if len(self._plans) > 8:
                self._plans.popitem(last=False)
        self._plans.move_to_end(key)
        return self._plans[key]


def _bloch_phase(pattern: Pattern, k: NDArray[np.float64]) -> NDArray[np.complex128] | None:
    """e^{+ik·crossing} of each entry; ``None`` where all are 1."""
    if pattern.crossings is None or not pattern.crossings.any():
        return None
    return np.asarray(np.exp(1j * (pattern.crossings @ k)))


def _of_both(forward: Array, backward: Array | None, phase_factor: Array | float) -> Array:
    """e^{+ik·crossing} G_k; where −k is to be counted too, whose G is the transpose, the mean of both."""
    if backward is None:
        return phase_factor * forward
    both: Array = 0.5 * (phase_factor * forward + np.conj(phase_factor) * backward.swapaxes(1, 2))
    return both


def _mirrored(blocks: Array, conjugation: Array) -> Array:
    """Blocks of G(−z*) = −V G(z)* V†."""
    mirrored: Array = -(conjugation @ blocks.conj() @ conjugation.conj().T)
    return mirrored


def _particle_hole(algebra: Algebra) -> NDArray[np.float64] | NDArray[np.complex128] | None:
    """Unitary V with H = −V H* V†, so that G(−z*) = −V G(z)* V†; ``None`` where there is none for sure."""
    if algebra.name == "quaternion":
        return np.array([[0, -1j], [1j, 0]])
    if algebra.name == "majorana":
        return np.array([[0, 0, 0, -1.0], [0, 0, 1, 0], [0, 1, 0, 0], [-1, 0, 0, 0]])
    return None


def _independent_energies(z: NDArray[np.complex128], symmetric: bool) -> tuple[list[int], dict[int, int]]:
    """Energies to factorise at, and for some of them the index of the energy −z* that they serve too."""
    if not symmetric:
        return list(range(len(z))), {}
    digits = 12 - int(np.ceil(np.log10(max(1e-300, float(np.abs(z).max(initial=0.0))))))
    seen: dict[tuple[float, float], int] = {}
    own: list[int] = []
    mirror: dict[int, int] = {}
    for i, energy in enumerate(z):
        partner = seen.get((round(-energy.real, digits) + 0.0, round(energy.imag, digits)))
        if partner is not None and partner not in mirror:
            mirror[partner] = i
        else:
            seen[round(energy.real, digits) + 0.0, round(energy.imag, digits)] = i
            own.append(i)
    return own, mirror
