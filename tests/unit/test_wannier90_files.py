"""Files of Wannier90 as they occur: moved functions, spinors, places, remarks, and very many hoppings.

Each is written here from a Hamiltonian whose bands are known.
"""

import itertools

import h5py
import numpy as np
import pytest

import bdg
from bdg.config import parse_config
from bdg.errors import ConfigError, InputError
from bdg.lattice import Boundary, UnitCell, build_sample
from bdg.model import build_model
from bdg.nambu import NambuAssembler
from bdg.scf import fields_from


def written(path, elements, *, degeneracy=None, vectors=None, centres=None, comment="a test"):
    """A seedname_hr.dat of {R: H(R)}; with vectors and centres a seedname_tb.dat."""
    cells = sorted(elements)
    n = len(elements[cells[0]])
    weights = [1 if degeneracy is None else degeneracy[cell] for cell in cells]
    lines = [comment] + ([] if vectors is None else [" ".join(map(str, row)) for row in vectors])
    lines += [str(n), str(len(cells))]
    lines += [" ".join(map(str, weights[first : first + 15])) for first in range(0, len(weights), 15)]
    for cell, weight in zip(cells, weights, strict=True):
        where = " ".join(f"{step:4d}" for step in cell)
        lines += [] if vectors is None else ["", where]
        for b, a in itertools.product(range(n), repeat=2):
            value = weight * complex(elements[cell][a][b])
            start = f"{where} " if vectors is None else ""
            lines.append(f"{start}{a + 1:4d} {b + 1:4d} {value.real:.12f} {value.imag:.12f}")
    for cell in cells if vectors is not None else ():
        lines += ["", " ".join(map(str, cell))]
        for b, a in itertools.product(range(n), repeat=2):
            r = centres[a] if a == b and not any(cell) else (0.0, 0.0, 0.0)
            lines.append(f"{a + 1} {b + 1} " + " ".join(f"{x:.8f} 0.0" for x in r))
    path.write_text("\n".join(lines) + "\n")


def at(elements, k):
    """H(k) = Σ_R e^{2πi k·R} H(R)."""
    return sum(np.exp(2j * np.pi * np.dot(k, cell)) * np.asarray(h, complex) for cell, h in elements.items())


def levels(cell, k, **terms):
    """Levels of the normal state at one momentum, of every spin: each twice where spins are alike."""
    n = cell.n_directions
    sample = build_sample(cell, (1,) * n, "periodic")
    model = build_model(sample, vector_potential=None, least_dofs=4, **terms)
    fields = fields_from(model, np.zeros(sample.n_sites))
    twisted = model.in_potential(_along(sample, k))
    matrix = NambuAssembler(twisted).matrix(fields).dense()
    order = np.arange(len(matrix)).reshape(-1, 4)[:, :2].ravel()
    return np.linalg.eigvalsh(matrix[np.ix_(order, order)])


def _along(sample, k):
    """The vector potential that is the Bloch phase: electrons carry −1."""
    return sample.bonds.kinds.offset[sample.bonds.kind] @ (2 * np.pi * np.asarray(k))


def hermitian(rng, cells, n):
    """Random H(R) with H(−R) = H(R)†, half of the cells given."""
    found = {}
    for cell in cells:
        h = rng.normal(size=(n, n)) + 1j * rng.normal(size=(n, n))
        back = tuple(-step for step in cell)
        found[cell] = h if any(cell) else h + h.conj().T
        found[back] = found[cell].conj().T
    return found


MOMENTA = [(0.0, 0.0, 0.0), (0.13, -0.29, 0.41), (0.5, 0.2, -0.37)]


