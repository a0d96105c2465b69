"""``bdg diff``, ``bdg list`` and figures of several files, as a user types them."""

from __future__ import annotations

import json
import shutil

import pytest
from typer.testing import CliRunner

import bdg
from bdg.cli import app
from bdg.errors import BdgError
from bdg.store import read

CHAIN = """
title: A chain
lattice: {kind: chain, size: [6], boundary: periodic}
hamiltonian: {chemical_potential: -0.4, disorder: {width: 0.5, seed: 0}}
interaction: {onsite: 3.0}
temperature: 0.1
observables: {order_parameter: {}, spectral_gap: {}, dos: {energies: {start: -2, stop: 2, num: 21}}}
"""


@pytest.fixture(scope="session")
def made(tmp_path_factory):
    """cold.h5, warm.h5, poor.h5 (which did not converge) and a damaged file."""
    folder = tmp_path_factory.mktemp("records")
    (folder / "chain.yaml").write_text(CHAIN)
    for name, settings in {
        "cold": ["temperature=0.05"],
        "warm": ["hamiltonian.disorder.seed=1"],
        "poor": ["scf.max_iterations=2"],
    }.items():
        bdg.run_file(folder / "chain.yaml", [f"output={folder}/{name}.h5", *settings])
    whole = (folder / "cold.h5").read_bytes()
    (folder / "damaged.h5").write_bytes(whole[: len(whole) // 2])
    return folder


@pytest.fixture
def folder(made, tmp_path, monkeypatch):
    for path in made.glob("*.h5"):
        shutil.copy(path, tmp_path)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def typed(*words):
    """The exit code, and what was printed or the line that an error is."""
    done = CliRunner().invoke(app, [str(word) for word in words])
    if isinstance(done.exception, BdgError):
        assert "\n" not in str(done.exception)
        return done.exception.exit_code, str(done.exception)
    assert done.exception is None or isinstance(done.exception, SystemExit)
    return done.exit_code, done.output


def test_diff_says_what_differs_and_its_exit_code_whether(folder):
    code, told = typed("diff", "cold.h5", "warm.h5")
    assert code == 1
    lines = told.splitlines()
    assert lines[0].startswith("A: cold.h5, converged in ")
    assert "temperature                0.05  0.1" in lines
    assert "hamiltonian.disorder.seed  0     1" in lines
    gap = next(line.split() for line in lines if line.startswith("spectral_gap"))
    apart = abs(float(read("cold.h5")["spectral_gap"]) - float(read("warm.h5")["spectral_gap"]))
    assert float(gap[1]) == pytest.approx(apart, rel=1e-2)
    assert gap[-2:] == ["t", "differs"]
    assert lines[-1].startswith(
        "different: 2 keys of the configuration; delta, order_parameter, dos, spectral_gap"
    )
    assert "\x1b" not in told


def test_diff_of_the_same_is_silent_on_what_does_not_matter(folder):
    shutil.copy("cold.h5", "copy.h5")
    assert typed("diff", "cold.h5", "copy.h5")[0] == 0
    assert typed("diff", "cold.h5", "copy.h5")[1].endswith("\nthe same\n")


def test_diff_compares_to_a_tolerance_and_values_only(folder):
    assert typed("diff", "cold.h5", "warm.h5", "--tolerance", "10", "--values-only")[0] == 0
    assert typed("diff", "cold.h5", "warm.h5", "--tolerance", "10")[0] == 1
    assert typed("diff", "cold.h5", "warm.h5", "--values-only")[0] == 1
    assert "temperature" not in typed("diff", "cold.h5", "warm.h5", "--values-only")[1]


def test_diff_of_another_end_says_so(folder):
    code, told = typed("diff", "warm.h5", "poor.h5", "--defaults")
    assert code == 1
    assert "different: converged and not converged" in told


@pytest.mark.slow
def test_diff_of_studies_is_point_by_point(folder):
    (folder / "chain.yaml").write_text(CHAIN + "sweep: {temperature: [0.05, 0.1]}\n")
    for name in "one", "two":
        assert typed("sweep", "chain.yaml", "--folder", name, "--executor", "serial", "--quiet")[0] == 0
    assert typed("diff", "one", "two") == (0, "A: one\nB: two\n\n2 points: the same\n")
    (folder / "two/points/00000.h5").unlink()
    assert "temperature = 0.05  no result in two" in typed("diff", "one", "two")[1]
    typed("sweep", "chain.yaml", "--folder", "two", "--executor", "serial", "--set", "interaction.onsite=2.9")
    code, told = typed("diff", "one", "two")
    assert code == 1
    assert "temperature = 0.1   converged  " in told
    assert told.endswith("2 points: 2 differ\n")
    assert typed("diff", "one", "two", "--tolerance", "1")[0] == 0


@pytest.mark.parametrize(
    ("words", "problem"),
    [
        (("none.h5", "cold.h5"), "none.h5: there is no such file"),
        (("cold.h5", "damaged.h5"), "damaged.h5: damaged or incomplete"),
        (("cold.h5", "."), ". is a folder and cold.h5 is none"),
        ((".", "."), "no study"),
        (("cold.h5", "warm.h5", "--tolerance", "-1"), "tolerance of -1"),
    ],
)
def test_what_diff_cannot_compare_has_a_code_of_its_own(folder, words, problem):
    code, told = typed("diff", *words)
    assert code == 2
    assert problem in told


def test_list_has_a_row_for_each_file_the_damaged_too(folder):
    code, told = typed("list", "*.h5")
    assert code == 0
    lines = [line.split() for line in told.splitlines()]
    assert lines[0][:4] == ["status", "file", "temperature", "(t)"]
    assert [line[-5] for line in lines[1:] if line[0] == "converged"] == ["cold.h5", "warm.h5"]
    assert "damaged or incomplete  damaged.h5" in told
    assert "not converged          poor.h5" in told


def test_list_takes_keys_quantities_and_their_summaries(folder):
    columns = (
        "hamiltonian.disorder.seed,spectral_gap,delta.mean,order_parameter.max,dos,spectral_gap.error,title"
    )
    code, told = typed("list", "cold.h5", "--columns", columns, "--json")
    assert code == 0
    row, cold = json.loads(told)[0], read("cold.h5")
    assert list(row) == ["status", "file", *columns.split(",")]
    assert row["hamiltonian.disorder.seed"] == 0
    assert row["spectral_gap"] == float(cold["spectral_gap"])
    assert row["delta.mean"] == pytest.approx(cold.fields.delta.mean())
    assert row["order_parameter.max"] == cold["order_parameter"].values.max()
    assert row["spectral_gap.error"] == cold["spectral_gap"].error
    assert row["dos"] == f"{cold['dos'].values.min():.6g} … {cold['dos'].values.max():.6g}"
    assert row["title"] == "A chain"
    assert "spectral_gap (t)" in typed("list", "cold.h5", "--columns", "spectral_gap")[1]
    assert "temperature (t)  title" in typed("list", "cold.h5", "--columns", "temperature, title")[1]


@pytest.mark.parametrize(
    ("where", "files"),
    [
        ("temperature < 0.07", ["cold"]),
        ("converged and temperature > 0.07", ["warm"]),
        ("not converged", ["poor"]),
        ("not_converged or temperature == 0.05", ["cold", "poor"]),
        ("hamiltonian.disorder.seed == 1", ["warm"]),
        ("spectral_gap > 0 and lattice.size[0] == 6", ["cold", "poor", "warm"]),
        ("abs(hamiltonian.chemical_potential + 0.4) < 1e-12 and delta.max > 0", ["cold", "poor", "warm"]),
        ("temperature > 5", []),
    ],
)
def test_list_shows_the_rows_that_a_condition_chooses(folder, where, files):
    code, told = typed("list", "*.h5", "--where", where, "--columns", "temperature", "--csv")
    assert code == 0
    assert [line.split(",")[1] for line in told.splitlines()[1:]] == [f"{name}.h5" for name in files]


@pytest.mark.parametrize(
    ("sort", "files"),
    [
        ("temperature", ["cold", "poor", "warm"]),
        ("-temperature", ["poor", "warm", "cold"]),
        ("-hamiltonian.disorder.seed", ["warm", "cold", "poor"]),
        ("1 / temperature", ["poor", "warm", "cold"]),
        ("status", ["cold", "warm", "poor"]),
    ],
)
def test_list_is_sorted_with_what_cannot_be_read_last(folder, sort, files):
    code, told = typed("list", "*.h5", "--sort", sort, "--columns", "temperature", "--csv")
    assert code == 0
    assert [line.split(",")[1] for line in told.splitlines()[1:]] == [
        f"{name}.h5" for name in [*files, "damaged"]
    ]


@pytest.mark.slow
def test_list_takes_folders_and_studies(folder):
    (folder / "chain.yaml").write_text(CHAIN + "sweep: {temperature: [0.05, 0.1]}\n")
    typed("sweep", "chain.yaml", "--folder", "one", "--executor", "serial", "--quiet")
    told = typed("list", "one", ".", "--columns", "temperature", "--csv")[1].splitlines()
    assert told[1:3] == ["converged,one/points/00000.h5,0.05", "converged,one/points/00001.h5,0.1"]
    assert len(told) == 1 + 2 + 4


@pytest.mark.parametrize(
    ("words", "problem"),
    [
        (("none*.h5",), "no result matches 'none*.h5'"),
        (("*.h5", "README"), "no result matches 'README'"),
        (("*.h5", "--columns", "temprature"), "no file has 'temprature'; did you mean 'temperature'?"),
        (("*.h5", "--columns", "width"), "no file has 'width'; did you mean 'hamiltonian.disorder.width'?"),
        (("*.h5", "--columns", "hamiltonian.filling"), "no file has 'hamiltonian.filling'"),
        (("*.h5", "--where", "temperature <"), "'temperature <' is no condition"),
        (("*.h5", "--where", "import os"), "'import os' is no condition"),
        (("*.h5", "--where", "tmperature < 1"), "no file has 'tmperature'; did you mean 'temperature'?"),
        (("*.h5", "--where", "title == 3"), "title is 'A chain', no number"),
        (("*.h5", "--sort", "gap"), "no file has 'gap'; "),
        (("*.h5", "--csv", "--json"), "--csv and --json are both given"),
    ],
)
def test_mistakes_in_a_list_are_a_line(folder, words, problem):
    code, told = typed("list", *words)
    assert code == 2
    assert problem in told


def test_list_reads_no_more_than_it_must(folder):
    """A file whose density of states is damaged is whole for whoever asks for its gap."""
    data = bytearray((folder / "cold.h5").read_bytes())
    data[data.index(read("cold.h5")["dos"].values.tobytes()) + 8] ^= 1
    (folder / "cold.h5").write_bytes(data)
    code, told = typed("list", "cold.h5", "--columns", "spectral_gap,dos.mean")
    assert "damaged or incomplete" in told
    assert (
        typed("list", "cold.h5", "--columns", "spectral_gap")[1]
        .splitlines()[1]
        .startswith("converged  cold.h5")
    )
    assert code == 0


def test_plot_draws_several_files_in_one_figure(folder):
    assert typed("plot", "cold.h5", "warm.h5", "dos") == (0, "wrote cold_warm_dos.png\n")
    assert typed("plot", "cold.h5", "warm.h5", "poor.h5", "delta", "--output", "three.svg")[0] == 0
    text = (folder / "three.svg").read_text()
    assert "not converged" in text
    assert (folder / "cold_warm_dos.png").stat().st_size > 10_000


@pytest.mark.parametrize(
    ("words", "code", "problem"),
    [
        (("cold.h5", "warm.h5"), 2, "name the quantity to draw"),
        (("cold.h5", "warm.h5", "ldso"), 2, "cold.h5: there is nothing called 'ldso'"),
        (("cold.h5", "none.h5", "dos"), 2, "none.h5: there is no such file"),
        (("cold.h5", "damaged.h5", "dos"), 6, "damaged.h5: damaged"),
        (("cold.h5", ".", "dos"), 2, "a study is drawn alone"),
        ((".", "cold.h5"), 2, "a study is drawn alone"),
        (("cold.h5", "dos", "ldos"), 2, "dos: there is no such file"),
    ],
)
def test_mistakes_in_a_figure_of_several_are_a_line(folder, words, code, problem):
    found = typed("plot", *words)
    assert found[0] == code
    assert problem in found[1]
