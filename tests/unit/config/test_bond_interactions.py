"""V by direction: of single bonds of a cell, and from a table; what does not fit is refused in its place."""

import numpy as np
import pytest

from bdg.config.source import ConfigSource
from bdg.errors import ConfigError, InputError
from bdg.lattice import UnitCell, build_sample
from bdg.model import build_model
from bdg.observables.local.bond_order import bond_order
from bdg.setup import model_of, sample_of
from bdg.wannier90 import read_interaction
from tests.bridge import solved

SQUARE = """\
lattice: {kind: square, size: [4, 5], boundary: periodic}
hamiltonian: {chemical_potential: -0.4}
interaction: {bonds: [ENTRIES]}
temperature: 0.05
"""
X, Y = "{from: 0, to: 0, offset: [1, 0], value: 1.5}", "{from: 0, to: 0, offset: [0, -1], value: 0.5}"


def model_in(text):
    source = ConfigSource(text, "run.yaml")
    config = source.parse()
    return model_of(config, source, sample_of(config, source))


def along(model, step):
    """Whether a bond points along a step, or against it."""
    return np.abs(np.abs(model.sample.bonds.displacement) - np.abs(step)).max(axis=1) < 1e-9


@pytest.mark.parametrize("is_turned", [False, True])
def test_bonds_of_one_shell_have_strengths_of_their_own(is_turned):
    x = X.replace("[1, 0]", "[-1, 0]") if is_turned else X
    model = model_in(SQUARE.replace("ENTRIES", f"{x}, {Y}"))
    expected = 1.5 * along(model, [1, 0]) + 0.5 * along(model, [0, 1])
    np.testing.assert_array_equal(model.bond_attraction.strength, expected)
    by_name = {(0, 0, (1, 0)): 1.5, (0, 0, (0, -1)): 0.5}
    own = build_model(model.sample, bond_attraction=by_name)
    np.testing.assert_array_equal(own.bond_attraction.strength, expected)


def test_entries_add_up_and_may_vary_over_sites():
    entries = (
        X.replace("1.5", "0.1*x") + ", {shell: 1, value: 1}, {from: 0, to: 0, offset: [0, 1], exchange: 0.3}"
    )
    model = model_in(SQUARE.replace("ENTRIES", entries))
    sample = model.sample
    ends = sample.positions[sample.bonds.source, 0], sample.positions[sample.bonds.target, 0]
    expected = 1.0 + along(model, [1, 0]) * 0.05 * (ends[0] + ends[1])
    np.testing.assert_allclose(model.bond_attraction.strength, expected)
    np.testing.assert_allclose(model.bond_attraction.exchange, 0.3 * along(model, [0, 1]))


def test_a_bond_beyond_the_hoppings_is_added_without_one():
    """On lattices found by distance with more shells, in cells with hoppings with the amplitude 0."""
    model = model_in(SQUARE.replace("ENTRIES", X.replace("[1, 0]", "[1, -1]")))
    assert model.sample.bonds.kinds.n_shells == 2
    far = along(model, [1, 1])
    assert not model.hopping[far].any()
    assert np.count_nonzero(model.bond_attraction.strength) == far.sum() // 2 == 20
    hops = "hoppings: [{from: 0, to: 0, offset: [1, 0], amplitude: 1}]"
    text = SQUARE.replace("kind: square", f"cell: {{vectors: [[1, 0], [0, 1]], {hops}}}")
    model = model_in(text.replace("ENTRIES", Y))
    assert model.hopping[along(model, [0, 1])].tolist() == [0.0] * 20
    assert model.bond_attraction.acting.tolist() == np.flatnonzero(along(model, [0, 1])).tolist()


def test_pairs_follow_the_direction_that_attracts():
    """V along x alone: pairs on bonds along x, those of uncoupled chains where nothing hops along y."""
    hops = "hoppings: [{from: 0, to: 0, offset: [1, 0], amplitude: 1}]"
    text = SQUARE.replace("kind: square", f"cell: {{vectors: [[1, 0], [0, 1]], {hops}}}").replace(
        "[4, 5]", "[6, 2]"
    )
    strong, text = X.replace("1.5", "2.5"), text.replace("-0.4", "-1.0")
    _, plane = solved(model_in(text.replace("ENTRIES", f"{strong}, {Y.replace('0.5', '0.0')}")))
    chain = build_model(
        build_sample("chain", 6, "periodic"), bond_attraction=2.5, chemical_potential=-1.0, temperature=0.05
    )
    _, line = solved(chain)
    found, expected = (np.abs(bond_order(state)["bond_singlet"].values) for state in (plane, line))
    assert expected.min() > 0.05
    np.testing.assert_allclose(np.sort(found), [0.0] * 12 + [expected[0]] * 12, atol=1e-7)


