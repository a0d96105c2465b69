"""An interaction means the same from a file and from Python, in the same words."""

from __future__ import annotations

import inspect
import re
from pathlib import Path

import numpy as np
import pytest
import yaml

import bdg
from bdg.config import ConfigSource
from bdg.config.schema.bonds import BondAttraction
from bdg.config.schema.interaction import Given, Interaction, Orbitals
from bdg.errors import InputError
from bdg.lattice import preset
from bdg.model import Model
from bdg.nambu import NambuAssembler
from bdg.scf import ScfOptions, initial_fields, self_consistency
from bdg.setup import model_of, sample_of
from bdg.solvers.diagonalization import Diagonalization

LATTICES = {
    "square": (
        "{kind: square, size: [5, 4], boundary: [periodic, open]}",
        "square",
        [5, 4],
        ["periodic", "open"],
    ),
    "twisted": (
        "{kind: triangular, size: [4, 4], boundary: [{twist: 0.7}, periodic]}",
        "triangular",
        [4, 4],
        [bdg.Boundary("periodic", 0.7), "periodic"],
    ),
    "orbitals": (
        "{cell: {vectors: [[1, 0], [0, 1]], basis: [[0, 0], [0, 0]]}, size: [4, 3], boundary: periodic}",
        bdg.UnitCell.build([[1, 0], [0, 1]], [[0, 0], [0, 0]]),
        [4, 3],
        "periodic",
    ),
}

SYMMETRIES = ("s_extended", "d_x2_y2", "d_xy", "d_id", "p_x", "p_y", "chiral_p")

GIVEN = [
    "{onsite: 0.3}",
    "{onsite: '0.3*exp(1j*pi*x/3)'}",
    "{onsite: 0.3, phase: 0.4*x}",
    "{onsite: 0.3, d_x2_y2: 0.2}",
    *(f"{{{name}: 0.3}}" for name in SYMMETRIES if name != "d_xy"),
    *(f"{{{name}: 0.3, shell: 2}}" for name in SYMMETRIES if name != "d_x2_y2"),
    "{p_x: 0.3, d_vector: [1, 0, 0]}",
    "{p_y: 0.3, d_vector: [1, 2, -0.5]}",
    "{chiral_p: 0.1 + 0.1*y, d_vector: [0, 1, 0], shell: 2, phase: 0.2*y}",
    "{s_extended: 0.3, p_x: 0.2, phase: 0.3*x}",
]

ACTING = [
    "{onsite: 2.0}",
    "{onsite: 1.0 + 0.1*x, fields: [pairing, hartree]}",
    "{bonds: [{value: 1.0}], channels: [d_x2_y2, s_extended]}",
    "{bonds: [{value: 1.0, exchange: 0.4}, {shell: 2, value: 0.3 + 0.1*y}], fields: [pairing, fock]}",
    "{bonds: [{exchange: 0.4}], channels: [triplet], bond_fields: [pairing]}",
    "{onsite: -2.0, fields: [hartree], magnetism: noncollinear}",
    "{bonds: [{from: 0, to: 0, offset: [1, 0], value: 1.2}], channels: [p_x]}",
]

BETWEEN_ORBITALS = [
    "{given: {s_extended: 0.3, shell: within}}",
    "{given: {onsite: 0.2, s_extended: 0.3, shell: within, phase: 0.5*x}}",
    "{orbitals: {value: 1.0, hund: 0.2, pair_hopping: 0.1}, fields: [pairing, hartree]}",
    "{onsite: -3.0, orbitals: {hund: 0.4}, fields: [hartree]}",
    "{bonds: [{shell: within, value: 1.0, exchange: 0.3}]}",
]


def both(lattice: str, interaction: str) -> tuple[Model, Model]:
    """The model of a file, and that of the same words from Python."""
    section, kind, size, boundary = LATTICES[lattice]
    source = ConfigSource(
        f"lattice: {section}\nhamiltonian: {{hopping: [1.0, 0.2], chemical_potential: -0.5}}\n"
        f"interaction: {interaction}\n"
    )
    config = source.parse()
    from_file = model_of(config, source, sample_of(config, source))
    cell = kind if isinstance(kind, bdg.UnitCell) else preset(kind)
    sample = bdg.build_sample(cell, size, boundary, shells=2, bonds=cell.pairs_within())
    words = yaml.safe_load(interaction)
    from_python = bdg.build_model(sample, hopping=[1.0, 0.2], chemical_potential=-0.5, interaction=words)
    return from_file, from_python


