"""Files of Wannier90: written from a known model, read back; malformed ones refused with their line."""

import itertools

import numpy as np
import pytest

import bdg
from bdg.errors import InputError
from bdg.lattice import UnitCell, build_sample
from bdg.model import Fields, build_model
from bdg.nambu import NambuAssembler

VECTORS = [[1.0, 0.0], [0.3, 1.2]]
CENTRES = [[0.0, 0.0], [0.0, 0.0], [0.4, 0.5]]
ONSITE = [-1.25, 0.5, 0.125]
HOPPINGS = [
    (0, 0, [1, 0], 0.75),
    (0, 1, [0, 0], 0.25 - 0.5j),
    (1, 2, [0, -1], 0.125j),
    (2, 2, [1, -1], -0.375 + 0.0625j),
    (2, 0, [1, 1], 0.5),
]


def text_of(directions=2):
    """A seedname_hr.dat of the model, R from −1 to 1, some of them with a degeneracy of 2."""
    cells = list(itertools.product(*([range(-1, 2)] * directions)))
    cells = [cell + (0,) * (3 - directions) for cell in cells]
    degeneracy = [2 if any(cell) and sum(cell) % 2 else 1 for cell in cells]
    elements = {(0, 0, 0, n, n): energy + 0j for n, energy in enumerate(ONSITE)}
    for start, end, offset, t in HOPPINGS:
        cell = (*offset, *(0,) * (3 - len(offset)))
        back = tuple(-step for step in cell)
        # ⟨end in cell 0|H|start in cell −offset⟩ = −t, and its Hermitian partner.
        elements[(*back, end, start)] = -t
        elements[(*cell, start, end)] = -np.conj(t)
    lines = ["written by a test", "3", str(len(cells))]
    lines += [" ".join(map(str, degeneracy[first : first + 15])) for first in range(0, len(degeneracy), 15)]
    for cell, weight in zip(cells, degeneracy, strict=True):
        for n, m in itertools.product(range(3), repeat=2):
            value = weight * elements.get((*cell, m, n), 0j)
            where = " ".join(f"{number:5d}" for number in (*cell, m + 1, n + 1))
            lines.append(f"{where} {value.real:11.6f} {value.imag:11.6f}")
    return "\n".join(lines) + "\n"


def matrix(cell):
    sample = build_sample(cell, [3, 4], ["periodic", "open"])
    model = build_model(sample, vector_potential=[0.2, -0.4])
    n = sample.n_sites
    return NambuAssembler(model).matrix(Fields(np.zeros(n), np.zeros((2, n)), 0.0)).dense()


@pytest.mark.parametrize("directions", [2, 3])
def test_what_was_written_is_read(tmp_path, directions):
    (tmp_path / "toy_hr.dat").write_text(text_of(directions))
    cell = bdg.read_wannier90(tmp_path / "toy_hr.dat", VECTORS, CENTRES)
    own = UnitCell.build(VECTORS, CENTRES, hoppings=HOPPINGS, onsite=ONSITE)
    assert cell.name == "toy"
    assert len(cell.hoppings) == len(HOPPINGS)
    np.testing.assert_allclose(matrix(cell), matrix(own), atol=1e-14)
    half = bdg.read_wannier90(tmp_path / "toy_hr.dat", VECTORS, CENTRES, energy_unit=2.0)
    np.testing.assert_allclose(2 * matrix(half), matrix(own), atol=1e-14)


def test_small_hoppings_are_cut_off(tmp_path):
    (tmp_path / "toy_hr.dat").write_text(text_of())
    cell = bdg.read_wannier90(tmp_path / "toy_hr.dat", VECTORS, CENTRES, cutoff=0.4)
    assert len(cell.hoppings) == 3
    assert np.abs(cell.hoppings.amplitude).min() > 0.4
    assert cell.onsite.tolist() == ONSITE


