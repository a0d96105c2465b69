"""Objects that are written by direct calls of the HDF5 library are those that h5py writes."""

import h5py
import numpy as np
import pytest

from bdg.store.files import FORMAT
from bdg.store.groups.arrays import read_array, write_array
from bdg.store.groups.objects import (
    SMALL,
    attach_scale,
    empty_dataset,
    make_scale,
    new_group,
    write_attributes,
)

VALUES = {
    "text": "ψ ↑",
    "nothing": "",
    "long_text": "x" * 100_000,
    "truth": True,
    "whole": -3,
    "real": 0.1,
    "short": np.float32(2.5),
    "small": np.int16(-7),
    "complex": 1 + 2j,
    "range": np.array([0.5, 1.5]),
    "table": np.arange(6).reshape(2, 3).T,
    "none": np.zeros(0),
}


@pytest.fixture
def file(tmp_path):
    with h5py.File(tmp_path / "f.h5", "w", **FORMAT) as opened:
        yield opened


@pytest.mark.parametrize("name", VALUES)
def test_attributes_are_those_that_h5py_writes(file, name):
    by_us, by_h5py = file.create_group("a"), file.create_group("b")
    write_attributes(by_us, {name: VALUES[name]})
    by_h5py.attrs[name] = VALUES[name]
    one, other = (group.attrs.get_id(name) for group in (by_us, by_h5py))
    assert (one.dtype, one.shape, one.get_type()) == (other.dtype, other.shape, other.get_type())
    np.testing.assert_array_equal(by_us.attrs[name], by_h5py.attrs[name])


@pytest.mark.parametrize("length", [0, 1, SMALL // 8, SMALL // 8 + 1])
@pytest.mark.parametrize("kind", ["f8", "c16", "i4", "?", "U5", ">f4"])
def test_arrays_of_all_types_come_back_on_both_sides_of_small(file, kind, length):
    values = np.arange(2 * length).reshape(length, 2).astype(kind)
    write_array(file, "values", values.T)
    read = read_array(file["values"])
    np.testing.assert_array_equal(read, values.T)
    assert read.dtype == (values.dtype if kind != "U5" else read.dtype)


def test_a_small_array_lies_in_the_header_and_a_large_one_has_checksums(file):
    layouts = {
        length: write_array(file, str(length), np.zeros(length)).id.get_create_plist().get_layout()
        for length in (1, SMALL // 8, SMALL // 8 + 1)
    }
    assert list(layouts.values()) == [h5py.h5d.COMPACT, h5py.h5d.COMPACT, h5py.h5d.CHUNKED]
    assert file[str(SMALL // 8 + 1)].fletcher32


def test_groups_on_the_way_are_made_and_members_keep_the_order_of_writing(file):
    inner = new_group(file, "outer/inner")
    for name in "zay":
        write_array(inner, name, 1.0)
    assert inner.name == "/outer/inner"
    assert list(inner) == ["z", "a", "y"]


def test_what_was_written_says_what_h5py_would_say_of_it(file):
    for length in (3, SMALL):
        group = new_group(file, f"inner_{length}")
        written, found = write_array(group, "values", np.zeros((length, 2))), group["values"]
        assert (written.name, written.shape, written.is_scale) == (found.name, found.shape, found.is_scale)
        make_scale(written, "x")
        assert written.is_scale
        assert found.is_scale


def test_the_scale_of_an_axis_that_has_a_length_only_takes_no_room(file):
    scale = empty_dataset(file, "site", 1000)
    make_scale(scale, "site")
    attach_scale(write_array(file, "density", np.zeros(1000)), 0, scale)
    assert scale.id.get_storage_size() == 0
    assert [axis[0].name for axis in file["density"].dims] == ["/site"]
