"""Files that point outside themselves, promise more than they hold, or contradict themselves are refused."""

from __future__ import annotations

import os

import h5py
import numpy as np
import pytest

import bdg
from bdg.errors import BdgError, FileRefusedError
from bdg.store import load, summary
from bdg.store.files import open_hdf5
from tests.store.made_up import result
from tests.support.hdf5 import without_digests


def _external_link(file, folder):
    del file["scf/delta"]
    file["scf/delta"] = h5py.ExternalLink(os.fspath(folder / "secret.h5"), "/delta")


def _soft_link(file, folder):
    del file["scf/hartree"]
    file["scf/hartree"] = h5py.SoftLink("/scf/delta")


def _external_storage(file, folder):
    n = file["scf/delta"].shape[0]
    del file["scf/delta"]
    file.create_dataset("scf/delta", (n,), "f8", external=[(os.fspath(folder / "secret.txt"), 0, 8 * n)])


def _virtual(file, folder):
    n = file["scf/delta"].shape[0]
    layout = h5py.VirtualLayout((n,), "f8")
    layout[:] = h5py.VirtualSource(os.fspath(folder / "secret.h5"), "delta", (n,))
    del file["scf/delta"]
    file.create_virtual_dataset("scf/delta", layout)


def _gigabytes(file, folder):
    del file["scf/delta"]
    file.create_dataset("scf/delta", (1 << 29,), "f8", chunks=(1 << 16,), compression="gzip")


def _cycle(file, folder):
    file["observables/again"] = file["scf"]


def _objects(file, folder):
    del file["scf/mu"]
    file.create_dataset("scf/mu", data=np.void(b"\x80\x04."))


def _not_finite(file, folder):
    file["scf/delta"][0] = np.nan


def _wrong_shape(file, folder):
    del file["scf/hartree"]
    file["scf/hartree"] = np.zeros((3, 2))


def _status(file, folder):
    file.attrs["status"] = "perfect"


def _index(file, folder):
    file["sample/bond_source"][0] = 1 << 30


def _negative(file, folder):
    file["sample/bond_kind"][0] = -1


def _fewer_sites(file, folder):
    cells = file["sample/cells"][()]
    del file["sample/cells"]
    file["sample/cells"] = cells[:-2]


def _type(file, folder):
    del file["sample/positions"]
    file["sample/positions"] = "here"


DEEDS = [
    *(_external_link, _soft_link, _external_storage, _virtual, _gigabytes, _cycle, _objects, _not_finite),
    *(_wrong_shape, _status, _index, _negative, _fewer_sites, _type),
]


@pytest.fixture
def hostile(tmp_path):
    """A valid result that a deed is then done to, and what lies beside it."""
    path = tmp_path / "hostile.h5"
    bdg.save(result(), path)
    (tmp_path / "secret.txt").write_bytes(bytes(1 << 14))
    with h5py.File(tmp_path / "secret.h5", "w") as file:
        file["delta"] = np.ones(34)
    return path


@pytest.mark.parametrize("deed", DEEDS, ids=lambda deed: deed.__name__.strip("_"))
@pytest.mark.parametrize("read", [load, summary])
def test_hostile_files_are_refused(hostile, deed, read):
    with h5py.File(hostile, "r+") as file:
        deed(file, hostile.parent)
        without_digests(file)
    with pytest.raises(FileRefusedError, match="damaged"):
        read(hostile)


@pytest.mark.parametrize("place", ["/dev/zero", "/dev/null", "/proc/self/mem", "/"])
def test_what_is_no_file_is_refused(place):
    for read in (load, summary):
        with pytest.raises(BdgError):
            read(place)


def test_a_pipe_is_refused_and_not_waited_for(tmp_path):
    os.mkfifo(tmp_path / "pipe.h5")
    with pytest.raises(FileRefusedError, match="not a regular file"):
        load(tmp_path / "pipe.h5")


def test_escape_sequences_of_a_file_never_reach_the_terminal(hostile):
    with h5py.File(hostile, "r+") as file:
        file.attrs["title"] = "quiet\x1b]0;owned\x07\x1b[2J"
        file.attrs["solver"] = "sol\x1b[31mver\r"
        file.attrs["warnings"] = "a\x1b[0mb"
    assert not set(summary(hostile)) & set("\x1b\x07\r")


def _link_for_the_group(file, folder):
    del file["observables"]
    file["observables"] = h5py.ExternalLink(os.fspath(folder / "secret.h5"), "/")


def _link_in_the_group(file, folder):
    file["observables/density/other"] = h5py.ExternalLink(os.fspath(folder / "secret.h5"), "/delta")


def _gigabytes_in_the_group(file, folder):
    file.create_dataset("observables/density/other", (1 << 29,), "f8", chunks=(1 << 16,), compression="gzip")


@pytest.mark.parametrize("deed", [_link_for_the_group, _link_in_the_group, _gigabytes_in_the_group])
def test_who_reads_one_group_is_safe_from_what_is_in_it(hostile, deed):
    with h5py.File(hostile, "r+") as file:
        file.require_group("observables/density")
        deed(file, hostile.parent)
    with pytest.raises(FileRefusedError, match="damaged"), open_hdf5(hostile, "result", part="observables"):
        pass


def test_who_reads_one_group_is_not_kept_by_the_others(hostile):
    with h5py.File(hostile, "r+") as file:
        _external_link(file, hostile.parent)
    with open_hdf5(hostile, "result", part="observables") as file:
        assert len(file["observables"]) > 0
    with pytest.raises(FileRefusedError, match="damaged"):
        load(hostile)
