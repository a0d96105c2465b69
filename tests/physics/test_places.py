"""Orbitals that share a place are no neighbours: shells, directions and sublattices are those of places."""

import h5py
import numpy as np
import pytest

import bdg
from bdg.config import parse_config
from bdg.config.source import ConfigSource
from bdg.errors import ConfigError
from bdg.lattice import UnitCell, build_sample
from bdg.model import OrbitalInteraction, build_model
from bdg.nambu import NambuAssembler
from bdg.observables.response.bulk import bulk_stiffness
from bdg.scf import fields_from
from bdg.scf.starts.magnetic import sublattices
from bdg.setup import model_of, sample_of
from tests.bridge import measure, solved

AXES = {"chain": [[1]], "square": [[1, 0], [0, 1]], "cubic": [[1, 0, 0], [0, 1, 0], [0, 0, 1]]}


def cell_of(name, n_orbitals=2, joined=True):
    """Copies of a lattice at one place, with bonds of amplitude 0 between the copies."""
    steps = AXES[name]
    hops = [(a, a, step, 1.0) for a in range(n_orbitals) for step in steps]
    here = [0] * len(steps)
    hops += [(a, b, here, 0.0) for b in range(n_orbitals) for a in range(b) if joined]
    return UnitCell.build(steps, [here] * n_orbitals, hoppings=hops)


def energies(model):
    n = model.sample.n_sites
    fields = fields_from(model, np.zeros(n) if model.given_delta is None else model.given_delta)
    return np.linalg.eigvalsh(NambuAssembler(model).matrix(fields).dense())


def test_shells_count_lengths_above_0():
    kinds = cell_of("square").hoppings
    assert kinds.shell.tolist() == [0, 1, 1, 1, 1]
    assert kinds.distance.tolist() == [1.0]
    assert kinds.n_shells == 1
    alone = UnitCell.build([[1.0]], [[0.0], [0.0]], hoppings=[(0, 1, [0], 1.0)]).hoppings
    assert (alone.shell.tolist(), alone.n_shells) == ([0], 0)
    moved = UnitCell.build([[2.0]], [[0.0], [2.0]])  # at one place, a cell apart
    assert moved.pairs_within() == [(0, 1, [-1])]


@pytest.mark.parametrize(
    ("name", "size", "pairs"),
    [
        ("square", [4, 4], {"d_x2_y2": 0.3}),
        ("chain", [9], {"p_x": 0.2}),
        ("cubic", [3, 3, 3], {"s_extended": 0.25}),
    ],
)
@pytest.mark.parametrize("n_orbitals", [2, 3])
def test_given_pairs_lie_between_places(name, size, pairs, n_orbitals):
    """Copies that nothing joins have the levels of one, each as many times."""
    given = {"given_bonds": pairs, "chemical_potential": -0.7}
    one = energies(build_model(build_sample(name, size, "periodic"), fields=(), **given))
    copies = build_model(build_sample(cell_of(name, n_orbitals), size, "periodic"), fields=(), **given)
    np.testing.assert_allclose(energies(copies), np.sort(np.repeat(one, n_orbitals)), atol=1e-12)
    assert np.abs(copies.given_bonds[copies.sample.bonds.shell == 0]).max() == 0


@pytest.mark.parametrize(
    ("name", "size", "terms"),
    [
        ("square", [3, 4], {"rashba": 0.4}),
        ("square", [3, 3], {"dresselhaus": 0.3, "zeeman": [0.1, 0, 0.2]}),
        ("chain", [7], {"rashba": 0.5, "zeeman": [0.3, 0, 0]}),
    ],
)
def test_couplings_of_spin_and_direction_lie_between_places(name, size, terms):
    one = energies(build_model(build_sample(name, size, "periodic"), given_delta=0.2, fields=(), **terms))
    copies = build_sample(cell_of(name), size, "periodic")
    two = energies(build_model(copies, given_delta=0.2, fields=(), **terms))
    np.testing.assert_allclose(two, np.sort(np.repeat(one, 2)), atol=1e-12)


