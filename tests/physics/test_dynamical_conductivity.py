"""σ(q, ω): Kubo's formula, continuity, the f-sum rule, gauge invariance, the superfluid weight."""

import numpy as np
import pytest

from bdg.errors import InputError
from bdg.lattice import Boundary, build_sample
from bdg.model import Disorder, build_model
from tests.bridge import measure
from tests.physics.test_collective_modes import model_of, state_of

DISORDER = Disorder(width=1.5, seed=3)


def found_in(state, **parameters):
    return measure(state, "dynamical_conductivity", **{"accuracy": 1e-12, **parameters})


@pytest.mark.parametrize("temperature", [0.0, 0.2])
def test_with_the_fields_held_it_is_kubo_s_formula(temperature):
    state = state_of(model_of((4, 3), disorder=DISORDER, temperature=temperature))
    energies = [0.3, 1.7, 4.0]
    kubo = measure(state, "conductivity", energies=energies, broadening=0.1)
    bare = found_in(state, energies=energies, broadening=0.1)["bare_dynamical_conductivity"][0]
    whole = kubo["conductivity_real"] + 1j * kubo["conductivity_imaginary"]
    if temperature == 0:
        np.testing.assert_allclose(bare, whole, rtol=0, atol=1e-10)
    else:
        np.testing.assert_allclose(bare, whole, rtol=0, atol=1e-8)


@pytest.mark.parametrize(
    "terms",
    [
        {"disorder": DISORDER},
        {"disorder": DISORDER, "temperature": 0.2, "fields": ["pairing"], "chemical_potential": -0.5},
        {"rashba": 0.4, "zeeman": (0.1, 0, 0.2), "disorder": DISORDER},
        {
            "bond_attraction": 0.3,
            "bond_fields": ["pairing", "hartree", "fock"],
            "disorder": DISORDER,
            "chemical_potential": None,
            "filling": 0.9,
        },
    ],
    ids=["disorder", "pairs alone, warm", "any spin", "bonds"],
)
def test_charge_is_kept_and_the_f_sum_rule_holds_only_with_the_fields_following(terms):
    state = state_of(model_of((4, 3), **terms))
    assert np.isnan(found_in(state, energies=[0.7], accuracy=1.0)["f_sum"][0])  # no density at q = 0
    assert np.abs(state.fields.delta).max() > 0.1
    q = [[np.pi / 2, 2 * np.pi / 3]]
    found = found_in(state, energies=[0.7], broadening=0.1, wave_vectors=q, accuracy=1e-10)
    assert found["continuity_error"].max() < 1e-6
    assert found["bare_continuity_error"].min() > 1e-2
    assert found["f_sum"][0] == pytest.approx(1.0, abs=1e-6)
    assert abs(found["bare_f_sum"][0] - 1.0) > 1e-2


def test_a_static_longitudinal_potential_is_a_pure_gauge():
    """K(q ∥ A, ω → 0) = 0 with the fields following, the bare one leaves a superfluid density over."""
    state = state_of(model_of((6, 3)))
    found = found_in(state, energies=[0.0], broadening=1e-4, wave_vectors=[[np.pi / 3, 0.0]])
    kernel, bare = (
        np.real(found[name][0, 0, 0] * 1e-4)
        for name in ("dynamical_conductivity", "bare_dynamical_conductivity")
    )
    assert abs(kernel) < 1e-6
    assert abs(bare) > 0.1
    across = np.real(found["dynamical_conductivity"][0, 1, 0] * 1e-4)
    assert across > 0.1  # a transverse one is screened


def test_uniform_fields_see_the_superfluid_weight_and_disorder_absorbs_below_the_gap():
    clean, dirty = (state_of(model_of((6, 6), **terms)) for terms in ({}, {"disorder": DISORDER}))
    for state in (clean, dirty):
        weight = measure(state, "superfluid_weight", relax=True)["relaxed_weight"]
        found = found_in(state, energies=[0.0], broadening=1e-4)
        kernel = np.real(found["dynamical_conductivity"][0, :, 0] * 1e-4)
        np.testing.assert_allclose(kernel, np.diag(weight), rtol=0, atol=1e-6)
    gap = float(measure(dirty, "spectral_gap")["spectral_gap"])
    energies = np.linspace(0.5, 1.9, 30) * gap
    found = found_in(dirty, energies=energies.tolist(), broadening=0.02)
    absorbed, bare = (
        found[name][0, 0].real for name in ("dynamical_conductivity", "bare_dynamical_conductivity")
    )
    assert absorbed.max() > 5 * bare.max()
    clean_one = found_in(clean, energies=[1.0], broadening=0.02)  # Galilei: nothing but the condensate
    assert clean_one["dynamical_conductivity"][0, 0, 0] == pytest.approx(
        clean_one["bare_dynamical_conductivity"][0, 0, 0], abs=1e-9
    )


def test_bloch_momenta_are_a_torus():
    torus = state_of(model_of((4, 4)))
    half = state_of(model_of((4, 1), ["periodic", Boundary("bloch", n_k=4)]))
    given = {"energies": [0.4, 1.5], "wave_vectors": [[np.pi / 2, 0.0]]}
    one, two = (found_in(state, **given) for state in (torus, half))
    for name in ("dynamical_conductivity", "f_sum", "bare_f_sum"):
        np.testing.assert_allclose(two[name], one[name], rtol=0, atol=1e-8)


def test_without_joined_ends_it_is_refused():
    state = state_of(build_model(build_sample("square", [2, 2]), attraction=3.5, chemical_potential=-2.0))
    with pytest.raises(InputError, match="joined"):
        found_in(state, energies=[0.5])


def test_spins_across_follow_in_a_state_whose_spins_are_alike():
    """The static susceptibility too: its exchange field is the Hartree field of spins along z, turned."""
    state = state_of(model_of((4, 3), disorder=DISORDER))
    along, across = (
        measure(state, "susceptibility", channel="spin", axis=axis, sources=[5]) for axis in ("z", "x")
    )
    np.testing.assert_allclose(across["susceptibility_map"], along["susceptibility_map"], rtol=0, atol=1e-9)
    assert np.abs(along["susceptibility_map"] - along["bare_susceptibility_map"]).max() > 1e-3
