"""A new self-consistent field is one row of the table: what is done with fields is done with it as well."""

from dataclasses import replace

import numpy as np
import pytest

import bdg
from bdg.model import TABLE, Fields, Layout, Row
from bdg.model.fields import spins
from bdg.model.interactions import MEAN_FIELDS, free_rows
from bdg.nambu import NambuAssembler
from bdg.scf import ScfOptions, self_consistency
from bdg.scf.starts.transfer import transferred
from bdg.solvers import choose
from bdg.store.checkpoints import Checkpoint, load_checkpoint, save_checkpoint

ROWS = {
    "sites": Row("dummy", "pairs of their own", ("site",), lambda model: True, True, (1, 1)),
    "bonds": Row("dummy", "hops", ("bond", "spin_pair"), lambda model: True, True, (-1, 1)),
    "line": Row("dummy", "line integral", ("bond",), lambda model: True),
    "spins": Row("dummy", "another potential", ("spin", "site"), lambda model: True),
}

LIKE = {
    "sites": ("delta", spins.SINGLETS),
    "bonds": ("fock", spins.HOPS),
    "spins": ("hartree", spins.POTENTIALS),
}
"""The field that stands in H as a dummy may, and how."""


@pytest.fixture(params=ROWS)
def row(request, monkeypatch):
    monkeypatch.setitem(TABLE, "dummy", ROWS[request.param])
    return ROWS[request.param]


def model_of(size=4, **terms):
    options = {"attraction": 2.0, "bond_attraction": 0.5, "fields": ["pairing", "hartree", "fock"]}
    return bdg.build_model(
        bdg.build_sample("square", [size, size]), filling=0.8, temperature=0.2, **(options | terms)
    )


def some(row, model, seed=0):
    """A state with a dummy field in it, constant over the sample so that it can be followed."""
    rng, shape = np.random.default_rng(seed), row.shape(model.sample)
    uniform = rng.normal(size=tuple(n for n, dim in zip(shape, dims(row), strict=True) if dim == "spin"))
    uniform = uniform.reshape([2 if dim == "spin" else 1 for dim in dims(row)])
    return np.broadcast_to(uniform, shape) * (1 + 0.5j if row.may_be_complex else 1.0)


def dims(row):
    return [name for dim in row.dims for name in (["spin", "spin"] if dim == "spin_pair" else [dim])]


def state(row, model):
    outcome = self_consistency(model, solver_of(model), ScfOptions(tolerance=1e-6))
    assert outcome.status == "converged"
    return outcome.fields.having({"dummy": some(row, model)})


def solver_of(model):
    return choose("auto", rows=model.dofs * model.sample.n_sites, temperature=model.temperature)


def test_it_is_packed_and_unpacked(row):
    model = model_of()
    fields = state(row, model).as_complex()
    layout = Layout.of(model, is_complex=True)
    assert "dummy" in layout.slices()
    assert layout.slices()["mu"].stop == len(layout.pack(fields))  # μ stays last
    vector = layout.pack(fields)
    changed = np.random.default_rng(1).normal(size=len(vector))
    back = layout.pack(layout.unpack(changed, fields))
    np.testing.assert_allclose(back, changed, atol=1e-15)
    assert layout.unpack(vector, fields.having({"dummy": 0 * fields["dummy"]}))["dummy"].any()


@pytest.mark.parametrize("kind", LIKE)
def test_it_stands_in_h_as_its_spin_matrices_say(kind, monkeypatch):
    name, spin = LIKE[kind]
    row = replace(ROWS[kind], spin=spin)
    monkeypatch.setitem(TABLE, "dummy", row)
    model = model_of()
    fields = state(row, model)
    like = fields.having({name: fields[name] + fields["dummy"], "dummy": None})
    one, other = (NambuAssembler(model).matrix(each).dense() for each in (fields, like))
    np.testing.assert_allclose(one, other, atol=1e-14)
    without = NambuAssembler(model).matrix(fields.having({"dummy": None})).dense()
    assert np.abs(one - without).max() > 0.1


