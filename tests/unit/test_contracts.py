"""One contract for an observable: a file and Python meet the same bounds, words and needs."""

import json

import numpy as np
import pytest
import yaml

import bdg
from bdg.config import config_type, json_schema, parse_config, template
from bdg.errors import ConfigError, InputError
from bdg.observables import contracts, measure, observables, registry
from bdg.observables.contract import GROUPS, ParameterError
from bdg.observables.parameters import Energies, Positive, Sites, Steps
from bdg.simulation.validation import checked_model
from tests.bridge import solved

BASE = """\
lattice: {kind: square, size: [4, 4]}
hamiltonian: {chemical_potential: 0}
interaction: {onsite: 3}
temperature: 0.1
"""
MODEL = bdg.build_model(bdg.build_sample("square", [4, 4]), attraction=3.0, temperature=0.1)
_, STATE = solved(MODEL)

REQUIRED = {
    "until": 1.0,
    "potential": 1.0,
    "energies": [-1, 0, 1],
    "biases": [-1, 0, 1],
    "stop": 0.5,
    "path": ["Gamma", "X"],
    "impurities": [{"site": [0, 0]}],
}
"""Values of parameters that must be given."""


def resolved(entry, definitions):
    return definitions[entry["$ref"].rsplit("/", 1)[1]] if "$ref" in entry else entry


def violations(entry, definitions):
    """Values that the JSON schema of a parameter excludes."""
    entry = resolved(entry, definitions)
    branches = [resolved(one, definitions) for one in entry.get("anyOf", entry.get("oneOf", [entry]))]
    for one in branches:
        if "minimum" in one:
            yield one["minimum"] - 1
        if "exclusiveMinimum" in one:
            yield one["exclusiveMinimum"]
            yield one["exclusiveMinimum"] - 0.5
        if "maximum" in one:
            yield one["maximum"] + 1
        if one.get("type") == "integer":
            yield 2.5
        if one.get("minItems"):
            yield []
    yield {"nobody": "knows"}
    if all(one.get("type") != "boolean" for one in branches):
        yield True
    if not any(one.get("type") == "string" and not {"pattern", "const"} & set(one) for one in branches):
        yield "nonsense"


def every_violation():
    for name, contract in contracts().items():
        schema = contract.section.model_json_schema()
        for key, entry in schema.get("properties", {}).items():
            for value in violations(entry, schema.get("$defs", {})):
                yield pytest.param(name, key, value, id=f"{name}.{key}={value}")


def of_file(text):
    with pytest.raises(ConfigError) as caught:
        parse_config(text, "run.yaml")
    return caught.value.each[0]


@pytest.mark.parametrize(("name", "key", "value"), list(every_violation()))
def test_a_file_and_python_refuse_the_same_values_in_the_same_words(name, key, value):
    needed = {one: REQUIRED[one] for one, default in contracts()[name].defaults.items() if default is ...}
    given = {**needed, key: value}
    path = contracts()[name].path
    written = {name: given} if len(path) > 1 else given
    in_file = of_file(f"{BASE}{path[0]}: {json.dumps(written)}\n")
    with pytest.raises(ParameterError) as in_python:
        measure(STATE, name, given)
    assert in_file.line == 5
    assert in_file.key.startswith(".".join((*path, key)))
    assert (in_python.value.problem, in_python.value.hint) == (in_file.problem, in_file.hint)
    assert str(in_python.value).startswith(f"{name}.{key}")


def test_arrays_and_numbers_of_numpy_are_as_good_as_those_of_python():
    plain = measure(STATE, "ldos", {"energies": [-1, 0.5], "sites": [5, 0], "tip": [0, 0, 1]})
    energies, sites = np.array([-1, 0.5]), np.array([5, 0])
    given = {"energies": energies, "broadening": np.float32(0.0625), "sites": sites, "tip": np.eye(3)[2]}
    arrays = measure(STATE, "ldos", given)
    again = measure(STATE, "ldos", given | {"broadening": 0.0625, "sites": [[1, 1], (0, 0)]})
    np.testing.assert_array_equal(arrays["ldos"].values, again["ldos"].values)
    assert plain["ldos"].values.shape == arrays["ldos"].values.shape
    count = measure(STATE, "states", {"count": np.int64(3)})
    assert len(count["states"].values) == 3
    span = measure(STATE, "ldos", {"energies": {"start": -1, "stop": 1, "num": 5}, "sites": None})
    np.testing.assert_array_equal(span["ldos"].coords["energy"].values, np.linspace(-1, 1, 5))
    assert span["ldos"].values.shape == (5, 16)


