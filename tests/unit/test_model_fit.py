"""Fits of keys of a configuration to spectra of known keys."""

from __future__ import annotations

import numpy as np
import pytest

import bdg
from bdg import measured
from bdg.config import ConfigSource
from bdg.errors import InputError, NumericalError
from bdg.fitting import varied, write_fit
from bdg.fitting.simulated import SimulatedSpectrum
from bdg.measured import Varied, fit_curve
from bdg.plot import fitted_curve
from tests.support.commands import bdg_command as command

TEXT = """\
units: {energy: 2 meV}
lattice: {kind: square, size: [1, 1], boundary: {bloch: 16}}
hamiltonian: {chemical_potential: -0.5}
interaction: {given: {onsite: 0.25}}
temperature: 0.05
observables:
  stm: {biases: [0, 1], broadening: 0.2, accuracy: 1.0e-6}
"""
SELF_CONSISTENT = TEXT.replace("given: {onsite: 0.25}", "onsite: 2.5")
BIASES = np.linspace(-1.5, 1.5, 41)


def sum_over_momenta(delta, eta, temperature, biases=BIASES, mu=-0.5, n=16):
    """dI/dV = ∫ N(E) (−f′(E − V)), N a sum of Lorentzians at ±E_k with u² and v²."""
    k = 2 * np.pi * np.arange(n) / n
    xi = (-2 * np.cos(k)[:, None] - 2 * np.cos(k) - mu).ravel()
    level = np.hypot(xi, delta)
    energies = np.linspace(-6, 6, 4001)
    weights = np.stack([(1 + xi / level) / 2, (1 - xi / level) / 2])
    lines = [eta / np.pi / ((energies[:, None] - s * level) ** 2 + eta**2) for s in (1, -1)]
    density = 2 * np.mean(weights[0] * lines[0] + weights[1] * lines[1], axis=1)
    slope = 1 / (4 * temperature * np.cosh((energies - biases[:, None]) / (2 * temperature)) ** 2)
    return np.trapezoid(slope * density, energies, axis=1)


@pytest.mark.slow
def test_a_uniform_superconductor_has_the_gap_and_broadening_of_the_sum_over_momenta():
    data = 3.0 * sum_over_momenta(0.4, 0.12, 0.08)
    keys = ["interaction.given.onsite", "observables.stm.broadening", "temperature"]
    fit = bdg.fit(ConfigSource(TEXT), BIASES, data, keys)
    for name, value in zip([*keys, "level"], (0.4, 0.12, 0.08, 3.0), strict=True):
        assert fit.values[name] == pytest.approx(value, abs=2e-4)
        assert fit.intervals[name] < 1e-2 * value
    assert fit.residual < 1e-4
    assert not fit.warnings
    np.testing.assert_allclose(fit.residuals, data - fit.curve)


def test_an_attraction_is_found_through_the_loop_and_the_observable_alone_is_measured_again(monkeypatch):
    source, truth = (
        ConfigSource(SELF_CONSISTENT),
        {"interaction.onsite": 2.2, "observables.stm.broadening": 0.15},
    )
    data = SimulatedSpectrum(source, BIASES)(truth)
    from bdg.fitting import simulated

    solved = []
    solve = simulated.solve
    monkeypatch.setattr(simulated, "solve", lambda *one, **other: solved.append(1) or solve(*one, **other))
    fit = bdg.fit(source, BIASES[::-1], data[::-1], [*truth], level=1.0)
    for name, value in truth.items():
        assert fit.values[name] == pytest.approx(value, abs=1e-4)
    assert list(fit.intervals) == [*truth]
    assert fit.values["level"] == 1.0
    # A Jacobian takes four curves, of which two have states of their own.
    assert len(solved) <= 0.8 * fit.evaluations


@pytest.mark.slow
def test_intervals_hold_the_keys_as_often_as_they_say():
    source = ConfigSource(SELF_CONSISTENT)
    truth = {"interaction.onsite": 2.2, "observables.stm.broadening": 0.15, "temperature": 0.06}
    clean, inside = SimulatedSpectrum(source, BIASES)(truth), []
    for seed in range(20):
        noise = 0.02 * clean.max() * np.random.default_rng(seed).normal(size=len(clean))
        fit = bdg.fit(source, BIASES, 2 * (clean + noise), [*truth])
        inside.append([abs(fit.values[name] - one) <= fit.intervals[name] for name, one in truth.items()])
        assert fit.intervals["interaction.onsite"] < 0.1
    # Of 60 with 95 % each, correlated in threes, fewer than 50 are in one of a thousand.
    assert np.sum(inside) >= 50


