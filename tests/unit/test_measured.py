"""Files of microscopes written and read in their formats, and fits to spectra of known parameters."""

import struct

import numpy as np
import pytest

import bdg
from bdg import measured
from bdg.errors import InputError
from bdg.plot.figures.tunnelling.measured import maps_beside, spectra_beside

UNITS = {"energy": "2 meV", "length": "0.4 nm"}


@pytest.fixture(scope="module")
def result():
    sample = bdg.build_sample("square", [4, 3])
    model = bdg.build_model(sample, given={"onsite": 0.3}, onsite="0.2*x - 0.1*y", temperature=0.1)
    asked = {"density": {}, "stm": {"biases": np.linspace(-1, 1, 5), "broadening": 0.2, "accuracy": 1e-4}}
    return bdg.solve(model, observables=asked, units=UNITS)


def parsed(path):
    """A .3ds as the manual of the controller has it, sharing nothing with the package."""
    head, _, body = path.read_bytes().partition(b":HEADER_END:\r\n")
    header = dict(line.split("=", 1) for line in head.decode().splitlines())
    columns, rows = (int(n) for n in header["Grid dim"].strip('"').split("x"))
    points, before = int(header["Points"]), int(header["# Parameters (4 byte)"])
    channels = header["Channels"].strip('"').split(";")
    numbers = struct.unpack(f">{len(body) // 4}f", body)
    size = before + points * len(channels)
    assert len(numbers) == columns * rows * size
    assert int(header["Experiment size (bytes)"]) == 4 * points * len(channels)
    names = [
        *header["Fixed parameters"].strip('"').split(";"),
        *header["Experiment parameters"].strip('"').split(";"),
    ]
    return header, channels, names, np.array(numbers).reshape(rows, columns, size)


def test_a_grid_of_spectra_is_what_the_format_says(result, tmp_path):
    measured.write(tmp_path / "grid.3ds", result, factor=2e-9)
    header, channels, names, numbers = parsed(tmp_path / "grid.3ds")
    assert channels == ["Current (A)", "LI Demod 1 X (A)"]
    assert float(header["Bias Spectroscopy>Sweep Start (V)"]) == pytest.approx(-2e-3)
    settings = [float(one) for one in header["Grid settings"].split(";")]
    np.testing.assert_allclose(settings, [0.6e-9, 0.4e-9, 1.2e-9, 0.8e-9, 0], atol=1e-18)
    site = result.sample.site_at([3, 1])
    point = dict(zip(names, numbers[1, 3], strict=False))
    assert (point["X (m)"], point["Y (m)"]) == (pytest.approx(1.2e-9), pytest.approx(0.4e-9))
    assert (point["Sweep Start"], point["Sweep End"]) == (pytest.approx(-2e-3), pytest.approx(2e-3))
    current, lock_in = numbers[1, 3, len(names) :].reshape(2, 5)
    np.testing.assert_allclose(current, 2e-9 * result["stm_current"].values[:, site], rtol=1e-6)
    np.testing.assert_allclose(lock_in, 2e-9 / 2e-3 * result["stm_conductance"].values[:, site], rtol=1e-6)


def test_xarray_nanonis_reads_the_grid_with_the_same_numbers_and_axes(result, tmp_path):
    pytest.importorskip("xarray_nanonis", reason="the extra stm is not installed")
    measured.write(tmp_path / "grid.3ds", result)
    back, own = measured.read(tmp_path / "grid.3ds"), measured.simulated(result)
    for name, other in (("Current", "Current"), ("LI Demod 1 X", "LI_Demod_1_X")):
        channel = back[other]
        values = np.moveaxis(channel.values, [channel.dims.index(d) for d in ("bias", "y", "x")], (0, 1, 2))
        np.testing.assert_allclose(values, own[name].values, rtol=1e-6, atol=1e-18)
        assert channel.unit == "A"
    for name in ("bias", "x", "y"):
        np.testing.assert_allclose(back.axes[name][0], own.axes[name][0], atol=1e-16)
        assert back.axes[name][1] == own.axes[name][1]
    _, values = back.spectrum("Current", x=3, y=1)
    np.testing.assert_allclose(values, own["Current"].values[:, 1, 3], rtol=1e-6, atol=1e-18)


def test_spectra_of_a_point_are_read_from_text_of_the_controller(tmp_path):
    pytest.importorskip("xarray_nanonis", reason="the extra stm is not installed")
    file = tmp_path / "point.dat"
    file.write_text(
        "Experiment\tbias spectroscopy\t\nX (m)\t1E-9\t\nY (m)\t2E-9\t\n"
        "Bias Spectroscopy>Sweep Start (V)\t-1E-3\t\nBias Spectroscopy>Sweep End (V)\t1E-3\t\n\n[DATA]\n"
        "Bias calc (V)\tCurrent (A)\tLI Demod 1 X (A)\n"
        "-1E-3\t-2E-12\t3E-12\n0\t0\t1E-12\n1E-3\t2E-12\t3E-12\n"
    )
    found = measured.read(file)
    biases, values = found.spectrum("Current")
    np.testing.assert_allclose(biases, [-1e-3, 0, 1e-3], atol=1e-9)
    np.testing.assert_allclose(values, [-2e-12, 0, 2e-12], atol=1e-18)


