"""``bdg theory``: every command prints, writes and draws; what cannot be is told in one line."""

import csv
import re

import h5py
import numpy as np
import pytest
from scipy.special import zeta
from typer.testing import CliRunner

from bdg.cli import app
from bdg.errors import BdgError, FileRefusedError, InputError
from bdg.theory.uniform.gap import solve
from bdg.theory.uniform.lattices import Dispersion, lattice_band
from tests.support.commands import bdg_command

LATTICE = "--lattice square --attraction 3 --filling 0.8 --size 12"
COMMANDS = [
    "gap --points 5",
    f"gap {LATTICE} --pairing d --points 4",
    "tc --points 3 --repulsion 0.1 --fermi-energy 200",
    f"tc {LATTICE} --points 3",
    "dos --points 9 --temperature 0.01",
    f"dos {LATTICE} --hopping 1,-0.2 --points 9",
    "thermodynamics --points 3",
    f"thermodynamics {LATTICE} --points 3",
    "interaction --points 5",
    "cooper --points 4 --levels 50",
    "state --points 5",
    "number --levels 6",
    "crossover --points 3",
    "two-band --points 3",
    "tunnelling --points 5 --second-gap 0.5",
    "nmr --points 4 --broadening 0.05",
    "optical --points 4",
    "superfluid --points 4",
    "modes --points 4",
    "modes --lattice chain --attraction 3 --filling 0.8 --size 10 --points 2",
    "materials Al Pb",
    "london --radius 3 --points 5",
    "london --body slab --points 5",
    "london --body cylinder --radius 1.5 --temperature 0.8 --points 5",
    "london --body sphere --points 5",
    "london --body strip --points 6",
    "london --body vortex --radius 20 --points 5",
    "wave --grid 31 --electric 0.3 --points 4",
    "gl --kappa 1.5 --coherence-length 38 --points 5",
    "fluxoid --points 9",
]


def theory(text, *more):
    return CliRunner().invoke(app, ["theory", *text.split(), *map(str, more)])


@pytest.mark.parametrize("command", COMMANDS)
def test_prints_writes_and_draws(command, tmp_path):
    table, file, figure = tmp_path / "t.csv", tmp_path / "t.h5", tmp_path / "t.png"
    ran = theory(command, "--out", table, "--plot", figure)
    assert ran.exit_code == 0, ran.exception
    assert f"wrote {table}" in ran.stdout
    assert figure.read_bytes().startswith(b"\x89PNG")
    rows = list(csv.reader(line for line in table.read_text().splitlines() if not line.startswith("#")))
    assert theory(command, "--out", file).exit_code == 0
    with h5py.File(file) as stored:
        first = next(iter(stored))
        assert len(stored) == len(rows[0])
        assert all("units" in stored[name].attrs for name in stored)
        assert stored[first].is_scale
        for column, name in enumerate(stored):
            assert rows[0][column].split(" ")[0] == name
            if stored[name].dtype.kind == "f":
                written = np.array([float(row[column]) for row in rows[1:]])
                np.testing.assert_array_equal(stored[name][()], written)


def test_the_numbers_are_those_of_theory(tmp_path):
    assert (
        theory("thermodynamics --coupling 0.1 --cutoff 300 --points 2", "--out", tmp_path / "t.h5").exit_code
        == 0
    )
    with h5py.File(tmp_path / "t.h5") as file:
        facts = dict(file.attrs)
    assert facts["2 max Delta_k(0)/T_c"] == pytest.approx(2 * np.pi * np.exp(-np.euler_gamma), abs=1e-6)
    assert facts["(C_s - C_n)/C_n at T_c"] == pytest.approx(12 / (7 * zeta(3)), abs=1e-6)
    assert facts["T_c"] == pytest.approx(300 * 2 * np.exp(np.euler_gamma - 10) / np.pi, rel=1e-9)


def test_the_packet_follows_ehrenfest_and_the_vortex_bogomolny(tmp_path):
    ran = theory("wave --grid 95 --electric 0.3 --momentum 1 --points 5", "--out", tmp_path / "w.h5")
    assert ran.exit_code == 0, ran.exception
    with h5py.File(tmp_path / "w.h5") as file:
        for axis in "xy":
            np.testing.assert_allclose(file[axis][()], file[f"{axis}_exact"][()], atol=0.02)
            assert np.ptp(file[f"{axis}_exact"][()]) > 0.3
        assert np.abs(file["norm_error"][()]).max() < 1e-12
    assert theory(f"gl --kappa {0.5**0.5!r} --points 3", "--out", tmp_path / "g.h5").exit_code == 0
    with h5py.File(tmp_path / "g.h5") as file:
        assert file.attrs["line energy over 2 pi"] == pytest.approx(1, rel=1e-6)
        assert file.attrs["B_c1/B_c2"] == pytest.approx(file.attrs["B_c/B_c2"], rel=1e-6)
        assert file.attrs["beta_A triangular"] == pytest.approx(1.1595953, abs=1e-7)


