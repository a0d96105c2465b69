"""The true error of selected inversion against its own estimate, on random and on hard samples."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bdg.lattice import Boundary, build_sample, regions
from bdg.model import Disorder, Fields, build_model
from bdg.nambu import NambuAssembler, NambuMatrix
from bdg.resources import blas_threads
from bdg.solvers.contract import Pattern
from bdg.solvers.diagonalization import Diagonalization
from bdg.solvers.selected_inversion import SelectedInversion
from benchmarks.samples import open_lattice, whole_pattern
from benchmarks.scale import Scale, pick
from benchmarks.table import Goal, Row, Table, measured

NEVER_ABOVE = Goal(3.0, at_least=False)
SHARE = Goal(0.95)
USEFUL, FLOOR = 100.0, 1e-13


@dataclass(frozen=True)
class Trial:
    """One random sample: what was asked, the estimates, the true errors and what is known of those.

    Parameters
    ----------
    kind
        What sort of matrix it is.
    tolerance
        What was asked for.
    estimate, error, reference
        Of the entries of f(H): the estimate, the difference from LAPACK, LAPACK's own error estimate.
    omega_estimate, omega_error, omega_reference
        The same of the grand potential.
    """

    kind: str
    tolerance: float
    estimate: float
    error: float
    reference: float
    omega_estimate: float
    omega_error: float
    omega_reference: float

    @property
    def ratio(self) -> float:
        """True error over the estimate; a difference that LAPACK may have made counts for nothing."""
        return self.error / max(self.estimate, self.reference)

    @property
    def omega_ratio(self) -> float:
        """The same of the grand potential."""
        return self.omega_error / max(self.omega_estimate, self.omega_reference)

    @property
    def useful(self) -> bool:
        """Whether the estimate is not far too large."""
        return self.estimate <= USEFUL * max(self.error, FLOOR)


def measure(scale: Scale) -> list[Table]:
    """Random samples with seeds 0, 1, 2, …: how often the estimate is too small or far too large."""
    trials = [trial(seed) for seed in range(pick(scale, 12, 1000, 4000))]
    goals = (NEVER_ABOVE, SHARE) if scale != "toy" else (None, None)
    within = np.mean([t.error <= max(t.tolerance, t.reference) for t in trials])
    rows = [
        measured("largest true error / estimate", max(t.ratio for t in trials), goals[0]),
        measured("share with estimate ≤ 100 max(error, 1e-13)", _share(trials), goals[1]),
        measured("largest error / estimate of Ω", max(t.omega_ratio for t in trials), goals[0]),
        measured("share with error ≤ tolerance", float(within), Goal(1.0) if scale != "toy" else None),
    ]
    notes = [
        f"{len(trials)} samples of 1 to 144 sites: chains, squares, cubes; open, periodic, twisted; regions,"
        " vacancies, disorder;",
        "real, complex, Zeeman, Rashba; T from 0.005 to 1, tolerances from 1e-3 to 1e-12",
        "the error is the difference from LAPACK; estimates below LAPACK's own error count as that",
    ]
    return [Table("Error estimate of selected inversion", rows, notes), _by_kind(trials), _greens(scale)]


def _greens(scale: Scale) -> Table:
    """The same of Green's functions, on random and on hard samples."""
    trials = [greens_trial(seed) for seed in range(pick(scale, 12, 600, 3000))]
    goals = (NEVER_ABOVE, SHARE) if scale != "toy" else (None, None)
    useful = float(np.mean([estimate <= USEFUL * max(error, FLOOR) for estimate, error in trials]))
    rows = [
        measured("largest true error / estimate", max(e / estimate for estimate, e in trials), goals[0]),
        measured("share with estimate ≤ 100 max(error, 1e-13)", useful, goals[1]),
    ]
    notes = [
        f"{len(trials)} samples, every other one as above, with walls of 1e4 and 1e2 or zero modes;",
        "Im z from 1e-3 to 0.3, Re z = 0 in half of them; against inverses refined in extended precision",
    ]
    return Table("Error estimate of Green's functions", rows, notes)


def greens_trial(seed: int) -> tuple[float, float]:
    """Estimate and true error of (z − H)⁻¹ on the sample of that seed."""
    rng = np.random.default_rng(seed)
    hamiltonian = _hard_matrix(rng) if seed % 2 else random_matrix(rng)[1]
    z = complex(rng.choice([0.0, rng.uniform(-3, 3)]), 10 ** rng.uniform(-3, -0.5))
    pattern, n, dofs = _pattern(hamiltonian, rng), hamiltonian.n_sites, hamiltonian.dofs
    found = SelectedInversion(threads=1).greens(hamiltonian, np.array([z]), pattern)
    exact = _refined_inverse(z * np.eye(dofs * n) - hamiltonian.dense()).reshape(n, dofs, n, dofs)
    error = np.abs(found.blocks[0] - exact[pattern.rows, :, pattern.columns, :]).max()
    return found.error, float(error)


def _refined_inverse(matrix: NDArray[Any]) -> NDArray[Any]:
    """Inverse by LAPACK and two Newton steps in the machine's longest numbers."""
    exact, one = matrix.astype(np.clongdouble), np.eye(len(matrix))
    inverse = np.linalg.inv(matrix).astype(np.clongdouble)
    for _ in range(2):
        inverse = inverse + inverse @ (one - exact @ inverse)
    return inverse


