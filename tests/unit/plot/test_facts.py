"""The parameters told on the overview page are those that make a difference."""

import pytest

import bdg
from bdg.plot.facts import parameters

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
    result, _ = bdg.run_file(config, [f"output={tmp_path / 'toy.h5'}"])
    found = parameters(result)
    assert {name: found[name][:20] for name in told} == {name: text[:20] for name, text in told.items()}
    assert not set(not_told) & set(found)
