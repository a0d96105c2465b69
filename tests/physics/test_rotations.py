"""Turning every spin quantity of a dirty model at once turns its spins and changes nothing else.

Zeeman field, moments of impurities, spin–orbit coupling of bonds and d vectors turn by R; with U of R, the
fields of the loop by U x U† and pairs on bonds by U Δ Uᵀ.
"""

from dataclasses import replace

import numpy as np
import pytest
import scipy.linalg

import bdg
from bdg.lattice import build_sample
from bdg.model import Disorder, Impurity, build_model, spin_matrices
from bdg.model.pairs import CHANNELS, components, given_pairs
from bdg.scf import ScfOptions, initial_fields
from tests import reference as ref
from tests.bridge import measure, solved

TIGHT = ScfOptions(tolerance=1e-13, max_iterations=3000)
SAMPLE = build_sample("square", [4, 3], ["periodic", "open"])
PAULI = (ref.SIGMA_X, ref.SIGMA_Y, ref.SIGMA_Z)
SPECTRUM = {"energies": np.linspace(-3, 3, 13), "broadening": 0.15}


def turning(seed):
    """R and its U: U (h·σ) U† = (Rh)·σ."""
    generator = np.random.default_rng(seed).normal(size=3)
    u = scipy.linalg.expm(-0.5j * spin_matrices(np.zeros(1), generator[None])[0])
    return np.array([[0.5 * np.trace(a @ u @ b @ u.conj().T).real for b in PAULI] for a in PAULI]), u


class Coupling(bdg.Term):
    """Rashba and Dresselhaus coupling of bonds, its spins turned."""

    def __init__(self, rotation):
        self.rotation = rotation

    def spin_orbit(self, sample):
        return build_model(sample, rashba=0.3, dresselhaus="0.1 + 0.05*x").spin_orbit @ self.rotation.T


def model_of(rotation, *, given_pairs_on_bonds, **more):
    rng = np.random.default_rng(5)
    moments = rng.normal(size=(2, 3))
    if given_pairs_on_bonds:
        d = rotation @ [0.3, -0.5, 0.4]
        on_bonds = SAMPLE.bonds.shell == 1
        more["given_bonds"] = given_pairs(SAMPLE, {"chiral_p": 0.3, "d_x2_y2": 0.2}, on_bonds, d)
    return build_model(
        SAMPLE,
        zeeman=rotation @ (0.1 * rng.normal(size=(3, SAMPLE.n_sites))),
        impurities=[
            Impurity((1, 1), 0.5, rotation @ (0.2 * moments[0])),
            Impurity((3, 0), -0.4, rotation @ (0.2 * moments[1])),
        ],
        terms=[Coupling(rotation)],
        disorder=Disorder(1.0),
        **{"attraction": 1.5, "fields": ("pairing", "hartree"), "filling": 0.8, "temperature": 0.15} | more,
    )


def turned(fields, u):
    """The same fields of turned spins."""
    x = np.zeros(fields.delta.shape) if fields.exchange is None else fields.exchange
    local = np.array([[fields.hartree[0], x], [np.conj(x), fields.hartree[1]]])
    local = np.einsum("ab,bcn,dc->adn", u, local, u.conj())
    return replace(
        fields,
        hartree=np.array([local[0, 0].real, local[1, 1].real]),
        exchange=None if fields.exchange is None else local[0, 1],
        bond_delta=None if fields.bond_delta is None else u @ fields.bond_delta @ u.T,
        fock=None if fields.fock is None else u @ fields.fock @ u.conj().T,
    )


CASES = {
    "given d vector": {
        "given_pairs_on_bonds": True,
        "bond_attraction": 0.6,
        "bond_exchange": 0.4,
        "bond_fields": ("hartree", "fock"),
    },
    "self-consistent pairs of all spins": {
        "given_pairs_on_bonds": False,
        "bond_attraction": 2.5,
        "bond_exchange": 0.3,
        "temperature": 0.3,
        "channels": ("singlet", "triplet"),
        "bond_fields": ("pairing", "hartree", "fock"),
    },
}


@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
@pytest.mark.parametrize("seed", [0, 1])
def test_every_spin_turned(case, seed):
    rotation, u = turning(seed)
    models = model_of(np.eye(3), **case), model_of(rotation, **case)
    start = initial_fields(models[0], is_complex=True)
    (one, first), (two, second) = (
        solved(model, TIGHT, initial=fields)
        for model, fields in zip(models, (start, turned(start, u)), strict=True)
    )
    assert one.status == two.status == "converged"
    found, expected = two.fields, turned(one.fields, u)
    phase = np.vdot(expected.bond_delta, found.bond_delta)  # free
    expected = expected.transformed(np.full(SAMPLE.n_sites, 0.5 * np.angle(phase)), SAMPLE.bonds)
    for name in ("delta", "hartree", "exchange", "fock", "bond_delta"):
        field = getattr(expected, name)
        np.testing.assert_allclose(getattr(found, name), field, atol=1e-11, rtol=0, err_msg=name)
        assert np.abs(field).max() > 1e-2, name
    triplets = components(one.fields.bond_delta, np.array(CHANNELS["triplet"]))
    assert np.abs(triplets).max(axis=1).min() > 1e-2  # in all directions

    for name in ("density", "currents", "entropy", "grand_potential", "spectral_gap"):
        before, after = measure(first, name), measure(second, name)
        for key in before:
            if key in ("spin_density", "hartree_constant", "exchange_constant"):
                continue
            np.testing.assert_allclose(after[key], before[key], atol=1e-11, rtol=0, err_msg=key)
    spins = [
        np.stack([measure(state, "magnetisation")[f"magnetisation_{axis}"] for axis in "xyz"])
        for state in (first, second)
    ]
    np.testing.assert_allclose(spins[1], rotation @ spins[0], atol=1e-11)
    assert np.abs(spins[0]).max(axis=1).min() > 1e-2
    before, after = (measure(state, "ldos", **SPECTRUM) for state in (first, second))
    np.testing.assert_allclose(after["ldos"], before["ldos"], atol=1e-11)
    vectors = [spectrum["spin_vector_ldos"] for spectrum in (before, after)]
    np.testing.assert_allclose(vectors[1], np.tensordot(rotation, vectors[0], axes=1), atol=1e-11)
