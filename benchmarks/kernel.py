"""The numeric phase of one pole on one thread: against dgemm by size, and arithmetic against arithmetic."""

from __future__ import annotations

from typing import Any

import numpy as np

from bdg.nambu import NambuMatrix
from bdg.resources import GIB
from bdg.solvers.selected_inversion.algebra import Algebra, choose_algebra, complex_algebra
from bdg.solvers.selected_inversion.factorisation import invert_selected
from bdg.solvers.selected_inversion.plan import Plan, make_plan
from benchmarks.samples import Kind, named, open_lattice, whole_pattern
from benchmarks.scale import Scale, pick
from benchmarks.table import Goal, Row, Table
from benchmarks.timing import beside_dgemm

FORMULA = (
    "flops = 2 m Σ_fronts β (s³/2 + 3s²b/2 + 3sb²/2): s own rows, b boundary rows; β = 1 for symmetric, 2"
    " for other matrices; m real products a product: 1 real, 4 complex, 8 quaternion; other additions free"
)
SHARE = Goal(0.35, 0.5)
CASES: tuple[tuple[Kind, str, Goal | None], ...] = (
    ("real", "real singlet", None),
    ("complex", "with a Peierls phase", Goal(2.5, 2, at_least=False)),
    ("rashba", "with Rashba, 4 dofs", Goal(14, 8, at_least=False)),
)


def measure(scale: Scale) -> list[Table]:
    """Processor time of one thread, the best of several, in turns with dgemm."""
    size = pick(scale, 8, 256)
    return [_by_size(pick(scale, (4, 8), (24, 40, 100, 256, 512)), scale), _by_arithmetic(size, scale)]


def flops(plan: Plan) -> float:
    """Real flops of the two sweeps, by :data:`FORMULA`."""
    products = {"quaternion": 8, "majorana": 1, "complex": 4}[plan.algebra.name]
    return 2.0 * products * plan.elimination.products


def one_inverse(
    hamiltonian: NambuMatrix,
    algebra: Algebra,
    scale: Scale,
    shift: complex = 0.2,
    factor: complex = 1j,
    dtype: Any = None,
) -> tuple[float, float, Plan]:
    """Seconds that a selected inverse takes on one thread, dgemm's rate beside it, and the plan."""
    plan = make_plan(hamiltonian.sparsity, whole_pattern(hamiltonian), algebra)
    values = plan.load(hamiltonian.momenta[0].values, factor)
    values = values if dtype is None else values.astype(dtype)
    n, rounds = pick(scale, (100, 1), (1500, 20))
    return *beside_dgemm(lambda: invert_selected(plan, values, shift), n, rounds), plan


def _by_size(sizes: tuple[int, ...], scale: Scale) -> Table:
    rows: list[Row] = []
    for size in sizes:
        hamiltonian = open_lattice((size, size))
        algebra = choose_algebra(hamiltonian)
        seconds, rate, plan = one_inverse(hamiltonian, algebra, scale)
        single, _, _ = one_inverse(hamiltonian, algebra, scale, dtype=np.float32)
        e, share = plan.elimination, flops(plan) / seconds / rate
        row: Row = {"sites": named((size, size)), "ms": seconds * 1e3, "float32 / ms": single * 1e3}
        row |= {"Gflop": flops(plan) / 1e9, "dgemm / Gflop/s": rate / 1e9, "share of dgemm": share}
        row |= {"workspace / GiB": 8.0 * (e.storage + e.up + e.down + e.scratch) / GIB}
        rows.append(row | (SHARE.judged(share) if size == 256 else {}))
    return Table("One pole, real singlet, one thread, against dgemm (n = 1500) beside it", rows, [FORMULA])


def _by_arithmetic(size: int, scale: Scale) -> Table:
    rows: list[Row] = []
    base = 0.0
    for kind, what, goal in CASES:
        hamiltonian = open_lattice((size, size), kind)
        seconds, rate, plan = one_inverse(hamiltonian, choose_algebra(hamiltonian), scale)
        base = base or seconds
        row = _arithmetic_row(what, seconds, base, flops(plan) / rate)
        rows.append(row | (goal.judged(seconds / base) if goal and scale != "toy" else {}))
    hamiltonian = open_lattice((size, size))
    seconds, rate, plan = one_inverse(hamiltonian, complex_algebra(hamiltonian), scale, 0.2 + 0.05j, -1.0)
    rows.append(_arithmetic_row("real H, complex energy", seconds, base, flops(plan) / rate))
    return Table(f"One pole by arithmetic, {named((size, size))}, one thread", rows)


def _arithmetic_row(what: str, seconds: float, base: float, ideal: float) -> Row:
    return {"sample": what, "ms": seconds * 1e3, "ratio": seconds / base, "share of dgemm": ideal / seconds}
