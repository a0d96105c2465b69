"""The validation page is what the package computes: all that is quick is computed again."""

import re

import pytest

import bdg
from docs.generators.markdown import cell
from docs.validation.check import SECTIONS, Row
from docs.validation.page import PAGE, line, ordered, page, rounded, summary, text_of
from docs.validation.published import TABLE

TEXT = PAGE.read_text(encoding="utf-8")


def shown(one):
    """Heading and text of a check on the page, and its table by rows of cells."""
    heading = re.escape(one.text[0].rstrip("."))
    found = re.search(rf"^### {heading}\n(.*?)(?=^##|\Z)", TEXT, re.DOTALL | re.MULTILINE)
    assert found, f"{one.name} is not on the page: scripts/validate"
    rows = [re.split(r"(?<!\\)\|", text)[1:-1] for text in found[1].splitlines() if text.startswith("| ")]
    return found[1], [[one.strip() for one in row] for row in rows[1:]]


@pytest.mark.parametrize(
    "one",
    [pytest.param(one, id=one.name, marks=[pytest.mark.slow] if one.is_slow else []) for one in ordered()],
)
def test_the_numbers_of_the_page_are_those_that_are_computed(one):
    text, rows = shown(one)
    found = list(one.compute())
    assert text_of(one, found).split("\n| quantity")[0].partition("\n\n")[2].strip() in text
    assert len(rows) == len(found)
    for cells, row in zip(rows, found, strict=True):
        quantity, *_, value, ours, _, tolerance, verdict = cells
        fresh = line(row)
        assert [quantity, value, tolerance, verdict] == [cell(fresh[n]) for n in (0, 1, 4, 5)]
        digits = len(ours.partition(".")[2])
        assert float(ours) == pytest.approx(row.ours, abs=0.1 * row.tolerance + 0.6 * 10.0**-digits)
        assert row.agrees or row.why


def test_the_page_has_every_check_and_every_published_number_and_is_of_this_version():
    assert f"\nVersion {bdg.__version__}.\n" in TEXT
    assert re.findall(r"^## (.*)$", TEXT, re.MULTILINE) == list(SECTIONS)
    headings = re.findall(r"^### (.*)$", TEXT, re.MULTILINE)
    assert headings == [one.text[0].rstrip(".") for one in ordered()]
    for row in TABLE.values():
        assert f"| {cell(row['quantity'])} | {cell(row['source'])} |" in TEXT
    sources = {row["source"] for row in TABLE.values()}
    assert len(sources) >= 12
    total = sum(
        int(number) for number in re.findall(r"^\| [^|]+ \| (\d+) \| \d+ \| \d+ \|$", TEXT, re.MULTILINE)
    )
    assert total == len(re.findall(r"\| (agrees|\*\*differs.*) \|$", TEXT, re.MULTILINE))


def test_what_differs_is_red_with_its_reason_and_counted():
    off = Row("Δ / t", 0.5, 0.51, 1e-3, why="the paper has another filling")
    unclear, good, lost = Row("a", 1, 2, 0.1), Row("b", 1, 1.05, 0.1), Row("c", 1, float("nan"), 0.1)
    assert line(off)[-1] == "**differs**: the paper has another filling"
    assert line(unclear)[-1] == line(lost)[-1] == "**differs**: not understood"
    assert line(good)[-1] == "agrees"
    first, *others = ordered()
    found = {first.name: [off, unclear, good, lost], **{one.name: [] for one in others}}
    assert f"| {first.section} | 4 | 1 | 3 |" in summary(found)
    assert "**differs**: the paper has another filling" in page(found)


@pytest.mark.parametrize(
    ("value", "tolerance", "text"),
    [(0.123456, 1e-3, "0.1235"), (-1.0, 0.0, "-1"), (-1e-14, 1e-8, "0.000000000"), (12.345, 20.0, "12")],
)
def test_numbers_have_the_digits_that_their_tolerance_resolves(value, tolerance, text):
    assert rounded(value, tolerance) == text
