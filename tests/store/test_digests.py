"""Every dataset has a SHA-256, which finds what the checksum of the file does no more."""

import hashlib

import h5py
import numpy as np
import pytest

from bdg.errors import FileRefusedError
from bdg.observables import Quantity
from bdg.store import Checkpoint, load, load_checkpoint, save, save_checkpoint, summary
from bdg.store.safety.checksum import has_checksum
from bdg.store.safety.digests import SHA256, digest
from bdg.upkeep import check
from tests.store.made_up import differences, result


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    path = tmp_path_factory.mktemp("digests") / "r.h5"
    save(result(), path)
    return path


@pytest.fixture
def path(whole, tmp_path):
    (tmp_path / "r.h5").write_bytes(whole.read_bytes())
    return tmp_path / "r.h5"


def test_all_that_has_values_has_one(whole):
    bare, seen = [], []

    def visit(name, member):
        if isinstance(member, h5py.Dataset):
            seen.append(name)
            bare.extend([name] if SHA256 not in member.attrs and member.id.get_storage_size() else [])

    with h5py.File(whole) as file:
        file.visititems(visit)
    assert len(seen) > 50
    assert bare == []


def test_it_is_what_its_definition_says(whole):
    """Type, shape and bytes, by hashlib alone."""
    with h5py.File(whole) as file:
        delta, title = file["scf/delta"], file["config/source"]
        head = f"{delta.dtype.str} {delta.shape}\n".encode()
        assert delta.attrs[SHA256] == hashlib.sha256(head + delta[()].tobytes()).hexdigest()
        text = title.asstr()[()].encode() + b"\0"
        assert title.attrs[SHA256] == hashlib.sha256(b"text ()\n" + text).hexdigest()


@pytest.mark.parametrize("read", [load, summary, check])
@pytest.mark.parametrize(
    "place", ["scf/delta", "observables/ldos/ldos", "observables/ldos/energy", "sample/bond_displacement"]
)
def test_a_value_that_another_program_changed_is_named(path, place, read):
    with h5py.File(path, "r+") as file:
        file[place][0] = file[place][0] * (1 + 1e-15) + 1e-300
    assert not has_checksum(path)
    with pytest.raises(FileRefusedError, match=f"damaged, /{place} ") as caught:
        read(path)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("place", "value"), [("config/resolved", "lattice: {kind: chain}"), ("scf/mu", np.float32(-0.5))]
)
def test_changed_text_and_a_changed_type_are_found(path, place, value):
    with h5py.File(path, "r+") as file:
        attributes = dict(file[place].attrs)
        del file[place]
        file[place] = value
        file[place].attrs.update(attributes)
    with pytest.raises(FileRefusedError, match=place):
        load(path)


def test_a_checkpoint_has_them_too(tmp_path):
    save_checkpoint(tmp_path / "c", Checkpoint("", "", np.arange(3.0), (), {"steps": np.zeros((2, 3))}))
    with h5py.File(tmp_path / "c", "r+") as file:
        file["mixer/steps"][1, 1] = 1e-12
    with pytest.raises(FileRefusedError, match="/mixer/steps"):
        load_checkpoint(tmp_path / "c")


def test_what_another_program_adds_is_left(path):
    before = load(path)
    with h5py.File(path, "r+") as file:
        file["sample"].attrs["note"] = "looked at"
        file["scf/delta"].attrs["colour"] = "blue"
    assert differences(before, load(path)) == []


@pytest.mark.parametrize("kind", ["g", "G", ">f8", "?", "U3", "i1", "e"])
def test_values_of_every_type_come_back(tmp_path, kind):
    values = np.ones((2, 3)).astype(kind)[:, ::2]
    one = {"q": {"q": Quantity(values, ("a", "b"), "1", "made up")}}
    save(result(observables=one), tmp_path / "r.h5")
    assert np.array_equal(load(tmp_path / "r.h5")["q"].values, values)


def test_order_in_memory_does_not_count_but_shape_and_type_do():
    values = np.arange(6.0).reshape(2, 3)
    assert digest(values) == digest(np.asfortranarray(values))
    others = [values.T, values.ravel(), values.astype("f4"), values + 0j, -values, np.zeros((2, 3))]
    assert len({digest(one) for one in [values, *others]}) == 7
    assert digest(np.array([0.0])) != digest(np.array([-0.0]))
    assert digest(np.array(["ab", "c"])) != digest(np.array(["a", "bc"]))
    assert digest(np.zeros((0, 2))) != digest(np.zeros((2, 0)))
