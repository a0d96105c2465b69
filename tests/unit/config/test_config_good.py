import copy

import pytest

from bdg.config import config_type, dump_resolved, json_schema, load_config, parse_config, template
from bdg.config.schema.lattice import DIMENSIONS, ORBITALS, Kind
from bdg.config.schema.region import Disk, Region
from bdg.lattice import preset, presets
from bdg.observables import observables
from tests.unit.config.examples import BONDS, CUSTOM, FULL, MINIMAL


def test_defaults():
    config = parse_config(MINIMAL, "dir/impurity.v2.yaml")
    assert config.title == ""
    assert config.lattice.size == (4, 6)
    assert config.lattice.boundary == ("open", "open")
    assert config.lattice.vacancies == ()
    assert config.hamiltonian.hopping is None
    assert config.hamiltonian.chemical_potential == 0
    assert config.hamiltonian.filling is None
    assert config.interaction.onsite == 0
    assert config.interaction.fields == ("pairing",)
    assert not config.interaction.attracts
    assert config.field.vector_potential is None
    assert config.temperature == 0
    assert (config.solver.method, config.solver.threads) == ("auto", "auto")
    assert (config.scf.tolerance, config.scf.max_iterations, config.scf.initial) == (1e-8, 200, "uniform")
    assert {*config.observables.requested()} == {"order_parameter", "density"}
    assert config.output == "results/impurity.v2.h5"


def test_everything():
    config = parse_config(FULL)
    assert config.units.energy is not None
    assert config.units.energy.si == pytest.approx(1.602176634e-20, rel=1e-15)
    assert config.units.layer is not None
    assert (config.units.layer.value, config.units.layer.unit) == (12, "angstrom")
    assert config.lattice.boundary[0] == "periodic"
    assert config.lattice.boundary[1].twist == 0.3
    region = config.lattice.region
    assert region is not None
    assert region.kind == "difference"
    first, second = region.shape
    assert [part.kind for part in first.union] == ["disk", "rectangle"]
    assert first.union[0].shape == Disk(radius=10)
    assert [part.kind for part in second.shape] == ["ring", "half_plane", "polygon"]
    assert config.lattice.vacancies == ((3, 4),)
    assert config.hamiltonian.hopping == (1.0, -0.3)
    assert config.hamiltonian.impurities[0].moment == (0, -0.5, 1)
    assert config.hamiltonian.disorder.seed == 31
    assert config.interaction.onsite[0].region.disk.radius == 5
    assert config.interaction.attracts
    assert config.solver.threads == 2
    assert config.scf.tolerance == 1e-7
    requested = list(config.observables.requested())
    assert len(requested) > 35
    assert requested == [name for name in observables() if name in requested]
    assert config.observables.ldos.energies.num == 11
    assert config.observables.ldos.sites == ((12, 12),)
    assert config.observables.dos.energies == (-1, 0, 1.5)
    assert config.observables.stability.count == 2
    assert config.scf.initial == ("random", "r.h5")
    assert isinstance(config.temperature, float)
    hash(config)


