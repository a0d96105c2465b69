"""The parameters told on the overview page are those that make a difference."""

import pytest

import bdg
from bdg.plot import overview
from bdg.plot.facts import numbers, parameters
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
        ("given: {onsite: 0.3}", {"Given Δ": "onsite 0.3, phase 0"}, ["Channels", "Self-consistent"]),
        ("given: {p_x: 0.3}", {"Given Δ": "p_x 0.3, shell 1, d_vector [0, 0, 1]"}, ["Self-consistent"]),
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


def test_the_potential_that_ranks_screened_states_is_told(tmp_path):
    result = run(tmp_path, SCREENED)
    told, known = numbers(result), result.quantities()
    gibbs, moment = (known[name].values[()] for name in ("gibbs_potential", "moment_per_area"))
    assert told["Gibbs potential"] == f"−{-gibbs:.6g} t"
    assert told["Moment per area"] == f"−{-moment:.6g} e t/ħ"
    assert parameters(result)["Applied field"] == "0.01"
