"""What is written is what is read."""

import dataclasses

import h5py
import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from bdg.cli.runs import _report
from bdg.model import Fields
from bdg.observables import Quantity
from bdg.observables.quantity import warnings_in
from bdg.scf.history import Iteration
from bdg.store import Checkpoint, load, load_checkpoint, save, save_checkpoint, summary
from bdg.store.groups.samples import read_boundary
from bdg.store.results import read_result, write_result
from tests.store.made_up import differences, result, samples

SHARED_FILE = settings(
    max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
NUMBERS = st.one_of(
    hnp.boolean_dtypes(),
    hnp.integer_dtypes(endianness="="),
    hnp.floating_dtypes(endianness="="),
    hnp.complex_number_dtypes(sizes=(64, 128), endianness="="),
)
TEXT = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=20)
ATTRIBUTE = st.one_of(TEXT, st.integers(-(2**63), 2**63 - 1), st.floats(allow_nan=False), st.booleans())
FLOATS = st.floats(allow_nan=False)


@st.composite
def quantities(draw):
    shape = draw(hnp.array_shapes(min_dims=0, max_dims=3, min_side=0, max_side=4))
    values = draw(hnp.arrays(draw(NUMBERS), shape))
    dims = tuple(draw(st.sampled_from(["site", "bond", "spin", "energy", "q"])) for _ in shape)
    coords = {}
    for dim, length in zip(dims, shape, strict=True):
        if dims.count(dim) == 1 and dim in ("energy", "q") and draw(st.booleans()):
            coords[dim] = Quantity(draw(hnp.arrays(np.float64, (length,))), (dim,), "t", "an axis")
    if draw(st.booleans()):
        coords["label"] = Quantity(np.array(3.5), (), "1", "a label")
    error = draw(st.none() | st.floats(0, 1))
    attributes = draw(st.dictionaries(st.sampled_from(["a", "units", "attribute_b", "CLASS"]), ATTRIBUTE))
    return Quantity(np.asarray(values), dims, draw(TEXT), draw(TEXT), coords, error, attributes)


@pytest.mark.parametrize("lattice", samples())
def test_result_comes_back_equal(tmp_path, lattice):
    before = result(samples()[lattice])
    save(before, tmp_path / "new" / "folder" / "result.h5")
    after = load(tmp_path / "new" / "folder" / "result.h5")
    assert differences(before, after) == []
    assert list(after.quantities()) == list(before.quantities())
    assert after.sample.cell.vectors.flags.writeable == before.sample.cell.vectors.flags.writeable
    np.testing.assert_array_equal(after.sample.bonds.displacement, before.sample.bonds.displacement)


def test_files_older_than_infinite_directions_are_read(tmp_path):
    """They hold no numbers of momenta."""
    before = result(samples()["square"])
    save(before, tmp_path / "result.h5")
    with h5py.File(tmp_path / "result.h5") as new, h5py.File(tmp_path / "old.h5", "w") as old:
        for name in ("boundary", "twist"):
            new.copy(f"sample/{name}", old)
        assert "n_k" in new["sample"]
        assert read_boundary(old) == before.sample.boundary


def test_files_older_than_warnings_are_read(tmp_path):
    with h5py.File(tmp_path / "old.h5", "w") as old:
        write_result(old, result())
        del old.attrs["warnings"]
        assert read_result(old).warnings == ()


def test_warnings_of_quantities_are_told_once_and_shown(tmp_path, capsys):
    """By the state, by ``bdg info`` and at the end of ``bdg run``; not where nothing is to be printed."""
    noted = Quantity(np.array(1.0), (), "1", "a number", attributes={"warning": "by a hair"})
    plain = Quantity(np.array(1.0), (), "1", "another")
    warnings = warnings_in({"first": {"a": plain, "b": noted}, "second": {"c": noted}})
    assert warnings == ("b: by a hair",)
    made = result(warnings=warnings, path=tmp_path / "r.h5")
    save(made, tmp_path / "r.h5")
    assert "warning: b: by a hair" in repr(made)
    assert "warning: b: by a hair" in summary(tmp_path / "r.h5").splitlines()
    _report(made, None, quiet=False)
    assert capsys.readouterr().err == "warning: b: by a hair\n"
    _report(made, None, quiet=True)
    assert capsys.readouterr().err == ""


@pytest.mark.parametrize(
    "changes",
    [
        {"units": None},
        {"fields": Fields(np.ones(34), np.zeros((2, 34)), 0.5, np.linspace(0, 1j, 34))},
        {
            "fields": Fields(
                np.ones(34), np.zeros((2, 34)), 0.5, None, np.full((66, 2, 2), 1j), np.ones((66, 2, 2))
            )
        },
        {"history": ()},
        {"observables": {}},
        {"title": ""},
        {"warnings": ()},
        {"status": "not_converged", "temperature": 0.0},
    ],
    ids=str,
)
def test_sparse_results_come_back_equal(tmp_path, changes):
    before = result(is_complex=False, **changes)
    save(before, tmp_path / "r.h5")
    assert differences(before, load(tmp_path / "r.h5", warn=False)) == []
    assert summary(tmp_path / "r.h5")


@SHARED_FILE
@given(st.lists(quantities(), max_size=4))
def test_any_quantity_comes_back_equal(tmp_path, made):
    before = result(observables={"mine": {f"q{n}": quantity for n, quantity in enumerate(made)}})
    save(before, tmp_path / "r.h5", overwrite=True)
    assert differences(before, load(tmp_path / "r.h5")) == []


@SHARED_FILE
@given(
    st.lists(st.builds(Iteration, st.integers(1, 10**9), FLOATS, FLOATS, FLOATS, FLOATS, FLOATS), max_size=5),
    hnp.arrays(np.float64, st.integers(0, 20)),
    st.dictionaries(
        st.sampled_from("abc"), hnp.arrays(np.float64, hnp.array_shapes(min_dims=0, max_dims=3, min_side=0))
    ),
    TEXT,
)
def test_checkpoint_comes_back_equal(tmp_path, history, vector, state, text):
    before = Checkpoint(text, text * 2, vector, tuple(history), state)
    save_checkpoint(tmp_path / "r.h5.checkpoint", before)
    assert differences(before, load_checkpoint(tmp_path / "r.h5.checkpoint")) == []
    assert "checkpoint after" in summary(tmp_path / "r.h5.checkpoint")


def test_text_axes_and_values_come_back(tmp_path):
    names = Quantity(np.array(["Γ", "X", "M"]), ("point",), "1", "name")
    path = {"point": names, "label": Quantity(np.array([1, 2, 3]), ("point",), "1", "number")}
    mine = Quantity(np.arange(3.0), ("point",), "t", "along a path", path)
    before = result(observables={"mine": {"band": mine, "label": dataclasses.replace(mine, coords={})}})
    save(before, tmp_path / "r.h5")
    assert differences(before, load(tmp_path / "r.h5")) == []


def test_summary_tells_what_there_is(tmp_path):
    save(result(), tmp_path / "r.h5")
    text = summary(tmp_path / "r.h5")
    for expected in (
        "converged after 12",
        "0.05 t = 58.02 K",
        "square 7 × 5 (periodic, periodic with twist 0.3)",
        "34 sites",
        "spin_ldos",
        "1/t",
        "0.29",
    ):
        assert expected in text
