"""The parameters of a result by the keys of its configuration, wherever it comes from."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pytest
import yaml

import bdg
from bdg.config import ConfigSource
from bdg.config.settings import Settings
from bdg.errors import InputError, UnknownKeyError
from bdg.simulation.run import run
from bdg.store import read

TEXT = """
lattice: {kind: chain, size: [4], boundary: periodic}
hamiltonian:
  chemical_potential: -0.4
  disorder: {width: 0.5, seed: 3}
  impurities: [{site: [1], potential: 2.0}]
interaction: {onsite: 2.0}
temperature: 0.1
scf: {damping: 1.0}
observables: {spectral_gap: {}, dos: {energies: [-1, 0, 1]}}
"""


def ran(*overrides, text=TEXT):
    source = ConfigSource(text, "chain.yaml", overrides)
    return run(source.parse(), source)


@pytest.fixture(scope="module")
def result():
    return ran("hamiltonian.disorder.width=0.25", "scf.max_iterations=99")


@pytest.fixture(scope="module")
def from_python():
    sample = bdg.build_sample("chain", [4], [bdg.Boundary("bloch", n_k=3, shift=0.5)])
    model = bdg.build_model(
        sample, filling=0.8, attraction=lambda x: 2.0 + 0.1 * x, temperature=0.2, zeeman=[0, 0, 0.05]
    )
    return bdg.solve(model, observables=["spectral_gap"], scf=bdg.ScfOptions(tolerance=1e-6), title="A ring")


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("hamiltonian.disorder.seed", 3),
        ("hamiltonian.disorder.width", 0.25),
        ("scf.max_iterations", 99),
        ("lattice.size[0]", 4),
        ("lattice.size", [4]),
        ("lattice.boundary[0]", "periodic"),
        ("hamiltonian.impurities[0].potential", 2.0),
        ("scf.mixer", "anderson"),
        ("observables.dos.energies", [-1, 0, 1]),
    ],
)
def test_a_dotted_key_gives_its_value(result, key, value):
    assert result.config[key] == value


def test_sections_are_mappings_of_the_same_kind(result):
    section = result.config["hamiltonian"]
    assert section["disorder"]["seed"] == section["disorder.seed"] == 3
    assert section["impurities"][0]["site"] == [1]
    assert set(section) == set(yaml.safe_load(result.provenance.config_resolved)["hamiltonian"])
    assert dict(result.config["hamiltonian.disorder"]) == {
        "distribution": "uniform",
        "width": 0.25,
        "seed": 3,
    }
    assert 0.1 in result.config.values()
    assert "temperature" in result.config
    assert "temperature.x" not in result.config
    assert result.config.get("field.uniform", 0.0) == 0.0


def test_what_nobody_gave_is_a_default(result):
    config = result.config
    given = ["hamiltonian.disorder.seed", "hamiltonian.disorder.width", "scf.max_iterations", "scf.damping"]
    given += ["lattice.boundary", "lattice.boundary[0]", "hamiltonian", "observables.spectral_gap", "scf"]
    assert not any(config.is_default(key) for key in given)
    defaults = [
        "hamiltonian.disorder.distribution",
        "scf.mixer",
        "hamiltonian.impurities[0].moment",
        "solver",
    ]
    assert all(config.is_default(key) for key in defaults)
    assert config["hamiltonian"].is_default("rashba")
    assert not config["hamiltonian"].is_default("disorder")
    assert "hamiltonian.rashba" in config.flat()
    assert "hamiltonian.rashba" not in config.given()
    assert "hamiltonian.rashba = 0.0 (default)" in repr(config).splitlines()
    assert "temperature = 0.1" in repr(config).splitlines()


def test_what_a_sweep_sets_is_given():
    result = ran("sweep=null", "temperature=0.2", text=TEXT + "sweep: {temperature: [0.1, 0.2]}\n")
    assert result.config["temperature"] == 0.2
    assert not result.config.is_default("temperature")
    assert "sweep" not in result.config
    assert result.config.is_default("scf.mixer")


@pytest.mark.parametrize(
    ("key", "told"),
    [
        (
            "hamiltonian.disorder.sed",
            "has no key 'hamiltonian.disorder.sed'; did you mean 'hamiltonian.disorder.seed'",
        ),
        ("seed", "did you mean 'hamiltonian.disorder.seed'"),
        ("temprature", "did you mean 'temperature'"),
        ("hamiltonian.filling", "^hamiltonian.filling is not set$"),
        ("lattice.size[7]", r"lattice.size\[7\] is not set"),
        ("temperature.x", "has no key 'temperature.x'"),
        ("", "has no key ''; it has lattice, hamiltonian|has no key ''; it has title"),
        (3, "has no key '3'"),
    ],
)
def test_a_key_that_is_not_there_is_refused_with_the_nearest(result, key, told):
    with pytest.raises(UnknownKeyError, match=told) as refused:
        result.config[key]
    assert isinstance(refused.value, InputError)
    assert isinstance(refused.value, KeyError)
    assert refused.value.exit_code == 2
    assert "\n" not in str(refused.value)


def test_a_section_names_the_whole_key(result):
    with pytest.raises(UnknownKeyError, match=r"'hamiltonian\.disorder\.sed'"):
        result.config["hamiltonian"]["disorder"]["sed"]


def test_a_result_from_python_has_what_its_model_holds(from_python):
    config = from_python.config
    assert config["lattice.kind"] == "chain"
    assert config["lattice.boundary[0].bloch"] == 3
    assert config["lattice.boundary[0].shift"] == 0.5
    assert config["hamiltonian.filling"] == 0.8
    assert config["hamiltonian.zeeman"] == [0.0, 0.0, 0.05]
    np.testing.assert_allclose(config["interaction.onsite"], [2.0, 2.1, 2.2, 2.3])
    assert config["scf.tolerance"] == 1e-6
    assert not config.is_default("scf.tolerance")
    assert config.is_default("scf.mixer")
    assert config["title"] == "A ring"
    for key in ("hamiltonian.disorder.seed", "hamiltonian.chemical_potential"):
        with pytest.raises(UnknownKeyError, match=f"{key} is not known: the result was made from Python"):
            config[key]


def test_from_a_file_they_are_the_same(result, from_python, tmp_path):
    for name, before in {"yaml.h5": result, "python.h5": from_python}.items():
        bdg.save(before, tmp_path / name)
        after = read(tmp_path / name).config
        assert repr(after) == repr(before.config)
        assert after.defaults == before.config.defaults


def test_a_configuration_that_is_one_no_longer_has_no_defaults():
    config = Settings.read("temperatur: 0.1", "temperature: 0.1\nscf: {damping: 1.0}")
    assert config["scf.damping"] == 1.0
    assert config.given() == config.flat()


def test_the_page_on_results_runs(result, capsys):
    page = (Path(__file__).parents[2] / "docs/results.md").read_text(encoding="utf-8")
    (example,) = re.findall(r"```python\n(.*?)```", page, re.DOTALL)
    exec(compile(example, "docs/results.md", "exec"), {"result": result})
    assert "hamiltonian.disorder.seed = 3" in capsys.readouterr().out.splitlines()
    assert result.config.is_default("scf.mixer")  # as the page says
