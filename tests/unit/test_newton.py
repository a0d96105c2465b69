"""The local Newton step where it is exact: samples in which every two sites share a bond."""

import numpy as np
import pytest

from bdg.lattice import build_sample
from bdg.model import Disorder, Fields, build_model
from bdg.scf import FixedPoint
from bdg.scf.newton import newton_step
from bdg.solvers import Correlations, Pattern
from bdg.solvers.selected_inversion import SelectedInversion


@pytest.mark.parametrize(
    "size", [1, 2, 3]
)  # two sites in a ring have two bonds, stored in opposite orientation
def test_step_is_that_of_newton(size):
    sample = build_sample("chain", size, "periodic")
    model = build_model(
        sample,
        attraction=lambda x: 2.0 + 0.3 * x,
        disorder=Disorder(1.0),
        chemical_potential=-0.4,
        temperature=0.1,
    )
    delta = 0.4 + 0.1 * np.arange(size)
    start = Fields(delta, np.zeros((2, size)), -0.4)
    fixed_point = FixedPoint(model, SelectedInversion(threads=1), start, 1e-11)

    def out(values):
        return fixed_point(Fields(values, start.hartree, start.mu))[0].delta

    step, unit = 1e-4, np.eye(size)
    jacobian = np.stack([(out(delta + step * e) - out(delta - step * e)) / (2 * step) for e in unit], axis=1)
    assert np.abs(jacobian - np.diag(np.diag(jacobian))).max() > 1e-3 or size == 1
    out(delta)
    newton = fixed_point.preconditioner()
    residual = np.linspace(1.0, 2.0, size)
    np.testing.assert_allclose(
        newton(residual), np.linalg.solve(np.eye(size) - jacobian, residual), rtol=1e-5
    )


def test_a_singular_step_is_not_taken():
    site = Pattern(np.zeros(1, np.int32), np.zeros(1, np.int32))
    f = Correlations(site, np.zeros((1, 2, 2)), 0.0, pair_response=np.array([0.5]))
    assert newton_step(f, np.array([2.0]), slice(0, 1)) is None
    assert newton_step(f, np.array([1.0]), slice(0, 1))(np.ones(1)) == pytest.approx(2.0)
