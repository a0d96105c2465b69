"""Benchmark of the selected inversion: one table a question, in one run.

    python scripts/bench_engine.py [--large] [--json FILE]

Times are processor time of one thread where a single inverse is measured, wall time elsewhere; the
minimum of a few repetitions. The sample is the disordered open square lattice (width 2, Δ ≈ 0.4).
"""

import argparse
import json
import platform
import time

import numpy as np
from threadpoolctl import threadpool_limits

from bdg.nambu import Momentum, NambuMatrix
from bdg.resources import blas_threads
from bdg.solvers.contract import Pattern
from bdg.solvers.selected_inversion import SelectedInversion
from bdg.solvers.selected_inversion.algebra import choose_algebra, complex_algebra
from bdg.solvers.selected_inversion.factorisation import invert_selected
from bdg.solvers.selected_inversion.plan import make_plan

FORMULA = (
    "flops = 16 Σ_fronts (s³/2 + 3s²b/2 + 3sb²/2): s own, b boundary sites, 8 real products a quaternion one"
)
SIGMA_Y = np.array([[0, -1j], [1j, 0]])


def open_lattice(shape, kind="real"):
    """Disordered s-wave sample: ``real`` or ``complex`` singlet (a Peierls phase), or ``rashba``."""
    rng = np.random.default_rng(0)
    index = np.arange(int(np.prod(shape))).reshape(shape)
    positions = np.argwhere(np.ones(shape)).astype(float)
    pairs = [
        (np.take(index, range(n - 1), d).ravel(), np.take(index, range(1, n), d).ravel(), d)
        for d, n in enumerate(shape)
    ]
    i, j = (np.concatenate([pair[k] for pair in pairs]) for k in (0, 1))
    axis = np.concatenate([np.full(len(pair[0]), pair[2]) for pair in pairs])
    n = index.size
    onsite, delta = 2 * (rng.random(n) - 0.5) + 0.5, 0.3 + 0.2 * rng.random(n)
    one = np.eye(2)
    if kind == "rashba":
        coupling = np.where((axis == 0)[:, None, None], 0.25j * SIGMA_Y, -0.25j * np.array([[0, 1], [1, 0]]))
        h, local = -one + coupling, onsite[:, None, None] * one + 0.2 * np.diag([1, -1])
        gap = delta[:, None, None] * one
    else:
        phase = np.exp(0.05j * positions[i, 0] * (axis == 1)) if kind == "complex" else np.ones(len(i))
        h, local, gap = -phase[:, None, None], onsite[:, None, None] + 0j, delta[:, None, None]
    bonds, sites = nambu_blocks(h, 0 * h), nambu_blocks(local, gap)
    rows, columns = np.concatenate((i, j, np.arange(n))), np.concatenate((j, i, np.arange(n)))
    order = np.lexsort((columns, rows))
    values = np.concatenate((bonds, bonds.conj().swapaxes(1, 2), sites))[order]
    values = values.real.copy() if kind == "real" else np.ascontiguousarray(values)
    indptr = np.searchsorted(rows[order], np.arange(n + 1)).astype(np.int64)
    momentum = Momentum(1.0, np.zeros(0), values)
    symmetry = "general" if kind == "rashba" else "singlet"
    return NambuMatrix(
        indptr, columns[order].astype(np.int32), positions, values.shape[1], (momentum,), symmetry
    )


def nambu_blocks(h, gap):
    """[[h, Δ], [Δ†, hole]] for blocks of one or two spin components."""
    hole = -h.conj() if h.shape[1] == 1 else -(SIGMA_Y @ h.conj() @ SIGMA_Y)
    top = np.concatenate((h, gap + 0 * h), axis=2)
    return np.concatenate((top, np.concatenate((gap.conj() + 0 * h, hole), axis=2)), axis=1)


def whole_pattern(hamiltonian):
    rows = np.repeat(np.arange(hamiltonian.n_sites), np.diff(hamiltonian.indptr))
    return Pattern(rows.astype(np.int32), hamiltonian.indices)


def minimum(action, clock, at_least=0.5):
    best, spent = np.inf, 0.0
    while spent < at_least:
        start = clock()
        action()
        took = clock() - start
        best, spent = min(best, took), spent + took
    return best


def dgemm_rate(dtype=np.float64, n=1500):
    """Flops a second of one thread."""
    a, b = (np.random.default_rng(k).random((n, n)).astype(dtype) for k in (0, 1))
    with threadpool_limits(1):
        return 2 * n**3 / minimum(lambda: a @ b, time.thread_time)


def one_inverse(hamiltonian, algebra, shift=0.2, factor=1j, dtype=None):
    """Seconds a selected inverse takes on one thread, its plan, seconds for the plan, bytes of workspace."""
    start = time.perf_counter()
    plan = make_plan(hamiltonian, whole_pattern(hamiltonian), algebra)
    planning = time.perf_counter() - start
    values = plan.load(hamiltonian.momenta[0].values, factor)
    values = values if dtype is None else values.astype(dtype)
    with blas_threads(1):
        invert_selected(plan, values, shift)
        took = minimum(lambda: invert_selected(plan, values, shift), time.thread_time)
    e = plan.elimination
    return took, plan, planning, (e.storage + e.up + e.down + e.scratch) * values.itemsize


