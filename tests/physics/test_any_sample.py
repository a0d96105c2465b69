"""Samples of any positions, bonds or matrices: the physics of the same sample cut from a lattice."""

import warnings
from types import SimpleNamespace

import numpy as np
import pytest
import scipy.sparse

import bdg
from bdg.errors import InputError
from bdg.gauge import UniformField
from bdg.lattice import Boundary, build_sample
from bdg.model import build_model
from bdg.nambu import NambuAssembler
from bdg.scf import fields_from

SIGMA = np.array([[[0, 1], [1, 0]], [[0, -1j], [1j, 0]], [[1, 0], [0, -1]]])


def levels(model):
    fields = fields_from(model, np.full(model.sample.n_sites, 0.2))
    return np.linalg.eigvalsh(NambuAssembler(model).matrix(fields).dense())


def pairs_of(sample):
    bonds = sample.bonds
    return np.column_stack([bonds.source, bonds.target, bonds.crossing])


def same(one, two, names, atol=1e-7):
    for name in names:
        np.testing.assert_allclose(two[name].values, one[name].values, atol=atol, err_msg=name)


CUT = {
    "square": ("square", [5, 6], "open", {"vacancies": [[2, 3]]}),
    "honeycomb": ("honeycomb", [3, 4], "open", {}),
    "cubic": ("cubic", [3, 3, 2], "open", {}),
    "chain": ("chain", [9], "open", {}),
}


@pytest.mark.parametrize("case", CUT)
def test_a_lattice_by_its_positions_is_that_lattice(case):
    """Self-consistent fields, currents, levels and entropies, in a field where there is a plane."""
    lattice, size, boundary, rest = CUT[case]
    cut = build_sample(lattice, size, boundary, **rest)
    own = [
        bdg.sample_of_positions(cut.positions, pairs_of(cut)[:, :2]),
        bdg.sample_of_positions(cut.positions, radius=1.0),
    ]
    given = {"chemical_potential": -0.4, "attraction": 2.5, "temperature": 0.1, "onsite": "0.2*sin(x)"}
    if cut.dimension > 1:
        given["vector_potential"] = UniformField(0.2)
    observables = ["order_parameter", "density", "spectral_gap", "grand_potential", "entropy"]
    expected = bdg.solve(build_model(cut, **given), observables=observables)
    for sample in own:
        assert sample.n_bonds == cut.n_bonds
        found = bdg.solve(build_model(sample, **given), observables=[*observables, "currents"])
        same(expected, found, [name for name in expected.quantities() if "delta" not in name])
        np.testing.assert_allclose(np.abs(found.fields.delta), np.abs(expected.fields.delta), atol=1e-7)


@pytest.mark.parametrize(
    ("lattice", "size", "ends"),
    [
        ("square", [3, 4], ["periodic", Boundary("periodic", 0.7)]),
        ("chain", [5], [Boundary("bloch", n_k=6)]),
        ("triangular", [2, 3], [Boundary("bloch", n_k=3), "open"]),
        ("honeycomb", [1, 1], [Boundary("bloch", n_k=4)] * 2),
    ],
)
def test_samples_that_repeat_along_vectors(lattice, size, ends):
    cut = build_sample(lattice, size, ends)
    vectors = np.array(size)[:, None] * cut.cell.vectors
    by_bond = bdg.sample_of_positions(cut.positions, pairs_of(cut), vectors=vectors, boundary=ends)
    by_radius = bdg.sample_of_positions(cut.positions, radius=1.0, vectors=vectors, boundary=ends)
    given = {"filling": 0.7, "attraction": 3.0, "temperature": 0.1}
    expected = bdg.solve(build_model(cut, **given), observables=["density", "grand_potential"])
    for sample in (by_bond, by_radius):
        assert sample.n_bonds == cut.n_bonds
        found = bdg.solve(build_model(sample, **given), observables=["density", "grand_potential"])
        same(expected, found, expected.quantities(), atol=1e-8)


