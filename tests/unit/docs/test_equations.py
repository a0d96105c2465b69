"""Equations of the theory page are numbered in their order, and docstrings cite those that stand there."""

import re

import bdg
from tests.support.pages import DOCS, ROOT

PAGE = DOCS / "theory/mean_field.md"
CITED = re.compile(r"((?:\(M\d+\)(?:,| and| to)?\s*)+)of\s+docs/theory/mean_field\.md")


def test_equations_are_numbered_one_after_another():
    numbers = [int(found) for found in re.findall(r"\(M(\d+)\)$", PAGE.read_text("utf-8"), re.MULTILINE)]
    assert numbers == list(range(1, len(numbers) + 1))
    assert len(numbers) > 25


def test_docstrings_cite_equations_that_are_there():
    text, cited = PAGE.read_text(encoding="utf-8"), []
    for file in (ROOT / "bdg").rglob("*.py"):
        source = file.read_text(encoding="utf-8")
        found = CITED.findall(source)
        assert len(found) == source.count("docs/theory/mean_field.md"), file
        cited += [number for one in found for number in re.findall(r"M\d+", one)]
    assert len(set(cited)) > 15
    assert [number for number in cited if f"({number})" not in text] == []


def test_what_the_page_says_of_arithmetics_is_what_the_solver_chooses():
    from bdg.solvers.selected_inversion.algebra import choose_algebra

    sample = bdg.build_sample("square", [4, 4])
    expected = {
        "quaternion": {"given_delta": 0.3, "vector_potential": [0.1, 0.0]},
        "complex": {"given_delta": 0.3, "zeeman": 0.2},
        "majorana": {"given_delta": 0.3, "zeeman": [0.2, 0.0, 0.1], "rashba": 0.3},
    }
    for name, terms in expected.items():
        model = bdg.build_model(sample, temperature=0.1, **terms)
        state = bdg.solve(model, observables=()).state()
        found = choose_algebra(state.hamiltonian).name
        assert found == name
