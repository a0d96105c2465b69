"""One file with everything in it, of any result: what is drawn as what is the table of the figures."""

import dataclasses
import html
import json
import re

import numpy as np
import pytest
from typer.testing import CliRunner

import bdg
from bdg.cli import app
from bdg.errors import InputError
from bdg.observables import Quantity
from bdg.plot import add_figure, table
from bdg.view import contents, document, notebook, page_of, write_page
from tests.store.made_up import result, samples


def data_of(page):
    """What the script of a page reads."""
    text = re.search(r'<script type="application/json" id="data">(.*?)</script>', page, re.DOTALL)
    return json.loads(text[1])


def quantity(data, name):
    return next(one for one in data["quantities"] if one["name"] == name)


def with_own(name, one):
    made_up = result()
    return dataclasses.replace(made_up, observables=made_up.observables | {name: {name: one}})


@pytest.mark.parametrize("lattice", sorted(samples()))
def test_every_quantity_of_every_lattice_is_in_the_page(lattice):
    made_up = result(samples()[lattice])
    data = data_of(page_of(made_up))
    names = {one["name"] for one in data["quantities"]}
    shown = {name for name, one in made_up.quantities().items() if one.values.size}
    assert names == shown | {"hartree", "mu"}
    kinds = {one["name"]: one["kind"] for one in data["quantities"]}
    assert kinds["ldos"] == kinds["order_parameter"] == "sites"
    assert kinds["site_current"] == "arrows"
    assert kinds.get("bond_current", "bonds") == "bonds"
    assert kinds["dos"] == "lines"
    drawn = sum(plane["first"] for plane in data["sample"]["planes"])
    assert drawn == made_up.sample.n_sites


def test_a_page_asks_no_network_for_anything():
    page = page_of(result())
    assert not re.search(r"\b(src|href)=(?!\"data:)", page)
    assert "default-src 'none'" in page
    assert "@import" not in page
    addresses = set(re.findall(r"https?://[\w./]+", page))
    assert addresses <= {"http://www.w3.org/2000/svg"}  # a name, not an address


def test_every_script_is_in_the_page():
    assert {f"{name}.js" for name in document.SCRIPTS} == {one.name for one in document.PARTS.glob("*.js")}


def test_an_observable_of_ones_own_appears_without_another_line():
    kinds = {
        ("site",): "sites",
        ("height", "site"): "sites",
        ("bond",): "bonds",
        ("plaquette",): "plaquettes",
        ("ring",): "lines",
    }
    count = {"site": 34, "height": 3, "ring": 5, "bond": result().sample.n_bonds}
    count["plaquette"] = len(result().sample.plaquettes)
    for dims, kind in kinds.items():
        own = Quantity(np.ones([count[dim] for dim in dims]), dims, "e t/hbar", "thing of mine")
        part = quantity(data_of(page_of(with_own("mine", own))), "mine")
        assert part["kind"] == kind
        assert part["long"] == "Thing of mine"
        assert part["units"] == "e t/ħ"
        assert part["axes"][-1]["name"] == dims[-1]


def test_the_table_of_figures_decides(monkeypatch):
    monkeypatch.setattr(table, "_ROWS", list(table._ROWS))
    own = Quantity(np.ones((34, 3)), ("site", "component"), "1", "a flow")
    assert quantity(data_of(page_of(with_own("flow", own))), "flow")["kind"] == "sites"
    add_figure(lambda result, name: None, names=("flow",), kind="arrows")
    assert quantity(data_of(page_of(with_own("flow", own))), "flow")["kind"] == "arrows"


def test_lines_run_along_the_axis_of_their_figure():
    axes = {("phase_difference", "junction_level"): "phase_difference", ("path", "band"): "path"}
    for dims, along in axes.items():
        coords = {along: Quantity(np.linspace(0, np.pi, 3), (along,), "1", along)}
        own = Quantity(np.ones((3, 2)), dims, "t", "levels", coords)
        part = quantity(data_of(page_of(with_own("mine", own))), "mine")
        assert [axis["name"] for axis in part["axes"]] == [dims[1], along]
    phase = Quantity(np.linspace(0, np.pi, 3), ("phase_difference",), "1", "phase difference")
    own = Quantity(np.ones(3), ("phase_difference",), "e t/hbar", "current", {"phase_difference": phase})
    axis = quantity(data_of(page_of(with_own("junction", own))), "junction")["axes"][0]
    assert (axis["units"], axis["values"]) == ("π", [0.0, 0.5, 1.0])