@pytest.mark.parametrize(
    "text",
    [
        "lattice: {kind: chain, size: [5], boundary: {twist: 1}}\nhamiltonian: {filling: 1}\n",
        "lattice: {kind: cubic, size: [2, 1, 3],boundary: [open, periodic, open]}\nhamiltonian: {filling: 1}",
        CUSTOM,
        "lattice: {wannier90: {file: x_hr.dat, vectors: [[1, 0]], centres: [[0, 0], [0, 1]], cutoff: 0.01,"
        " energy_unit: 0.5}, size: [7], boundary: periodic}\nhamiltonian: {filling: 1}\n",
        "lattice: {kind: chain, size: [9], region: {disk: {radius: 2}}}\nhamiltonian: {filling: 1}\n",
        "lattice: {kind: kagome, size: [2, 2], vacancies: [[0, 1, 2]]}\nhamiltonian: {filling: 1}\n",
        "lattice: {kind: cubic, size: [5, 5, 5], region: {half_plane: {point: [1, 2, 3], normal: [1, 0, 0]}}}"
        "\nhamiltonian: {filling: 1, hopping: {from: 0, to: 0, offset: [1, 1, 1], amplitude: [0.5, -0.1]}}",
        MINIMAL + "interaction: {onsite: -2, fields: [hartree], given: {onsite: 0.3}}\n",
        MINIMAL + "interaction: {given: {onsite: 0.3}}\n",
        MINIMAL + "interaction: {onsite: 0, fields: []}\n",
        MINIMAL + "interaction: {bonds: [{value: 1.5}], channels: [s_extended, p_x], fields: [fock]}\n",
        MINIMAL + "interaction: {given: {d_x2_y2: 0.3*x, chiral_p: 1j, d_vector: [0, 1, 0], shell: 2}}\n",
        MINIMAL + "interaction: {given: {p_x: 1, phase: 0.1*x, region: {disk: {radius: 2}}}}\n",
        MINIMAL + "interaction: {onsite: 2.5 if 1 <= x < 3 else 0}\n",
        MINIMAL + "interaction: {onsite: [{region: {disk: {radius: 2}}, value: 2 + 0.1*cos(x)}]}\n",
        MINIMAL + "interaction: {given: {onsite: 0.3*exp(1j*pi*(x>2))}}\n",
        MINIMAL + "interaction: {given: {onsite: [{region: {disk: {radius: 2}}, value: 0.3j}]}}\n",
        MINIMAL + "scf: {initial: {delta: 'where(x > 2, 0.3, -0.3)'}}\n",
        MINIMAL + "scf: {initial: [{d_x2_y2: 0.3, d_xy: 0.3j}, {p_x: cos(x), delta: 0.1}]}\n",
        MINIMAL + "scf: {initial: {delta: [{region: {disk: {radius: 2}}, value: 1e-1}]}}\n",
        MINIMAL.replace(
            "potential: 0",
            "potential: 0, onsite: [0.5], rashba: 0.2*x,"
            " zeeman: [0.1*y, [{region: {disk: {radius: 2}}, value: 1}], 0.1*x]",
        ),
        MINIMAL.replace("potential: 0", "potential: 0, onsite: '1'"),
        MINIMAL.replace("potential: 0", "potential: 0, onsite: [{region: {disk: {radius: 2}}, value: x}]"),
        MINIMAL.replace("potential: 0", "potential: 0, disorder: {width: 1, region: {disk: {radius: 2}}}"),
        MINIMAL + "title: off # a\ttab in a comment\n",
        MINIMAL + "title: 'unité — Δ'\nobservables:\n  currents:\n",
        MINIMAL + "solver: {tolerance: &tight 1e-9}\nscf: {tolerance: *tight}\n",
        MINIMAL.replace("\n", "\r\n"),
        "\ufeff" + MINIMAL,
        "%YAML 1.2\n---\n" + MINIMAL + "...\n",
    ],
)
def test_accepted(text):
    config = parse_config(text)
    assert parse_config(dump_resolved(config)) == config.model_copy(update={"output": config.output})


def test_cells_of_ones_own():
    config = parse_config(CUSTOM)
    lattice = config.lattice
    assert (lattice.n_directions, lattice.dimension, lattice.n_orbitals) == (2, 2, 2)
    assert len(lattice.boundary) == 2
    first, second = lattice.cell.hoppings
    assert (first.start, first.end, first.offset, first.t) == (0, 1, (0, 0), 1.0)
    assert second.t == 0.3 - 0.1j
    assert lattice.cell.onsite == (0.5, -0.5)
    listed = CUSTOM.replace(f"    hoppings: {BONDS}\n", "").replace(
        "filling: 1", f"filling: 1, hopping: {BONDS}"
    )
    with_list = parse_config(listed)
    assert with_list.hamiltonian.bonds == lattice.cell.hoppings
    assert with_list.hamiltonian.shells is None


