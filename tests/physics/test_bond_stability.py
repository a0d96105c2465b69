"""The second variation with fields on bonds: all of J by brute force, and the normal state in k space."""

from dataclasses import replace

import numpy as np
import pytest
import scipy.optimize

import bdg
from bdg.lattice import build_sample
from bdg.model import Fields, build_model
from bdg.model.pairs import components, given_pairs, matrices
from bdg.nambu import NambuAssembler
from bdg.observables import State, observable_named
from bdg.scf import ScfOptions
from bdg.scf.stability.jacobian import Jacobian
from bdg.solvers.diagonalization import Diagonalization
from bdg.solvers.selected_inversion import SelectedInversion
from tests import reference as ref
from tests.bridge import measure, quadratic_of, solved
from tests.support.bond_clusters import CLUSTERS, TIGHT

SOLVERS = {"dense": Diagonalization(threads=1), "engine": SelectedInversion(threads=1)}


def twin(model, fields):
    """The fields that the equations of the theory make of given ones, by all 4N levels; μ is kept."""
    n, bonds, interaction = model.sample.n_sites, model.sample.bonds, model.bond_attraction
    exact = ref.solve_quadratic_4n(*quadratic_of(model, fields), model.temperature)
    normal, pairs = (x.reshape(2, n, 2, n) for x in (exact.normal, exact.anomalous))
    density, strength = np.einsum("sisi->si", normal).real, interaction.strength
    ends = list(zip(strength, bonds.source, bonds.target, strict=True))
    u, sites = model.attraction.strength, np.arange(n)
    hartree = np.zeros((2, n))
    for v, i, j in ends:
        hartree[:, i] -= v * density[:, j].sum() * interaction.hartree
        hartree[:, j] -= v * density[:, i].sum() * interaction.hartree
    if model.attraction.hartree:
        hartree -= u * density[::-1]
    basis = interaction.basis
    whole = np.array([-v * pairs[:, j, :, i].T for v, i, j in ends])
    made = Fields(
        u * pairs[0, sites, 1, sites],
        hartree,
        fields.mu,
        None if fields.exchange is None else u * normal[0, sites, 1, sites],
        matrices(components(whole, basis), basis),
        np.array([v * normal[:, j, :, i] for v, i, j in ends]),
    )
    return made, density.sum() / n


def brute_force(jacobian, model):
    """J by columns of the twin; at fixed filling μ is found anew for each."""

    def made(vector):
        fields = jacobian.layout.unpack(vector, jacobian.center)
        if model.filling is not None:
            mu = scipy.optimize.brentq(
                lambda mu: twin(model, replace(fields, mu=mu))[1] - model.filling,
                fields.mu - 0.5,
                fields.mu + 0.5,
                xtol=1e-13,
                rtol=1e-14,
            )
            fields = replace(fields, mu=mu)
        return jacobian.layout.pack(twin(model, fields)[0])

    center = jacobian.layout.pack(jacobian.center)
    np.testing.assert_allclose(made(center), center, atol=1e-9)  # so the twin is one
    step = 1e-3
    columns = []
    for unit in step * np.eye(len(center)):
        slopes = [(made(center + m * unit) - made(center - m * unit)) / (2 * m * step) for m in (1, 2)]
        columns.append((4 * slopes[0] - slopes[1]) / 3)
    return np.stack(columns, axis=1)


@pytest.mark.parametrize("name", CLUSTERS)
def test_all_of_j_is_that_of_brute_force(name):
    """Complex pairs of all channels, Hartree, Fock and exchange fields, away from any symmetry."""
    model = CLUSTERS[name]()
    outcome, state = solved(model, TIGHT)
    assert outcome.status == "converged"
    jacobian = Jacobian(model, SOLVERS["dense"], state.fields, 0.3)
    exact = brute_force(jacobian, model)
    whole = np.zeros_like(exact)
    chosen = jacobian._acting
    products = [jacobian.products(unit) for unit in np.eye(len(jacobian))]
    whole[np.ix_(chosen, chosen)] = np.stack([image for image, _ in products], axis=1)
    assert np.abs(exact).max() > 0.2
    np.testing.assert_allclose(whole, exact, atol=1e-6)
    response = np.stack([left for _, left in products], axis=1)  # χ: symmetric, positive
    np.testing.assert_allclose(response, response.T, atol=1e-6)
    assert np.linalg.eigvalsh(response).min() > -1e-6

    values = np.linalg.eigvals(exact)
    assert np.abs(values.imag).max() < 1e-6
    values = np.sort(values.real)[::-1]
    rotation = np.argmin(np.abs(values - 1))
    assert values[rotation] == pytest.approx(1, abs=1e-6)
    values = np.delete(values, rotation)
    found = measure(state, "stability", count=5)
    np.testing.assert_allclose(found["stability_eigenvalues"], values[:5], rtol=0, atol=2e-6)
    assert found["phase_rotation_eigenvalue"] == pytest.approx(1, abs=1e-7)


# The normal state of a torus ---------------------------------------------------------------------------