def test_without_the_extra_its_name_is_said(tmp_path, monkeypatch):
    monkeypatch.setitem(__import__("sys").modules, "xarray_nanonis", None)
    (tmp_path / "grid.3ds").write_bytes(b"")
    with pytest.raises(InputError, match=r"pip install 'bdg\[stm\]'"):
        measured.read(tmp_path / "grid.3ds")


def test_a_map_comes_back_from_gwyddions_field(result, tmp_path):
    measured.write(tmp_path / "map.gsf", result, "density")
    content = (tmp_path / "map.gsf").read_bytes()
    end = content.index(b"\0")
    start = end + (4 - end % 4)
    assert content[end:start].strip(b"\0") == b""
    first = struct.unpack_from("<f", content, start)[0]  # the top row comes first: y = 2
    assert first == pytest.approx(result["density"].values[result.sample.site_at([0, 2])], rel=1e-6)
    back, own = measured.read(tmp_path / "map.gsf"), measured.simulated(result, "density")
    np.testing.assert_allclose(back["density"].values, own["density"].values, rtol=1e-6)
    for name in ("x", "y"):
        np.testing.assert_allclose(back.axes[name][0], own.axes[name][0], atol=1e-18)
        assert back.axes[name][1] == "m"
    measured.write(tmp_path / "again.gsf", back, "density")
    assert (tmp_path / "again.gsf").read_bytes() == content


@pytest.mark.parametrize("columns", [2, 3, 4, 5])
def test_every_length_of_a_header_is_padded_as_the_format_wants(columns, tmp_path):
    axes = {"x": (np.arange(columns) * 10.0**columns, "m"), "y": (np.arange(2.0), "m")}
    channel = measured.Channel(np.arange(2.0 * columns).reshape(2, columns), ("y", "x"), "")
    measured.write(tmp_path / "map.gsf", measured.Measured("map", {"z": channel}, axes), "z")
    np.testing.assert_array_equal(measured.read(tmp_path / "map.gsf")["z"].values, channel.values)


TABLES = [
    "Bias (mV), dI/dV (nS)\n-1, 2\n0, 1\n1, 2.5\n",
    "# measured at 1 K\nBias (mV)\tdI/dV (nS)\n1\t2.5\n-1\t2\n0\t1\n",
    "# Bias [mV]; dI/dV [nS]\n-1; 2\n0; 1\n1; 2.5\n",
    "dI/dV (nS),Bias (mV)\n2,-1\n1,0\n2.5,1\n",
]


@pytest.mark.parametrize("text", TABLES)
def test_tables_are_read_by_the_names_of_their_columns(text, tmp_path):
    (tmp_path / "point.csv").write_text(text)
    found = measured.read(tmp_path / "point.csv")
    biases, values = found.spectrum("dI/dV")
    assert (biases.tolist(), values.tolist()) == ([-1, 0, 1], [2, 1, 2.5])
    assert (found["dI/dV"].unit, found.axes["bias"][1]) == ("nS", "mV")
    measured.write(tmp_path / "again.csv", found)
    again = measured.read(tmp_path / "again.csv")
    assert again.spectrum("dI/dV")[1].tolist() == [2, 1, 2.5]
    assert again["dI/dV"].unit == "nS"


def test_a_table_without_names_is_one_too(tmp_path):
    (tmp_path / "point.txt").write_text("-1 2 7\n0 1 8\n1 2.5 9\n")
    assert measured.read(tmp_path / "point.txt").spectrum("column 2")[1].tolist() == [7, 8, 9]


REFUSED = [
    ("a.csv", b"1,2\n3\n", "as many numbers each"),
    ("a.csv", b"", "no table"),
    ("a.csv", b"1,2\nx,3\n", "not numbers all"),
    ("a.gsf", b"nothing\n", "no Gwyddion simple field"),
    ("a.gsf", b"Gwyddion Simple Field 1.0\nXRes = 2\nYRes = 2\n\0\0", "cut off"),
    ("a.gsf", b"Gwyddion Simple Field 1.0\nXRes = two\n\0", "can't be read"),
    ("a.png", b"", "files that can be read end in"),
]


@pytest.mark.parametrize(("name", "content", "words"), REFUSED)
def test_what_is_no_such_file_is_refused(name, content, words, tmp_path):
    (tmp_path / name).write_bytes(content)
    with pytest.raises(InputError, match=words):
        measured.read(tmp_path / name)


