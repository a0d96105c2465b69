"""The studies in ``configs/studies``: every number of their headers, and what theory says of them."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pytest
from scipy.optimize import brentq

import bdg
from bdg.observables import Quantity
from bdg.studies.crossings import crossing
from bdg.studies.statistics import mean

STUDIES = Path(__file__).parents[2] / "configs/studies"


def collected(name, folder, overrides=(), values=None):
    study = bdg.sweep(STUDIES / f"{name}.yaml", values, folder=folder, overrides=overrides, executor="serial")
    assert set(study.counts()) == {"converged"}
    return bdg.collect(study)


def stands_in_header(name, *texts):
    lines = (STUDIES / f"{name}.yaml").read_text(encoding="utf-8").splitlines()
    header = " ".join(line.lstrip("# ") for line in lines if line.startswith("#"))
    expected = re.split("Expect: ", header)[1]
    return [text for text in texts if text not in expected] == []


def energies(size):
    k = 2 * np.pi * np.arange(size) / size
    return (-2 * np.cos(k)[:, None] - 2 * np.cos(k) + 0.5).ravel()


def test_gap_of_temperature(tmp_path):
    together = collected("gap_of_temperature", tmp_path / "gap")
    temperature = together.coords["temperature"].values
    gap, entropy = together["largest_delta"].values, together["entropy"].values
    assert np.all(np.diff(gap[gap > 1e-6]) < 0)
    xi = energies(32)

    def excess(t):
        return np.mean(np.tanh(xi / (2 * t)) / (2 * xi)) - 1 / 2.5

    critical = brentq(excess, 0.2, 0.5)
    assert np.array_equal(gap > 1e-6, temperature < critical)
    e = np.sqrt(xi**2 + gap[4] ** 2)
    assert np.mean(np.tanh(e / (2 * temperature[4])) / (2 * e)) == pytest.approx(1 / 2.5, abs=1e-9)
    f = 1 / (1 + np.exp(e / temperature[4]))
    assert entropy[4] == pytest.approx(-2 * np.mean(f * np.log(f) + (1 - f) * np.log(1 - f)), rel=1e-6)
    told = f"T = 0.1 t Δ = {gap[4]:.5f} t", f"entropy {entropy[4]:.5f}", f"T_c = {critical:.4f} t"
    assert stands_in_header("gap_of_temperature", *told), told


@pytest.mark.parametrize(
    "num", [pytest.param(9, id="coarse"), pytest.param(21, id="as it stands", marks=pytest.mark.slow)]
)
def test_zeeman_first_order(tmp_path, num):
    keys = {"follow": "hamiltonian.zeeman[2]", "direction": "both"}
    values = None if num == 21 else {"hamiltonian.zeeman[2]": {"start": 0.2, "stop": 0.6, "num": num}, **keys}
    together = collected("zeeman_first_order", tmp_path / "zeeman", values=values)
    field, gap = together.coords["zeeman_2"].values, together["largest_delta"].values
    found = crossing(together["grand_potential"], "zeeman_2")
    xi, t = energies(48), 0.02
    shift = np.array([1, -1])[:, None]

    def difference(h):
        def excess(delta):
            e = np.sqrt(xi**2 + delta**2)
            return np.mean(0.5 * np.tanh((e + shift * h) / (2 * t)) / (2 * e)) * 2 - 1 / 2.5

        delta = brentq(excess, max(0.45, h + 0.05), 0.7)  # below h are the solutions that are maxima
        e = np.sqrt(xi**2 + delta**2)
        above = delta**2 / 2.5 - t * np.mean(np.log(2 * np.cosh((e + shift * h) / (2 * t)))) * 2
        return above + t * np.mean(np.log(2 * np.cosh((xi + shift * h) / (2 * t)))) * 2

    exact = brentq(difference, 0.3, 0.45)
    assert float(found.values) == pytest.approx(exact, abs=1e-4)
    assert found.error < 1e-3
    both = (gap[:, 0] > 0.4) & (gap[:, 1] < 1e-6)
    assert field[both].min() < exact < field[both].max()
    assert gap[0] == pytest.approx(gap[0, 0], abs=1e-6)  # below Δ₀/2 the normal state is left
    assert gap[-1] == pytest.approx(0.0, abs=1e-6)
    told = f"h = {exact:.4f} t", f"Δ₀ = {gap[0, 0]:.4f} t"
    assert stands_in_header("zeeman_first_order", *told), told
    if num == 21:
        told = f"from {field[both].min():.2f} t to {field[both].max():.2f} t"
        assert stands_in_header("zeeman_first_order", told), told


def test_tunnelling(tmp_path):
    values = {"temperature": [0.02, 0.36]}
    together = collected("tunnelling", tmp_path / "tunnelling", values=values)
    middle = together["dos"].values[:, 100]
    energy = together["dos"].coords["energy"].values
    xi, delta = energies(128), together["largest_delta"].values[0]
    e = np.sqrt(xi**2 + delta**2)

    def lorentzian(x):
        return 0.04 / np.pi / (x**2 + 0.04**2)

    exact = np.mean((1 + xi / e) / 2 * lorentzian(0.3 - e) + (1 - xi / e) / 2 * lorentzian(0.3 + e))
    at = int(np.argmin(np.abs(energy - 0.3)))
    assert together["dos"].values[0, at] == pytest.approx(2 * exact, rel=1e-9)
    told = f"{middle[0]:.4f}/t at T = 0.02 t", f"{middle[1]:.4f}/t at T = 0.36 t"
    assert stands_in_header("tunnelling", *told), told


@pytest.mark.slow
def test_disorder(tmp_path):
    together = collected("disorder", tmp_path / "disorder")
    gap, error = mean(together["spectral_gap"], "seed")
    told = [
        f"{value:.3f} ± {width:.3f} t" for value, width in zip(gap.values[1:], error.values[1:], strict=True)
    ]
    assert stands_in_header("disorder", *told), told
    spread = together["order_parameter"].values
    share = np.mean(np.abs(spread) < 0.02, axis=(1, 2))
    told = [f"{100 * value:.0f} %" for value in share[2:]]
    assert stands_in_header("disorder", *told), told


@pytest.mark.parametrize("power", [1, 2, 3])
def test_a_crossing_of_polynomials_is_exact_and_its_error_covers_it(power):
    x = np.linspace(0, 1, 9)
    first, second = 1 + 0.3 * x**power, 1.07 + 0 * x
    coords = {
        "h": Quantity(x, ("h",), "t", "h"),
        "branch": Quantity(np.array(["a", "b"]), ("branch",), "1", ""),
    }
    energy = Quantity(np.stack([first, second], axis=1), ("h", "branch"), "t", "F", coords)
    found = crossing(energy, "h")
    exact = (0.07 / 0.3) ** (1 / power)
    assert float(found.values) == pytest.approx(exact, abs=1e-12)
    with pytest.raises(bdg.errors.InputError, match="do not cross"):
        crossing(Quantity(energy.values * 0 + [1.0, 2.0], energy.dims, "t", "F", coords), "h")
    with pytest.raises(bdg.errors.InputError, match="needs the axes"):
        crossing(Quantity(first, ("h",), "t", "F", coords), "h")


def test_every_study_stands_in_the_table_of_its_page():
    page = (STUDIES.parents[1] / "docs/studies.md").read_text(encoding="utf-8")
    listed = re.findall(r"^\| `(\w+)` \|", page.split("## Studies that come with it")[1], re.MULTILINE)
    assert sorted(listed) == sorted(path.stem for path in STUDIES.glob("*.yaml"))
