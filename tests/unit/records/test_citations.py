"""The papers behind a result are those that docstrings name; no list of them is kept."""

import ast
import importlib
import re
from pathlib import Path

import pytest
from typer.testing import CliRunner

import bdg
from bdg.cli import app
from bdg.config.whole import json_schema
from bdg.records.citations import KEYS, METHODS, citations, papers

YEAR = re.compile(r"\((?:1[89]|20)\d\d\)")
BOOKS = re.compile(r"\*[^*]+\*[^*]*$|\"[^\"]+\"[^\"]*$")
"""What stands before the year of a book or of a paper by its title."""


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("see Kitaev, Phys. Usp. 44, 131 (2001).", ["Kitaev, Phys. Usp. 44, 131 (2001)"]),
        (
            "(Walker & Ni, SIAM J. Numer. Anal. 49, 1715 (2011); Loder et al., Nature Phys. 4, 112 (2008))",
            ["Walker & Ni, SIAM J. Numer. Anal. 49, 1715 (2011)", "Loder et al., Nature Phys. 4, 112 (2008)"],
        ),
        (
            "that of Fukui, Hatsugai\n    and Suzuki (J. Phys. Soc. Jpn. 74, 1674 (2005)) converges",
            ["Fukui, Hatsugai and Suzuki, J. Phys. Soc. Jpn. 74, 1674 (2005)"],
        ),
        ("all orders Furusaki's (Physica B 203, 214 (1994))", ["Furusaki, Physica B 203, 214 (1994)"]),
        (
            "Y. Nakatsukasa and R. W. Freund, SIAM Rev. 58, 461 (2016), section 3",
            ["Y. Nakatsukasa and R. W. Freund, SIAM Rev. 58, 461 (2016)"],
        ),
        ("L. P. Gor'kov, Sov. Phys. JETP 9, 1364 (1959)", ["L. P. Gor'kov, Sov. Phys. JETP 9, 1364 (1959)"]),
        ("Das Sarma, Phys. Rev. B 82,\n 184525 (2010)", ["Das Sarma, Phys. Rev. B 82, 184525 (2010)"]),
        ("a window of 12, 5 sites (1984 of them) in Rev. form", []),
    ],
)
def test_papers_are_found_in_a_text(text, found):
    assert papers(text) == found


def test_every_paper_of_the_package_is_found():
    """Except books, which have no page; and one paper whose authors stand in the sentence before."""
    count, missed = 0, []
    for file in Path(bdg.__file__).parent.rglob("*.py"):
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Module | ast.FunctionDef | ast.ClassDef):
                text = " ".join((ast.get_docstring(node) or "").split())
                years = [text[max(0, at.start() - 80) : at.end()] for at in YEAR.finditer(text)]
                found = papers(text)
                count += len(years)
                missed += [
                    (file.name, before)
                    for before in years
                    if not BOOKS.search(before) and not any(before[-12:] == paper[-12:] for paper in found)
                ]
    assert count > 100
    known = {"solution.py", "materials.py", "leggett.py"}
    assert [one for one in missed if one[0] not in known] == []


def test_what_names_papers_is_there():
    for module in [*KEYS.values(), *(one for modules in METHODS.values() for one in modules)]:
        importlib.import_module(module)
    definitions = json_schema()["$defs"]
    sections = {"hamiltonian": "Hamiltonian", "interaction": "Interaction", "field": "ExternalField"}
    for key in KEYS:
        section, _, name = key.partition(".")
        assert name in definitions[sections[section]]["properties"]


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    """A run whose comment, field, terms, method and observables all have sources."""
    folder = tmp_path_factory.mktemp("cited")
    (folder / "cited.yaml").write_text(
        "# A toy.\n#\n# Shows: Balatsky, Vekhter, Zhu, Rev. Mod. Phys. 78, 373 (2006).\n"
        "lattice: {kind: square, size: [6, 6], boundary: [periodic, {bloch: 2}]}\n"
        "hamiltonian: {chemical_potential: -0.5, spin_hopping: {d_x2_y2: 0.1}}\n"
        "interaction: {onsite: 3}\nfield: {vortex_lattice: {vortices: 2}}\ntemperature: 0.1\n"
        "solver: {method: selected_inversion}\nobservables: {vortices: {}, density: {}}\n"
    )
    return bdg.run_file(folder / "cited.yaml", [f"output={folder / 'cited.h5'}"])


def test_a_result_cites_what_it_used_and_nothing_else(run):
    found = citations(run)
    assert found["configuration"] == ["Balatsky, Vekhter, Zhu, Rev. Mod. Phys. 78, 373 (2006)"]
    assert "Abrikosov, Sov. Phys. JETP 5, 1174 (1957)" in found["field.vortex_lattice"]
    assert found["vortices"] == ["Kramer and Pesch, Z. Phys. 269, 59 (1974)"]
    assert "Anderson, J. ACM 12, 547 (1965)" in found["anderson"]
    assert any("SIAM Rev. 58" in paper for paper in found["selected inversion"])
    assert "hamiltonian.spin_hopping" in found
    assert "density" not in found
    assert not any("Pulay" in paper for listed in found.values() for paper in listed)


def test_a_result_from_python_cites_its_terms_and_its_observables():
    sample = bdg.build_sample("square", [1, 1], bdg.Boundary("bloch", n_k=8))
    terms = {"spin_hopping": {"d_x2_y2": 0.2}, "given_delta": 0.3, "rashba": 0.5, "zeeman": [0, 0, 0.8]}
    model = bdg.build_model(sample, chemical_potential=-4.0, **terms)
    found = citations(bdg.solve(model, observables=["chern"], solver="diagonalization"))
    assert "Fukui, Hatsugai and Suzuki, J. Phys. Soc. Jpn. 74, 1674 (2005)" in found["chern"]
    assert "anderson" not in found
    assert "diagonalization" not in found


def test_the_command_prints_them(run):
    printed = CliRunner().invoke(app, ["cite", str(run.path)]).output
    assert printed.startswith(f"bdg {bdg.__version__}, self-consistent")
    assert "\nvortices\n  Kramer and Pesch, Z. Phys. 269, 59 (1974)\n" in printed