def test_off_is_a_text():
    assert parse_config(MINIMAL + "title: off\n").title == "off"


def test_file(tmp_path):
    path = tmp_path / "café.yaml"
    path.write_bytes(b"\xef\xbb\xbf" + FULL.replace("output: results/full.h5\n", "").encode())
    config, source = load_config(path)
    assert config.output == "results/café.h5"
    assert source.path == str(path)
    assert source.text.startswith("title")
    assert source.overrides == ()


@pytest.mark.parametrize("name", ["<text>", "", "..", "a b?.yaml", "/tmp/.yaml", "x\ny.yaml", "-.yaml"])
def test_output_of_any_name(name):
    output = parse_config(MINIMAL, name).output
    assert output.startswith("results/")
    assert output.endswith(".h5")


def test_errors_of_later_checks_have_a_place():
    _, source = parse_pair(MINIMAL + "interaction:\n  onsite: [{region: {disk: {radius: 1}}, value: 2}]\n")
    error = source.error("interaction.onsite[0].region", "holds no site", hint="make it larger")
    assert str(error) == "run.yaml:4:21: interaction.onsite[0].region: holds no site; make it larger"
    error = source.error("lattice.region.disk", "x")
    assert (error.line, error.key) == (1, "lattice.region.disk")
    assert str(source.error("temperature", "x")) == "run.yaml: temperature: x"


def parse_pair(text):
    from bdg.config import ConfigSource

    source = ConfigSource(text, "run.yaml")
    return source.parse(), source


def test_tables_agree():
    assert set(DIMENSIONS) == set(ORBITALS) == set(Kind.__args__) == set(presets())
    for name in presets():
        cell = preset(name)
        assert (cell.n_directions, cell.dimension) == (DIMENSIONS[name], DIMENSIONS[name])
        assert cell.n_orbitals == ORBITALS[name]


OFF_BY_DEFAULT = [
    "units",
    "energy",
    "length",
    "layer",
    "disorder",
    "distribution",
    "width",
    "seed",
    "field",
    "vector_potential",
    "spin_axis",
    "tip",
    "output",
    *observables(),
]


class TestTemplate:
    def test_parses(self):
        config = parse_config(template(), "impurity.yaml")
        assert config.output == "results/impurity.h5"
        assert config.hamiltonian.impurities[0].potential == 4

    def test_alternatives_parse_too(self):
        """Each commented key stands for something the schema takes."""
        text = template()
        for line in template().splitlines():
            body = line.replace("# ", "", 1) if line.lstrip().startswith("# ") else None
            if body and ":" in body and body.lstrip().split(":")[0] in OFF_BY_DEFAULT:
                text = text.replace(line + "\n", body + "\n")
        text = text.replace("# region: ", "region: ").replace("  #   region: ", "    region: ")
        config = parse_config(text)
        assert config.units.layer is not None
        assert config.lattice.region is not None
        assert config.hamiltonian.disorder is not None
        assert config.field.vector_potential == (0.1, 0)
        assert config.field.flux[0].through == (3.5, 3.5)
        assert list(config.requested()) == [*(one for one in observables() if one != "dynamics"), "dynamics"]
        text = text.replace("  chemical_potential: -0.5", "  # ").replace("# filling:", "filling:")
        assert parse_config(text).hamiltonian.filling == 0.875

    def test_every_key_is_shown(self):
        for section, properties in sections(json_schema()):
            for key in properties:
                assert f"{key}:" in template(), f"{section}.{key}"

    def test_lines_fit(self):
        assert max(map(len, template().splitlines())) <= 110
        assert template().isascii()


def definition(reference):
    return json_schema()["$defs"][reference.rsplit("/", 1)[1]]