def table_sizes(sizes, out):
    rate = dgemm_rate()
    print(f"One pole, real singlet, one thread; dgemm (n = 1500) {rate / 1e9:.1f} Gflop/s\n{FORMULA}")
    print(f"{'size':>9} {'ms':>9} {'float32':>9} {'share of dgemm':>15} {'workspace MB':>13} {'plan s':>8}")
    for size in sizes:
        hamiltonian = open_lattice((size, size))
        algebra = choose_algebra(hamiltonian)
        single = one_inverse(hamiltonian, algebra, dtype=np.float32)[0]
        took, plan, planning, memory = one_inverse(hamiltonian, algebra)
        share = 16 * plan.elimination.products / took / rate
        print(
            f"{size:>4}×{size:<4} {took * 1e3:9.3f} {single * 1e3:9.3f}"
            f" {share:15.1%} {memory / 1e6:13.1f} {planning:8.3f}"
        )
        out.append(
            {"size": size, "ms": took * 1e3, "ms_float32": single * 1e3, "share": share, "bytes": memory}
        )


def table_algebras(size, out):
    print(f"\nOne pole by arithmetic, {size}×{size}, one thread")
    base = 0.0
    for kind, what in (
        ("real", "real singlet"),
        ("complex", "with a Peierls phase"),
        ("rashba", "Rashba, 4 dofs"),
    ):
        hamiltonian = open_lattice((size, size), kind)
        took = one_inverse(hamiltonian, choose_algebra(hamiltonian))[0]
        base = base or took
        print(f"  {what:28} {took * 1e3:9.2f} ms {took / base:6.2f}×")
        out.append({"what": what, "size": size, "ms": took * 1e3, "ratio": took / base})
    hamiltonian = open_lattice((size, size))
    took = one_inverse(hamiltonian, complex_algebra(hamiltonian), 0.2 + 0.05j, -1.0)[0]
    print(f"  {'real H at a complex energy':28} {took * 1e3:9.2f} ms {took / base:6.2f}×")
    out.append({"what": "complex energy", "size": size, "ms": took * 1e3, "ratio": took / base})


def table_iterations(shapes, out):
    print(
        "\nEntries of f(H) at T = 0.05 on all sites and bonds, all threads, wall time (the first call plans)"
    )
    for shape in shapes:
        hamiltonian = open_lattice(shape)
        pattern, solver = whole_pattern(hamiltonian), SelectedInversion()
        line = {"shape": shape}
        for tolerance in (1e-8, 1e-3):
            result = solver.correlations(hamiltonian, 0.05, pattern, tolerance=tolerance)
            took = minimum(
                lambda h=hamiltonian, p=pattern, s=solver, t=tolerance: s.correlations(
                    h, 0.05, p, tolerance=t
                ),
                time.perf_counter,
            )
            line[f"ms at {tolerance:g}"], line[f"error at {tolerance:g}"] = took * 1e3, result.error
        print(
            "  ", "×".join(map(str, shape)), {k: float(f"{v:.3g}") for k, v in line.items() if k != "shape"}
        )
        out.append(line)


def table_ldos(size, energies, out):
    hamiltonian = open_lattice((size, size))
    sites = np.arange(hamiltonian.n_sites, dtype=np.int32)
    z, solver = np.linspace(-2, 2, energies) + 0.05j, SelectedInversion()
    solver.greens(hamiltonian, z[:1], Pattern(sites, sites))
    start = time.perf_counter()
    solver.greens(hamiltonian, z, Pattern(sites, sites))
    took = time.perf_counter() - start
    print(f"\nLDOS at all sites of {size}×{size}, {energies} energies, η = 0.05: {took:.2f} s")
    out.append({"size": size, "energies": energies, "seconds": took})


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--large", action="store_true", help="512×512, 400×400, 24³ and the LDOS of 128×128")
    parser.add_argument("--json", help="write the tables there")
    options = parser.parse_args()
    tables = {"machine": platform.processor() or platform.machine(), "dgemm": dgemm_rate()}
    for name in ("sizes", "algebras", "iterations", "ldos"):
        tables[name] = []
    table_sizes((16, 24, 40, 100, 256) + ((512,) if options.large else ()), tables["sizes"])
    table_algebras(256 if options.large else 100, tables["algebras"])
    table_iterations([(16, 16), (24, 24), (40, 40), (100, 100)], tables["iterations"])
    if options.large:
        table_iterations([(24, 24, 24), (400, 400)], tables["iterations"])
    table_ldos(*((128, 201) if options.large else (48, 41)), tables["ldos"])
    if options.json:
        with open(options.json, "w") as file:
            json.dump(tables, file, indent=1)


if __name__ == "__main__":
    main()