def test_a_d_wave_on_given_pairs_knows_directions():
    cut = build_sample("square", [4, 5])
    sample = bdg.sample_of_positions(cut.positions, radius=1.0)
    given = {"given_bonds": {"d_x2_y2": 0.3}, "chemical_potential": -0.2}
    np.testing.assert_allclose(
        levels(build_model(sample, **given)), levels(build_model(cut, **given)), atol=1e-12
    )
    given = {"bond_attraction": 1.5, "channels": "d_x2_y2", "temperature": 0.05}
    one, two = (bdg.solve(build_model(s, **given), observables=["bond_order"]) for s in (cut, sample))
    same(one, two, ["d_x2_y2"])


def test_hoppings_of_the_displacement():
    """Amplitudes that fall off with distance, as those of a twisted bilayer do."""
    cut = build_sample("square", [4, 4], shells=2)
    sample = bdg.sample_of_positions(
        cut.positions, radius=1.5, hopping=lambda d: np.exp(1 - np.linalg.norm(d, axis=1))
    )
    expected = build_model(cut, hopping=[1.0, np.exp(1 - np.sqrt(2))])
    np.testing.assert_allclose(levels(build_model(sample)), levels(expected), atol=1e-12)


def spinful(sample, seed=3):
    """A random Hermitian matrix on the bonds and sites of a sample, rows (site, spin)."""
    rng = np.random.default_rng(seed)
    n = sample.n_sites
    h = np.zeros((n, 2, n, 2), complex)
    for i, j in zip(sample.bonds.source, sample.bonds.target, strict=True):
        h[j, :, i, :] = rng.normal(size=(2, 2)) + 1j * rng.normal(size=(2, 2))
    for i in range(n):
        h[i, :, i, :] = rng.normal(size=(2, 2))
    h = h.reshape(2 * n, 2 * n)
    return h + h.conj().T


ORDERS = {
    "interleaved": lambda n: (np.arange(2 * n), "interleaved"),
    "blocks": lambda n: (np.concatenate([np.arange(0, 2 * n, 2), np.arange(1, 2 * n, 2)]), "blocks"),
    "shuffled": lambda n: _shuffled(n),
}


def _shuffled(n):
    """↑ in the order of the sites, ↓ anywhere between."""
    rng = np.random.default_rng(0)
    order = rng.permutation(2 * n)
    order[np.isin(order, np.arange(0, 2 * n, 2))] = np.arange(0, 2 * n, 2)
    return order, np.where(order % 2, "down", "up")


@pytest.mark.parametrize("order", ORDERS)
def test_a_matrix_with_spin_has_its_own_levels(order):
    """The quasiparticles of the normal state are the levels of the matrix and their opposites."""
    cut = build_sample("honeycomb", [2, 2])
    h = spinful(cut)
    rows, spin = ORDERS[order](cut.n_sites)
    places = np.repeat(cut.positions, 2, axis=0)[rows]
    sample = bdg.sample_of_matrix(scipy.sparse.csr_matrix(h[np.ix_(rows, rows)]), places, spin=spin)
    np.testing.assert_allclose(sample.positions, cut.positions)
    model = build_model(sample)
    matrix = NambuAssembler(model).matrix(fields_from(model, np.zeros(cut.n_sites))).dense()
    own = np.linalg.eigvalsh(h)
    np.testing.assert_allclose(np.linalg.eigvalsh(matrix), np.sort(np.concatenate([own, -own])), atol=1e-10)
    four = np.arange(len(matrix)).reshape(-1, 4)[:, :2].ravel()
    np.testing.assert_allclose(matrix[np.ix_(four, four)], h, atol=1e-12)