def test_units_of_the_laboratory_and_what_must_be_known_are_there():
    data = data_of(page_of(result()))
    assert data["si"]["t"] == [pytest.approx(100.0), "meV"]
    assert data["si"]["a"] == [pytest.approx(0.4), "nm"]
    assert "spectral_gap: made up" in data["remarks"]
    failed = data_of(page_of(result(status="not_converged", units=False)))
    assert "Not converged" in failed["remarks"][0]
    assert failed["si"] == {}
    assert failed["convergence"]["status"] == "Not converged"
    assert data["configuration"]["As given"] == "title: Δ\n"
    assert data["facts"]["Provenance"]["Versions"] == "bdg 0.1.0"


def test_words_of_a_result_cannot_end_the_script():
    evil = '</script><script>alert("1")</script><!--script-->'
    made_up = result(title=evil)
    page = page_of(dataclasses.replace(made_up, warnings=(evil,)))
    assert evil not in page
    assert data_of(page)["title"] == evil
    assert evil in data_of(page)["remarks"]


def test_what_a_page_has_no_room_for_is_named(monkeypatch):
    monkeypatch.setattr(contents, "MOST_NUMBERS", 1000)
    data = data_of(page_of(result()))
    names = {one["name"] for one in data["quantities"]}
    assert "density" in names
    assert "ldos" not in names
    assert any(line.startswith("ldos is left out: 0.00139 million numbers") for line in data["remarks"])


def test_some_quantities_only():
    assert [one["name"] for one in data_of(page_of(result(), ["dos"]))["quantities"]] == ["dos"]
    both = [one["name"] for one in data_of(page_of(result(), ["currents"]))["quantities"]]
    assert both == ["bond_current", "site_current", "divergence"]
    with pytest.raises(InputError, match="nothing called 'ldoss' to show; there is bond_current, "):
        page_of(result(), ["ldoss"])


def test_a_page_begins_at_the_impurity_and_far_from_it():
    made_up = result()
    size = np.abs(made_up.fields.delta)
    assert data_of(page_of(made_up))["chosen"] == [int(size.argmin()), int(size.argmax())]
    few = np.array([5, 9])
    coords = {
        "ldos_site": Quantity(few, ("ldos_site",), "1", "site"),
        **made_up["ldos"].coords,
    }
    own = Quantity(np.ones((41, 2)), ("energy", "ldos_site"), "1/t", "local density of states", coords)
    assert data_of(page_of(with_own("ldos", own)))["chosen"] == [5, 9]


def test_a_notebook_shows_the_page_in_a_frame(monkeypatch):
    made_up = result(title='A "title"')
    frame = made_up._repr_html_()
    assert frame.startswith("<iframe sandbox=")
    inside = re.search(r'srcdoc="([^"]*)"', frame)[1]
    assert html.unescape(inside) == page_of(made_up)
    monkeypatch.setattr(notebook, "NUMBERS", 1000)
    inside = html.unescape(re.search(r'srcdoc="([^"]*)"', made_up._repr_html_())[1])
    assert any(line.startswith("ldos is left out") for line in data_of(inside)["remarks"])


def test_the_command_writes_beside_the_file(tmp_path):
    bdg.save(result(), tmp_path / "gap.h5")
    said = CliRunner().invoke(app, ["view", str(tmp_path / "gap.h5")])
    assert said.exit_code == 0, said.output
    assert f"wrote {tmp_path / 'gap.html'}" in said.output
    write_page(tmp_path / "gap.h5", tmp_path / "other.html", ["ldos"])
    assert len((tmp_path / "other.html").read_text("utf-8")) < len((tmp_path / "gap.html").read_text("utf-8"))