def _hard_matrix(rng: np.random.Generator) -> NambuMatrix:
    """Small squares with walls, or clean ones, with zero modes where the sides are even."""
    side = int(rng.integers(4, 9))
    boundary = "periodic" if rng.random() < 0.5 else "open"
    sample = build_sample("square", [side, side + int(rng.integers(3))], boundary)
    x, y = sample.positions.T
    walls = [np.where(x == 2, 1e4, 0.0), np.where((x == 2) | (y == 1), 1e4, 0.0)]
    walls += [np.where(x == 1, -1e4, np.where(y == 2, 1e2, 0.0)), np.zeros(len(x))]
    model = build_model(sample, onsite=walls[int(rng.integers(4))], attraction=1.0)
    delta = np.full(len(x), rng.choice([0.0, 0.4]))
    return NambuAssembler(model).matrix(Fields(delta, np.zeros((2, len(x))), 0.0))


def trial(seed: int) -> Trial:
    """Both solvers on the random sample of that seed."""
    rng = np.random.default_rng(seed)
    kind, hamiltonian = random_matrix(rng)
    temperature = float(10.0 ** rng.uniform(np.log10(0.005), 0.0))
    tolerance = float(10.0 ** -rng.uniform(3, 12))
    pattern = _pattern(hamiltonian, rng)
    with blas_threads(1):
        dense = Diagonalization(threads=1)
        exact = dense.correlations(hamiltonian, temperature, pattern)
        omega = dense.grand_potential(hamiltonian, temperature)
        found = SelectedInversion(threads=1).evaluate(hamiltonian, temperature, pattern, tolerance=tolerance)
    return Trial(
        kind=kind,
        tolerance=tolerance,
        estimate=found.correlations.error,
        error=float(np.abs(found.correlations.blocks - exact.blocks).max()),
        reference=exact.error,
        omega_estimate=found.grand_potential.error,
        omega_error=abs(found.grand_potential.value - omega.value),
        omega_reference=omega.error,
    )


def random_matrix(rng: np.random.Generator) -> tuple[str, NambuMatrix]:
    """A matrix of a random sample, and what sort it is."""
    if rng.random() < 0.2:
        shape = tuple(int(n) for n in rng.integers(2, 10, size=2))
        return "rashba", open_lattice(shape, "rashba", int(rng.integers(2**31)))
    lattice, largest = {0: ("chain", 60), 1: ("square", 12), 2: ("square", 12), 3: ("cubic", 5)}[
        int(rng.integers(4))
    ]
    n_directions = {"chain": 1, "square": 2, "cubic": 3}[lattice]
    size = [int(n) for n in rng.integers(1, largest + 1, size=n_directions)]
    twisted = rng.random() < 0.3
    sample = build_sample(
        lattice,
        size,
        [_boundary(rng, twisted) for _ in size],
        region=_region(rng, size) if lattice == "square" and rng.random() < 0.4 else None,
        vacancies=[[int(rng.integers(n)) for n in size]] if np.prod(size) > 20 and rng.random() < 0.3 else (),
    )
    field = rng.random() < 0.3
    zeeman = rng.choice([0.0, 0.1, 0.5]) * rng.standard_normal(sample.n_sites) if field else 0.0
    complex_delta = rng.random() < 0.3
    model = build_model(
        sample,
        chemical_potential=float(rng.uniform(-1, 1)),
        disorder=Disorder(float(rng.choice([0.0, 1.0, 4.0, 20.0])), seed=int(rng.integers(2**31))),
        zeeman=zeeman,
        temperature=0.0,
        vector_potential=rng.normal(size=sample.dimension) if rng.random() < 0.2 else None,
    )
    delta: NDArray[Any] = rng.choice([0.0, 0.1, 0.5]) * (1 + rng.standard_normal(sample.n_sites))
    if complex_delta:
        delta = delta * np.exp(2j * np.pi * rng.random(sample.n_sites))
    fields = Fields(delta, np.zeros((2, sample.n_sites)), float(model.chemical_potential or 0.0))
    hamiltonian = NambuAssembler(model).matrix(fields)
    return f"{'real' if hamiltonian.is_real else 'complex'} {hamiltonian.symmetry}", hamiltonian


def _boundary(rng: np.random.Generator, twisted: bool) -> Boundary:
    if rng.random() < 0.5:
        return Boundary("open")
    return Boundary("periodic", float(rng.uniform(-np.pi, np.pi)) if twisted else 0.0)


def _region(rng: np.random.Generator, size: list[int]) -> regions.Region:
    """A disk or a ring round the middle that holds at least the site nearest to it."""
    middle = [(n - 1) // 2 for n in size]
    outer = float(rng.uniform(1, max(size) / 2 + 1))
    if rng.random() < 0.5 or min(size) < 4:
        return regions.disk(outer, middle)
    return regions.ring(1.0, outer + 1, middle)


def _pattern(hamiltonian: NambuMatrix, rng: np.random.Generator) -> Pattern:
    """All places where H has a block, and some far ones."""
    inside, far = whole_pattern(hamiltonian), rng.integers(0, hamiltonian.n_sites, size=(2, 3))
    rows, columns = np.concatenate((inside.rows, far[0])), np.concatenate((inside.columns, far[1]))
    return Pattern(rows.astype(np.int32), columns.astype(np.int32))


def _share(trials: list[Trial]) -> float:
    return float(np.mean([t.useful for t in trials]))


def _by_kind(trials: list[Trial]) -> Table:
    rows: list[Row] = []
    for kind in sorted({t.kind for t in trials}):
        some = [t for t in trials if t.kind == kind]
        row: Row = {"matrices": kind, "samples": len(some)}
        row |= {"largest error / estimate": max(t.ratio for t in some), "share useful": _share(some)}
        median = float(np.median([t.estimate / max(t.error, FLOOR) for t in some]))
        rows.append(row | {"median estimate / max(error, 1e-13)": median})
    return Table("The same by kind of matrix", rows)