def test_orbitals_that_share_a_place_are_told_by_their_labels():
    rng = np.random.default_rng(5)
    h = rng.normal(size=(12, 12)) + 1j * rng.normal(size=(12, 12))
    h = h + h.conj().T
    places = [[0.0, 0.0], [1.0, 0.0], [0.0, 1.0]]
    # Of each place: orbital 0 up, orbital 1 up, orbital 1 down, orbital 0 down.
    sample = bdg.sample_of_matrix(h, places, spin=[1, 1, -1, -1], orbitals=[0, 1, 1, 0])
    assert sample.n_sites == 6
    assert sample.bonds.kinds.shell.min() == 0
    model = build_model(sample, zeeman=[0, 0, 0.3])
    matrix = NambuAssembler(model).matrix(fields_from(model, np.zeros(6))).dense()
    spin = np.kron(np.eye(3), np.diag([1, 1, -1, -1]))
    own = np.linalg.eigvalsh(h - 0.3 * spin)
    np.testing.assert_allclose(np.linalg.eigvalsh(matrix), np.sort(np.concatenate([own, -own])), atol=1e-10)
    singlet = build_model(sample, given_delta=0.2, fields=())
    pairs = np.zeros((12, 12))  # Δ c†_up c†_down of each orbital
    for start in (0, 4, 8):
        for up, down in ((0, 3), (1, 2)):
            pairs[start + up, start + down], pairs[start + down, start + up] = 0.2, -0.2
    bdg_matrix = np.block([[h, pairs], [pairs.T, -h.conj()]])
    np.testing.assert_allclose(levels(singlet), np.linalg.eigvalsh(bdg_matrix), atol=1e-10)


def test_terms_of_the_model_come_on_top_of_the_matrix():
    """A Rashba plane by its matrix and by its terms: the same currents, spins and energies in a field."""
    cut = build_sample("square", [4, 3])
    terms = {"rashba": 0.4, "zeeman": [0.1, 0.0, 0.2], "onsite": "0.1*x"}
    model = build_model(cut, **terms)
    plain = NambuAssembler(model).matrix(fields_from(model, np.zeros(cut.n_sites))).dense()
    rows = np.arange(len(plain)).reshape(-1, 4)[:, :2].ravel()
    sample = bdg.sample_of_matrix(plain[np.ix_(rows, rows)], cut.positions, spin="interleaved")
    more = {
        "attraction": 2.5,
        "chemical_potential": -0.5,
        "temperature": 0.1,
        "vector_potential": UniformField(0.15),
        "impurities": [bdg.Impurity([1, 1], 0.7)],
    }
    one = bdg.solve(build_model(cut, **terms, **more), observables=["currents", "magnetisation", "entropy"])
    more["impurities"] = [bdg.Impurity([cut.site_at([1, 1])], 0.7)]
    two = bdg.solve(build_model(sample, **more), observables=["currents", "magnetisation", "entropy"])
    same(one, two, [name for name in one.quantities() if "bond" not in name])


class Finalised:
    """A finite system as kwant finalises it: sites with positions, and the Hamiltonian of all."""

    def __init__(self, sites, hamiltonian):
        self.sites = [SimpleNamespace(pos=pos, family=SimpleNamespace(norbs=n)) for pos, n in sites]
        self._hamiltonian = hamiltonian

    def hamiltonian_submatrix(self, *, sparse=False, params=None):
        h = self._hamiltonian(**(params or {}))
        return scipy.sparse.coo_matrix(h) if sparse else h


def test_a_finalised_system():
    cut = build_sample("square", [3, 4])
    h = spinful(cut, 8)
    system = Finalised([(pos, 2) for pos in cut.positions], lambda: h)
    sample = bdg.sample_of_system(system, spin="interleaved")
    assert sample.n_sites == 12
    model = build_model(sample, attraction=2.0, temperature=0.1)
    result = bdg.solve(model, initial={"delta": 0.3}, observables=["spectral_gap", "density"])
    assert result.status == "converged"
    spinless = Finalised([((0.0,), 1), ((1.0,), 2)], lambda a: np.array([[0, a, 0], [a, 1, 2], [0, 2, 1]]))
    mixed = bdg.sample_of_system(spinless, params={"a": 0.5})
    assert mixed.positions.ravel().tolist() == [0.0, 1.0, 1.0]
    assert sorted(mixed.bonds.shell.tolist()) == [0, 1]
    assert mixed.cell.onsite.tolist() == [0.0, 1.0, 1.0]