def line(values):
    return values["a"] + values["b"] * np.linspace(-1, 1, 9) + 0 * values.get("c", 0)


def test_intervals_of_a_line_are_those_of_linear_regression():
    """a ± t σ/√n, b ± t σ/√Σx²; uncorrelated, for the points are symmetric."""
    x, noise = np.linspace(-1, 1, 9), np.array([1, -2, 0, 1, 0, -1, 2, 0, -1]) / 50
    data = 2 + 0.5 * x + noise
    fit = fit_curve(line, [Varied("a", 1.0), Varied("b", 0.1)], x, data, level=1.0)
    slope, offset = np.polyfit(x, data, 1)
    sigma = np.sqrt(np.sum((data - offset - slope * x) ** 2) / 7)
    assert fit.values["a"] == pytest.approx(offset, abs=1e-6)
    assert fit.values["b"] == pytest.approx(slope, abs=1e-6)
    assert fit.intervals["a"] == pytest.approx(2.364624 * sigma / 3, rel=1e-5)
    assert fit.intervals["b"] == pytest.approx(2.364624 * sigma / np.sqrt(np.sum(x**2)), rel=1e-5)
    np.testing.assert_allclose(fit.correlation, np.eye(2), atol=1e-6)


def test_a_parameter_without_effect_and_two_of_the_same_effect_are_said_to_be_unknown():
    x = np.linspace(-1, 1, 9)
    data = 2 + 0.5 * x + 0.01 * np.cos(9 * x)
    silent = fit_curve(line, [Varied("a", 1.0), Varied("b", 0.1), Varied("c", 3.0)], x, data, level=1.0)
    assert silent.intervals["c"] == np.inf
    assert silent.values["c"] == 3.0
    assert silent.warnings == ("c does not change the curve",)
    assert silent.intervals["a"] < 0.02
    both = [Varied("a", 1.0), Varied("b", 0.1)]
    same = fit_curve(lambda v: line({"a": v["a"] * v["b"], "b": 0.3}), both, x, data, level=1.0)
    assert same.intervals["a"] == same.intervals["b"] == np.inf
    assert "a and b change the curve alike" in same.warnings[0]
    level = fit_curve(lambda v: v["a"] * (1 + x**2), [Varied("a", 1.0)], x, data)  # a and the level
    assert level.intervals["a"] == np.inf


@pytest.mark.slow
def test_a_key_that_the_spectrum_does_not_have_is_flagged():
    """A uniform superconductor's spectrum has no tip polarisation in it."""
    text = TEXT.replace("accuracy", "tip: {polarisation: [0, 0, 0.5]}, accuracy")
    keys = ["interaction.given.onsite", "observables.stm.tip.polarisation[2]"]
    fit = bdg.fit(ConfigSource(text), BIASES, 2 * sum_over_momenta(0.3, 0.2, 0.05), keys)
    assert fit.warnings == ("observables.stm.tip.polarisation[2] does not change the curve",)
    assert fit.values["interaction.given.onsite"] == pytest.approx(0.3, abs=1e-3)


def test_what_ends_at_a_bound_is_said_and_what_has_no_curve_is_stepped_around():
    x = np.linspace(-1, 1, 9)
    fit = fit_curve(line, [Varied("a", 1.0, 0.5, 1.5), Varied("b", 0.1)], x, 2 + 0.5 * x, level=1.0)
    assert fit.values["a"] == pytest.approx(1.5)
    assert "a ended at its bound 1.5" in fit.warnings[0]

    def broken(values):
        return line(values) if values["a"] < 2.2 else np.full(9, np.nan)

    around = fit_curve(broken, [Varied("a", 0.1), Varied("b", 0.1)], x, 2 + 0.5 * x, level=1.0)
    assert around.values["a"] == pytest.approx(2)


def test_keys_keep_the_sign_that_the_schema_wants():
    source = ConfigSource(TEXT)
    low = {one.name: one.low for one in varied(source, ["temperature", "hamiltonian.chemical_potential"])}
    assert low == {"temperature": 0.0, "hamiltonian.chemical_potential": -np.inf}
    (broadening,) = varied(source, {"observables.stm.broadening": 0.3})
    assert 0 < broadening.low < 1e-6
    (bounded,) = varied(source, {"temperature": (0.1, 0.01, 0.2)})
    assert (bounded.start, bounded.low, bounded.high) == (0.1, 0.01, 0.2)


