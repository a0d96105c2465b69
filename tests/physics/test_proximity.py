"""Superconductor–normal structures against their transverse momenta, one chain each."""

import numpy as np
import pytest

import bdg
from bdg import setup
from bdg.config import ConfigSource, parse_config
from bdg.simulation.starts import starts_of

LENGTH, WIDTH, MU, TEMPERATURE = 20, 6, -0.4, 0.02
X = np.arange(LENGTH)
NORMAL = (X >= 8) & (X < 12)
BARRIER = (X == 7) | (X == 12)
ATTRACTION = np.where(NORMAL, 0.0, 2.2)
ENERGY = np.where(BARRIER, 0.8, 0.0) + np.where(NORMAL, -0.3, 0.0)

CONFIG = """
lattice: {kind: square, size: [20, 6], boundary: [open, periodic]}
hamiltonian:
  chemical_potential: -0.4
  onsite:
    - {region: {rectangle: {center: [9.5, 2.5], size: [5, 6]}}, value: 0.8 if x == 7 or x == 12 else -0.3}
interaction:
  onsite:
    - {region: {half_plane: {point: [7, 0], normal: [1, 0]}}, value: 2.2}
    - {region: {half_plane: {point: [12, 0], normal: [-1, 0]}}, value: 2 + 0.2}
temperature: 0.02
scf: {tolerance: 1e-10, initial: {delta: START}}
"""


def chains(delta):
    """Plain iteration of Δ(x) from a chain for each transverse momentum: Δ, ⟨c↑c↓⟩, lowest level and Ω."""
    for _ in range(1000):
        pairs, lowest, omega = np.zeros(LENGTH), np.inf, 0.0
        for k in 2 * np.pi * np.arange(WIDTH) / WIDTH:
            h = np.diag(ENERGY - MU - 2 * np.cos(k)) - np.eye(LENGTH, k=1) - np.eye(LENGTH, k=-1)
            levels, vectors = np.linalg.eigh(np.block([[h, np.diag(delta)], [np.diag(delta), -h]]))
            u, v, x = vectors[:LENGTH], vectors[LENGTH:], levels / (2 * TEMPERATURE)
            pairs += (u * v) @ np.tanh(x) / (2 * WIDTH)
            omega += np.trace(h) - TEMPERATURE * np.logaddexp(x, -x).sum()
            lowest = min(lowest, np.abs(levels).min())
        before, delta = delta, ATTRACTION * pairs
        if np.abs(delta - before).max() < 1e-11:
            return delta, pairs, lowest, omega + WIDTH * (ATTRACTION * pairs**2).sum()
    raise AssertionError("the chains did not converge")


STRIP = "size: [20, 1], boundary: [open, {bloch: 6}]"


@pytest.mark.parametrize(
    "across", ["size: [20, 6], boundary: [open, periodic]", STRIP], ids=["torus", "strip"]
)
@pytest.mark.parametrize("start", ["0.4", "0.4*sign(x - 9.5)"], ids=["one phase", "opposite phases"])
def test_a_junction_with_barriers_is_its_transverse_momenta(start, across):
    delta, pairs, lowest, omega = chains(0.4 * np.sign(X - 9.5) if "sign" in start else np.full(LENGTH, 0.4))
    text = CONFIG.replace("START", start).replace("size: [20, 6], boundary: [open, periodic]", across)
    source = ConfigSource(text, "sns.yaml")
    config = source.parse()
    model = setup.model_of(config, source, setup.sample_of(config, source))
    result = bdg.solve(
        model,
        observables=("anomalous_density", "spectral_gap", "grand_potential"),
        initial=starts_of(config, source, model)[0].initial,
        scf=setup.scf_options_of(config),
    )
    assert result.status == "converged"
    on_sites = result.sample.size
    rows = np.ones(on_sites[1])
    np.testing.assert_allclose(result.fields.delta.reshape(on_sites), delta[:, None] * rows, atol=1e-8)
    found = np.reshape(result["anomalous_density"], on_sites)
    np.testing.assert_allclose(found, pairs[:, None] * rows, atol=1e-8)
    assert float(result["spectral_gap"]) == pytest.approx(lowest, abs=1e-8)
    assert float(result["grand_potential"]) * WIDTH / len(rows) == pytest.approx(omega, abs=1e-6)
    assert lowest < 0.5 * np.abs(delta).max()
    assert np.abs(pairs[NORMAL]).max() > 0.01


def test_opposite_phases_cost_energy_and_complex_ones_relax():
    """Nothing holds a phase difference of π/2: the loop leaves it for that of the lowest energy."""
    sample = bdg.build_sample("square", [LENGTH, WIDTH], ["open", "periodic"])
    model = bdg.build_model(
        sample,
        chemical_potential=MU,
        onsite=ENERGY[sample.cells[:, 0]],
        attraction="0 if 8 <= x < 12 else 2.2",
        temperature=TEMPERATURE,
    )
    energy = {}
    for name, start in {"zero": 0.4, "pi": "0.4*sign(x - 9.5)", "half": "0.4*exp(0.5j*pi*(x > 9))"}.items():
        result = bdg.solve(model, observables="grand_potential", initial={"delta": start})
        assert result.status == "converged"
        energy[name] = float(result["grand_potential"])
    assert energy["pi"] > energy["zero"] + 0.05
    assert energy["half"] == pytest.approx(energy["zero"], abs=1e-6)


def test_a_run_from_given_values_goes_on_where_it_was_cut_off_and_keeps_its_configuration(tmp_path):
    text = CONFIG.replace("START", "0.4*exp(0.5j*pi*(x > 9))").replace("tolerance: 1e-10", "tolerance: 1e-7")
    (tmp_path / "sns.yaml").write_text(text)
    whole = bdg.run_file(tmp_path / "sns.yaml", [f"output={tmp_path / 'whole.h5'}"])
    cut = [f"output={tmp_path / 'cut.h5'}", "scf.max_iterations=3"]
    bdg.run_file(tmp_path / "sns.yaml", cut)
    resumed = bdg.resume_file(tmp_path / "cut.h5", ["scf.max_iterations=200"])
    output = resumed.path
    assert whole.status == resumed.status == "converged"
    assert np.iscomplexobj(resumed.fields.delta)
    np.testing.assert_array_equal(resumed.fields.delta, whole.fields.delta)
    kept = parse_config(bdg.load(output).provenance.config_resolved)
    assert kept.interaction == parse_config(text).interaction
    assert kept.hamiltonian == parse_config(text).hamiltonian
    assert kept.scf.initial == parse_config(text).scf.initial
