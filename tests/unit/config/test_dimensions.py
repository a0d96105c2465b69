"""Numbers with units go in as they come out: what a text with a unit means is what ``Units.si`` gives back."""
# ruff: noqa: E501

import re

import h5py
import numpy as np
import pytest
from scipy import constants
from typer.testing import CliRunner

from bdg import setup
from bdg.cli import app
from bdg.config import ConfigSource, dump_resolved, json_schema, parse_config
from bdg.errors import ConfigError
from bdg.parameters.dimensions import POTENTIAL_UNITS
from bdg.parameters.quantities import ENERGY_UNITS
from bdg.result import Units
from bdg.simulation.files import run_file
from bdg.store import load, summary

LABORATORY = "units: {energy: 120 meV, length: 0.38 nm, layer: 0.6 nm}\n"
SAMPLE = "lattice: {kind: square, size: [6, 6]}\n"
PLAIN = "hamiltonian: {chemical_potential: 0}\n"
SI = Units(0.12 * constants.e, 0.38e-9, 0.6e-9)


def read(rest, units=LABORATORY):
    text = units + rest.rstrip("\n") + "\n"
    for section, default in (("lattice:", SAMPLE), ("hamiltonian:", PLAIN)):
        text += "" if section in rest else default
    return parse_config(text, "run.yaml")


ENERGIES = {
    "temperature: {}": lambda c: c.temperature,
    "hamiltonian: {{chemical_potential: {}}}": lambda c: c.hamiltonian.chemical_potential,
    "hamiltonian: {{chemical_potential: 0, hopping: {}}}": lambda c: c.hamiltonian.shells[0],
    "hamiltonian: {{chemical_potential: 0, hopping: [1, {}]}}": lambda c: c.hamiltonian.shells[1],
    "hamiltonian: {{chemical_potential: 0, hopping: [{{from: 0, to: 0, offset: [1, 0], amplitude: [0, {}]}}]}}": (
        lambda c: c.hamiltonian.bonds[0].t.imag
    ),
    "hamiltonian: {{chemical_potential: 0, onsite: {}}}": lambda c: c.hamiltonian.onsite,
    "hamiltonian: {{chemical_potential: 0, onsite: [{{region: {{disk: {{radius: 1}}}}, value: {}}}]}}": (
        lambda c: c.hamiltonian.onsite[0].value
    ),
    "hamiltonian: {{chemical_potential: 0, impurities: [{{site: [1, 1], potential: {}}}]}}": (
        lambda c: c.hamiltonian.impurities[0].potential
    ),
    "hamiltonian: {{chemical_potential: 0, impurities: [{{site: [1, 1], moment: [0, {}, 0]}}]}}": (
        lambda c: c.hamiltonian.impurities[0].moment[1]
    ),
    "hamiltonian: {{chemical_potential: 0, disorder: {{width: {}}}}}": lambda c: c.hamiltonian.disorder.width,
    "hamiltonian: {{chemical_potential: 0, zeeman: [0, 0, {}]}}": lambda c: c.hamiltonian.zeeman[2],
    "hamiltonian: {{chemical_potential: 0, rashba: {}}}": lambda c: c.hamiltonian.rashba,
    "interaction: {{onsite: {}}}": lambda c: c.interaction.onsite,
    "interaction: {{bonds: [{{value: {}}}]}}": lambda c: c.interaction.bonds[0].value,
    "interaction: {{bonds: [{{exchange: {}}}]}}": lambda c: c.interaction.bonds[0].exchange,
    "interaction: {{given: {{onsite: {}}}}}": lambda c: c.interaction.given.onsite,
    "interaction: {{given: {{d_x2_y2: {}}}}}": lambda c: c.interaction.given.d_x2_y2,
    "interaction: {{onsite: 1}}\nscf: {{initial: {{delta: {}}}}}": lambda c: c.scf.initial.delta,
    "observables: {{dos: {{energies: {{start: 0, stop: {}}}}}}}": lambda c: c.observables.dos.energies.stop,
    "observables: {{dos: {{energies: [0, {}]}}}}": lambda c: c.observables.dos.energies[1],
    "observables: {{dos: {{energies: [0, 1], broadening: {}}}}}": lambda c: c.observables.dos.broadening,
    "observables: {{zero_modes: {{below: {}}}}}": lambda c: c.observables.zero_modes.below,
}


@pytest.mark.parametrize("key", ENERGIES)
def test_energies_temperatures_and_voltages(key):
    for text, expected in (
        ("30 meV", 0.25),
        ("0.03 eV", 0.25),
        ("150mV", 1.25),
        ("10 K", 10 * constants.k / (0.12 * constants.e)),
        ("500 µeV", 0.5 / 120),
    ):
        config = read(key.format(text))
        assert ENERGIES[key](config) == pytest.approx(expected, rel=1e-15)
        again = parse_config(dump_resolved(config))
        assert ENERGIES[key](again) == ENERGIES[key](config)