def quasicrystal():
    """Ammann–Beenker vertices: the eight-fold plane of Z⁴, by the window of the other plane."""
    angles = np.arange(4) * np.pi / 4
    grid = np.stack(np.meshgrid(*[np.arange(-4, 5)] * 4, indexing="ij"), axis=-1).reshape(-1, 4)
    inside = grid @ np.stack([np.cos(3 * angles), np.sin(3 * angles)], axis=1) + [0.013, 0.027]
    octagon = np.stack([np.cos(angles), np.sin(angles)], axis=1)
    kept = np.all(np.abs(inside @ octagon.T) < 0.5 * (1 + np.sqrt(2)), axis=1)
    points = grid[kept] @ np.stack([np.cos(angles), np.sin(angles)], axis=1)
    points = points[np.linalg.norm(points, axis=1) < 4.2]
    apart = np.linalg.norm(points[:, None] - points[None], axis=-1)
    return bdg.sample_of_positions(points, np.argwhere(np.triu(np.abs(apart - 1) < 1e-6)))


def twisted_bilayer():
    """Two honeycomb layers, the upper one turned by 21.8°, and exponential hoppings."""
    flake = build_sample("honeycomb", [5, 5]).positions
    flake = flake - flake.mean(axis=0)
    angle = np.radians(21.787)
    turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    layers = [
        np.column_stack([layer, np.full(len(layer), z)]) for layer, z in ((flake, 0.0), (flake @ turn.T, 1.4))
    ]
    points = np.concatenate(layers)
    return points[np.linalg.norm(points[:, :2], axis=1) < 3.2]


def island():
    """The sites where a picture is black."""
    y, x = np.mgrid[0:10, 0:12]
    return ((x - 5.5) ** 2 / 30 + (y - 4.5) ** 2 / 18 < 1) & ~((x == 6) & (y == 5))


def slater_koster(d):
    r = np.linalg.norm(d, axis=1)
    return np.exp(-(r - 1) / 0.4) * (1 - 1.5 * (d[:, 2] / r) ** 2)


SAMPLES = {
    "quasicrystal": quasicrystal,
    "twisted bilayer": lambda: bdg.sample_of_positions(twisted_bilayer(), radius=1.8, hopping=slater_koster),
    "island": lambda: build_sample("square", [10, 12], region=island()),
}


def dense(model):
    """The normal state by hand: −t e^{iφ}, φ = −∫A·dl from the middle, in the symmetric gauge."""
    sample, bonds = model.sample, model.sample.bonds
    h = np.diag(np.full(sample.n_sites, -model.chemical_potential)).astype(complex)
    amplitude = bonds.kinds.amplitude
    t = np.ones(sample.n_bonds) if amplitude is None else amplitude[bonds.kind]
    middle = 0.5 * (sample.positions.min(axis=0) + sample.positions.max(axis=0))
    for i, j, hop in zip(bonds.source, bonds.target, t, strict=True):
        a, b = sample.positions[[i, j]] - middle
        flux = 0.5 * 0.1 * (a[0] * b[1] - a[1] * b[0])  # B/2 (r × dr) along a straight line
        h[j, i] = -hop * np.exp(-1j * flux)
        h[i, j] = np.conj(h[j, i])
    return h