def test_a_density_of_states_from_a_file(tmp_path):
    path = tmp_path / "dos.dat"
    np.savetxt(path, np.column_stack([np.linspace(-1, 1, 21), np.full(21, 0.5)]))
    ran = theory(f"gap --dos {path} --attraction 0.6 --points 3")
    same = theory("gap --coupling 0.3 --points 3")
    assert ran.exit_code == 0, ran.exception
    ratio = [line for line in ran.stdout.splitlines() if line.startswith("Delta(0)")]
    assert ratio == [line for line in same.stdout.splitlines() if line.startswith("Delta(0)")]


@pytest.mark.parametrize(("command", "message"), [
    ("gap --coupling -1", "attraction must be positive, not -1"),
    ("gap --attraction 2", "--attraction needs --lattice or --dos"),
    ("gap --hopping 1,-0.3", "--hopping needs --lattice"),
    ("dos --pairing d", "--pairing needs --lattice"),
    ("gap --lattice square --attraction 2 --hopping 1,nan", "--hopping 1,nan: not numbers"),
    ("gap --lattice square", "the attraction is missing"),
    ("gap --lattice square --attraction 2 --mu 0 --filling 1", "exclude each other"),
    ("gap --lattice square --attraction 2 --hopping 1,x", "--hopping 1,x: not numbers"),
    ("gap --lattice cub --attraction 2", "unknown lattice; use chain"),
    ("gap --lattice square --attraction 2 --pairing p", "no gap of form 'p'"),
    ("gap --lattice square --attraction 0.01 --size 4 --mu 0.3", "choose a larger attraction"),
    ("gap --dos nowhere.dat --attraction 1", "no such file"),
    ("gap --out table.txt", "end the name in .csv or .h5"),
    ("tc --repulsion 0.2", "belong together"),
    ("nmr --broadening 0", "broadening must be positive, not 0"),
    ("nmr --broadening 1", "an anisotropy of 1 leaves gaps below zero"),
    ("tunnelling --second-gap -1", "--second-gap -1: a gap is not negative"),
    ("modes --lattice square --attraction 4 --coulomb -1", "--coulomb -1: charges repel"),
    ("cooper --coupling 0.01", "--coupling 0.01: the pair is larger than any number; give 0.04"),
    ("wave --momentum 1e6", "--momentum 1e+06: the grid has up to"),
    ("wave --magnetic 1e9", "--magnetic 1e+09: on this grid the phase turns by more than"),
    ("optical --temperature 1.5", "give less than 1"),
    ("two-band --couplings 1,2", "three and two numbers"),
    ("london --radius -1", "radius must be positive"),
    ("number --levels 40", "2 to 14"),
    ("materials Xx", "no data for 'Xx'"),
    ("london --body cube", "unknown body; use slab"),
    ("london --temperature 1", "nothing is screened"),
    ("london --body slab --radius -1", "radius is -1.0; give a positive number"),
    ("wave --grid 3", "8 to 200"),
    ("gl --kappa 0", "kappa is 0.0; give a positive number"),
])  # fmt: skip
def test_what_cannot_be_is_told(command, message):
    error = theory(command).exception
    assert isinstance(error, InputError), error
    assert message in str(error)
    assert "\n" not in str(error)


def test_what_is_no_number_is_a_dash():
    ran = theory("crossover --points 3")
    assert "nan" not in ran.stdout
    assert [line.split()[-1] for line in ran.stdout.splitlines()[-3:]] == ["–", "–", "-9"]


def test_exit_codes(tmp_path):
    for command, code in (
        ("gap --points x", 2),
        ("gap --coupling 0", 2),
        ("gap --mu nan", 2),
        ("wave --electric 1e300", 2),
        ("modes --hopping 1", 2),
        ("nothing", 2),
        ("state --points 3", 0),
    ):
        ran = bdg_command("theory", *command.split(), cwd=tmp_path)
        assert ran.returncode == code
        assert ran.stderr.count("\n") == (code != 0)
    (tmp_path / "t.csv").write_text("precious")
    error = theory("state --points 3", "--out", tmp_path / "t.csv").exception
    assert isinstance(error, FileRefusedError)
    assert isinstance(error, BdgError)
    assert (tmp_path / "t.csv").read_text() == "precious"
    assert theory("state --points 3", "--out", tmp_path / "t.csv", "--overwrite").exit_code == 0


def test_every_command_takes_the_same_momenta():
    """Those of a periodic sample, or shifted by a share of a step: `gap` and `modes` have one Δ."""
    metal = ["--lattice", "square", "--attraction", "4", "--mu", "-0.5", "--size", "6"]
    for shift in (None, "0", "0.5", "0.25"):
        twist = 2 * np.pi * float(shift or 0)
        band = lattice_band(Dispersion(), (6, 6), twist=twist)
        expected = solve(band, 4.0, mu=-0.5).delta
        for command, points in (("gap", "3"), ("modes", "2")):
            options = [*metal, "--points", points, *(["--shift", shift] if shift else [])]
            outcome = theory(command, *options)
            found = re.search(r"^Delta(?:\(0\)| \(t\)) +([0-9.]+)", outcome.output, re.MULTILINE)
            assert float(found.group(1)) == pytest.approx(expected, rel=1e-4), (command, shift)
    assert isinstance(theory("gap", "--shift", "0.5").exception, InputError)