LENGTHS = {
    "lattice: {{kind: square, size: [6, 6], region: {{disk: {{radius: {}}}}}}}": (
        lambda c: c.lattice.region.disk.radius
    ),
    "lattice: {{kind: square, size: [6, 6], region: {{rectangle: {{size: [{}, 1]}}}}}}": (
        lambda c: c.lattice.region.rectangle.size[0]
    ),
    "lattice: {{kind: square, size: [6, 6], region: {{half_plane: {{point: [{}, 0], normal: [1, 0]}}}}}}": (
        lambda c: c.lattice.region.half_plane.point[0]
    ),
    "lattice: {{cell: {{vectors: [[{}, 0], [0, 1]]}}, size: [6, 6]}}": lambda c: c.lattice.cell.vectors[0][0],
    "field: {{flux: [{{through: [1.5, {}], value: 1}}]}}": lambda c: c.field.flux[0].through[1],
    "field: {{dipoles: [{{position: [0, 0, {}], moment: [0, 0, 1]}}]}}": lambda c: c.field.dipoles[
        0
    ].position[2],
    "observables: {{current_phase: {{leads: {}}}}}": lambda c: c.observables.current_phase.leads,
    "observables: {{current_phase: {{at: {}}}}}": lambda c: c.observables.current_phase.at,
}


@pytest.mark.parametrize("key", LENGTHS)
def test_lengths(key):
    for text, expected in (("1.14 nm", 3.0), ("0.95 nm", 2.5), ("3.8 Å", 1.0), ("0.00152 um", 4.0)):
        assert LENGTHS[key](read(key.format(text))) == expected  # to the last digit: a disk has its rim


FIELDS = {
    "field: {{uniform: {}}}": (lambda c: c.field.uniform, "hbar/(e a^2)", 1.0, "T"),
    "field: {{applied: {}, screening: {{mu0: 1}}}}": (lambda c: c.field.applied, "hbar/(e a^2)", 1.0, "T"),
    "field: {{applied: 0, screening: {{mu0: 1}}}}\nobservables: {{magnetisation_curve: {{stop: {}}}}}": (
        lambda c: c.observables.magnetisation_curve.stop,
        "hbar/(e a^2)",
        1e-3,
        "mT",
    ),
    "field: {{vector_potential: [{}, 0]}}": (
        lambda c: c.field.vector_potential[0],
        "hbar/(e a)",
        1.0,
        "T nm",
    ),
    "observables: {{superflow: {{stop: {}}}}}": (
        lambda c: c.observables.superflow.stop,
        "hbar/(e a)",
        1e3,
        "T·um",
    ),
}


@pytest.mark.parametrize("key", FIELDS)
def test_fields_and_vector_potentials(key):
    find, unit, scale, written = FIELDS[key]
    factor, name = SI.si(unit)
    assert find(read(key.format(f"7.5 {written}"))) * factor == pytest.approx(7.5 * scale, rel=1e-12)
    assert name in ("T", "T nm")
    quantum = constants.h / (2 * constants.e)  # π in ħ/(e a²) is one h/2e through a cell
    field = read(f"field: {{uniform: {quantum / 0.38e-9**2!r} T}}").field.uniform
    assert field == pytest.approx(np.pi, rel=1e-9)


@pytest.mark.parametrize(
    ("unit", "name", "one"),
    [
        ("e^2 t a^2/hbar^2", "nm²/pH", (constants.e / constants.hbar) ** 2 * SI.energy * 0.38**2 * 1e-12),
        ("hbar^2/(e^2 t)", "pH", (constants.hbar / constants.e) ** 2 / SI.energy * 1e12),
        ("e^2 a^2/hbar", "mS nm²", constants.e**2 / constants.hbar * 1e3 * 0.38**2),
        ("e t a^2/hbar", "μ_B", constants.e * SI.energy * 0.38e-9**2 / constants.hbar / 9.2740100783e-24),
        ("hbar/(e a)", "T nm", constants.hbar / (constants.e * 0.38) * 1e18),
        ("hbar/e", "fWb", constants.hbar / constants.e * 1e15),
        ("e/hbar", "nA/meV", constants.e / constants.hbar * 1e9 * constants.e * 1e-3),
        ("a^2", "nm²", 0.38**2),
    ],
)
def test_what_comes_out_has_si_units_too(unit, name, one):
    factor, found = SI.si(unit)
    assert found == name
    assert factor == pytest.approx(one, rel=1e-8)


@pytest.mark.parametrize(
    ("rest", "units", "words"),
    [
        (
            "temperature: 10 K\n",
            "",
            "'10 K' has a unit, and units does not say what t is; add 'units: {energy",
        ),
        ("field: {uniform: 1 T}\n", "", "what t is; add 'units: {energy: 100 meV, length: 0.4 nm}'"),
        (
            "field: {uniform: 1 T}\n",
            "units: {energy: 1 eV}\n",
            "what a is; add 'units: {energy: 100 meV, length",
        ),
        ("observables: {current_phase: {leads: 4 nm}}\n", "units: {energy: 1 eV}\n", "what a is"),
        ("temperature: 4 nm\n", LABORATORY, "'nm' is no unit of an energy; use eV, meV"),
        ("field: {uniform: 3 mV}\n", LABORATORY, "'mV' is no unit of a magnetic field; use T, mT"),
        ("interaction: {onsite: 3 mev}\n", LABORATORY, "'mev' is no unit of an energy; did you mean 'meV'?"),
        ("temperature: -10 K\n", LABORATORY, "temperature: must be at least 0"),
        ("temperature: 10 K\n", "units: {energy: 1 meX}\n", "units.energy: unknown unit 'meX'"),
    ],
)
def test_what_cannot_be_read_is_refused_with_what_would_do(rest, units, words):
    with pytest.raises(ConfigError) as caught:
        read(rest, units)
    assert words in str(caught.value)
    assert "more problem" not in str(caught.value)
    assert caught.value.line == 1 + units.count("\n") - (units == "units: {energy: 1 meX}\n")


