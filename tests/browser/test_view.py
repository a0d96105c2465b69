"""The page of `bdg view` in a browser: what a hand, a key or a finger does, against the file's numbers."""

import csv
import dataclasses
import json
import re
import xml.etree.ElementTree as ElementTree

import numpy as np
import pytest

import bdg
from bdg.observables import Quantity
from bdg.observables.quantity import energy_axis
from bdg.plot.canvas.geometry import sites_along
from bdg.view import document, write_page
from tests.store.made_up import HONEYCOMB, result, samples
from tests.support.browser import Browser, executable
from tests.support.served import served

pytestmark = pytest.mark.skipif(executable() is None, reason="there is no Chromium on this machine")

ENERGIES = np.linspace(-2, 2, 81)

PLACE = """(name) => {
  const canvas = document.getElementById('overlay'), said = document.getElementById('readout');
  window.scrollTo(0, 0);
  const box = canvas.getBoundingClientRect();
  for (const step of [12, 5, 3])
  for (let y = 8; y < box.height; y += step) for (let x = 8; x < box.width; x += step) {
    const place = {clientX: box.left + x, clientY: box.top + y, pointerType: 'mouse'};
    canvas.dispatchEvent(new PointerEvent('pointermove', place));
    if (said.textContent.startsWith(`Site ${name}`)) return [place.clientX, place.clientY];
  }
  return null;
}"""
"""Where the pointer finds a site, by its name: the page says over which one it is."""