@pytest.mark.parametrize("name", SAMPLES)
def test_whole_runs_on_any_sample(name, tmp_path):
    """Pairs and field on samples without a lattice: checked by hand, written, read, drawn, resumed."""
    sample = SAMPLES[name]()
    assert sample.n_sites > 40
    given = {
        "chemical_potential": -0.3,
        "temperature": 0.1,
        "vector_potential": UniformField(0.1, "symmetric"),
    }
    model = build_model(sample, attraction=2.2, **given)
    observables = {
        "order_parameter": {},
        "density": {},
        "currents": {},
        "spectral_gap": {},
        "ldos": {"energies": [-0.5, 0.0, 0.5], "broadening": 0.1},
        "states": {"count": 2},
    }
    result = bdg.solve(model, observables=observables, title=name)
    assert result.status == "converged"
    assert np.abs(result.fields.delta).max() > 0.05
    h, delta = dense(model), np.diag(result.fields.delta)
    energies, vectors = np.linalg.eigh(np.block([[h, delta], [delta.conj(), -h.conj()]]))
    n = sample.n_sites
    occupied = 1 / (np.exp(energies / 0.1) + 1)
    u, v = vectors[:n], vectors[n:]
    np.testing.assert_allclose((np.abs(u) ** 2) @ occupied * 2, result["density"].values, atol=1e-6)
    gaps = 2.2 * np.sum(u * v.conj() * (1 - occupied), axis=1)
    np.testing.assert_allclose(np.abs(gaps), np.abs(result.fields.delta), atol=1e-6)
    assert float(result["spectral_gap"]) == pytest.approx(np.abs(energies).min(), abs=1e-7)
    file = tmp_path / "any.h5"
    bdg.save(result, file)
    again = bdg.load(file)
    np.testing.assert_array_equal(again.sample.positions, sample.positions)
    on = build_model(again.sample, attraction=2.2, **given)
    resumed = bdg.solve(on, initial=file, observables=["density"])
    assert len(resumed.history) <= 2
    np.testing.assert_allclose(resumed["density"].values, result["density"].values, atol=1e-7)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        bdg.plot.plot(again)
        for quantity in ("order_parameter", "bond_current"):
            bdg.plot.save_figure(bdg.plot.plot(again, quantity), tmp_path / f"{quantity}.png")


def test_plaquettes_of_a_quasicrystal_fill_it():
    """Squares and rhombs: Euler's formula, and the flux of a uniform field through each is its area."""
    sample = SAMPLES["quasicrystal"]()
    faces = sample.plaquettes
    sizes = np.diff(faces.indptr)
    areas = set(np.round(faces.area[sizes == 4], 6))
    assert areas <= {1.0, round(np.sqrt(0.5), 6)}
    assert len(areas) == 2
    model = build_model(sample, vector_potential=UniformField(0.3))
    fluxes = bdg.solve(
        build_model(sample, vector_potential=UniformField(0.3), temperature=0.1), observables=["flux"]
    )
    np.testing.assert_allclose(fluxes["flux"].values, 0.3 * faces.area, atol=1e-9)
    assert model.sample.n_sites - sample.n_bonds + len(faces) == 1


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (([[0.0, 0], [1, 0]], [[0, 2]]), "bond 0 joins .0, 2.; there are 2 sites"),
        (([[0.0, 0], [1, 0]], [[0, 0]]), "bond 0 joins site 0 to itself"),
        (([[0.0, 0], [1, 0]], [[0, 1], [1, 0]]), "bond 1, .1, 0., is given twice"),
        (([[0.0, 0], [1, 0]], [[0.5, 1]]), "bonds are float64"),
        (([[0.0, 0], [1, 0]],), "give either bonds or a radius"),
        (([],), "positions have shape"),
        (([[0.0, np.nan]], []), "not finite"),
    ],
)
def test_impossible_positions_are_refused(arguments, words):
    with pytest.raises(InputError, match=words):
        bdg.sample_of_positions(*arguments)


@pytest.mark.parametrize(
    ("matrix", "positions", "given", "words"),
    [
        ([[0, 1], [2, 0]], [[0.0], [1]], {}, "not Hermitian"),
        (np.eye(3), [[0.0], [1]], {}, "the matrix has 3 rows"),
        (np.ones((2, 3)), [[0.0], [1]], {}, "give a square one"),
        (np.eye(4), [[0.0], [1]], {"spin": ["up", "up", "up", "down"]}, "not all have a partner"),
        (np.eye(4), [[0.0], [1]], {"spin": "sideways"}, "spin 'sideways' is impossible"),
        (np.eye(3), [[0.0], [1], [2]], {"spin": "interleaved"}, "odd number of rows"),
        (np.eye(4), [[0.0], [1]], {"spin": "interleaved", "orbitals": [0, 1, 2]}, "orbitals has shape"),
        ([[np.nan]], [[0.0]], {}, "not finite"),
    ],
)
def test_impossible_matrices_are_refused(matrix, positions, given, words):
    with pytest.raises(InputError, match=words):
        bdg.sample_of_matrix(matrix, positions, **given)