def test_a_function_called_directly_is_checked_too():
    from bdg.observables.spectra.dos import dos

    with pytest.raises(InputError, match=r"^dos.broadening: must be greater than 0, not -1$"):
        dos(STATE, [0.0], -1)
    np.testing.assert_array_equal(dos(STATE, [0.0])["dos"].values, dos(STATE, [0.0], 0.05)["dos"].values)


NEEDS = [
    ("bond_order", {}, "no bond has pairs"),
    ("meissner", {}, "nothing is screened"),
    ("magnetisation_curve", {"stop": 0.1}, "nothing is screened"),
    ("superfluid_weight", {}, "make a boundary periodic or bloch"),
    ("superflow", {"stop": 0.1}, "make a boundary periodic or bloch"),
    ("persistent_current", {}, "no ring along axis 0"),
    ("bkt_temperature", {}, "make a boundary periodic or bloch"),
    ("current_phase", {}, "gauge"),
    ("chern", {}, "two directions without ends, this sample has 0"),
    ("bott", {}, "needs a torus"),
    ("conductance", {"energies": [0], "axis": 2}, "leads along axis 2"),
    ("bands", {"path": ["Gamma", "X"]}, "a finite sample has no bands"),
    ("fraunhofer", {"leads": 9}, "leads"),
]


@pytest.mark.parametrize(("name", "parameters", "words"), NEEDS)
def test_what_a_model_lacks_is_said_before_any_work_and_in_the_same_words(tmp_path, name, parameters, words):
    file = tmp_path / "run.yaml"
    file.write_text(f"{BASE}observables: {json.dumps({name: parameters})}\n")
    with pytest.raises(ConfigError, match=words) as validated:
        checked_model(file)
    with pytest.raises(InputError, match=words) as called:
        measure(STATE, name, parameters)
    first = validated.value.each[0]
    assert (first.line, first.key.split(".")[:2]) == (5, ["observables", name])
    in_file = first.problem + (f"; {first.hint}" if first.hint else "")
    assert str(called.value).endswith(in_file)


def test_stability_needs_something_that_is_self_consistent(tmp_path):
    file = tmp_path / "run.yaml"
    file.write_text(BASE.replace("interaction: {onsite: 3}\n", "") + "observables: {stability: {}}\n")
    with pytest.raises(ConfigError, match=r"run.yaml:4:26: observables.stability: without an interaction"):
        checked_model(file)


def test_lists_of_observables_have_an_order_that_no_list_keeps():
    known = contracts()
    assert list(known) == sorted(known, key=lambda name: (GROUPS.index(known[name].group), name))
    in_section = [name for name, one in known.items() if not one.has_own_section]
    assert list(json_schema()["$defs"]["Observables"]["properties"]) == in_section
    assert {name for name in known if name not in in_section} <= json_schema()["properties"].keys()
    assert tuple(known) == observables()
    for contract in known.values():
        assert contract.title.endswith(".")
        assert contract.group != "own"


@pytest.fixture
def own(monkeypatch):
    """An observable of a user's, with a parameter and a need."""
    monkeypatch.setattr(registry, "_contracts", registry.contracts())

    def even(model, num: int):
        if model.sample.n_sites % num:
            raise InputError(f"the sample does not divide into {num}; choose another number")

    @bdg.register(title="Mean density of each share.", needs=even, numbers={"mean_share": "Mean share"})
    def shares(state, q: Positive, num: Steps = 4, sites: Sites = "all"):
        where = np.arange(state.model.sample.n_sites) if sites is None else sites
        density = measure(state, "density")["density"].values[where]
        return {"shares": q * density.reshape(num, -1).sum(axis=1), "mean_share": q * density.mean()}

    return shares