def require_same(one: Model, other: Model) -> None:
    for name in ("onsite", "hopping", "phase", "given_delta", "given_bonds"):
        ours, theirs = getattr(one, name), getattr(other, name)
        assert (ours is None) == (theirs is None), name
        if ours is not None:
            np.testing.assert_allclose(ours, theirs, rtol=0, atol=1e-15, err_msg=name)
    assert (one.dofs, one.warnings) == (other.dofs, other.warnings)
    fields = initial_fields(one, "random", is_complex=True)
    ours, theirs = (NambuAssembler(model).matrix(fields).dense() for model in (one, other))
    assert np.abs(ours).max() > 0.1
    np.testing.assert_allclose(ours, theirs, rtol=0, atol=1e-15)


@pytest.mark.parametrize("given", GIVEN)
@pytest.mark.parametrize("lattice", ["square", "twisted"])
def test_given_pairs_are_the_same_from_a_file_and_from_python(lattice, given):
    one, other = both(lattice, f"{{given: {given}}}")
    assert max(np.abs(part).max() for part in (one.given_delta, one.given_bonds) if part is not None) > 0.1
    require_same(one, other)


@pytest.mark.parametrize("interaction", ACTING)
def test_interactions_are_the_same_from_a_file_and_from_python(interaction):
    one, other = both("square", interaction)
    require_same(one, other)
    require_same_maps(one, other)


@pytest.mark.parametrize("interaction", BETWEEN_ORBITALS)
def test_those_between_orbitals_too(interaction):
    one, other = both("orbitals", interaction)
    require_same(one, other)
    require_same_maps(one, other)


def require_same_maps(one: Model, other: Model) -> None:
    """A few iterations from the same fields."""
    ours, theirs = (
        self_consistency(model, Diagonalization(), ScfOptions(max_iterations=3), initial="random")
        for model in (one, other)
    )
    for row, values in ours.fields.present():
        np.testing.assert_allclose(values, theirs.fields[row.name], rtol=0, atol=1e-13, err_msg=row.name)


def test_a_region_is_a_function_or_a_mask():
    section = "{given: {onsite: 0.3, d_x2_y2: 0.2, region: {disk: {radius: 1.5}}}}"
    source = ConfigSource(
        "lattice: {kind: square, size: [5, 5]}\nhamiltonian: {chemical_potential: 0}\n"
        f"interaction: {section}\n"
    )
    config = source.parse()
    from_file = model_of(config, source, sample_of(config, source))
    sample, region = bdg.build_sample("square", [5, 5]), bdg.disk(1.5)
    for inside in (region, region(sample.positions)):
        given = {"onsite": 0.3, "d_x2_y2": 0.2, "region": inside}
        require_same(from_file, bdg.build_model(sample, given=given))
        require_same(from_file, bdg.build_model(sample, interaction={"given": given}))


@pytest.mark.parametrize("length", [1.0, 3.0])
@pytest.mark.parametrize("direction", [(1, 0, 0), (0, 1, 0), (0, 0, 1), (1, -2, 0.5)])
def test_the_d_vector_is_that_of_the_pairs(direction, length):
    """Δ = (d·σ) iσ_y: d from Tr[σ Δ (iσ_y)†]/2 on a bond along x, in units of i for d_y."""
    sample = bdg.build_sample("square", [4, 4], "periodic")
    model = bdg.build_model(sample, given={"p_x": 0.3, "d_vector": length * np.array(direction)})
    bond = np.flatnonzero(sample.bonds.displacement[:, 0] == 1)[0]
    pauli = np.array([[[0, 1], [1, 0]], [[0, -1j], [1j, 0]], [[1, 0], [0, -1]]])
    pairs = model.given_bonds[bond]
    found = [np.trace(part @ pairs @ np.array([[0, 1], [-1, 0]]).T) / 2 for part in pauli]
    wanted = 0.3 * np.array(direction) / np.linalg.norm(direction)
    np.testing.assert_allclose(np.array(found), wanted, atol=1e-15)


SAMPLE = bdg.build_sample("square", [3, 3])


