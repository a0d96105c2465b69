"""What two results differ in, and what is no difference: gauge, global phase, axes of free spins."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import scipy.linalg

import bdg
from bdg.config import ConfigSource
from bdg.errors import FileRefusedError, InputError
from bdg.model import spin_matrices
from bdg.records import diff, diff_studies
from bdg.records.alignment import SIGMA
from bdg.simulation.run import run

FIELD = """
lattice: {kind: square, size: [4, 4]}
hamiltonian: {chemical_potential: -0.5, disorder: {width: 0.5, seed: 1}}
interaction: {onsite: 3.0, fields: [pairing, hartree]}
field: {uniform: 0.2}
temperature: 0.1
observables: {anomalous_density: {}, density: {}, currents: {}, grand_potential: {}, spectral_gap: {}}
"""
PAIRS = """
lattice: {kind: square, size: [4, 4]}
hamiltonian: {chemical_potential: -0.3}
interaction: {bonds: [{shell: 1, value: 1.5}], bond_fields: [pairing, fock], channels: [singlet]}
field: {uniform: 0.1}
temperature: 0.1
observables: {bond_order: {}, currents: {}, density: {}}
"""
MAGNET = """
lattice: {kind: chain, size: [6]}
hamiltonian: {filling: 1.0}
interaction: {onsite: -4.0, fields: [hartree], magnetism: noncollinear}
scf: {initial: {magnetisation: staggered}}
temperature: 0.05
observables: {magnetisation: {}, density: {}, grand_potential: {}}
"""


def ran(text, *overrides):
    source = ConfigSource(text, "my.yaml", overrides)
    return run(source.parse(), source)


def measured(result, fields, model):
    """The result with other fields and model, its observables measured once more."""
    other = replace(result, fields=fields, made_from=model, observables={})
    for name in result.observables:
        bdg.measure(other, name)
    return other


def turned(result, seed, axis=None):
    """The same state with its spins turned about a random axis, or that one."""
    rng = np.random.default_rng(seed)
    vector = rng.normal(size=3) if axis is None else rng.uniform(1, 5) * np.asarray(axis, float)
    u = scipy.linalg.expm(-0.5j * spin_matrices(np.zeros(1), vector[None])[0])
    fields = result.fields
    local = u @ fields.matrices(on_bonds=False, pairs=False) @ u.conj().T
    hartree, exchange = np.real([local[:, 0, 0], local[:, 1, 1]]), local[:, 0, 1]
    return measured(result, replace(fields, hartree=hartree, exchange=exchange), result.model)


def differing(first, second, **options):
    return [row.name for row in diff(first, second, **options).differing]


@pytest.fixture(scope="module")
def in_field():
    return ran(FIELD)


@pytest.fixture(scope="module")
def magnet():
    result = ran(MAGNET)
    assert np.abs(result["magnetisation"].values).max() > 0.3
    return result


@pytest.mark.parametrize("text", [FIELD, PAIRS])
@pytest.mark.parametrize("seed", [0])
def test_another_gauge_is_no_difference(text, seed):
    result = ran(text)
    angle = np.random.default_rng(seed).uniform(-4, 4, result.sample.n_sites)
    fields = result.fields.transformed(angle, result.sample.bonds)
    other = measured(result, fields, result.model.transformed(angle))
    assert max(result.fields.changes(fields).values()) > 0.1
    found = diff(result, other, tolerance=1e-9)
    assert found.is_same
    assert {row.name: row.note for row in found.fields}["delta"] == "up to a gauge"
    assert differing(result, replace(other, made_from=result.made_from)) != []


def test_the_landau_and_the_symmetric_gauge_are_one_state(in_field):
    other = ran(FIELD, "field.gauge=symmetric")
    assert np.abs(np.exp(1j * in_field.model.phase) - np.exp(1j * other.model.phase)).max() > 0.1
    found = diff(in_field, other)
    assert found.has_same_values
    assert [(row.key, row.shown()) for row in found.settings] == [("field.gauge", ("not set", "symmetric"))]
    assert not found.is_same


@pytest.mark.parametrize("phase", [0.3, np.pi, -2.0])
def test_the_global_phase_is_no_difference(in_field, phase):
    fields = in_field.fields.with_pairs(np.exp(1j * phase))
    assert diff(in_field, measured(in_field, fields, in_field.model), tolerance=1e-9).is_same


def test_half_the_phase_is_a_difference(in_field):
    half = np.where(np.arange(in_field.sample.n_sites) < 8, 1, 1j)
    other = replace(in_field, fields=replace(in_field.fields, delta=half * in_field.fields.delta))
    assert differing(in_field, other) == ["delta"]


def test_another_field_is_a_difference(in_field):
    other = ran(FIELD, "field.uniform=0.21")
    assert {"delta", "bond_current", "grand_potential"} <= set(differing(in_field, other))


@pytest.mark.parametrize("seed", range(3))
def test_turned_spins_that_feel_no_direction_are_no_difference(magnet, seed):
    other = turned(magnet, seed)
    assert max(magnet.fields.changes(other.fields).values()) > 0.1
    found = diff(magnet, other, tolerance=1e-9)
    assert found.is_same
    assert "up to a rotation of spins" in {row.note for row in found.fields}


def test_a_collinear_magnet_turned_over_is_the_same(magnet):
    other = measured(magnet, replace(magnet.fields, hartree=magnet.fields.hartree[::-1]), magnet.model)
    collinear = ran(MAGNET, "interaction.magnetism=collinear")
    over = measured(
        collinear, replace(collinear.fields, hartree=collinear.fields.hartree[::-1]), collinear.model
    )
    assert diff(magnet, other, tolerance=1e-9).has_same_values
    assert diff(collinear, over, tolerance=1e-9).has_same_values
    assert diff(magnet, over, tolerance=1e-5).has_same_values


def test_in_a_zeeman_field_spins_turn_about_it_alone():
    model = bdg.build_model(
        bdg.build_sample("chain", [6]),
        filling=1.0,
        attraction=-4.0,
        fields=["hartree"],
        zeeman=[0, 0, 0.3],
        least_dofs=4,
        temperature=0.05,
    )
    rng = np.random.default_rng(3)
    start = bdg.Fields(
        np.zeros(6), np.array([[-1.0, 1] * 3, [1.0, -1] * 3]), 0.0, exchange=rng.normal(size=6) + 0j
    )
    model = replace(model, magnetism="noncollinear")
    short = bdg.ScfOptions(max_iterations=1)
    field = measured(bdg.solve(model, observables=["magnetisation"], scf=short), start, model)
    assert diff(field, turned(field, 1, axis=[0, 0, 1]), tolerance=1e-9).is_same
    assert {"hartree", "exchange"} <= set(differing(field, turned(field, 1), tolerance=1e-3))


def test_turned_triplets_are_the_same_up_to_a_phase():
    rng = np.random.default_rng(2)
    sample = bdg.build_sample("chain", [6])
    model = bdg.build_model(sample, bond_attraction=2.0, channels=["triplet"], temperature=0.1)
    result = bdg.solve(model, observables=[], scf=bdg.ScfOptions(max_iterations=1))
    d = rng.normal(size=(sample.n_bonds, 3)) + 1j * rng.normal(size=(sample.n_bonds, 3))
    pairs = np.einsum("na,aij->nij", d, SIGMA) @ np.array([[0, 1], [-1, 0]])
    u = scipy.linalg.expm(-0.5j * spin_matrices(np.zeros(1), rng.normal(size=(1, 3)))[0])
    first, second, other = (
        replace(result, fields=replace(result.fields, bond_delta=values))
        for values in (pairs, np.exp(0.7j) * u @ pairs @ u.T, np.exp(0.7j) * u @ pairs.conj() @ u.T)
    )
    assert diff(first, second, tolerance=1e-9).is_same
    assert differing(first, other, tolerance=1e-2) == ["bond_delta"]
    along_z = replace(model, bond_attraction=replace(model.on_bonds, channels=("triplet_z",)))
    tied = (replace(one, made_from=along_z) for one in (first, second))
    assert differing(*tied, tolerance=1e-2) == ["bond_delta"]


def test_the_size_of_a_difference_is_told_absolute_relative_and_by_the_stated_error(in_field):
    gap = in_field["spectral_gap"]
    moved = replace(gap, values=gap.values + 0.01, error=0.002)
    other = replace(in_field, observables={**in_field.observables, "spectral_gap": {"spectral_gap": moved}})
    row = next(row for row in diff(in_field, other).observables if row.name == "spectral_gap")
    assert row.largest == pytest.approx(0.01)
    assert row.relative == pytest.approx(0.01 / float(moved.values))
    assert row.in_errors == pytest.approx(0.01 / (0.002 + gap.error))
    assert row.units == "t"
    assert row.is_same  # within ten stated errors
    assert not diff(in_field, other, tolerance=1e-4).is_same
    assert diff(in_field, other, tolerance=0.1).is_same


def test_what_only_one_has_and_other_shapes_are_differences(in_field):
    less = replace(in_field, observables={"density": in_field.observables["density"]})
    notes = {row.name: row.note for row in diff(in_field, less).differing}
    assert notes["spectral_gap"] == "only in the first"
    assert {row.name: row.note for row in diff(less, in_field).differing}[
        "spectral_gap"
    ] == "only in the second"
    larger = ran(FIELD, "lattice.size=[4, 5]")
    found = diff(in_field, larger)
    assert {row.name: row.note for row in found.fields}["delta"] == "shapes 16 and 20"
    assert ("lattice.size", [4, 4], [4, 5]) in [(row.key, row.first, row.second) for row in found.settings]
    assert next(row for row in found.observables if row.name == "spectral_gap").largest < 1


def test_keys_that_nobody_gave_are_named_on_request(in_field):
    clean = ran(FIELD.replace(", disorder: {width: 0.5, seed: 1}", ""))
    keys = [row.key for row in diff(in_field, clean).settings]
    assert keys == ["hamiltonian.disorder.width", "hamiltonian.disorder.seed"]
    every = [row.key for row in diff(in_field, clean, defaults=True).settings]
    assert "hamiltonian.disorder.distribution" in every
    assert diff(in_field, clean).settings[0].shown() == ("0.5", "not set")


def test_how_a_run_ended_is_a_difference(in_field):
    other = replace(in_field, status="not_converged")
    found = diff(in_field, other)
    assert not found.has_same_values
    assert repr(found) == "first and second: converged and not converged"
    assert repr(diff(in_field, in_field)) == "first and second: the same"


def test_results_from_python_are_compared(tmp_path):
    sample = bdg.build_sample("chain", [6], "periodic")
    cold, warm = (
        bdg.solve(bdg.build_model(sample, attraction=lambda x: 2 + 0.1 * x, temperature=t))
        for t in (0.05, 0.1)
    )
    bdg.save(cold, tmp_path / "cold.h5")
    assert diff(cold, tmp_path / "cold.h5").is_same
    assert [row.key for row in diff(warm, tmp_path / "cold.h5").settings] == ["temperature"]


def test_what_cannot_be_compared_is_refused(in_field, tmp_path):
    with pytest.raises(InputError, match="no such file"):
        diff(in_field, tmp_path / "none.h5")
    (tmp_path / "text.h5").write_text("text")
    with pytest.raises(FileRefusedError, match="not an HDF5 file"):
        diff(tmp_path / "text.h5", in_field)
    with pytest.raises(InputError, match="tolerance of -1"):
        diff(in_field, in_field, tolerance=-1)


def test_studies_are_compared_point_by_point(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)

    def point(temperature, attraction):
        sample = bdg.build_sample("chain", [4], "periodic")
        return bdg.build_model(sample, temperature=temperature, attraction=attraction)

    def stronger(temperature, attraction):
        return point(temperature, attraction + (0.1 if temperature > 0.07 else 0.0))

    values = {"temperature": [0.05, 0.1], "attraction": [2.0, 3.0]}
    more = {"attraction": [3.0, 2.0, 4.0], "temperature": [0.1, 0.05]}  # another order, and more
    for folder, given in {"one": values, "two": values, "more": more}.items():
        bdg.sweep(point, given, folder=folder, executor="serial")
    assert diff_studies("one", "two").is_same
    found = diff_studies("one", "more")
    assert len(found.points) == 6
    assert [(one.point, one.missing) for one in found.differing] == [
        ("attraction = 4, temperature = 0.1", "no result in one"),
        ("attraction = 4, temperature = 0.05", "no result in one"),
    ]
    bdg.sweep(stronger, values, folder="strong", executor="serial")
    (tmp_path / "strong/points/00001.h5").unlink()
    found = diff_studies("one", "strong")
    assert [one.missing for one in found.differing] == ["no result in strong", "", ""]
    assert [row.name for row in found.differing[-1].diff.differing][:2] == ["delta", "order_parameter"]
    assert repr(found) == "one and strong: 3 of 4 points differ"
    with pytest.raises(InputError, match="no study"):
        diff_studies("one", "nowhere")


def test_sigma_are_the_matrices_of_the_spin():
    for axis, sigma in enumerate(SIGMA):
        np.testing.assert_array_equal(spin_matrices(np.zeros(1), np.eye(3)[axis][None])[0], sigma)