def test_what_a_format_cannot_hold_is_refused(result, tmp_path):
    honeycomb = bdg.build_model(bdg.build_sample("honeycomb", [2, 2]), temperature=0.1)
    there = bdg.solve(honeycomb, observables=["density"], units=UNITS)
    without = bdg.solve(honeycomb, observables=["density"])
    for what, name, words in (
        (there, "density", "has not; take a square lattice"),
        (without, "density", "is in V and m"),
        (result, "stm_current", "choose one, bias=0.1"),
        (result, "nothing", "the result has no nothing"),
        (result, None, "a .gsf holds one map"),
    ):
        with pytest.raises(InputError, match=words):
            measured.write(tmp_path / "a.gsf", what, name)
    grid = measured.simulated(result)
    with pytest.raises(InputError, match="use one of Current, LI Demod 1 X"):
        grid["Currant"]
    with pytest.raises(InputError, match="outside of the grid"):
        grid.spectrum("Current", x=9)


# -- fits


def spectrum(biases, delta, gamma, temperature, offset=0.0):
    """Dynes's formula convolved with −f′ by a fine sum."""
    x = np.linspace(-30, 30, 3001) * temperature
    weight = 1 / (4 * temperature * np.cosh(x / (2 * temperature)) ** 2) * (x[1] - x[0])
    z = biases[:, None] - offset + x + 1j * gamma
    return np.abs((z / np.sqrt(z * z - delta**2)).real) @ weight


TRUTH = {"delta": 1.35, "gamma": 0.05, "temperature": 0.11, "level": 3.0, "slope": 0.06, "offset": 0.02}
BIASES = np.linspace(-4, 4, 121)
CLEAN = (3.0 + 0.06 * (BIASES - 0.02)) * spectrum(BIASES, 1.35, 0.05, 0.11, 0.02)


def test_a_fit_finds_gap_broadening_and_temperature():
    exact = measured.fit_spectrum(BIASES, CLEAN, offset=None)
    for name, value in TRUTH.items():
        assert exact.values[name] == pytest.approx(value, abs=2e-4)
    noise = 0.06 * np.random.default_rng(5).normal(size=len(BIASES))
    fit = measured.fit_spectrum(BIASES, CLEAN + noise, offset=None)
    for name, value in TRUTH.items():
        assert abs(fit.values[name] - value) < 2 * fit.intervals[name]
    assert fit.intervals["delta"] < 0.01
    assert fit.residual == pytest.approx(0.06, rel=0.2)
    names = list(fit.intervals)
    assert fit.correlation[names.index("gamma"), names.index("temperature")] < -0.5


@pytest.mark.slow
def test_intervals_of_a_fit_hold_the_truth_as_often_as_they_say():
    random, inside = np.random.default_rng(5), []
    for _ in range(100):
        fit = measured.fit_spectrum(BIASES, CLEAN + 0.06 * random.normal(size=len(BIASES)), offset=None)
        inside.append([abs(fit.values[name] - TRUTH[name]) <= fit.intervals[name] for name in TRUTH])
    share = np.mean(inside, axis=0)
    assert (share >= 0.88).all()  # of 100 with 95 % each, fewer are in one of 300
    assert share.mean() < 0.99


def test_what_is_known_is_kept_and_a_modulation_counts():
    biases = np.linspace(-3, 3, 121)
    curve = spectrum(biases, 1.0, 0.08, 0.05)
    fit = measured.fit_spectrum(biases, curve, temperature=0.05)
    assert set(fit.intervals) == {"delta", "gamma", "level", "slope"}
    assert (fit.values["delta"], fit.values["gamma"]) == (
        pytest.approx(1, abs=1e-4),
        pytest.approx(0.08, abs=1e-4),
    )
    blurred = np.mean(
        [spectrum(biases + 0.2 * np.cos(a), 1.0, 0.08, 0.05) * 2 * np.sin(a) ** 2
         for a in np.pi * (np.arange(16) + 0.5) / 16], axis=0,
    )  # fmt: skip
    fit = measured.fit_spectrum(biases, blurred, temperature=0.05, modulation=0.2)
    assert fit.values["gamma"] == pytest.approx(0.08, abs=2e-3)
    for broken, words in ((curve[:5], "12 points"), (np.where(biases > 0, np.nan, curve), "not finite")):
        with pytest.raises(InputError, match=words):
            measured.fit_spectrum(biases[: len(broken)], broken)


def test_measured_and_simulated_stand_in_one_figure(result):
    biases = np.linspace(-3, 3, 81)
    curve = spectrum(biases, 1.0, 0.08, 0.05)
    fit = measured.fit_spectrum(biases, curve, temperature=0.05)
    figure = spectra_beside([("measured", biases, curve), ("simulated", biases, 2 * curve)], fit)
    lines = figure.axes[0].get_lines()
    assert [line.get_label() for line in lines[:2]] == ["measured", "simulated"]
    np.testing.assert_allclose(lines[0].get_ydata(), lines[1].get_ydata())
    grid = measured.simulated(result, "density")
    first, second, bar = maps_beside([(grid, "density"), (grid, "density")]).axes
    assert first.collections[0].get_clim() == second.collections[0].get_clim()
    assert "standard deviations" in bar.get_ylabel()
    with pytest.raises(InputError, match="no map over y and x"):
        maps_beside([(measured.simulated(result), "Current")])