@pytest.mark.parametrize(
    ("keywords", "message"),
    [
        ({"interaction": {"on_site": 1.0}}, "no 'on_site'; did you mean 'onsite'"),
        ({"interaction": {"bonds": [{"shel": 1}]}}, "did you mean 'shell'"),
        ({"interaction": {"bonds": [{"shell": 1, "file": "V.dat"}]}}, "keep one"),
        ({"interaction": {"bonds": [{"from": 0, "value": 1}]}}, "needs from, to, offset"),
        ({"interaction": {"bonds": [{"shell": 3, "value": 1}]}}, "shells=3"),
        ({"interaction": {"bonds": [{"shell": 0, "value": 1}]}}, "whole number from 1"),
        ({"interaction": {"bonds": [{"shell": "within", "value": 1}]}}, "share a place"),
        ({"interaction": {"orbitals": {"value": 1}}}, "share a place"),
        ({"interaction": {"onsite": 1.0, "given": {"onsite": 0.3}}}, "exclude each other"),
        ({"interaction": {"onsite": 1.0}, "attraction": 1.0}, "interaction and attraction are both given"),
        ({"given": {"p_z": 0.3}}, "vanishes on every bond"),
        ({"given": {"px": 0.3}}, "did you mean 'p_x'"),
        ({"given": {"p_x": 0.3, "shell": 2}}, "shells=2"),
        ({"given": {"p_x": 0.3, "d_vector": [0, 0, 0]}}, "no direction"),
        ({"given": {"onsite": 0.3, "region": np.zeros(9, bool)}}, "holds no site"),
        ({"given": {"onsite": 0.3, "region": np.zeros(4, bool)}}, "9 booleans"),
        ({"given": {"onsite": 0.3}, "given_delta": 0.3}, "both given"),
        ({"given": {"onsite": 0.3, "phase": 1j}}, "complex"),
    ],
)
def test_what_cannot_be_is_refused_in_words(keywords, message):
    with pytest.raises(InputError, match=message):
        bdg.build_model(SAMPLE, **keywords)


def test_the_table_of_words_is_that_of_the_code():
    text = (Path(__file__).parents[2] / "docs" / "interactions.md").read_text("utf-8")
    table = text.partition("## The words")[2].partition("## A kind")[0]
    rows = [line.split("|")[2:4] for line in table.splitlines() if line.startswith("| ")][1:]
    keys = set(re.findall(r"[`{ ](\w+)(?:: |`)", " ".join(word for word, _ in rows)))
    sections = (Interaction, BondAttraction, Orbitals, Given)
    assert keys <= {key for section in sections for key in section.model_fields}
    assert {"onsite", "value", "exchange", "hund", "d_vector", "region", "magnetism"} <= keys
    keywords = set(re.findall(r"`(\w+)`", " ".join(keyword for _, keyword in rows)))
    assert keywords <= {*inspect.signature(bdg.build_model).parameters}
    assert len(keywords) == 7


def test_units_solver_and_loop_too(tmp_path):
    """What t and a are, the accuracy of the solver, its threads, the options of the loop."""
    path, units = tmp_path / "run.yaml", {"energy": "120 meV", "length": "0.38 nm", "layer": "6 angstrom"}
    path.write_text(
        "lattice: {kind: square, size: [4, 4]}\nhamiltonian: {chemical_potential: 0}\n"
        f"interaction: {{onsite: 2.0}}\nunits: {units}\ntemperature: 0.1\n"
        "solver: {method: selected_inversion, tolerance: 1e-7, threads: 1}\n"
        f"scf: {{tolerance: 1e-6, mixer: pulay}}\noutput: {tmp_path / 'run.h5'}\n"
    )
    from_file = bdg.run_file(path)
    from_python = bdg.solve(
        bdg.build_model(bdg.build_sample("square", [4, 4]), interaction={"onsite": 2.0}, temperature=0.1),
        units=units,
        solver="selected_inversion",
        solver_tolerance=1e-7,
        threads=1,
        scf=ScfOptions(tolerance=1e-6, mixer="pulay"),
        hooks=bdg.Hooks(),
    )
    assert from_file.units == from_python.units == bdg.Units.of(units)
    assert from_file.units.si("a") == (pytest.approx(0.38), "nm")
    ours, theirs = from_file.provenance, from_python.provenance
    for name in ("solver", "method", "solver_tolerance"):
        assert getattr(ours, name) == getattr(theirs, name)
    assert [turn.residual for turn in from_file.history] == [turn.residual for turn in from_python.history]


@pytest.mark.parametrize(
    ("units", "message"),
    [
        ({"energy": "100 Watt"}, "units.energy: unknown unit 'Watt'"),
        ({"energie": "100 meV"}, "units.energie"),
        ({"length": "0.4 nm"}, "without the unit of energy"),
        ({"energy": 0.1}, "an energy with a unit"),
    ],
)
def test_units_that_cannot_be_are_refused(units, message):
    with pytest.raises(InputError, match=message):
        bdg.solve(bdg.build_model(SAMPLE), units=units)