@pytest.mark.parametrize(
    ("keys", "words"),
    [
        (["lattice.size[0]"], "must be a whole number"),
        (["interaction.onsit"], "has no key"),
        (["lattice.kind"], "no number that could be varied"),
        (["observables.stm.tip.delta"], "is not set"),
        ({"temperature": (0.1, 0.2, 0.3)}, "outside of its bounds"),
        ({"temperature": (0.1, 0.2)}, "first, low, high"),
        ({"temperature": -1.0}, "0 or more|at least 0"),
        ([], "nothing is varied"),
    ],
)
def test_what_is_no_number_to_vary_is_refused(keys, words):
    with pytest.raises(InputError, match=words):
        bdg.fit(ConfigSource(TEXT), BIASES, np.ones(41), keys)


def test_more_keys_than_points_and_spectra_that_are_none_are_refused():
    x, both = np.linspace(-1, 1, 3), [Varied("a", 1.0), Varied("b", 0.1)]
    with pytest.raises(InputError, match="3 points do not determine 3 parameters"):
        fit_curve(line, both, x, x)
    with pytest.raises(InputError, match="not finite"):
        fit_curve(line, both, np.arange(9.0), np.full(9, np.nan))
    with pytest.raises(InputError, match="zero everywhere"):
        fit_curve(line, both, np.arange(9.0), np.zeros(9))
    with pytest.raises(InputError, match="as many values"):
        bdg.fit(ConfigSource(TEXT), x, BIASES, ["temperature"])
    with pytest.raises(NumericalError, match="no curve at the first values"):
        fit_curve(lambda v: np.full(9, np.nan), both, np.arange(9.0), np.ones(9))
    with pytest.raises(InputError, match="it has no stm"):
        bdg.fit(ConfigSource(TEXT.partition("observables")[0]), BIASES, np.ones(41), ["temperature"])
    short = ConfigSource(SELF_CONSISTENT + "scf: {max_iterations: 1}\n")
    with pytest.raises(NumericalError, match="does not converge"):
        bdg.fit(short, BIASES, np.ones(41), ["temperature"])


def test_a_fit_is_a_table_and_a_picture(tmp_path):
    x = np.linspace(-1, 1, 9)
    fit = fit_curve(
        line, [Varied("a", 1.0), Varied("b", 0.1)], x, 2 + 0.5 * x + 0.01 * np.cos(9 * x), level=1.0
    )
    write_fit(tmp_path / "fit.csv", fit)
    table = measured.read(tmp_path / "fit.csv")
    np.testing.assert_allclose(table["fitted"].values, fit.curve, rtol=1e-9)
    np.testing.assert_allclose(table["residual"].values, fit.residuals, atol=1e-9)
    assert f"# a, {fit.values['a']:.10g}, {fit.intervals['a']:.4g}" in (tmp_path / "fit.csv").read_text()
    above, below = fitted_curve(fit, factor=2.0, unit="mV").axes
    drawn, curve = above.get_lines()
    np.testing.assert_allclose(drawn.get_xdata(), 2 * x)
    np.testing.assert_allclose(curve.get_ydata(), fit.curve)
    np.testing.assert_allclose(below.get_lines()[-1].get_ydata(), fit.residuals)
    assert "mV" in below.get_xlabel()
    assert repr(fit).startswith("a = 1.99921 ± 0.0067, b = 0.5")


def test_the_command_fits_a_file_in_volts(tmp_path):
    (tmp_path / "model.yaml").write_text(TEXT)
    data = sum_over_momenta(0.4, 0.2, 0.05)
    table = np.column_stack([2e-3 * BIASES, data])[::2]
    np.savetxt(tmp_path / "didv.csv", table, delimiter=",", header="Bias (V),dI/dV (S)", comments="")
    done = command(
        "fit", "model.yaml", "didv.csv", "--vary", "interaction.given.onsite=0.3:0.1:0.6", cwd=tmp_path
    )
    assert done.returncode == 0, done.stderr
    assert "interaction.given.onsite  0.4" in done.stdout.replace("0.399999", "0.4").replace("0.400", "0.4")
    assert (tmp_path / "results/model_fit.png").exists()
    kept = measured.read(tmp_path / "results/model_fit.csv")
    np.testing.assert_allclose(kept.axes["bias"][0], BIASES[::2], atol=1e-9)
    for options, words in (
        (["--vary", "temperature", "--channel", "none"], "no channel"),
        (["--vary", "temperature", "-o", "fit.txt"], "written as a .csv"),
        (["--vary", "temperature", "--point", "a"], "give two indices"),
    ):
        refused = command("fit", "model.yaml", "didv.csv", *options, cwd=tmp_path)
        assert refused.returncode == 2
        assert words in refused.stderr
