"""Every notebook runs from its first cell to its last, and is a page of the site."""

import ast
import json

import matplotlib.pyplot as plt
import pytest

from docs.generators.notebooks import cells, notebooks, pages
from tests.support.pages import Block


@pytest.mark.parametrize("file", notebooks(), ids=lambda file: file.stem)
def test_the_notebook_runs(file, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("bdg.studies.sweeping.usable_cores", lambda: 1)
    names = {"__name__": "notebook"}
    for one in cells(file):
        if one.is_code:
            text = Block("python", one.text, f"toy: {one.toy}" if one.toy else "").toy
            exec(compile(text, file.name, "exec"), names)
            shown = ast.parse(text).body[-1]
            if isinstance(shown, ast.Expr) and isinstance(shown.value, ast.Name):
                found = names[shown.value.id]
                html = getattr(found, "_repr_html_", lambda: None)()
                assert html is None or "<" in html
    plt.close("all")


@pytest.mark.parametrize("file", notebooks(), ids=lambda file: file.stem)
def test_the_file_is_a_notebook_without_output_and_a_page(file):
    whole = json.loads(file.read_text(encoding="utf-8"))
    assert (whole["nbformat"], whole["nbformat_minor"]) == (4, 5)
    assert len({one["id"] for one in whole["cells"]}) == len(whole["cells"])
    for one in whole["cells"]:
        if one["cell_type"] == "code":
            assert (one["outputs"], one["execution_count"]) == ([], None)
    page = pages()[f"notebooks/{file.stem}"]
    assert page.startswith("# ")
    assert all(one.text in page for one in cells(file))
    assert f"\n{file.stem}\n" in pages()["notebooks/index"]


def test_there_are_those_that_the_site_promises():
    assert notebooks()[0].stem == "first_steps"
    assert len(notebooks()) >= 4
