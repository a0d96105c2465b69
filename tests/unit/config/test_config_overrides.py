import json

import pytest

from bdg.config import ConfigSource, load_config, parse_config
from bdg.config.text.document import parse_document
from bdg.config.text.overrides import apply_override, with_value
from bdg.errors import ConfigError
from tests.unit.config.examples import FULL, MINIMAL


@pytest.mark.parametrize(
    ("override", "value"),
    [
        ("lattice.size[0]=30", lambda c: c.lattice.size == (30, 20)),
        ("lattice.size.1=21", lambda c: c.lattice.size == (24, 21)),
        ("lattice.boundary=open", lambda c: c.lattice.boundary == ("open", "open")),
        ("lattice.boundary[1].twist=1e-8", lambda c: c.lattice.boundary[1].twist == 1e-8),
        ("temperature = 1.e-3", lambda c: c.temperature == 1e-3),
        ("title=off", lambda c: c.title == "off"),
        ("title='a=b'", lambda c: c.title == "a=b"),
        ("title=a=b", lambda c: c.title == "a=b"),
        ("hamiltonian.impurities[1].potential=-3", lambda c: c.hamiltonian.impurities[1].potential == -3),
        ("hamiltonian.disorder=null", lambda c: c.hamiltonian.disorder is None),
        ("observables.currents=null", lambda c: c.observables.currents is None),
        ("observables={ldos: {energies: [0, 1]}}", lambda c: list(c.observables.requested()) == ["ldos"]),
        ("scf={}", lambda c: c.scf.seed == 0),
        ("output=x.h5", lambda c: c.output == "x.h5"),
        ("output=null", lambda c: c.output == "results/run.h5"),
        (
            "lattice.region.difference[0]={disk: {radius: 3}}",
            lambda c: c.lattice.region.difference[0].disk.radius == 3,
        ),
    ],
)
def test_replaces(override, value):
    assert value(parse_config(FULL, "run.yaml", [override]))


def test_makes_sections_on_the_way():
    config = parse_config(
        MINIMAL, "run.yaml", ["observables.dos.energies=[0, 1]", "hamiltonian.disorder.width=2"]
    )
    assert config.observables.dos.energies == (0, 1)
    assert config.hamiltonian.disorder.width == 2


def test_in_order(tmp_path):
    path = tmp_path / "run.yaml"
    path.write_text(MINIMAL)
    overrides = ["hamiltonian.chemical_potential=null", "hamiltonian.filling=0.5", "hamiltonian.filling=0.75"]
    config, source = load_config(path, overrides)
    assert config.hamiltonian.filling == 0.75
    assert source.overrides == tuple(overrides)
    assert source.text == MINIMAL
    assert ConfigSource(source.text, source.path, source.overrides).parse() == config


def test_one_use_of_an_alias():
    text = (
        MINIMAL
        + "interaction: {onsite: [{region: &r {disk: {radius: 1}}, value: 1}, {region: *r, value: 2}]}\n"
    )
    config = parse_config(text, "run.yaml", ["interaction.onsite[1].region.disk.radius=2"])
    assert [entry.region.disk.radius for entry in config.interaction.onsite] == [1, 2]


@pytest.mark.parametrize(
    ("override", "key", "words"),
    [
        ("temperature", None, "must look like KEY=VALUE"),
        ("=1", None, "must look like KEY=VALUE"),
        ("a..b=1", None, "must look like KEY=VALUE"),
        ("a[x]=1", None, "must look like KEY=VALUE"),
        ("temperature=", "temperature", "no value is given"),
        ("temperature=[1", None, "not valid YAML"),
        ("temperature=!!python/name:os.system x", None, "tag '!!python/name:os.system'"),
        ("temperature=*a", None, "has no anchor"),
        ("temperature={a: 1, a: 2}", None, "given twice"),
        ("temperature=1\t2", None, "a tab"),
        ("temperature=1e-8x", "temperature", "must be a number, not '1e-8x'"),
        ("temprature=1", "temprature", "did you mean 'temperature'?"),
        ("latice.size=[1]", "latice", "did you mean 'lattice'?"),
        ("lattice.size[0]=0", "lattice.size[0]", "must be at least 1, not 0"),
        ("lattice.size[2]=4", "lattice.size", "the index 2 is outside the list of 2"),
        ("lattice.size.x=4", "lattice.size", "a list has no key 'x'; write lattice.size[0]"),
        ("lattice.size[0]=null", "lattice.size[0]", "null removes keys, not list entries"),
        ("lattice.kind.x=4", "lattice.kind", "is 'square' in the configuration, not a mapping"),
        ("lattice[0]=4", "lattice", "is a mapping in the configuration, not a list"),
        (
            "hamiltonian.impurities[0].potential=1",
            "hamiltonian.impurities",
            "is no list in the configuration",
        ),
        ("hamiltonian.filling=0.5", "hamiltonian.filling", "filling and chemical_potential are both given"),
        ("hamiltonian.onsite=null", "hamiltonian.onsite", "is not in the configuration"),
        ("hamiltonian={onsite: null, filling: 1}", "hamiltonian.onsite", "has no value"),
        ("observables.dos.broadening=1", "observables.dos.energies", "this key is missing"),
        ("lattice.vacancies=[[9, 9]]", "lattice.vacancies[0][0]", "is outside the lattice"),
    ],
)
def test_refused(override, key, words):
    with pytest.raises(ConfigError) as caught:
        parse_config(MINIMAL, "run.yaml", [override])
    error = caught.value
    assert error.key == key
    assert error.line is None
    assert words in str(error)
    assert str(error).startswith("--set ")
    assert override.split("=")[0] in str(error)


def test_the_file_comes_first():
    with pytest.raises(ConfigError, match=r"^run.yaml:3:14: .*\(\+1 more problem\)$"):
        parse_config(MINIMAL + "temperature: -1\n", "run.yaml", ["scf.damping=2"])


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("temperature", 0.1),
        ("temperature", 1e-05),
        ("lattice.size[0]", 30),
        ("lattice.size.1", 21),
        ("lattice.size", [8, 8]),
        ("title", "off: no comment"),
        ("hamiltonian.impurities[1].potential", -3),
        ("hamiltonian.disorder.seed", 7),
        ("interaction.onsite", {"file": "u.npy"}),
        ("scf.leave_saddles", False),
        ("observables.dos.energies", [0, 1.5]),
        ("observables.currents", None),
    ],
)
def test_a_value_is_put_where_its_text_would_be_and_the_tree_stays(key, value):
    root = parse_document(FULL, "run.yaml")
    before, text = root.plain(), json.dumps(value)
    changed = with_value(root, key, value)
    apply_override(by_text := parse_document(FULL, "run.yaml"), f"{key}={text}")
    assert changed.plain() == by_text.plain()
    assert root.plain() == before


def test_points_of_a_sweep_share_what_they_do_not_set():
    one, other = (ConfigSource(FULL, "run.yaml", (), (("temperature", t),)) for t in (0.1, 0.2))
    assert (one.parse().temperature, other.parse().temperature) == (0.1, 0.2)
    assert one.tree.value["lattice"] is other.tree.value["lattice"]


@pytest.mark.parametrize("key", ["lattice.size[7]", "temperature.x", "a b", "title[0]"])
def test_a_value_that_fits_nowhere_is_refused_as_on_the_command_line(key):
    with pytest.raises(ConfigError, match="--set") as told:
        with_value(parse_document(FULL, "run.yaml"), key, 1)
    with pytest.raises(ConfigError) as by_text:
        apply_override(parse_document(FULL, "run.yaml"), f"{key}=1")
    assert str(told.value) == str(by_text.value)
