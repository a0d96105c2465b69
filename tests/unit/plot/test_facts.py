"""The parameters told on the overview page are those that make a difference."""

from dataclasses import replace

import numpy as np
import pytest

import bdg
from bdg.plot import overview
from bdg.plot.facts import numbers, parameters
from bdg.result import Provenance
from tests.support.figures import texts

TOY = """
lattice: {kind: chain, size: [6]}
hamiltonian: {chemical_potential: 0}
interaction: {INTERACTION}
temperature: 0.1
observables: {order_parameter: {}}
"""


@pytest.mark.parametrize(
    ("interaction", "told", "not_told"),
    [
        ("onsite: 2", {"Self-consistent": "pairing", "On-site attraction": "2"}, ["Channels"]),
        ("bonds: [{value: 2}]", {"Channels": "singlet", "Self-consistent": "pairing"}, []),
        ("given: {onsite: 0.3}", {"Given |Δ|": "0.3"}, ["Channels", "Self-consistent"]),
        ("given: {p_x: 0.3}", {"Given |Δ| on bonds": "0.3"}, ["Self-consistent"]),
    ],
)
def test_settings_without_a_use_are_not_told(tmp_path, interaction, told, not_told):
    config = tmp_path / "toy.yaml"
    config.write_text(TOY.replace("INTERACTION", interaction))
    result = bdg.run_file(config, [f"output={tmp_path / 'toy.h5'}"])
    found = parameters(result)
    assert {name: found[name][:20] for name in told} == {name: text[:20] for name, text in told.items()}
    assert not set(not_told) & set(found)


RESPONSE = """
lattice: {kind: square, size: [1, 1], boundary: {bloch: 8}}
hamiltonian: {chemical_potential: -0.5}
interaction: {onsite: 4}
temperature: 0.1
observables: {superfluid_weight: {}, superflow: {stop: 0.1, num: 3}}
"""

SCREENED = """
lattice: {kind: square, size: [4, 4]}
hamiltonian: {chemical_potential: -0.5}
interaction: {onsite: 4}
field: {applied: 0.01, screening: {mu0: 0.1}}
temperature: 0.1
observables: {meissner: {}, grand_potential: {}}
"""


def run(tmp_path, text):
    config = tmp_path / "toy.yaml"
    config.write_text(text)
    return bdg.run_file(config, [f"output={tmp_path / 'toy.h5'}"])


def test_what_was_asked_for_is_on_the_page(tmp_path):
    result = run(tmp_path, RESPONSE)
    weight = float(result["superfluid_weight"].values[0, 0])
    current = float(abs(result["superflow_current"].values).max())
    assert numbers(result)["Superfluid weight"].startswith(f"{weight:.6g}, ")
    assert numbers(result)["Critical current"].startswith(f"{current:.6g} ")
    page = texts(overview(result))
    assert f"largest: {current:.5g}, at A = 0.1" in page


FIELDS = {
    "a vortex lattice": ("[4, 4]", "periodic", "vortex_lattice: {vortices: 2}", 2 * np.pi / 16),
    "along infinite directions": ("[6, 3]", "{bloch: 2}", "vortex_lattice: {vortices: 2}", 2 * np.pi / 18),
    "against it": ("[4, 4]", "periodic", f"uniform: {-2 * np.pi / 16!r}", -2 * np.pi / 16),
    "of an open sample": ("[4, 4]", "open", "uniform: 0.1", 0.1),
    "whole flux quanta through a tube": (
        "[4, 4]",
        "open",
        f"flux: [{{through: [1.5, 1.5], value: {2 * np.pi}}}]",
        0,
    ),
}


@pytest.mark.parametrize(("size", "boundary", "field", "strength"), FIELDS.values(), ids=FIELDS)
def test_a_field_on_the_page_is_what_electrons_see(tmp_path, size, boundary, field, strength):
    text = RESPONSE.replace("[1, 1]", size).replace("{bloch: 8}", boundary).partition("observables")[0]
    told = parameters(run(tmp_path, f"{text}field: {{{field}}}\n")).get("Magnetic field", "")
    assert told == (f"{strength:.6g}".replace("-", "−") if strength else "")


UNITS = "units: {energy: 10 meV, length: 2 nm}\n"


def test_a_uniform_field_is_in_tesla(tmp_path):
    text = (
        RESPONSE.replace("[1, 1]", "[4, 2]").replace("{bloch: 8}", "{bloch: 2}").partition("observables")[0]
    )
    result = run(tmp_path, f"{UNITS}{text}field: {{vortex_lattice: {{vortices: 2}}}}\n")
    assert parameters(result)["Magnetic field"] == "0.785398 = 129.2 T"  # one h/e through 8 cells of (2 nm)²


def test_critical_temperatures_are_in_kelvin(tmp_path):
    asked = "observables: {critical_temperature: {}, superfluid_weight: {}}\n"
    text = (RESPONSE.partition("observables")[0] + asked).replace("onsite: 4", "onsite: 2.5")
    found = numbers(run(tmp_path, UNITS + text))
    for name in ("T_c", "π/8 of the stiffness"):
        temperature, _, _, kelvin, unit = found[name].split()
        assert unit == "K"
        assert float(kelvin) == pytest.approx(float(temperature) * 116.0452, rel=1e-3)  # 10 meV over k_B