def pair_eigenvalues(size, mu, temperature, strength, wave):
    """Eigenvalues of J_dd'(q) = (2V/N) Σ_k w_d w_d' [1 − f(ξ_k) − f(ξ_{q−k})]/(ξ_k + ξ_{q−k}), every q.

    The pair (k↑, q − k↓) has the form factor w_d = w(k_d − q_d/2) on the bonds along d.
    """
    kx, ky = np.meshgrid(*(2 * np.pi * np.arange(length) / length for length in size), indexing="ij")
    band = lambda x, y: -2 * np.cos(x) - 2 * np.cos(y) - mu  # noqa: E731
    values = []
    for nx, ny in np.ndindex(*size):
        qx, qy = 2 * np.pi * nx / size[0], 2 * np.pi * ny / size[1]
        one, other = band(kx, ky), band(qx - kx, qy - ky)
        total = one + other
        slope = ref.fermi(one, temperature) * (1 - ref.fermi(one, temperature)) / temperature
        near = np.abs(total) < 1e-9
        filled = 1 - ref.fermi(one, temperature) - ref.fermi(other, temperature)
        kernel = np.where(near, slope, filled / np.where(near, 1, total))
        w = np.array([wave(kx - qx / 2), wave(ky - qy / 2)])
        matrix = 2 * strength * np.einsum("dxy,exy,xy->de", w, w, kernel) / kx.size
        values.extend(np.linalg.eigvalsh(matrix))
    return np.array(values)


def normal_state(model, solver):
    n, bonds = model.sample.n_sites, model.sample.n_bonds
    fields = Fields(np.zeros(n), np.zeros((2, n)), model.chemical_potential, None, np.zeros((bonds, 2, 2)))
    return State(model, fields, NambuAssembler(model).matrix(fields), solver)


@pytest.mark.parametrize("solver", SOLVERS.values(), ids=SOLVERS)
@pytest.mark.parametrize(
    ("channels", "copies"),
    [("singlet", {np.cos: 2}), ("triplet_z", {np.sin: 2}), ("triplet", {np.sin: 6})],
)
def test_normal_state_on_a_torus_answers_as_k_space_says(solver, channels, copies):
    size, mu, temperature, strength = (6, 5), -0.7, 0.15, 3.0
    model = build_model(
        build_sample("square", size, "periodic"),
        chemical_potential=mu,
        bond_attraction=strength,
        channels=channels,
        temperature=temperature,
    )
    exact = [
        np.repeat(pair_eigenvalues(size, mu, temperature, strength, wave), times)
        for wave, times in copies.items()
    ]
    exact = np.sort(np.concatenate(exact))[::-1]
    assert exact[0] > 1.05
    whole = observable_named("stability")(normal_state(model, solver), count=6)
    found = {name: quantity.values for name, quantity in whole.items()}
    assert float(found["largest_eigenvalue"]) == pytest.approx(exact[0], abs=2e-7)
    assert int(found["unstable_directions"]) == min(np.count_nonzero(exact > 1), 6)
    np.testing.assert_allclose(found["stability_eigenvalues"][0], exact[0], rtol=0, atol=5e-7)
    error = whole["stability_eigenvalues"].error
    assert error < 0.01 * np.abs(exact[:6] - 1).max() + 1e-5
    np.testing.assert_allclose(found["stability_eigenvalues"], exact[:6], rtol=0, atol=error)
    assert not found["is_minimum"]


# Superconducting states --------------------------------------------------------------------------------


def test_the_uniform_d_wave_is_a_minimum_and_a_saddle_leads_down_to_it():
    """Extended s solves the gap equation too, with a higher Ω."""
    model = build_model(
        build_sample("square", [6, 6], "periodic"),
        chemical_potential=-1.5,
        bond_attraction=3.5,
        channels="singlet",
        temperature=0.1,
    )
    best, state = solved(model, TIGHT)
    found = measure(state, "stability")
    assert bool(found["is_minimum"])
    assert float(found["phase_rotation_eigenvalue"]) == pytest.approx(1, abs=1e-8)
    s_wave = given_pairs(model.sample, {"s_extended": 0.5}, np.ones(model.sample.n_bonds, bool))
    start = replace(best.fields, bond_delta=s_wave)
    higher, other = solved(model, TIGHT, initial=start)
    assert higher.status == "converged"
    assert np.ptp(components(higher.fields.bond_delta, model.bond_attraction.basis)) < 1e-9
    assert np.abs(higher.fields.bond_delta).max() > 0.05
    omega = [float(measure(one, "grand_potential")["grand_potential"]) for one in (state, other)]
    assert omega[1] > omega[0] + 0.01
    found = measure(other, "stability")
    assert int(found["unstable_directions"]) >= 1
    mode = found["leading_bond_singlet"]
    pushed = replace(higher.fields, bond_delta=higher.fields.bond_delta + 0.1 * as_pairs(model, mode))
    again = bdg.solve(
        model, initial=pushed, observables=("grand_potential",), solver=SOLVERS["dense"], scf=ScfOptions()
    )
    assert float(again["grand_potential"]) == pytest.approx(omega[0], abs=1e-7)


def as_pairs(model, part):
    return matrices(part[None], model.bond_attraction.basis)
