"""Selected inversion where it is hard: what it returns is right, or its error estimate says how wrong."""

import numpy as np
import pytest

from bdg.errors import InputError
from bdg.expectations import site_and_bond_pattern
from bdg.lattice import Boundary, build_sample, disk, union
from bdg.model import Disorder, Fields, build_model
from bdg.nambu import NambuAssembler
from bdg.solvers.diagonalization import Diagonalization
from bdg.solvers.selected_inversion import SelectedInversion

DENSE, ENGINE = Diagonalization(threads=1), SelectedInversion(threads=1)
TORUS = build_sample("square", [12, 12], "periodic")
ISLANDS = build_sample("square", [15, 7], region=union([disk(3, [3, 3]), disk(3, [11, 3])]))
WALL = {"onsite": lambda x, y: np.where(x == 3, 1e4, 0.0)}

CASES = {
    "zero modes of a clean torus": (TORUS, {}, 0.0, 0.05),
    "zero modes, T small against the level spacing": (TORUS, {}, 0.0, 1e-3),
    "clean normal torus": (TORUS, {"chemical_potential": -0.37}, 0.0, 0.005),
    "twisted normal torus": (
        build_sample("square", [8, 7], [Boundary("periodic", 0.3), "periodic"]),
        {"chemical_potential": -0.37},
        0.0,
        0.01,
    ),
    "normal, disordered": (TORUS, {"disorder": Disorder(2.0)}, 0.0, 0.005),
    "hard walls": (build_sample("square", [8, 8]), WALL, 0.4, 0.05),
    "hard walls, normal": (build_sample("square", [8, 8]), WALL, 0.0, 0.05),
    "disconnected islands": (ISLANDS, {"disorder": Disorder(1.0)}, 0.3, 0.02),
    "one site": (build_sample("square", [1, 1]), {"chemical_potential": -0.3}, 0.5, 0.05),
    "one site at zero energy": (build_sample("chain", 1), {}, 0.0, 0.1),
    "two sites, two bonds": (build_sample("chain", 2, "periodic"), {}, 0.2, 0.01),
    "a chain of a thousand": (build_sample("chain", 1000), {"disorder": Disorder(0.5)}, 0.1, 0.005),
    "weak coupling at low temperature": (TORUS, {"chemical_potential": -0.5}, 1e-3, 0.005),
    "Zeeman field beyond the gap": (TORUS, {"zeeman": 0.6, "disorder": Disorder(0.5)}, 0.3, 0.01),
}


SLOW = "a chain of a thousand"


@pytest.mark.parametrize(
    "name", [pytest.param(name, marks=pytest.mark.slow) if name == SLOW else name for name in CASES]
)
@pytest.mark.parametrize("tolerance", [1e-6, 1e-10])
def test_right_or_honest(name, tolerance):
    sample, terms, delta, temperature = CASES[name]
    model = build_model(sample, temperature=temperature, attraction=1.0, **terms)
    n = sample.n_sites
    fields = Fields(np.full(n, delta), np.zeros((2, n)), model.chemical_potential)
    matrix, pattern = NambuAssembler(model).matrix(fields), site_and_bond_pattern(sample)
    exact = DENSE.correlations(matrix, temperature, pattern)
    found = ENGINE.correlations(matrix, temperature, pattern, tolerance=tolerance)
    error = np.abs(found.blocks - exact.blocks).max()
    assert error <= 3 * found.error + 3 * exact.error
    assert found.error <= 10 * tolerance or name == "zero modes, T small against the level spacing"

    omega, expected = (s.grand_potential(matrix, temperature, tolerance=tolerance) for s in (ENGINE, DENSE))
    assert abs(omega.value - expected.value) <= 3 * omega.error + 3 * expected.error

    z = np.array([0.3 + 0.05j, -0.3 + 0.05j, 1e-3j])
    greens = ENGINE.greens(matrix, z, pattern)
    for index, energy in enumerate(z):
        inverse = np.linalg.inv(energy * np.eye(2 * n) - matrix.dense()).reshape(n, 2, n, 2)
        difference = np.abs(greens.blocks[index] - inverse[pattern.rows, :, pattern.columns, :]).max()
        assert difference <= 3 * greens.error
    assert greens.error < 1e-7
    assert ENGINE.greens(matrix, z[:2], pattern).error < 1e-10


def test_zero_temperature_without_a_gap_is_refused_clearly():
    model = build_model(build_sample("chain", 400, "periodic"), fields=())
    matrix = NambuAssembler(model).matrix(Fields(np.zeros(400), np.zeros((2, 400)), 0.0))
    with pytest.raises(InputError, match="no gap"):
        ENGINE.correlations(matrix, 0.0, site_and_bond_pattern(model.sample))
