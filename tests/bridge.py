"""From the package's objects to those of ``tests/reference.py``, and models to try both on."""

import numpy as np

from bdg.lattice import build_sample
from bdg.lattice.bonds import Bonds
from bdg.lattice.sample import Sample
from bdg.lattice.shells import BondKinds
from bdg.model import build_model
from bdg.observables import State, observable_named
from bdg.scf import self_consistency
from bdg.solvers.diagonalization import Diagonalization
from tests import reference as ref


def problem_of(model, mu=None):
    """The same physics as a reference problem."""
    bonds = model.sample.bonds
    return ref.Problem(
        n_sites=model.sample.n_sites,
        bonds=[
            ref.Bond(int(i), int(j), float(t), float(phase))
            for i, j, t, phase in zip(bonds.source, bonds.target, model.hopping, model.phase, strict=True)
        ],
        onsite=model.onsite,
        mu=model.chemical_potential if mu is None else mu,
        zeeman=model.zeeman.T,
        attraction=model.attraction.strength,
        hartree=model.attraction.hartree,
        temperature=model.temperature,
    )


def mean_field_of(model, fields):
    """The fields of a result as the reference wants them."""
    return ref.given_field(problem_of(model, fields.mu), fields.delta, fields.hartree.T)


def solved(model, options=None, **given):
    """Self-consistent outcome and the state to measure."""
    solver = Diagonalization(threads=1)
    outcome = self_consistency(model, solver, options, **given)
    return outcome, State(model, outcome.fields, outcome.hamiltonian, solver)


def measure(state, name, **parameters):
    """Values of an observable's quantities by name."""
    return {key: quantity.values for key, quantity in observable_named(name)(state, **parameters).items()}


def random_cluster(n_sites, seed, *, complex_hopping=True, zeeman=0.0, **given):
    """A random graph with a random phase on every bond; one pair has two bonds, one site a bond to itself."""
    rng = np.random.default_rng(seed)
    pairs = [(i, j) for i in range(n_sites) for j in range(i) if rng.random() < 0.8 or i == j + 1]
    pairs += [(0, n_sites - 1), (0, 0)]
    source, target = np.array(pairs, np.int32).T
    n_bonds = len(pairs)
    kinds = BondKinds(
        np.zeros(n_bonds, np.int32),
        np.zeros(n_bonds, np.int32),
        np.ones((n_bonds, 1), np.int32),
        np.ones(n_bonds, np.int8),
        rng.normal(size=(n_bonds, 1)),
        np.ones(1),
    )
    kind = np.arange(n_bonds, dtype=np.int16)
    bonds = Bonds(source, target, kind, np.zeros((n_bonds, 1), np.int16), kinds)
    chain = build_sample("chain", n_sites)
    sample = Sample(
        chain.cell, chain.size, chain.boundary, chain.cells, chain.orbitals, chain.positions, bonds
    )
    phases = rng.uniform(-np.pi, np.pi, n_bonds) if complex_hopping else np.zeros(n_bonds)
    model = build_model(
        sample,
        hopping=1.0,
        onsite=rng.uniform(-0.4, 0.4, n_sites),
        zeeman=(zeeman * rng.uniform(-1, 1, n_sites)) if np.ndim(zeeman) == 0 else zeeman,
        attraction=rng.uniform(2.0, 4.0, n_sites),
        vector_potential=phases,
        **given,
    )
    object.__setattr__(model, "hopping", rng.uniform(0.1, 0.5, n_bonds))
    return model


def spinful_cluster(n_sites, seed, *, field=0.5, coupling=0.4, **given):
    """A random cluster with a random field in all directions and a random spin matrix on every bond."""
    rng = np.random.default_rng(seed + 100)
    zeeman = field * rng.uniform(-1, 1, (3, n_sites))
    model = random_cluster(n_sites, seed, zeeman=zeeman, **given)
    shape = (model.sample.n_bonds, 3)
    matrices = coupling * (rng.uniform(-1, 1, shape) + 1j * rng.uniform(-1, 1, shape))
    object.__setattr__(model, "spin_orbit", matrices)
    return model


def quadratic_of(model, fields):
    """h and D of the model in its fields, as :func:`tests.reference.solve_quadratic_4n` takes them."""
    problem, bonds, a = problem_of(model, fields.mu), model.sample.bonds, model.spin_orbit
    exchange = 0.0 if fields.exchange is None else fields.exchange
    mean = ref.given_field(problem, fields.delta, fields.hartree.T, exchange)
    h, d = ref.one_body_matrix(problem, mean), ref.pairing_matrix(problem, mean)
    for b in range(model.sample.n_bonds if a is not None else 0):
        block = a[b, 0] * ref.SIGMA_X + a[b, 1] * ref.SIGMA_Y + a[b, 2] * ref.SIGMA_Z
        ref.add_hop(h, bonds.source[b], bonds.target[b], np.exp(1j * model.phase[b]) * block)
    for b in range(model.sample.n_bonds):
        i, j = bonds.source[b], bonds.target[b]
        if fields.fock is not None:
            ref.add_hop(h, i, j, fields.fock[b])
        if fields.bond_delta is not None:
            ref.add_bond_pairing(d, i, j, fields.bond_delta[b])
    return h, d