def sections(schema):
    yield "config", schema["properties"]
    for name, section in schema["$defs"].items():
        yield name, section.get("properties", {})


class TestJsonSchema:
    def test_describes_every_key(self):
        for section, properties in sections(json_schema()):
            for key, entry in properties.items():
                described = entry if "$ref" not in entry else {**definition(entry["$ref"]), **entry}
                assert described.get("description"), f"{section}.{key}"

    def test_no_null(self):
        assert "null" not in str(json_schema())
        assert "'None'" not in str(json_schema())

    def test_refuses_the_unknown(self):
        schema = json_schema()
        assert schema["additionalProperties"] is False
        closed = {name for name, one in schema["$defs"].items() if one["additionalProperties"] is False}
        assert set(schema["$defs"]) - closed == {"Sweep"}  # whose keys are those of all others
        assert schema["$defs"]["Sweep"]["additionalProperties"]["oneOf"][1] == {"$ref": "#/$defs/Range"}
        assert schema["required"] == ["lattice", "hamiltonian"]

    def test_short_forms(self):
        schema = json_schema()
        hopping = schema["$defs"]["Hamiltonian"]["properties"]["hopping"]
        single, several = hopping["anyOf"]
        assert [branch.get("type", "object") for branch in single["oneOf"]] == ["number", "object", "string"]
        assert several["items"] == single
        boundary = schema["$defs"]["Lattice"]["properties"]["boundary"]
        assert len(boundary["anyOf"]) == 2
        assert schema["$defs"]["Units"]["properties"]["energy"]["type"] == "string"

    def test_every_good_configuration_fits(self):
        import yaml

        for text in (
            MINIMAL,
            FULL,
            CUSTOM,
            template(),
            *(dump_resolved(parse_config(t)) for t in (FULL, CUSTOM)),
        ):
            from bdg.config.text.document import parse_document

            data = parse_document(text, "x").plain()
            assert isinstance(yaml.safe_load(text), dict)
            schema = json_schema()
            check(data, schema, schema["$defs"])


def check(data, schema, definitions):
    """A validator of the parts of JSON schema that matter here: structure and types."""
    if "$ref" in schema:
        check(data, definitions[schema["$ref"].rsplit("/", 1)[1]], definitions)
    for branches in (schema[key] for key in ("anyOf", "oneOf") if key in schema):
        assert any(fits(data, branch, definitions) for branch in branches), (data, branches)
    kinds = {
        "object": dict,
        "array": list,
        "number": (int, float),
        "integer": int,
        "string": str,
        "boolean": bool,
    }
    if "type" in schema:
        empty_observable = data is None and schema.get("title") == "NoParameters"
        assert isinstance(data, kinds[schema["type"]]) or empty_observable, (data, schema)
    if isinstance(data, dict) and schema.get("additionalProperties") is False:
        assert set(schema.get("required", ())) <= set(data)
        for key, value in data.items():
            check(value, schema["properties"][key], definitions)
    if isinstance(data, list) and "items" in schema:
        for value in data:
            check(value, schema["items"], definitions)


def fits(data, schema, definitions):
    try:
        check(data, schema, definitions)
    except (AssertionError, KeyError):
        return False
    return True


def test_frozen():
    config = parse_config(FULL)
    with pytest.raises(Exception, match="frozen"):
        config.temperature = 1.0
    assert copy.deepcopy(config) == config


def test_from_python():
    config = config_type().model_validate(
        {"lattice": {"kind": "chain", "size": (4,)}, "hamiltonian": {"filling": 1.0, "hopping": 2.0}}
    )
    assert config.hamiltonian.hopping == (2.0,)
    with pytest.raises(ValueError, match="both given"):
        config_type().model_validate(
            {
                "lattice": {"kind": "chain", "size": [4]},
                "hamiltonian": {"filling": 1, "chemical_potential": 0},
            }
        )
    assert Region(disk=Disk(radius=1)).kind == "disk"