def test_it_changes_with_the_gauge(row):
    model = model_of()
    sample, fields = model.sample, state(row, model)
    angle = np.random.default_rng(2).uniform(-3, 3, sample.n_sites)
    turned = fields.transformed(angle, sample.bonds)
    ends = (sample.bonds.source, sample.bonds.target) if row.on_bonds else (slice(None), slice(None))
    expected = np.exp(1j * sum(q * angle[end] for q, end in zip(row.charges, ends, strict=True)))
    expected = expected[:, None, None] if row.has_spin_matrices else expected
    if any(row.charges):
        np.testing.assert_allclose(turned["dummy"], expected * fields["dummy"], atol=1e-14)
    else:
        np.testing.assert_array_equal(turned["dummy"], fields["dummy"])
    back = turned.transformed(-angle, sample.bonds)
    assert max(back.changes(fields).values()) < 1e-14


def test_it_is_compared(row):
    fields = state(row, model_of())
    other = fields.having({"dummy": 1.5 * fields["dummy"]})
    assert fields.changes(other)["dummy"] == pytest.approx(0.5 * np.abs(fields["dummy"]).max())
    assert fields.same_as(fields.having({}))
    assert not fields.same_as(other)
    assert other.having({"dummy": np.nan * fields["dummy"]}).first_not_finite() == "dummy"


def test_it_goes_to_another_sample(row):
    model, larger = model_of(), model_of(5)
    moved = transferred(model.sample, state(row, model), larger)["dummy"]
    assert moved.shape == row.shape(larger.sample)
    inside = moved[..., :1] if row.dims[-1] == "site" else moved[:1]
    np.testing.assert_allclose(inside, some(row, larger)[..., :1] if row.dims[-1] == "site" else inside)
    assert np.abs(moved).max() == pytest.approx(np.abs(some(row, larger)).max())


def test_it_is_written_and_read(row, tmp_path):
    model = model_of()
    result = replace(bdg.solve(model, observables=()), fields=state(row, model))
    bdg.save(result, tmp_path / "a.h5")
    np.testing.assert_array_equal(bdg.load(tmp_path / "a.h5").fields["dummy"], result.fields["dummy"])


def test_a_loop_with_it_resumes_from_a_checkpoint(row, tmp_path):
    model = model_of()
    whole = self_consistency(model, solver_of(model), initial=state(row, model))
    first = self_consistency(
        model,
        solver_of(model),
        initial=state(row, model),
        after_iteration=lambda iteration, take: iteration.iteration == 1,
    )
    assert first.status == "stopped"
    kept = first.snapshot
    save_checkpoint(tmp_path / "c", Checkpoint("", "", kept.vector, kept.history, kept.mixer_state))
    read = load_checkpoint(tmp_path / "c")
    resumed = self_consistency(
        model,
        solver_of(model),
        initial=state(row, model),
        resume=replace(kept, vector=read.vector, history=read.history, mixer_state=read.mixer_state),
    )
    assert resumed.status == whole.status == "converged"
    assert resumed.fields.same_as(whole.fields)
    assert np.any(resumed.fields["dummy"])


def test_every_mean_field_has_a_row_and_says_where_it_acts():
    model = model_of()
    assert {kind.field for kind in MEAN_FIELDS} <= set(TABLE)
    acting = {kind.field for kind in MEAN_FIELDS if kind.acts(model)}
    assert acting == {"delta", "bond_delta", "hartree", "fock"}
    assert {row.name for row in free_rows(model)} == acting | {"mu"}


def test_a_state_holds_what_its_rows_say():
    fields = Fields(np.ones(2), np.zeros((2, 2)), 0.3)
    assert [row.name for row, _ in fields.present()] == ["delta", "hartree", "mu"]
    assert fields["fock"] is None
    assert fields["dummy"] is None
