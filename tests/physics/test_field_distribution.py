"""P(B): its norm and moments, a slab's cosh in closed form, a vortex's tail."""

import numpy as np
import pytest

from bdg.errors import InputError
from bdg.gauge import UniformField
from bdg.lattice import Boundary, build_sample, disk
from bdg.model import build_model
from bdg.observables import measure as observed
from tests.bridge import measure
from tests.physics.test_collective_modes import model_of, state_of
from tests.physics.test_screening import solved


def slab(mu0=0.04, applied=0.01, size=30):
    sample = build_sample("square", (size, 1), ["open", Boundary("bloch", n_k=32)])
    terms = {"attraction": 4.0, "chemical_potential": -0.5, "temperature": 0.05}
    screening = {"mu0": mu0, "geometry": "slab"}
    return solved(build_model(sample, vector_potential=UniformField(applied), screening=screening, **terms))


def moments(found):
    """Norm, mean and central moments of P(B) by sums over its bins."""
    axis, p = found["axis"], found["p"]
    step = axis[1] - axis[0]
    norm, mean = p.sum() * step, (p * axis).sum() * step
    return norm, mean, *((p * (axis - mean) ** n).sum() * step for n in (2, 3))


def distribution(state, **parameters):
    quantities = observed(state, "field_distribution", parameters)
    p = quantities["field_distribution"]
    return {
        "axis": p.coords["local_field"].values,
        "p": p.values,
        "sigma": float(p.attributes["resolution"]),
        **{name: float(quantities[name]) for name in ("mean_field", "field_second_moment", "field_skewness")},
    }


def test_it_is_normalised_and_its_moments_are_those_of_the_field_with_gaussians():
    found = distribution(slab(), num=2001)
    norm, mean, second, third = moments(found)
    assert norm == pytest.approx(1.0, abs=1e-5)
    assert mean == pytest.approx(found["mean_field"], rel=1e-5)
    assert second == pytest.approx(found["field_second_moment"] + found["sigma"] ** 2, rel=1e-3)
    assert np.cbrt(third) / np.sqrt(found["field_second_moment"]) == pytest.approx(
        found["field_skewness"], rel=1e-2
    )


def test_a_slab_has_the_moments_of_a_cosh():
    """⟨B⟩ = B₀ sinh u/u and ⟨B²⟩ = B₀² (1 + sinh 2u/2u)/2, u = d/2λ, λ fitted to the profile."""
    state = slab()
    found, fitted = distribution(state), measure(state, "meissner", surface=2.0)
    u = 29 / 2 / float(fitted["depth"])  # as wide as its faces are
    ratio = found["field_second_moment"] / found["mean_field"] ** 2
    expected = 0.5 * (1 + np.sinh(2 * u) / (2 * u)) / (np.sinh(u) / u) ** 2 - 1
    assert ratio == pytest.approx(expected, rel=0.02)
    assert found["field_skewness"] > 0.5  # a tail to the field outside


def test_without_screening_the_field_is_one():
    found = distribution(slab(mu0=1e-12))
    assert found["mean_field"] == pytest.approx(0.01, rel=1e-9)
    assert found["field_second_moment"] < 1e-20
    assert found["field_skewness"] == 0.0


def test_a_vortex_adds_a_tail_to_high_fields():
    sample = build_sample("square", (17, 17), region=disk(8.2))
    terms = {"attraction": 3.0, "chemical_potential": -0.5, "temperature": 0.05}
    model = build_model(
        sample,
        vector_potential=UniformField(0.03, gauge="symmetric"),
        screening={"mu0": 0.3, "geometry": "cylinder"},
        **terms,
    )
    vortex, none = (distribution(solved(model, initial=start)) for start in ("vortex", "uniform"))
    assert abs(vortex["mean_field"]) > abs(none["mean_field"])  # flux came in
    assert vortex["field_second_moment"] != pytest.approx(none["field_second_moment"], rel=0.1)


def test_what_screens_nothing_is_refused():
    with pytest.raises(InputError, match="nothing is screened"):
        measure(state_of(model_of((3, 3))), "field_distribution")