def with_spectra(sample):
    """A result whose LDOS is too much to be kept exactly: rough from site to site, a peak on an impurity."""
    rng = np.random.default_rng(5)
    made_up = result(sample)
    rough = np.abs(ENERGIES[:, None]) * (1 + 0.3 * rng.random((len(ENERGIES), sample.n_sites)))
    rough[:, sample.n_sites // 2] += np.exp(-(ENERGIES**2) / 0.02)
    coords = {"energy": energy_axis(ENERGIES)}
    ldos = Quantity(rough, ("energy", "site"), "1/t", "local density of states", coords)
    local = {"ldos": ldos, "spin_ldos": made_up["spin_ldos"]}
    return dataclasses.replace(made_up, observables=made_up.observables | {"ldos": local})


@pytest.fixture(scope="module")
def square():
    return with_spectra(bdg.build_sample("square", (24, 23), "periodic", vacancies=[[3, 4]]))


@pytest.fixture(scope="module")
def folder(tmp_path_factory, square):
    place = tmp_path_factory.mktemp("pages")
    bdg.save(square, place / "square.h5")
    write_page(place / "square.h5", place / "square.html")
    return place


@pytest.fixture(scope="module")
def chromium(tmp_path_factory):
    browser = Browser(tmp_path_factory.mktemp("chromium"))
    yield browser
    browser.close()


@pytest.fixture
def browser(chromium):
    for old in chromium.downloads.iterdir():
        old.unlink()
    yield chromium
    assert chromium.console == []
    assert chromium.requests == []


@pytest.fixture
def page(browser, folder):
    browser.open(folder / "square.html")
    return browser


def place_of(browser, name):
    found = browser.run(f"({PLACE})({json.dumps(name)})")
    assert found is not None, f"no place of the map is {name}"
    return found


def told(browser):
    return browser.run("document.getElementById('readout').textContent")


def chosen(browser):
    return browser.run(
        "Array.from(document.querySelectorAll('#chosen li'), one => one.firstChild.nextSibling.data)"
    )


def table(browser, panel):
    """The numbers of a panel by its own button, as an array under a heading."""
    browser.press(f"{panel}-csv")
    saved = browser.saved(".csv")
    heading, *rows = csv.reader(saved.read_text("utf-8").splitlines())
    saved.unlink()
    return heading, rows


def numbers(rows, first):
    return np.array([[float(cell) if cell else np.nan for cell in row[first:]] for row in rows])


def precision(browser, name):
    data = json.loads(browser.run("document.getElementById('data').textContent"))
    return next(one for one in data["quantities"] if one["name"] == name)["data"].get("error", 0.0) * (
        1 + 1e-6
    )


@pytest.mark.parametrize("lattice", sorted(samples()))
def test_every_lattice_opens_without_a_complaint(browser, tmp_path, lattice):
    write_page(result(samples()[lattice]), tmp_path / "page.html")
    browser.open(tmp_path / "page.html", dark=lattice < "l")
    names = browser.run("Array.from(document.getElementById('quantity').options, one => one.value)")
    for name in names:
        browser.set("quantity", name)
        browser.until(f"document.getElementById('quantity').value === {json.dumps(name)}")
    for control in ("log", "arrows", "fourier-on", "si"):
        browser.set(control, True)
    for one in ("percentile", "all"):
        browser.set("range", one)
    browser.set("shape", "disks")


def test_a_click_shows_the_numbers_of_the_file(page, square):
    site = square.sample.site_at([12, 11])
    page.click(*place_of(page, "[12, 11]"))
    assert chosen(page) == ["[12, 11]"]
    heading, rows = table(page, "spectrum")
    assert heading[1] == "Local density of states, [12, 11] (1/t)"
    error = precision(page, "ldos")
    assert 0 < error < 2e-5
    values = numbers(rows, 0)
    assert np.abs(values[:, 0] - ENERGIES).max() < 1e-9
    assert np.abs(values[:, 1] - square["ldos"].values[:, site]).max() <= error
    assert np.abs(values[:, 2] - square["ldos"].values.mean(axis=1)).max() <= error
    assert f"±{error:.1e}"[:5].replace("e", "") in page.run(
        "document.getElementById('precision').textContent"
    )


def test_a_click_is_answered_by_the_panel_of_the_spectrum(page):
    """The drawing itself changes, not the words only."""
    before = page.run("document.getElementById('spectrum').toDataURL()")
    page.click(*place_of(page, "[5, 6]"))
    assert page.run("document.getElementById('spectrum').toDataURL()") != before
    assert page.run("performance.getEntriesByName('answer').length") == 1


def test_the_slider_moves_the_map(page, square):
    drawn = set()
    for n in (0, 40, 57):
        page.set("axis-energy", n)
        drawn.add(page.run("document.getElementById('map').toDataURL()"))
        heading, rows = table(page, "map")
        value = f"{ENERGIES[n]:.5g}".replace("-", "−")
        assert heading[-1] == f"Local density of states, energy {value} t (1/t)"
        assert np.abs(numbers(rows, 5)[:, 0] - square["ldos"].values[n]).max() <= precision(page, "ldos")
        said = page.run("document.getElementById('axis-energy').getAttribute('aria-valuetext')")
        assert said == f"{value} t"
    assert len(drawn) == 3


def test_spectra_with_other_energies_follow(page, square):
    page.set("axis-energy", 62)
    page.set("quantity", "spin_ldos")
    page.until("document.getElementById('spectrum-quantity').value === 'spin_ldos'")
    page.settle()
    assert page.run("document.querySelector('#map-axes output').textContent") == "1.1 t"
    page.set("axis-spin", 1)
    seen = numbers(table(page, "map")[1], 5)[:, 0]
    assert np.abs(seen - square["spin_ldos"].values[1, 31]).max() <= precision(page, "spin_ldos")
    page.set("quantity", "ldos")
    page.until("document.getElementById('spectrum-quantity').value === 'ldos'")
    page.settle()
    assert page.run("document.querySelector('#map-axes output').textContent") == "1.1 t"


def test_a_click_into_the_spectrum_moves_the_slider(page):
    left, top, width, height = page.run(
        "(box => [box.left, box.top, box.width, box.height])"
        "(document.getElementById('spectrum').getBoundingClientRect())"
    )
    page.click(left + 62 + 0.75 * (width - 76), top + 0.5 * height)
    assert page.run("Number(document.getElementById('axis-energy').value)") == 60


def test_sites_are_compared(page):
    page.click(*place_of(page, "[2, 2]"))
    page.click(*place_of(page, "[20, 3]"), control=True)
    page.set("mode", "add")
    page.click(*place_of(page, "[7, 19]"))
    assert chosen(page) == ["[2, 2]", "[20, 3]", "[7, 19]"]
    heading, _ = table(page, "spectrum")
    assert len(heading) == 5
    page.run("document.querySelector('#chosen button').click()")
    page.settle()
    assert chosen(page) == ["[20, 3]", "[7, 19]"]
    page.press("clear")
    assert chosen(page) == []


def test_keys_go_from_site_to_site(page, square):
    page.click(*place_of(page, "[10, 10]"))
    page.run("document.getElementById('overlay').focus()")
    for name, place in (("ArrowRight", [11, 10]), ("ArrowUp", [11, 11]), ("ArrowLeft", [10, 11])):
        page.key(name)
        assert told(page).startswith(f"Site {place}: Local density of states at energy 0 t = ")
    value = square["ldos"].values[40, square.sample.site_at([10, 11])]
    assert abs(float(told(page).split("= ")[1].split()[0]) - value) <= precision(page, "ldos") + 1e-5 * value
    page.key("a")
    assert chosen(page) == ["[10, 10]", "[10, 11]"]
    page.key("ArrowDown")
    page.key("ArrowDown")
    page.key("Enter")
    assert chosen(page) == ["[10, 9]"]
    for _ in range(3):
        page.key("ArrowRight")
    page.key("c")
    assert not page.run("document.getElementById('cut-panel').hidden")
    _, rows = table(page, "cut")
    assert [row[1] for row in rows] == ["[10, 9]", "[11, 9]", "[12, 9]", "[13, 9]"]
    page.run("document.getElementById('overlay').focus()")
    page.key("+")
    assert page.run("document.getElementById('overlay').classList.contains('zoomed')")
    page.key("0")
    page.key("Escape")
    assert chosen(page) == []
    assert page.run("document.getElementById('cut-panel').hidden")


def test_a_cut_is_that_of_the_figures(page, square):
    start, end = square.sample.site_at([1, 2]), square.sample.site_at([19, 11])
    page.click(*place_of(page, "[1, 2]"))
    page.click(*place_of(page, "[19, 11]"), shift=True)
    sites, along = sites_along(square.sample, start, end)
    _, rows = table(page, "cut")
    assert len(sites) > 5
    assert [int(row[0]) for row in rows] == sites.tolist()
    values = numbers(rows, 2)
    assert np.abs(values[:, 0] - along).max() < 1e-8
    assert np.abs(values[:, 1:] - square["ldos"].values[:, sites].T).max() <= precision(page, "ldos")


def test_a_shift_is_not_needed(page):
    page.click(*place_of(page, "[1, 2]"))
    page.set("mode", "cut")
    page.click(*place_of(page, "[9, 2]"))
    assert len(table(page, "cut")[1]) == 9


@pytest.mark.parametrize("window", ["none", "hann"])
def test_the_fourier_transform_is_that_of_numpy(page, square, window):
    page.set("axis-energy", 55)
    page.set("window", window)
    page.set("fourier-on", True)
    _, rows = table(page, "fourier")
    seen = numbers(rows, 0)
    size, cells = square.sample.size, square.sample.cells
    grid = np.zeros(size)
    values, weight = square["ldos"].values[55], np.ones(square.sample.n_sites)
    if window == "hann":
        weight = np.prod(np.sin(np.pi * (cells + 0.5) / size) ** 2, axis=1)
    grid[tuple(cells.T)] = weight * (values - (weight @ values) / weight.sum())
    moduli = np.abs(np.fft.fft2(grid)) / weight.sum()
    wave = [2 * np.pi * np.fft.fftfreq(n) for n in size]
    index = [np.rint(seen[:, d] * size[d] / (2 * np.pi)).astype(int) % size[d] for d in (0, 1)]
    assert np.abs(np.abs(seen[:, 0]) - np.abs(wave[0][index[0]])).max() < 1e-8
    assert np.abs(seen[:, 2] - moduli[tuple(index)]).max() <= 2 * precision(page, "ldos")
    assert np.ptp(moduli) > 1e3 * precision(page, "ldos")


def test_the_fourier_transform_knows_where_the_orbitals_are(browser, tmp_path):
    """A wave on the honeycomb is at its own momentum, which cells alone do not tell from others."""
    sample = bdg.build_sample(HONEYCOMB, (12, 8), "periodic")
    reciprocal = 2 * np.pi * np.linalg.inv(sample.cell.vectors).T
    wave = 3 / 12 * reciprocal[0] + 1 / 8 * reciprocal[1]
    own = Quantity(np.cos(sample.positions @ wave), ("site",), "1", "wave")
    made_up = result(sample)
    write_page(
        dataclasses.replace(made_up, observables={"wave": {"wave": own}}), tmp_path / "page.html", ["wave"]
    )
    browser.open(tmp_path / "page.html")
    browser.set("fourier-on", True)
    seen = numbers(table(browser, "fourier")[1], 0)
    peaks = seen[seen[:, 2] > 0.4]
    assert sorted(np.abs(peaks[:, 2])) == pytest.approx([0.5, 0.5])
    assert np.abs(np.abs(peaks[:, :2]) - np.abs(wave)).max() < 1e-8
    longest = np.linalg.norm(reciprocal[0] + reciprocal[1]) / np.sqrt(3)
    assert np.linalg.norm(seen[:, :2], axis=1).max() <= longest


def test_drawings_are_saved_as_svg(page):
    page.click(*place_of(page, "[4, 4]"))
    page.click(*place_of(page, "[8, 4]"), shift=True)
    page.set("fourier-on", True)
    for panel in ("map", "spectrum", "cut", "fourier", "curves"):
        page.press(f"{panel}-svg")
        saved = page.saved(".svg")
        root = ElementTree.fromstring(saved.read_text("utf-8"))
        saved.unlink()
        assert root.tag.endswith("svg")
        assert len(root.findall(".//{*}path")) > 5
        assert any("(1/t)" in (one.text or "") for one in root.findall(".//{*}text"))


def test_currents_and_complex_numbers_have_parts(page, square):
    page.set("quantity", "site_current")
    page.until("document.getElementById('part').options.length === 3")
    for part, values in (
        ("size", np.linalg.norm(square["site_current"].values, axis=1)),
        ("along y", square["site_current"].values[:, 1]),
    ):
        page.set("part", part)
        assert np.abs(numbers(table(page, "map")[1], 5)[:, 0] - values).max() < 1e-9
    page.set("quantity", "order_parameter")
    page.until("document.getElementById('part').options.length === 4")
    delta = square["order_parameter"].values
    for part, values in (
        ("modulus", np.abs(delta)),
        ("phase", np.angle(delta)),
        ("imaginary part", delta.imag),
    ):
        page.set("part", part)
        assert np.abs(numbers(table(page, "map")[1], 5)[:, 0] - values).max() < 1e-9


def test_units_of_the_laboratory(page):
    page.set("si", True)
    assert page.run("document.getElementById('notes').textContent") == ""
    page.set("quantity", "bond_current")
    page.until("document.getElementById('notes').textContent.startsWith('self consistent yes')")
    page.set("quantity", "ldos")
    page.until("document.getElementById('notes').textContent === ''")
    page.set("axis-energy", 60)
    assert page.run("document.querySelector('#map-axes output').textContent") == "100 meV"


def test_every_control_has_a_name(page):
    page.click(*place_of(page, "[4, 4]"))
    page.click(*place_of(page, "[8, 4]"), shift=True)
    page.set("fourier-on", True)
    interactive = {
        "button",
        "combobox",
        "slider",
        "checkbox",
        "application",
        "img",
        "image",
        "DisclosureTriangle",
    }
    nodes = [node for node in page.accessibility() if not node.get("ignored")]
    named = {}
    for node in nodes:
        role = node["role"]["value"]
        if role in interactive:
            assert node.get("name", {}).get("value"), node
            named.setdefault(role, []).append(node["name"]["value"])
    assert len(named["button"]) >= 15
    assert "Save the line cut as CSV" in named["button"]
    assert "Remove site [4, 4]" in named["button"]
    assert "Energy" in named["slider"]
    assert any(
        name.startswith("Map of Local density of states at energy 0 t") for name in named["application"]
    )
    assert any("at [4, 4]" in name for name in named["image"] if "Local density" in name)


def test_light_and_dark(browser, folder):
    def background():
        return browser.run("getComputedStyle(document.body).backgroundColor")

    browser.open(folder / "square.html", dark=True)
    dark = background()
    browser.prefer(dark=False)
    browser.settle()
    light = background()
    assert dark != light
    for theme, colour in (("dark", dark), ("light", light), ("", light)):
        browser.set("theme", theme)
        assert background() == colour


def test_a_finger_and_a_narrow_window(browser, folder):
    browser.open(folder / "square.html", width=390, height=800)
    browser.resize(390, 800, touch=True)
    browser.settle()
    assert browser.run("document.documentElement.scrollWidth") <= 390
    browser.tap(*place_of(browser, "[6, 7]"))
    assert chosen(browser) == ["[6, 7]"]
    browser.resize(1500, 950)


def test_a_browser_without_decompression_shows_the_same(browser, folder):
    script = browser.send("Page.addScriptToEvaluateOnNewDocument", source="delete window.DecompressionStream")
    try:
        browser.open(folder / "square.html")
        assert browser.run("typeof DecompressionStream") == "undefined"
        slow = table(browser, "map")
    finally:
        browser.send("Page.removeScriptToEvaluateOnNewDocument", identifier=script["identifier"])
    browser.open(folder / "square.html")
    assert browser.run("typeof DecompressionStream") == "function"
    assert table(browser, "map") == slow


def test_twelve_bits_and_sites_without_a_number(browser, tmp_path, monkeypatch, square):
    monkeypatch.setattr(document, "MANY_NUMBERS", 0)
    values = square["ldos"].values.copy()
    values[:, [7, 300]] = np.nan
    gaps = {"ldos": {"ldos": dataclasses.replace(square["ldos"], values=values)}}
    write_page(dataclasses.replace(square, observables=square.observables | gaps), tmp_path / "page.html")
    browser.open(tmp_path / "page.html")
    assert "(12 bits)" in browser.run("document.getElementById('precision').textContent")
    browser.set("axis-energy", 77)
    seen = numbers(table(browser, "map")[1], 5)[:, 0]
    assert np.flatnonzero(np.isnan(seen)).tolist() == [7, 300]
    error = precision(browser, "ldos")
    assert 1e-4 < error < 4e-4
    assert np.nanmax(np.abs(seen - values[77])) <= error
    browser.set("fourier-on", True)
    assert np.isfinite(numbers(table(browser, "fourier")[1], 0)).all()


def test_the_configuration_is_there_to_be_copied(page):
    assert page.run("document.getElementById('configuration').textContent") == "title: Δ\n"
    page.set("configuration-kind", "With every default")
    assert page.run("document.getElementById('configuration').textContent") == "title: Δ\nlattice: {}\n"
    page.press("copy")
    page.until("document.getElementById('copy').textContent === 'Copied'")


def test_a_study_has_a_slider_for_each_key(browser, tmp_path):
    """Made of two results by hand: the swept keys are the first axes of everything."""
    text = """title: Two temperatures
lattice: {kind: square, size: [6, 5], boundary: periodic}
interaction: {onsite: 2.5}
hamiltonian: {chemical_potential: -0.5, impurities: [{site: [2, 3], potential: 4.0}]}
temperature: 0.05
observables:
  density: {}
  spectral_gap: {}
  ldos: {energies: {start: -1, stop: 1, num: 5}, broadening: 0.1, sites: all}
sweep: {temperature: [0.05, 0.25], hamiltonian.chemical_potential: [-0.5, 0.0, 0.5]}
output: gap.h5
"""
    (tmp_path / "gap.yaml").write_text(text, encoding="utf-8")
    study = bdg.sweep(tmp_path / "gap.yaml", folder=tmp_path / "gap", executor="serial")
    write_page(tmp_path / "gap", tmp_path / "gap.html")
    browser.open(tmp_path / "gap.html")
    together = bdg.collect(study)
    browser.set("axis-temperature", 1)
    browser.set("axis-chemical_potential", 2)
    browser.set("axis-energy", 3)
    heading, rows = table(browser, "map")
    assert "temperature 0.25 t, chemical potential 0.5 t, energy 0.5 t" in heading[-1]
    assert np.abs(numbers(rows, 5)[:, 0] - together["ldos"].values[1, 2, 3]).max() < 1e-9
    browser.click(*place_of(browser, "[2, 3]"))
    browser.set("along", "chemical_potential")
    site = next(iter(study.results()))[1].sample.site_at([2, 3])
    values = numbers(table(browser, "spectrum")[1], 0)
    assert np.abs(values[:, 1] - together["ldos"].values[1, :, 3, site]).max() < 1e-9
    browser.set("curve", "spectral_gap")
    browser.until("document.getElementById('curve-x').value === 'temperature'")
    lines = numbers(table(browser, "curves")[1], 0)
    assert np.abs(lines[:, 1:] - together["spectral_gap"].values).max() < 1e-9


def test_currents_of_bonds_have_a_size_and_a_direction(page, square):
    page.set("quantity", "bond_current")
    page.until("document.getElementById('part').options.length === 2")
    current = square["bond_current"].values
    for part, values in (("size", np.abs(current)), ("from source to target", current)):
        page.set("part", part)
        assert np.abs(numbers(table(page, "map")[1], 3)[:, 0] - values).max() < 1e-9


def test_spectra_at_a_few_sites(browser, tmp_path):
    made_up = result(bdg.build_sample("square", (9, 8)))
    sites = np.array([20, 40, 41])
    coords = {"ldos_site": Quantity(sites, ("ldos_site",), "1", "site"), **made_up["ldos"].coords}
    few = Quantity(np.arange(123.0).reshape(41, 3), ("energy", "ldos_site"), "1/t", "local density", coords)
    write_page(
        dataclasses.replace(made_up, observables=made_up.observables | {"ldos": {"ldos": few}}),
        tmp_path / "page.html",
    )
    browser.open(tmp_path / "page.html")
    assert len(chosen(browser)) == 3
    _, rows = table(browser, "spectrum")
    assert np.array_equal(numbers(rows, 1), few.values)
    browser.set("quantity", "ldos")
    browser.until("document.getElementById('spectrum-quantity').value === 'ldos'")
    seen = numbers(table(browser, "map")[1], 5)[:, 0]
    assert np.flatnonzero(np.isfinite(seen)).tolist() == sites.tolist()
    assert np.array_equal(seen[sites], few.values[20])


def test_a_served_page_comes_again_as_it_was_left(browser, tmp_path, square):
    bdg.save(square, tmp_path / "run.h5")
    with served(tmp_path / "run.h5") as address:
        browser.open(address)
        browser.set("axis-energy", 12)
        browser.set("fourier-on", True)
        browser.click(*place_of(browser, "[5, 6]"))
        brighter = 2 * square["ldos"].values
        changed = {"ldos": {"ldos": dataclasses.replace(square["ldos"], values=brighter)}}
        bdg.save(
            dataclasses.replace(square, observables=changed, title="News"),
            tmp_path / "run.h5",
            overwrite=True,
        )
        browser.until("document.getElementById('title')?.textContent === 'News'")
        browser.until("document.documentElement?.dataset.ready === 'yes'")
        assert chosen(browser) == ["[5, 6]"]
        assert browser.run("Number(document.getElementById('axis-energy').value)") == 12
        assert browser.run("document.getElementById('fourier-on').checked")
        seen = numbers(table(browser, "map")[1], 5)[:, 0]
        assert np.abs(seen - brighter[12]).max() <= precision(browser, "ldos")
        assert all(one.startswith(address) for one in browser.requests)
        browser.send("Page.navigate", url="about:blank")
        browser.requests.clear()


def test_curves_levels_bands_and_maps_of_momenta(browser, tmp_path):
    """Everything without a place: along the axis of its figure, whatever the order of its own axes."""
    rng = np.random.default_rng(3)

    def axis(name, values):
        return {name: Quantity(np.asarray(values, float), (name,), "1", name.replace("_", " "))}

    phases = axis("phase_difference", np.linspace(0, 2 * np.pi, 9))
    marks = {"path_ticks": "0.0, 1.0, 2.0", "path_labels": "Gamma, X, M"}
    own = {
        "bands": Quantity(
            rng.normal(size=(7, 4)),
            ("path", "band"),
            "t",
            "energy",
            axis("path", np.linspace(0, 2, 7)),
            attributes=marks,
        ),
        "junction_levels": Quantity(
            rng.random((9, 3)), ("phase_difference", "junction_level"), "t", "levels", phases
        ),
        "berry_curvature": Quantity(rng.normal(size=(6, 5)), ("k_1", "k_2"), "a^2", "Berry curvature"),
        "spectral_map": Quantity(
            rng.random((3, 4, 6)),
            ("energy", "k_first", "k_second"),
            "1/t",
            "spectral function",
            axis("energy", [-1, 0, 1])
            | axis("k_first", np.arange(-2, 2) / 4)
            | axis("k_second", np.arange(-3, 3) / 6),
        ),
        "total_current": Quantity(np.array([0.1, 0.2]), ("component",), "e t/hbar", "total current"),
        "flux": Quantity(rng.random((40, 6)), ("ring", "turn"), "1", "table with two axes"),
        "name": Quantity(np.array(["a", "b"]), ("ring",), "1", "words"),
    }
    made_up = result(bdg.build_sample("triangular", (5, 6), "periodic"))
    write_page(dataclasses.replace(made_up, observables={"mine": own}), tmp_path / "page.html")
    browser.open(tmp_path / "page.html")
    offered = browser.run("Array.from(document.getElementById('curve').options, one => one.value)")
    assert set(offered) == set(own) - {"name"}

    def lines(name):
        browser.set("curve", name)
        browser.until(
            f"document.getElementById('curves').getAttribute('aria-label').startsWith({long(name)})"
        )
        return table(browser, "curves")

    def long(name):
        return json.dumps(own[name].long_name[:1].upper() + own[name].long_name[1:])

    heading, rows = lines("bands")
    assert np.abs(numbers(rows, 1) - own["bands"].values).max() < 1e-9
    heading, rows = lines("junction_levels")
    assert heading[0] == "Phase difference (π)"
    assert np.abs(numbers(rows, 0)[:, 0] - np.linspace(0, 2, 9)).max() < 1e-9
    assert np.abs(numbers(rows, 1) - own["junction_levels"].values).max() < 1e-9
    heading, rows = lines("berry_curvature")
    assert heading[-1] == "Berry curvature (a²)"
    assert np.abs(numbers(rows, 2)[:, 0] - own["berry_curvature"].values.ravel()).max() < 1e-9
    heading, rows = lines("spectral_map")
    where, found = numbers(rows, 0)[:, 0], numbers(rows, 2)[:, 0]
    assert np.abs(where - np.repeat(np.arange(-2, 2) / 4, 6)).max() < 1e-9
    assert np.abs(found - own["spectral_map"].values[1].ravel()).max() < 1e-9
    browser.press("curves-svg")
    saved = browser.saved(".svg").read_text("utf-8")
    ticks = [float(one.replace("−", "-")) for one in re.findall(r">(−?[\d.]+)</text>", saved)]
    assert "k_x (1/a)" in saved
    assert max(ticks) > np.pi / 2 > 2 * np.pi / 5  # the zone of the lattice, not that of the sample
    lines("flux")
    browser.set("curve-axis-ring", 17)
    _, rows = lines("flux")
    assert np.abs(numbers(rows, 1)[:, 0] - own["flux"].values[17]).max() < 1e-9


def test_vortices_and_plaquettes(browser, tmp_path):
    made_up = result()
    plaquettes = np.linspace(-1, 1, len(made_up.sample.plaquettes))
    own = {
        "vortex_position": Quantity(
            np.array([[2.5, 1.5], [4.5, 3.5]]), ("vortex", "component"), "a", "position"
        ),
        "vortex_winding": Quantity(np.array([-1, 1]), ("vortex",), "1", "winding"),
        "flux": Quantity(plaquettes, ("plaquette",), "hbar/e", "flux"),
    }
    write_page(
        dataclasses.replace(made_up, observables=made_up.observables | {"mine": own}), tmp_path / "page.html"
    )
    browser.open(tmp_path / "page.html")
    browser.set("quantity", "flux")
    browser.until("document.getElementById('overlay').getAttribute('aria-label').startsWith('Map of Flux')")
    _, rows = table(browser, "map")
    assert np.abs(numbers(rows, 1)[:, 0] - plaquettes).max() < 1e-9
    browser.press("map-svg")
    saved = browser.saved(".svg").read_text("utf-8")
    assert "rings: vortices of winding &lt; 0; squares: vortices of winding &gt; 0" in saved
    shown = browser.run("document.getElementById('overlay').toDataURL()")
    browser.set("vortices", False)
    assert browser.run("document.getElementById('overlay').toDataURL()") != shown