def test_intrinsic_coupling_knows_of_places():
    honeycomb = bdg.lattice.preset("honeycomb")
    steps = [(0, 1, [0, 0]), (0, 1, [0, -1]), (0, 1, [1, -1])]
    second = [(a, a, step) for a in (0, 1) for step in ([1, 0], [0, 1], [1, -1])]
    plain = honeycomb.with_hoppings([(*bond, 1.0) for bond in steps] + [(*bond, 0.0) for bond in second])
    basis = np.repeat(honeycomb.basis, 2, axis=0)
    copies = [(2 * a + n, 2 * b + n, step) for a, b, step in steps + second for n in (0, 1)]
    amplitude = [float(a // 2 != b // 2) for a, b, _ in copies]
    hops = [(*bond, t) for bond, t in zip(copies, amplitude, strict=True)]
    double = UnitCell.build(
        honeycomb.vectors, basis, hoppings=[*hops, (0, 1, [0, 0], 0.0), (2, 3, [0, 0], 0.0)]
    )
    one, two = (
        energies(build_model(build_sample(cell, [3, 3], "periodic"), intrinsic_soc=0.2))
        for cell in (plain, double)
    )
    np.testing.assert_allclose(two, np.sort(np.repeat(one, 2)), atol=1e-12)


@pytest.mark.parametrize("joined", [True, False])
def test_an_attraction_of_neighbours_pairs_neighbours(joined):
    """Self-consistent pairs of two copies are those of one."""
    given = {
        "bond_attraction": 1.4,
        "channels": ("d_x2_y2",),
        "chemical_potential": -0.3,
        "temperature": 0.05,
    }
    _, one = solved(build_model(build_sample("square", [6, 6], "periodic"), **given))
    two_sample = build_sample(cell_of("square", joined=joined), [6, 6], "periodic")
    _, two = solved(build_model(two_sample, **given))
    assert np.all(two.model.bond_attraction.strength == (two_sample.bonds.shell == 1) * 1.4)
    expected, found = (measure(state, "bond_order")["d_x2_y2"] for state in (one, two))
    assert np.abs(expected).min() > 0.05
    np.testing.assert_allclose(np.abs(found), np.repeat(np.abs(expected), 2), atol=1e-8)


CONFIG = """\
lattice:
  cell: {vectors: [[1, 0], [0, 1]], basis: [[0, 0], [0, 0]], hoppings: HOPPINGS}
  size: [3, 3]
  boundary: periodic
hamiltonian: {chemical_potential: -0.4}
interaction: {bonds: [{shell: within, value: 0.7, exchange: 0.2}], fields: [pairing, hartree]}
"""
HOPPINGS = "[{from: 0, to: 0, offset: [1, 0], amplitude: 1}, {from: 1, to: 1, offset: [0, 1], amplitude: 1}]"


def model_in(text):
    source = ConfigSource(text, "run.yaml")
    config = source.parse()
    return model_of(config, source, sample_of(config, source))


def test_what_acts_within_a_place_has_its_own_name():
    """{shell: within} is V = U′ + J_H/2 and J = −2 J_H between the orbitals; its bonds need no hopping."""
    model = model_in(CONFIG.replace("HOPPINGS", HOPPINGS))
    here = model.sample.bonds.shell == 0
    assert here.sum() == 9
    np.testing.assert_array_equal(model.bond_attraction.strength, np.where(here, 0.7, 0.0))
    by_name = build_model(model.sample, orbital_interaction=OrbitalInteraction(0.75, -0.1))
    np.testing.assert_allclose(by_name.bond_attraction.strength, model.bond_attraction.strength)
    np.testing.assert_allclose(by_name.bond_attraction.exchange, model.bond_attraction.exchange)
    by_distance = model_in(CONFIG.replace(", hoppings: HOPPINGS", ""))
    assert by_distance.bond_attraction.acting.tolist() == np.flatnonzero(here).tolist()
    apart = CONFIG.replace("HOPPINGS", HOPPINGS).replace("[[0, 0], [0, 0]]", "[[0, 0], [0.5, 0]]")
    with pytest.raises(ConfigError, match=r"run.yaml:\d+:\d+: .*shell: no two orbitals of the cell share"):
        model_in(apart)
    with pytest.raises(ConfigError, match="must be a shell of neighbours, from 1, or within"):
        parse_config(CONFIG.replace("HOPPINGS", HOPPINGS).replace("within", "inside"))


def test_given_pairs_within_a_place():
    text = CONFIG.replace("HOPPINGS", HOPPINGS)
    text = text[: text.index("interaction:")] + "interaction: {given: {shell: within, s_extended: 0.3}}\n"
    model = model_in(text)
    here = model.sample.bonds.shell == 0
    assert np.abs(model.given_bonds[here]).max(axis=(1, 2)).tolist() == [0.3] * 9
    assert not model.given_bonds[~here].any()


def test_hoppings_by_shell_leave_those_within_a_place():
    cell = UnitCell.build([[1.0]], [[0.0], [0.0]], hoppings=[(0, 1, [0], 0.3), (0, 0, [1], 0.9)])
    model = build_model(build_sample(cell, 4, "periodic"), hopping=0.5)
    assert model.hopping.tolist() == [0.3] * 4 + [0.5] * 4


@pytest.mark.parametrize("joined", [True, False])
def test_a_staggered_start_alternates_between_places(joined):
    sample = build_sample(cell_of("square", joined=joined), [4, 4], "periodic")
    expected = np.repeat((-1.0) ** np.indices((4, 4)).sum(axis=0).ravel(), 2)
    np.testing.assert_array_equal(sublattices(sample), expected)


def test_a_bond_without_direction_has_no_stiffness():
    model = build_model(
        build_sample(cell_of("chain"), 6, "periodic"),
        attraction=2.0,
        temperature=0.1,
        chemical_potential=-0.5,
    )
    _, state = solved(model)
    stiffness = bulk_stiffness(state, momenta=32)
    assert stiffness[0] == 0
    assert stiffness[1] == pytest.approx(stiffness[2], abs=1e-9)
    assert stiffness[1] > 0.1


def test_files_that_count_within_a_place_as_a_shell_are_read(tmp_path):
    sample = build_sample(cell_of("square"), [3, 3])
    result = bdg.solve(build_model(sample, given_delta=0.2, fields=()))
    bdg.save(result, tmp_path / "new.h5")
    with h5py.File(tmp_path / "new.h5") as new, h5py.File(tmp_path / "old.h5", "w") as old:
        for name in new:
            new.copy(new[name], old, name)
        group = old["sample"]
        shell = group["kind_shell"][()] + 1
        del group["kind_shell"], group["shell_distance"]
        group["kind_shell"], group["shell_distance"] = shell.astype(np.int16), [0.0, 1.0]
        kinds = bdg.store.groups.samples.read_sample(group).bonds.kinds
    assert kinds.shell.tolist() == sample.bonds.kinds.shell.tolist()
    assert kinds.distance.tolist() == [1.0]
