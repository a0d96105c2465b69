"""Every configuration has a page with a picture, and numbers that a test holds."""

import re

import pytest
from PIL import Image

from docs.generators import gallery
from docs.generators.headers import Example, examples
from docs.generators.pictures import LARGEST, small
from tests.regression.checks import checks
from tests.support.pages import ROOT

EXAMPLES = examples()
HELD = "".join(path.read_text("utf-8") for path in (ROOT / "tests/physics").glob("test_*.py"))
"""The tests of physics, among them those of the numbers of studies."""


@pytest.mark.parametrize("one", EXAMPLES, ids=lambda one: one.name)
def test_a_configuration_has_a_page_a_picture_and_numbers_that_a_test_holds(one):
    text = gallery.pages()[f"gallery/{one.page}"]
    expected = " ".join(one.part("Expect"))
    assert one.title in one.file.read_text(encoding="utf-8")
    assert all(one.part(name) for name in ("Shows", "Takes", "Expect"))
    assert re.search(r"\d", expected)
    assert "Check:" not in text
    assert one.configuration.startswith("title: ")
    assert one.configuration in text
    assert one.picture.exists(), f"make its picture: scripts/gallery {one.name}"
    assert f"](../../gallery/{one.page}.png)" in text
    assert one.picture.stat().st_size <= LARGEST
    if one.is_study:
        assert f'"{one.file.stem}"' in HELD
    else:
        assert checks(one.file)


def test_no_picture_is_of_nothing():
    kept = {path.name for path in (ROOT / "docs/gallery").glob("*.png")}
    assert kept <= {one.picture.name for one in EXAMPLES}


def test_the_index_leads_to_every_page():
    index = gallery.pages()["gallery/index"]
    assert all(f"]({one.page}.md)" in index for one in EXAMPLES)


def test_a_header_is_taken_apart(tmp_path, monkeypatch):
    monkeypatch.setattr("docs.generators.headers.CONFIGS", tmp_path)
    (tmp_path / "studies").mkdir()
    file = tmp_path / "studies/toy.yaml"
    file.write_text(
        "# A title.\n#\n# Shows: this\n# and that.\n#\n"
        "# Run:  bdg sweep toy.yaml\n#       bdg plot toy 'a b'\n# Takes: 2 s.\n"
        "# Expect: 0.5 t\n# here.\n# Check: delta = 0.5 t\n# Check with x=1:\n#    delta = 0.4 t\n"
        "title: Toy\n# a comment\nlattice: {}\n"
    )
    one = Example(file)
    assert (one.title, one.name, one.page) == ("A title", "studies/toy", "study_toy")
    assert [one.part(name) for name in ("Shows", "Takes", "Expect")] == [
        ["this", "and that."],
        ["2 s."],
        ["0.5 t", "here."],
    ]
    assert one.commands == [["bdg", "sweep", "toy.yaml"], ["bdg", "plot", "toy", "a b"]]
    assert one.configuration == "title: Toy\n# a comment\nlattice: {}"


def test_a_picture_is_made_small(tmp_path):
    Image.effect_noise((1600, 1000), 80).save(tmp_path / "noise.png")
    with pytest.raises(ValueError, match="no small picture of 1600 × 1000 pixels"):
        small(tmp_path / "noise.png")
    Image.linear_gradient("L").resize((1600, 1000)).save(tmp_path / "smooth.png")
    assert 0 < len(small(tmp_path / "smooth.png")) <= LARGEST