@pytest.mark.parametrize(
    ("section", "column", "words"),
    [
        ("{shares: {q: -1}}", 27, "observables.shares.q: must be greater than 0, not -1"),
        ("{shares: {q: 1, nun: 4}}", 30, "observables.shares.nun: unknown key; did you mean 'num'?"),
        ("{shares: {q: 1, num: 1}}", 35, "observables.shares.num: must be at least 2, not 1"),
        ("{shares: {num: 2}}", 15, "observables.shares.q: this key is missing"),
        ("{shares: {q: x}}", 27, "observables.shares.q: must be a number, not 'x'"),
        ("{sharse: {q: 1}}", 15, "observables.sharse: unknown key; did you mean 'shares'?"),
        ("{shares: {q: 1, sites: [[0, 9]]}}", 42, "sites[0][1]: the site [0, 9] is outside the lattice"),
        ("{shares: {q: 1, num: 3}}", 23, "observables.shares: the sample does not divide into 3; choose"),
    ],
)
def test_a_users_own_section_is_checked_as_any_other(own, tmp_path, section, column, words):
    file = tmp_path / "own.yaml"
    file.write_text(f"{BASE}observables: {section}\n")
    with pytest.raises(ConfigError) as caught:
        checked_model(file)
    assert words in str(caught.value)
    assert (caught.value.line, caught.value.column) == (5, column)


def test_a_users_own_observable_has_the_same_rights(own, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert observables()[-1] == "shares"
    section = json_schema()["$defs"]["Shares"]
    assert section["properties"]["q"]["exclusiveMinimum"] == 0
    assert section["required"] == ["q"]
    assert "  # shares: {q: ..., num: 4, sites: all}   # Mean density of each share\n" in template()
    (tmp_path / "own.yaml").write_text(BASE + "observables: {shares: {q: 2, num: 2}, density: {}}\n")
    result = bdg.run_file("own.yaml")
    path = result.path
    assert result["shares"].values.sum() == pytest.approx(2 * result["density"].values.sum())
    from bdg.plot.facts import numbers

    assert "Mean share" in numbers(result)
    assert bdg.plot.plot(bdg.load(path), "shares").axes
    with pytest.raises(InputError, match=r"shares.num: must be at least 2, not 1"):
        bdg.solve(MODEL, observables={"shares": {"q": 1.0, "num": 1}})
    with pytest.raises(InputError, match="already"):
        bdg.register(title="Again.")(own)


def test_without_annotations_and_arguments_register_still_takes_a_function(monkeypatch):
    monkeypatch.setattr(registry, "_contracts", registry.contracts())

    @bdg.register
    def weighted(state, weight, power=1):
        """Density to a power."""
        return weight * measure(state, "density")["density"].values ** power

    config = parse_config(BASE + "observables: {weighted: {weight: 0.5}}\n")
    assert (config.observables.weighted.weight, config.observables.weighted.power) == (0.5, 1)
    assert "weighted" not in config_type().__base__.model_fields["observables"].annotation.model_fields
    assert contracts()["weighted"].title == "Density to a power."
    assert bdg.solve(MODEL, observables={"weighted": {"weight": 2}})["weighted"].dims == ("site",)


def test_an_installed_package_adds_observables_by_its_entry_point(monkeypatch):
    def plugged(state, energies: Energies):
        """From elsewhere."""

    class Point:
        name, value = "plugged", "elsewhere:plugged"

        def load(self):
            return plugged

    class Broken(Point):
        name, value = "broken", "elsewhere:broken"

        def load(self):
            raise ImportError("no such module")

    monkeypatch.setattr(registry, "_contracts", registry.contracts())
    monkeypatch.setattr(registry.importlib.metadata, "entry_points", lambda group: [Broken(), Point()])
    monkeypatch.setattr(registry, "_is_loaded", False)
    with pytest.warns(UserWarning, match="the observable broken of elsewhere:broken is left out"):
        assert "plugged" in observables()
    assert "did you mean 'plugged'" in str(of_file(BASE + "observables: {pluged: {}}\n"))
    assert yaml.safe_load(template())["observables"]