@pytest.mark.parametrize("formula", ["2j", "0.3*x", "1 if x > 2 else 0", "1e-3", "2*j*0 + x if False else 1"])
def test_formulas_are_no_units(formula):
    config = read(f"interaction: {{given: {{onsite: {formula}}}}}\n") if "*j" not in formula else None
    assert config is None or str(config.interaction.given.onsite) in (formula, "0.001")


def test_a_disk_in_nanometres_holds_its_rim():
    sizes = []
    for length, radius in (("0.4 nm", "1.2 nm"), ("0.1 nm", "0.3 nm"), ("7 Å", "21 Å")):
        text = (
            f"units: {{energy: 1 eV, length: {length}}}\n{PLAIN}"
            f"lattice: {{kind: square, size: [9, 9], region: {{disk: {{radius: {radius}}}}}}}\n"
        )
        source = ConfigSource(text)
        sizes.append(setup.sample_of(source.parse(), source).n_sites)
    assert sizes == [29, 29, 29]


def test_editors_know_of_units():
    schema = json_schema()
    temperature = schema["properties"]["temperature"]["anyOf"]
    assert [branch["type"] for branch in temperature] == ["number", "string"]
    assert re.fullmatch(temperature[1]["pattern"], "10 K")
    assert set(POTENTIAL_UNITS) >= {"T nm"}
    assert "mV" in ENERGY_UNITS


def test_a_run_in_laboratory_units_is_the_run_in_those_of_the_calculation(tmp_path):
    """… and says so: T, nm and nA in the summary, an energy with a unit for a map."""
    text = """
units: {energy: 100 meV, length: 0.4 nm, layer: 1.2 nm}
lattice: {kind: square, size: [4, 4], boundary: periodic}
hamiltonian: {chemical_potential: -50 meV, hopping: 100 meV}
interaction: {onsite: 250 meV}
field: {vector_potential: [165 T nm, 0]}
temperature: 10 K
observables: {currents: {}, superfluid_weight: {}, flux: {}, ldos: {energies: [-50 meV, 0, 50 mV], broadening: 5 meV}}
"""
    (tmp_path / "lab.yaml").write_text(text + f"output: {tmp_path / 'lab.h5'}\n")
    result = run_file(tmp_path / "lab.yaml", ["temperature=20 K"])
    path = result.path
    assert result.temperature == pytest.approx(20 * constants.k / (0.1 * constants.e), rel=1e-12)
    plain = {"temperature": result.temperature, "potential": 165e-9 * 0.4e-9 * constants.e / constants.hbar}
    bare = f"""
lattice: {{kind: square, size: [4, 4], boundary: periodic}}
hamiltonian: {{chemical_potential: -0.5}}
interaction: {{onsite: 2.5}}
field: {{vector_potential: [{plain["potential"]!r}, 0]}}
temperature: {result.temperature!r}
observables: {{currents: {{}}}}
output: {tmp_path / "bare.h5"}
"""
    (tmp_path / "bare.yaml").write_text(bare)
    other = run_file(tmp_path / "bare.yaml")
    np.testing.assert_allclose(result.fields.delta, other.fields.delta, rtol=1e-8)
    np.testing.assert_allclose(result["bond_current"], other["bond_current"], atol=1e-8)
    told = summary(path)
    assert " T  " in told
    assert " nA  " in told
    assert "mu                 -0.5 t = -50 meV" in told
    weight = float(result["superfluid_weight"].values[0, 0]) * 0.1 * constants.e
    depth = np.sqrt(1.2e-9 * constants.hbar**2 / (constants.mu_0 * constants.e**2 * weight))
    assert f"{1e9 * depth:.4g} nm, by the superfluid weight, layers 1.2 nm apart" in told
    with h5py.File(path) as file:
        assert file["observables/superfluid_weight/superfluid_weight"].attrs["si_units"] == "nm²/pH"
    for energy in ("50 meV", "50mV", "0.5"):
        ran = CliRunner().invoke(app, ["plot", str(path), "ldos", "--energy", energy, "--dpi", "40"])
        assert ran.exit_code == 0, ran.exception
        assert (tmp_path / "lab_ldos_at_0.5.png").exists()
    ran = CliRunner().invoke(app, ["plot", str(tmp_path / "bare.h5"), "ldos", "--energy", "5 meV"])
    assert "units does not say what t is" in str(ran.exception)
    assert load(path).units.length == pytest.approx(0.4e-9)