def folded(truth, grid, centres):
    """What a calculation on a grid of momenta gives: H on the Wigner–Seitz cells, degeneracies, and T."""
    reach = [range(-(n // 2), n // 2 + 1) if n > 1 else range(1) for n in grid]
    cells = list(itertools.product(*reach))
    elements, degeneracy, shifts = {}, {}, {}
    steps = list(itertools.product(*[(-n, 0, n) if n > 1 else (0,) for n in grid]))
    for cell in cells:
        images = [np.linalg.norm(np.add(cell, step)) for step in steps]
        degeneracy[cell] = int(np.sum(np.array(images) < min(images) + 1e-9))
        same = [image for image in truth if not np.any(np.subtract(image, cell) % grid)]
        elements[cell] = sum((np.asarray(truth[image]) for image in same), np.zeros((len(centres),) * 2))
        elements[cell] = elements[cell] / degeneracy[cell]
        for m, n in itertools.product(range(len(centres)), repeat=2):
            far = [np.linalg.norm(np.add(cell, step) + centres[n] - centres[m]) for step in steps]
            shifts[cell, m, n] = [step for step, d in zip(steps, far, strict=True) if d < min(far) + 1e-9]
    return elements, degeneracy, shifts


def write_shifts(path, shifts):
    lines = ["## written by a test, use_ws_distance=.true."]
    for (cell, m, n), steps in shifts.items():
        lines += [" ".join(map(str, (*cell, m + 1, n + 1))), str(len(steps))]
        lines += [" ".join(map(str, step)) for step in steps]
    path.write_text("\n".join(lines) + "\n")


def short_ranged(grid, centres, seed):
    """Random hoppings to all functions nearer than half the supercell, falling off with distance."""
    rng = np.random.default_rng(seed)
    reach = [range(-(n // 2), n // 2 + 1) if n > 1 else range(1) for n in grid]
    limit = 0.5 * min(n for n in grid if n > 1)
    truth = {}
    for cell in itertools.product(*reach):
        h = np.zeros((len(centres),) * 2, complex)
        for m, n in itertools.product(range(len(centres)), repeat=2):
            if np.linalg.norm(np.add(cell, centres[n]) - centres[m]) < limit - 1e-9:
                h[m, n] = rng.normal() + 1j * rng.normal()
        truth[cell] = h
    return {cell: 0.5 * (h + truth[tuple(-step for step in cell)].conj().T) for cell, h in truth.items()}


@pytest.mark.parametrize(
    ("grid", "centres"),
    [
        ((4, 1, 1), [[0, 0, 0], [0.5, 0, 0]]),
        ((4, 4, 1), [[0, 0, 0], [0.4, 0.3, 0], [0.45, 0.5, 0]]),
        ((3, 2, 2), [[0, 0, 0], [0.3, 0.45, 0.4]]),
    ],
)
def test_moved_functions_have_the_bands_of_the_model(tmp_path, grid, centres):
    """With the _wsvec.dat the bands are those of the model between the momenta of the grid too."""
    centres = np.array(centres)
    truth = short_ranged(grid, centres, 5)
    elements, degeneracy, shifts = folded(truth, grid, centres)
    written(tmp_path / "toy_hr.dat", elements, degeneracy=degeneracy)
    apart = bdg.read_wannier90(tmp_path / "toy_hr.dat", np.eye(3), centres)
    assert ["no _wsvec.dat" in line for line in apart.warnings] == [True]
    assert bdg.read_wannier90(tmp_path / "toy_hr.dat", np.eye(3), centres, wsvec="none").warnings == ()
    write_shifts(tmp_path / "toy_wsvec.dat", shifts)
    cell = bdg.read_wannier90(tmp_path / "toy_hr.dat", np.eye(3), centres)
    assert cell.warnings == ()
    off = []
    for k in MOMENTA:
        expected = np.repeat(np.linalg.eigvalsh(at(truth, k)), 2)
        np.testing.assert_allclose(levels(cell, k), expected, atol=1e-9)
        off.append(np.abs(levels(apart, k) - expected).max())
    assert off[0] < 1e-9  # a momentum of the grid
    assert max(off) > 0.05


def test_moved_functions_that_do_not_fit_are_refused(tmp_path):
    truth = short_ranged((4, 1, 1), np.zeros((1, 3)), 1)
    elements, degeneracy, shifts = folded(truth, (4, 1, 1), np.zeros((1, 3)))
    written(tmp_path / "toy_hr.dat", elements, degeneracy=degeneracy)
    path = tmp_path / "toy_wsvec.dat"
    write_shifts(path, shifts)
    good = path.read_text()
    for text, words in (
        (good.replace("1 0 0 1 1", "7 0 0 1 1"), "no such element"),
        ("\n".join(good.splitlines()[:-4]), "ends without the element R = "),
        (good.replace("-2 0 0 1 1\n2", "-2 0 0 1 1\nx"), ":3: must be 1 whole numbers, not 'x'"),
    ):
        path.write_text(text)
        with pytest.raises(InputError, match=words):
            bdg.read_wannier90(tmp_path / "toy_hr.dat", [[1.0]], [[0.0]])
    with pytest.raises(InputError, match=r"missing\.dat: can't be read"):
        bdg.read_wannier90(tmp_path / "toy_hr.dat", [[1.0]], [[0.0]], wsvec="missing.dat")


def test_a_file_with_places_needs_neither_vectors_nor_centres(tmp_path):
    rng = np.random.default_rng(2)
    elements = hermitian(rng, [(0, 0, 0), (1, 0, 0), (0, 1, -1)], 2)
    vectors = [[2.5, 0.0, 0.0], [0.5, 3.0, 0.0], [0.0, 0.5, 4.0]]
    written(tmp_path / "x_tb.dat", elements, vectors=vectors, centres=[[0, 0, 0], [1.0, 2.0, 1.5]])
    cell = bdg.read_wannier90(tmp_path / "x_tb.dat")
    assert (cell.name, cell.warnings) == ("x", ())
    np.testing.assert_allclose(cell.vectors, np.array(vectors) / 2.5)
    np.testing.assert_allclose(cell.basis, [[0, 0, 0], [0.4, 0.8, 0.6]])
    for k in MOMENTA:
        np.testing.assert_allclose(
            levels(cell, k), np.repeat(np.linalg.eigvalsh(at(elements, k)), 2), atol=1e-9
        )
    text = (tmp_path / "x_tb.dat").read_text()
    (tmp_path / "x_tb.dat").write_text("\n".join(text.splitlines()[:12]))
    with pytest.raises(InputError, match=r"lines? too early"):
        bdg.read_wannier90(tmp_path / "x_tb.dat")


# Spin matrices of a chain and a plane, by offset: ⟨σ, 0|H|σ', R⟩, the second with two orbitals.
T, ALPHA, FIELD = 1.0, 0.4, np.array([0.1, 0.2, 0.3])
SIGMA = np.array([[[0, 1], [1, 0]], [[0, -1j], [1j, 0]], [[1, 0], [0, -1]]])
HOP_X = -T * np.eye(2) + 0.5j * ALPHA * -SIGMA[1] * -1  # −t − (iα/2) σ_y of the bond against x, conjugated
CHAIN = {(0, 0, 0): -np.tensordot(FIELD, SIGMA, 1), (1, 0, 0): HOP_X, (-1, 0, 0): HOP_X.conj().T}


def two_orbitals(seed=4):
    """Random spin matrices between two orbitals, index (orbital, spin)."""
    rng = np.random.default_rng(seed)
    return hermitian(rng, [(0, 0, 0), (1, 0, 0), (1, -1, 0)], 4)


def in_blocks(elements):
    """The same with all ↑ before all ↓."""
    n = len(next(iter(elements.values())))
    order = np.concatenate([np.arange(0, n, 2), np.arange(1, n, 2)])
    return {cell: h[np.ix_(order, order)] for cell, h in elements.items()}


@pytest.mark.parametrize("order", ["interleaved", "blocks"])
def test_spinors_have_the_bands_of_the_file_once(tmp_path, order):
    elements = two_orbitals()
    written(tmp_path / "s_hr.dat", elements if order == "interleaved" else in_blocks(elements))
    centres = [[0, 0], [0.2, 0.4]]
    cell = bdg.read_wannier90(tmp_path / "s_hr.dat", np.eye(2), centres, spinors=order)
    assert cell.n_orbitals == 2
    for k in MOMENTA:
        expected = np.linalg.eigvalsh(at(elements, k))
        np.testing.assert_allclose(levels(cell, k[:2]), expected, atol=1e-9)
    pairs = np.repeat(centres, 2, axis=0) if order == "interleaved" else np.tile(centres, (2, 1))
    same = bdg.read_wannier90(tmp_path / "s_hr.dat", np.eye(2), pairs, spinors=order)
    np.testing.assert_array_equal(same.basis, cell.basis)
    other = "blocks" if order == "interleaved" else "interleaved"
    with pytest.raises(InputError, match=f"is the order {order}"):
        bdg.read_wannier90(tmp_path / "s_hr.dat", np.eye(2), pairs, spinors=other)


def test_spinors_are_the_terms_of_the_model(tmp_path):
    """A chain with Rashba coupling in a field, from a file and from build_model: the same in all."""
    written(tmp_path / "s_hr.dat", CHAIN)
    cell = bdg.read_wannier90(tmp_path / "s_hr.dat", [[1.0]], [[0.0]], spinors="interleaved")
    given = {"attraction": 2.5, "filling": 0.8, "temperature": 0.1}
    own = build_model(build_sample("chain", 9, "periodic"), rashba=ALPHA, zeeman=list(FIELD), **given)
    read = build_model(build_sample(cell, 9, "periodic"), **given)
    observables = ["spectral_gap", "magnetisation", "grand_potential", "currents"]
    one, two = (bdg.solve(model, observables=observables, initial={"delta": 0.5}) for model in (own, read))
    assert np.abs(one.fields.delta).min() > 0.1
    for name, quantity in one.quantities().items():
        np.testing.assert_allclose(two[name].values, quantity.values, atol=1e-7, err_msg=name)
    bdg.save(two, tmp_path / "s.h5")
    again = bdg.load(tmp_path / "s.h5").sample
    back = build_model(again, **given)
    np.testing.assert_array_equal(back.spin_orbit, read.spin_orbit)
    np.testing.assert_array_equal(back.zeeman, read.zeeman)


def test_two_files_are_two_spins(tmp_path):
    rng = np.random.default_rng(9)
    up, down = (hermitian(rng, cells, 2) for cells in ([(0, 0, 0), (1, 0, 0)], [(0, 0, 0), (0, 1, 0)]))
    written(tmp_path / "up_hr.dat", up)
    written(tmp_path / "dn_hr.dat", down)
    centres = np.zeros((2, 2))
    cell = bdg.read_wannier90(tmp_path / "up_hr.dat", np.eye(2), centres, down=tmp_path / "dn_hr.dat")
    for k in MOMENTA:
        expected = np.concatenate([np.linalg.eigvalsh(at(h, k)) for h in (up, down)])
        np.testing.assert_allclose(levels(cell, k[:2]), np.sort(expected), atol=1e-9)
    assert build_model(build_sample(cell, [2, 2])).dofs == 2  # σ_z is conserved
    written(tmp_path / "dn_hr.dat", hermitian(rng, [(0, 0, 0)], 3))
    with pytest.raises(InputError, match=r"has 2 Wannier functions, .* 3"):
        bdg.read_wannier90(tmp_path / "up_hr.dat", np.eye(2), centres, down=tmp_path / "dn_hr.dat")


def rashba_plane():
    """A square lattice with Rashba coupling and no field, of spinors."""
    x = -np.eye(2) - 0.2j * SIGMA[1]
    y = -np.eye(2) + 0.2j * SIGMA[0]
    found = {(0, 0, 0): np.zeros((2, 2)), (1, 0, 0): x, (0, 1, 0): y}
    return found | {tuple(-s for s in cell): h.conj().T for cell, h in found.items()}


def rotated(elements, seed=1):
    """The same in another basis of functions, where no two are partners under time reversal."""
    n = len(next(iter(elements.values())))
    rng = np.random.default_rng(seed)
    u, _ = np.linalg.qr(rng.normal(size=(n, n)) + 1j * rng.normal(size=(n, n)))
    return {cell: u.conj().T @ h @ u for cell, h in elements.items()}


def copies():
    one = np.random.default_rng(3).normal(size=(2, 2))
    found = {(0, 0, 0): np.kron(one + one.T, np.eye(2)), (1, 0, 0): np.kron(one, np.eye(2))}
    return found | {(-1, 0, 0): found[1, 0, 0].T}


@pytest.mark.parametrize("elements", [rashba_plane(), rotated(rashba_plane()), copies(), rotated(copies())])
def test_what_looks_like_spinors_is_said(tmp_path, elements):
    """Kramers' doublets where k = −k, in whatever basis; in the cell, the result and its file."""
    written(tmp_path / "s_hr.dat", elements)
    n = len(next(iter(elements.values())))
    cell = bdg.read_wannier90(tmp_path / "s_hr.dat", np.eye(2), np.zeros((n, 2)))
    assert ["as those of spinors" in line for line in cell.warnings] == [True]
    quiet = bdg.read_wannier90(tmp_path / "s_hr.dat", np.eye(2), np.zeros((n, 2)), spinors="none")
    assert quiet.warnings == ()
    result = bdg.solve(build_model(build_sample(cell, [2, 2]), temperature=0.1))
    assert result.warnings[: len(cell.warnings)] == cell.warnings
    bdg.save(result, tmp_path / "s.h5")
    with h5py.File(tmp_path / "s.h5") as file:
        assert "as those of spinors" in file.attrs["warnings"]


def test_orbitals_do_not_look_like_spinors(tmp_path):
    rng = np.random.default_rng(6)
    graphene = {(0, 0, 0): [[0, -1], [-1, 0]], (1, 0, 0): [[0, -1], [0, 0]], (-1, 0, 0): [[0, 0], [-1, 0]]}
    for elements in (graphene, two_orbitals(), hermitian(rng, [(0, 0, 0), (1, 0, 0)], 3)):
        written(tmp_path / "o_hr.dat", elements)
        n = len(next(iter(elements.values())))
        assert bdg.read_wannier90(tmp_path / "o_hr.dat", np.eye(2), np.zeros((n, 2))).warnings == ()


def test_impossible_spinors_are_refused(tmp_path):
    written(tmp_path / "o_hr.dat", hermitian(np.random.default_rng(0), [(0, 0, 0)], 3))
    with pytest.raises(InputError, match="spinors come in pairs"):
        bdg.read_wannier90(tmp_path / "o_hr.dat", [[1.0]], np.zeros((3, 1)), spinors="blocks")
    with pytest.raises(InputError, match="'paired' is no order"):
        bdg.read_wannier90(tmp_path / "o_hr.dat", [[1.0]], np.zeros((3, 1)), spinors="paired")
    with pytest.raises(InputError, match="exclude each other"):
        bdg.read_wannier90(tmp_path / "o_hr.dat", [[1.0]], spinors="blocks", down="dn_hr.dat")


def test_more_hoppings_than_16_bits_count(tmp_path):
    rng = np.random.default_rng(8)
    elements = hermitian(rng, [(0, 0, 0), (1, 0, 0), (2, 0, 0), (3, 0, 0)], 100)
    written(tmp_path / "big_hr.dat", elements)
    cell = bdg.read_wannier90(tmp_path / "big_hr.dat", [[1.0]], rng.uniform(size=(100, 1)))
    assert len(cell.hoppings) == 100 * 99 // 2 + 3 * 100**2 > 2**15
    for k in (0.0, 0.3):
        expected = np.repeat(np.linalg.eigvalsh(at(elements, [k, 0, 0])), 2)
        np.testing.assert_allclose(levels(cell, [k]), expected, atol=1e-8)


def test_many_hoppings_one_by_one():
    hoppings = [(0, 0, [n % 200 + 1, n // 200], 1e-4 * n) for n in range(40_000)]
    kinds = UnitCell.build(np.eye(2), hoppings=hoppings).hoppings
    assert len(kinds) == 40_000
    assert kinds.shell.max() == len(kinds.distance)


CLEAN = {(0, 0, 0): [[0.5, 0.1], [0.1, -0.25]], (1, 0, 0): [[-1, 0.2j], [0, 0.3]]}
CLEAN |= {(-1, 0, 0): np.array(CLEAN[1, 0, 0]).conj().T}


@pytest.mark.parametrize(
    "changed",
    [
        lambda lines: [lines[0], "", *lines[1:4], "", "", *lines[4:9], "  ", *lines[9:], "", ""],
        lambda lines: [*lines[:1], "2 ! functions", "3   number of R", "1 1 1  # alike", *lines[4:]],
        lambda lines: [*lines[:3], "1 1 1 1 1 1 1 1 1 1 1 1 1 1 1", *lines[4:]],
        lambda lines: [*lines[:3], "1 1 1 1 1", "1 1 1 1 1 1 1 1 1 1 1 1 1 1 1", *lines[4:]],
        lambda lines: [*lines[:3], "1", "1 1", *lines[4:]],
        lambda lines: [*lines[:4], *(line + "  ! eV" for line in lines[4:])],
        lambda lines: [line.replace("00000000", "D+00") for line in lines],
        lambda lines: ["", *lines[1:]],
    ],
)
def test_files_are_read_as_fortran_reads_them(tmp_path, changed):
    path = tmp_path / "c_hr.dat"
    written(path, CLEAN)
    lines = path.read_text().splitlines()
    assert lines[3] == "1 1 1"
    path.write_text("\n".join(changed(lines)) + "\n")
    cell = bdg.read_wannier90(path, [[1.0]], np.zeros((2, 1)))
    for k in (0.0, 0.3):
        expected = np.repeat(np.linalg.eigvalsh(at(CLEAN, [k, 0, 0])), 2)
        np.testing.assert_allclose(levels(cell, [k]), expected, atol=1e-8)


INPUT = """\
lattice: {wannier90: {file: c_hr.dat, vectors: [[1]]}, size: [1], boundary: {bloch: 8}}
hamiltonian: {filling: 0.8}
interaction: {onsite: 2}
temperature: 0.1
output: c.h5
observables: {bands: {path: [Gamma, [0.5]]}, density: {}}
"""


def test_centres_are_wanted_only_where_they_matter(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    written(tmp_path / "c_hr.dat", CLEAN)
    (tmp_path / "c.yaml").write_text(INPUT)
    result = bdg.run_file("c.yaml")
    assert ["centres are not given" in line for line in result.warnings] == [True]
    (tmp_path / "c.yaml").write_text(INPUT.replace("[[1]]", "[[1]], centres: [[0], [0.3]]"))
    placed = bdg.run_file("c.yaml", overwrite=True)
    assert placed.warnings == ()
    np.testing.assert_allclose(result["density"].values, placed["density"].values, atol=1e-10)
    for old, new in (
        ("{filling: 0.8}", "{filling: 0.8, rashba: 0.1}"),
        ("{filling: 0.8}", "{filling: 0.8, onsite: 0.1*x}"),
        ("{onsite: 2}", "{bonds: [{value: 1}]}"),
        ("{onsite: 2}", "{onsite: [{region: {disk: {radius: 2}}, value: 1}]}"),
        ("{bloch: 8}", "{bloch: 8}, region: {disk: {radius: 3}}"),
        ("density: {}", "currents: {}"),
        ("temperature", "field: {vector_potential: [0.1]}\ntemperature"),
    ):
        with pytest.raises(ConfigError, match="needs to know where in the cell the orbitals are"):
            parse_config(INPUT.replace(old, new))


def test_gamma_is_a_point_of_every_cell():
    cell = UnitCell.build([[1.0, 0.2], [0.0, 1.1]], hoppings=[(0, 0, [1, 0], 1.0), (0, 0, [0, 1], 0.5)])
    for size, ends in (
        ([1, 1], [Boundary("bloch", n_k=4)] * 2),
        ([3, 1], ["open", Boundary("bloch", n_k=4)]),
    ):
        model = build_model(build_sample(cell, size, ends), given_delta=0.2, fields=())
        path = ["Γ", [0.0, 0.5]]
        bands = bdg.solve(model, observables={"bands": {"path": path}})["bands"]
        numbers = bdg.solve(model, observables={"bands": {"path": [[0.0, 0.0], [0.0, 0.5]]}})["bands"]
        np.testing.assert_array_equal(bands.values, numbers.values)
    with pytest.raises(InputError, match="no point 'X'; use Gamma or coordinates"):
        bdg.solve(model, observables={"bands": {"path": ["G", "X"]}})