def test_a_page_without_a_title_is_called_as_its_file(tmp_path):
    result = run(tmp_path, RESPONSE.partition("observables")[0])
    assert "toy" in texts(overview(bdg.load(result.path)))
    assert "Untitled" in texts(overview(replace(result, path=None)))


def test_the_potential_that_ranks_screened_states_is_told(tmp_path):
    result = run(tmp_path, SCREENED)
    told, known = numbers(result), result.quantities()
    gibbs, moment = (known[name].values[()] for name in ("gibbs_potential", "moment_per_area"))
    assert told["Gibbs potential"] == f"−{-gibbs:.6g} t"
    assert told["Moment per area"] == f"−{-moment:.6g} e t/ħ"
    assert parameters(result)["Applied field"] == "0.01"


SYSTEMS = {
    "an impurity": (
        """
lattice: {kind: square, size: [5, 4], boundary: periodic}
hamiltonian: {hopping: [1, -0.2], filling: 0.8, impurities: [{site: [2, 2], potential: 3.0}]}
interaction: {onsite: 2.5, fields: [pairing, hartree]}
temperature: 0.1
""",
        lambda: bdg.build_model(
            bdg.build_sample("square", [5, 4], "periodic", shells=2),
            hopping=[1, -0.2],
            filling=0.8,
            impurities=[bdg.Impurity([2, 2], 3.0)],
            attraction=2.5,
            fields=["pairing", "hartree"],
            temperature=0.1,
        ),
        {"Hopping": "1, −0.2", "Filling": "0.8", "On-site energy": "0 to 3", "On-site attraction": "2.5"},
    ),
    "a d wave with exchange": (
        """
lattice: {kind: square, size: [4, 4], boundary: periodic}
hamiltonian: {chemical_potential: -0.3}
interaction: {bonds: [{value: 1.0, exchange: 0.4}], channels: [d_x2_y2]}
temperature: 0.1
observables: {bond_order: {}}
""",
        lambda: bdg.build_model(
            bdg.build_sample("square", [4, 4], "periodic"),
            chemical_potential=-0.3,
            interaction={"bonds": [{"value": 1.0, "exchange": 0.4}], "channels": ["d_x2_y2"]},
            temperature=0.1,
        ),
        {"Attraction on bonds": "1", "Exchange on bonds": "0.4", "Channels": "singlet"},
    ),
    "a wire in a field": (
        """
lattice: {kind: chain, size: [6]}
hamiltonian: {chemical_potential: -2.0, rashba: 0.5, zeeman: [0.5, 0, 0]}
interaction: {given: {onsite: 0.3}}
temperature: 0.01
observables: {spectral_gap: {}}
""",
        lambda: bdg.build_model(
            bdg.build_sample("chain", 6),
            chemical_potential=-2.0,
            rashba=0.5,
            zeeman=[0.5, 0, 0],
            given={"onsite": 0.3},
            temperature=0.01,
        ),
        {"Zeeman field": "[0.5, 0, 0]", "Spin-orbit coupling": "up to 0.25", "Given |Δ|": "0.3"},
    ),
    "a screened disk": (
        """
lattice: {kind: square, size: [5, 5]}
hamiltonian: {chemical_potential: -0.5}
interaction: {onsite: 4}
field: {applied: 0.01, screening: {mu0: 0.1}}
temperature: 0.1
observables: {meissner: {}}
""",
        lambda: bdg.build_model(
            bdg.build_sample("square", [5, 5]),
            chemical_potential=-0.5,
            attraction=4,
            vector_potential=bdg.UniformField(0.01),
            screening={"mu0": 0.1},
            temperature=0.1,
        ),
        {"Applied field": "0.01", "Screening": "mu0 0.1, cylinder"},
    ),
}


SLOW = "a screened disk"


@pytest.mark.parametrize(
    "name", [pytest.param(name, marks=pytest.mark.slow) if name == SLOW else name for name in SYSTEMS]
)
def test_a_page_is_the_same_from_a_file_from_python_and_from_what_either_saved(tmp_path, name):
    config, model, told = SYSTEMS[name]
    from_file = run(tmp_path, config)
    names = list(from_file.observables)
    from_python = bdg.solve(model(), observables=names, hooks=bdg.Hooks())
    assert not from_python.provenance.config_resolved
    bdg.save(from_python, tmp_path / "python.h5")
    page, facts = texts(overview(from_file)), parameters(from_file)
    assert {key: facts[key] for key in told} == told
    for other in (from_python, bdg.load(from_file.path), bdg.load(tmp_path / "python.h5")):
        assert parameters(other) == facts
        assert numbers(other) == numbers(from_file)
        assert texts(overview(replace(other, path=from_file.path))) == page  # its name is the title


def test_a_file_that_keeps_no_model_tells_what_its_configuration_says(tmp_path):
    result = run(tmp_path, SYSTEMS["an impurity"][0])
    older = replace(result, made_from=None)
    assert parameters(older) == parameters(result)
    assert {*parameters(replace(older, provenance=Provenance()))} == {
        "Lattice",
        "Boundary",
        "Sites, bonds",
        "Temperature",
    }