def test_a_run_from_a_configuration(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "toy_hr.dat").write_text(text_of())
    (tmp_path / "toy.yaml").write_text(
        f"lattice: {{wannier90: {{file: toy_hr.dat, vectors: {VECTORS}, centres: {CENTRES}}}, size: [3, 4],"
        " region: {disk: {radius: 2}}}\nhamiltonian: {filling: 1}\ninteraction: {onsite: 3}\n"
        "temperature: 0.1\noutput: toy.h5\nobservables: {currents: {}, density: {}}\n"
    )
    result = bdg.run_file("toy.yaml")
    output = result.path
    assert result.status == "converged"
    assert bdg.load(output).sample.cell.name == "toy"
    (tmp_path / "toy_hr.dat").write_text(text_of().replace("written", "written\nin two lines"))
    with pytest.raises(InputError, match=r"toy\.yaml:1:29: lattice\.wannier90\.file: toy_hr\.dat:2: must be"):
        bdg.run_file("toy.yaml", overwrite=True)


LINES = text_of().splitlines()
FIRST = 5
"""Line of the first element: a comment, two numbers and one line of degeneracies stand before."""


def changed(line, old, new):
    assert old in LINES[line - 1]
    return [*LINES[: line - 1], LINES[line - 1].replace(old, new, 1), *LINES[line:]]


NONZERO = next(n for n, line in enumerate(LINES, 1) if n >= FIRST and "1.500000" in line)


@pytest.mark.parametrize(
    ("lines", "words"),
    [
        ([], ":2: must be the number of Wannier functions, not ''"),
        (changed(2, "3", "three"), ":2: must be the number of Wannier functions, not 'three'"),
        (changed(3, "9", "0"), ":3: must be the number of vectors R"),
        (changed(4, "2", "x"), ":4: must be degeneracies, not '1 x"),
        (changed(4, "2", "0"), ":4: must be degeneracies"),
        (changed(3, "9", "10"), ":5: must be degeneracies"),
        (LINES[:-1], ":84: ends here, 1 line too early"),
        ([*LINES, "0 0 0 1 1 0 0"], ":86: goes on, but ends at line 85"),
        (changed(7, "0.000000", ""), ":7: has 6 columns"),
        (changed(7, "0.000000", "*********"), ":7: '*********' is not a number"),
        (changed(7, "0.000000", "nan"), ":7: not finite"),
        (changed(8, "   -1 ", "  0.5 "), ":8: R1 R2 R3 m n must be whole numbers"),
        (changed(8, "   -1 ", "    0 "), ":8: R changes within its block; each R has 9 lines"),
        (changed(7, " 3 ", " 4 "), ":7: m or n is no Wannier function; they run from 1 to 3"),
        (changed(7, " 3 ", " 1 "), ":7: this element is given twice"),
        (changed(NONZERO, "1.500000", "1.500010"), "must be equal"),
        (
            LINES[: FIRST + 8] + LINES[FIRST - 1 : FIRST + 8] + LINES[FIRST + 17 :],
            ":14: this R is given twice",
        ),
    ],
)
def test_malformed_files_are_refused_with_their_line(tmp_path, lines, words):
    (tmp_path / "toy_hr.dat").write_text("\n".join(lines))
    with pytest.raises(InputError) as caught:
        bdg.read_wannier90(tmp_path / "toy_hr.dat", VECTORS, CENTRES)
    assert words in str(caught.value)
    assert str(caught.value).startswith(str(tmp_path / "toy_hr.dat:"))
    assert ";" in str(caught.value)


def test_what_does_not_fit_is_refused(tmp_path):
    path = tmp_path / "toy_hr.dat"
    with pytest.raises(InputError, match=r"toy_hr\.dat: can't be read: No such file"):
        bdg.read_wannier90(path, VECTORS, CENTRES)
    path.write_text(text_of())
    with pytest.raises(InputError, match="has 3 Wannier functions, not 2"):
        bdg.read_wannier90(path, VECTORS, CENTRES[:2])
    with pytest.raises(InputError, match="energy_unit 0"):
        bdg.read_wannier90(path, VECTORS, CENTRES, energy_unit=0)
    with pytest.raises(
        InputError, match=r"R = \[.*\], m = ., n = . of modulus 0\.5.* eV leads out of the 1 dir"
    ):
        bdg.read_wannier90(path, [[1.0, 0.0]], CENTRES)
    chain = bdg.read_wannier90(path, [[1.0, 0.0]], CENTRES, cutoff=0.51)
    assert chain.hoppings.offset.tolist() == [[0], [1]]  # those along the second direction are small enough