TABLE = """\
# R1 R2 R3  i j  V
 1 0 0  1 1  0.5

-1 0 0  1 1  0.5   # the same bond
 0 0 0  1 2  -1.0
 0 1 0  2 1  0.25  # from orbital 1 in cell 0 to orbital 0 in cell [0, 1]
"""
TWO = UnitCell.build([[1, 0], [0, 1]], [[0, 0], [0, 0]], hoppings=[(0, 0, [1, 0], 1), (1, 1, [0, 1], 1)])


def test_a_table_of_interactions(tmp_path):
    path = tmp_path / "V.dat"
    for text in (TABLE, TABLE.replace(" 0  1", "  1").replace(" 0  2", "  2")):
        path.write_text(text)
        found = read_interaction(path, TWO)
        assert found == {(0, 0, (1, 0)): 0.5, (0, 1, (0, 0)): -1.0, (1, 0, (0, 1)): 0.25}
    cell = (
        "cell: {vectors: [[1, 0], [0, 1]], basis: [[0, 0], [0, 0]], hoppings: "
        "[{from: 0, to: 0, offset: [1, 0], amplitude: 1}, {from: 1, to: 1, offset: [0, 1], amplitude: 1}]}"
    )
    text = SQUARE.replace("kind: square", cell).replace("ENTRIES", f"{{file: {path}, factor: -2}}")
    model = model_in(text)
    sample = build_sample(TWO, [4, 5], "periodic", bonds=list(found))
    own = build_model(sample, bond_attraction={bond: -2 * v for bond, v in found.items()})
    assert model.sample.bonds.kinds.shell.tolist() == sample.bonds.kinds.shell.tolist() == [0, 1, 1, 1]
    np.testing.assert_array_equal(model.bond_attraction.strength, own.bond_attraction.strength)
    assert sorted(set(own.bond_attraction.strength)) == [-1.0, -0.5, 0.0, 2.0]


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("1 0 1 1 1 0.3", "leads out of the 2 directions"),
        ("1 0 0 1 0.3", "orbitals count from 1 to 2"),
        ("1 0 1 0.3", "has 4 columns"),
        ("1 0 3 1 0.3", "orbitals count from 1 to 2"),
        ("1 x 1 1 0.3", "are not whole numbers"),
        ("1 0 1 1 nan", "not finite"),
        ("0 0 1 1 0.3", "is U"),
        ("1 0 1 1 0.6", "but line 2 gives this bond 0.5"),
    ],
)
def test_tables_that_cannot_be_are_refused_with_their_line(tmp_path, line, words):
    path = tmp_path / "V.dat"
    path.write_text(TABLE + line + "\n")
    with pytest.raises(InputError, match=f"V.dat:7: .*{words}"):
        read_interaction(path, TWO)


@pytest.mark.parametrize(
    ("entries", "words"),
    [
        ("{from: 0, to: 1, offset: [1, 0], value: 1}", r"bonds\[0\].to: the cell has no orbital 1"),
        ("{from: 0, to: 0, offset: [1], value: 1}", r"bonds\[0\].offset: a square lattice has 2 directions"),
        ("{from: 0, to: 0, offset: [0, 0], value: 1}", "is U; write it as interaction.onsite"),
        ("{from: 0, offset: [1, 0], value: 1}", "a single bond needs to beside from"),
        ("{shell: 1, from: 0, to: 0, offset: [1, 0], value: 1}", "names a shell and from"),
        ("{file: V.dat, value: 1}", "a file has the bonds and their V"),
        (f"{X}, {X.replace('[1, 0]', '[-1, 0]')}", r"bonds\[1\].from: this bond is listed twice"),
        ("{shell: 0, value: 1}", "greater than or equal to 1|at least 1"),
        ("{file: missing.dat}", r"bonds\[0\].file: missing.dat: can't be read"),
    ],
)
def test_bonds_that_cannot_be_are_refused_where_they_stand(entries, words):
    with pytest.raises(ConfigError, match=rf"run.yaml:3:\d+: .*({words})"):
        model_in(SQUARE.replace("ENTRIES", entries))


def test_bonds_that_a_cell_lacks_are_refused():
    sample = build_sample("square", [3, 3])
    with pytest.raises(InputError, match=r"no bond joins 0 → 0, offset \[1, 1\]; build the sample with"):
        build_model(sample, bond_attraction={(0, 0, (1, 1)): 1.0})
    with pytest.raises(InputError, match="names orbital 2"):
        build_sample("square", [3, 3], bonds=[(0, 2, (0, 1))])
