"""The example of an installed package: its term and observable in a configuration, its lattice and solver."""

import re
import shutil
import subprocess
import sys
import tomllib

import numpy as np
import pytest
import yaml

import bdg
from bdg.config import parse_config
from bdg.config.dump import dump_resolved
from bdg.config.template import template
from bdg.errors import BdgError, InputError
from bdg.model.terms import named
from bdg.setup.models import model_of
from tests.support.pages import DOCS, ROOT, blocks

PLUGINS = DOCS / "plugins"
PAGE = DOCS / "plugins.md"
SITES = "lattice: {kind: square, size: [4, 4]}\n"


@pytest.fixture
def installed(tmp_path, monkeypatch):
    """A folder with the package as an installer leaves it, on the path of this process."""
    folder = tmp_path / "site"
    shutil.copytree(PLUGINS / "bdg_example", folder / "bdg_example")
    project = tomllib.loads((PLUGINS / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    info = folder / f"bdg_example-{project['version']}.dist-info"
    info.mkdir()
    (info / "METADATA").write_text(
        f"Metadata-Version: 2.1\nName: bdg-example\nVersion: {project['version']}\n"
    )
    lines = []
    for group, points in project["entry-points"].items():
        lines += [f"[{group}]", *(f"{name} = {value}" for name, value in points.items()), ""]
    (info / "entry_points.txt").write_text("\n".join(lines))
    monkeypatch.syspath_prepend(str(folder))
    yield folder
    for name in [name for name in sys.modules if name.partition(".")[0] == "bdg_example"]:
        del sys.modules[name]


def model(text):
    from bdg.config.source import ConfigSource
    from bdg.setup.samples import sample_of

    source = ConfigSource(text, "own.yaml")
    config = parse_config(text, "own.yaml")
    return model_of(config, source, sample_of(config, source))


def test_a_configuration_may_use_the_term_and_the_observable(installed, tmp_path):
    (text,) = [block.text for block in blocks(PAGE) if block.language == "yaml"]
    (tmp_path / "own.yaml").write_text(text + "output: own.h5\n")
    command = [sys.executable, "-m", "bdg", "run", "own.yaml"]
    environment = {"PYTHONPATH": f"{ROOT}:{installed}", "OPENBLAS_NUM_THREADS": "1", "HOME": str(tmp_path)}
    ran = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True)
    assert ran.returncode == 0, ran.stderr
    found = bdg.load(tmp_path / "own.h5")  # in a process that does not know the observable
    x, y = found.sample.positions.T
    same = bdg.build_model(
        found.sample,
        chemical_potential=-0.5,
        onsite=0.3 * np.cos(np.pi * (x + y)),
        attraction=2.5,
        vector_potential=[0.05, 0.0],
        temperature=0.1,
    )
    result = bdg.solve(same, observables=["currents"])
    np.testing.assert_allclose(found.fields.delta, result.fields.delta, atol=1e-7)
    half = 0.5 * result["bond_current"].values
    np.testing.assert_allclose(found["spin_current"].values, half, atol=1e-7)
    assert float(found["largest_spin_current"]) == pytest.approx(np.abs(half).max(), abs=1e-7)
    assert bdg.measure(found, "entropy")["entropy"].values > 0  # the model in the file is whole


@pytest.mark.parametrize(
    ("terms", "words"),
    [
        ("{wave: {amplitude: 0.3, size: 2}}", "size.*; it takes amplitude, wave_vector, phase"),
        ("{wave: {}}", "missing a required argument: 'amplitude'"),
        ("{wawe: {amplitude: 0.3}}", "no installed package has a term 'wawe'.*did you mean 'wave'"),
        ("{wave: {amplitude: 0.3, wave_vector: [1]}}", "wave_vector has 1 components, positions have 2"),
        ("{wave: {amplitude: .nan}}", "not finite"),
        ("{wave: 0.3}", "hamiltonian.terms.wave"),
    ],
)
def test_what_cannot_be_is_refused_at_its_place(installed, terms, words):
    with pytest.raises(BdgError, match=r"own\.yaml:2") as caught:
        model(f"{SITES}hamiltonian: {{chemical_potential: 0, terms: {terms}}}\n")
    assert re.search(words, str(caught.value))


class Point:
    def __init__(self, name, found):
        self.name, self.value, self.found = name, f"elsewhere:{name}", found

    def load(self):
        if isinstance(self.found, Exception):
            raise self.found
        return self.found


def test_a_term_that_is_broken_or_none_is_named(monkeypatch):
    points = [Point("lost", ImportError("no such module")), Point("number", lambda: 3)]
    monkeypatch.setattr(named.importlib.metadata, "entry_points", lambda group: points)
    with pytest.raises(
        InputError, match="the term lost of elsewhere:lost cannot be imported: no such module"
    ):
        named.named_term("lost", {})
    with pytest.raises(InputError, match="the term number of elsewhere:number makes int; it must be derived"):
        named.named_term("number", {})
    with pytest.raises(InputError, match=r"has a term 'other'.*there are lost, number"):
        named.named_term("other", {})


def test_terms_add_up_with_all_others(installed):
    waves = "{wave: {amplitude: 0.3, wave_vector: [3.141592653589793, 0]}}"
    both = model(f"{SITES}hamiltonian: {{chemical_potential: 0, onsite: 0.1*y, terms: {waves}}}\n")
    x, y = both.sample.positions.T
    np.testing.assert_allclose(both.onsite, 0.1 * y + 0.3 * np.cos(np.pi * x), atol=1e-12)
    assert "terms: {wave" in template()
    assert yaml.safe_load(template())
    config = parse_config(f"{SITES}hamiltonian: {{chemical_potential: 0, terms: {waves}}}\n", "own.yaml")
    assert parse_config(dump_resolved(config), "again.yaml") == config


def test_the_lattice_has_a_flat_band_and_the_levels_of_its_hubs(installed):
    from bdg_example.dice import dice

    sample = bdg.build_sample(dice(), [1, 1], bdg.Boundary("bloch", n_k=6))
    normal = bdg.build_model(sample, chemical_potential=0.0, temperature=0.1)
    levels = bdg.solve(normal, observables={"bands": {"path": ["Gamma", [0.2, 0.1]], "num": 5}})[
        "bands"
    ].values
    assert np.abs(levels).max() == pytest.approx(np.sqrt(18), abs=1e-12)
    assert (np.abs(levels) < 1e-12).sum(axis=-1).min() >= 1


@pytest.mark.parametrize(
    "ends", ["open", bdg.Boundary("bloch", n_k=3), bdg.Boundary("bloch", n_k=3, shift=0.3)]
)
@pytest.mark.parametrize("terms", [{}, {"zeeman": [0.1, 0.0, 0.2], "rashba": 0.3}], ids=["singlet", "spin"])
def test_the_solver_agrees_with_dense_diagonalization(installed, ends, terms):
    from bdg_example.dense_poles import DensePoles

    sample = bdg.build_sample("square", [4, 3], ["open", ends])
    given = {"chemical_potential": -0.5, "attraction": 2.5, "temperature": 0.1} | terms
    wanted = ["density", "currents"]
    found, exact = (
        bdg.solve(
            bdg.build_model(sample, **given), solver=solver, observables=wanted, scf=bdg.ScfOptions(1e-9)
        )
        for solver in (DensePoles(), "diagonalization")
    )
    np.testing.assert_allclose(found.fields.delta, exact.fields.delta, atol=1e-8)
    np.testing.assert_allclose(found["density"].values, exact["density"].values, atol=1e-8)


def test_the_page_shows_the_files_of_the_package():
    text = PAGE.read_text(encoding="utf-8")
    project = (PLUGINS / "pyproject.toml").read_text(encoding="utf-8")
    files = "\n".join(file.read_text(encoding="utf-8") for file in (PLUGINS / "bdg_example").glob("*.py"))
    have = {" ".join(line.split()) for line in (project + files).splitlines()}
    for block in blocks(PAGE):
        if block.language in ("toml", "python"):
            lines = [" ".join(line.split()) for line in block.text.splitlines() if line.strip()]
            own = [line.replace("cell = ", "return ") for line in lines if line != "..."]
            assert [line for line in own if line not in have] == []
    assert "](plugins.md)" in (DOCS / "contributing.md").read_text(encoding="utf-8")
    assert text.count("bdg_example") >= 2
