"""Files appear whole or not at all, and what goes wrong is said in one line."""

import errno
import os
import stat
import subprocess
import sys

import h5py
import numpy as np
import pytest

import bdg
from bdg.errors import FileRefusedError, InputError, ResourceError
from bdg.store import (
    Checkpoint,
    load,
    load_checkpoint,
    require_writable,
    save,
    save_checkpoint,
    summary,
    write_text,
)
from bdg.store import results as results_module
from bdg.store.safety import atomic as atomic_module
from bdg.store.safety.checksum import LENGTH
from tests.store.made_up import differences, result


@pytest.fixture
def made():
    return result()


def only(folder):
    return sorted(os.listdir(folder))


def test_existing_file_is_refused_and_kept(tmp_path, made):
    path = tmp_path / "r.h5"
    path.write_bytes(b"precious")
    with pytest.raises(FileRefusedError, match=r"exists already.*--overwrite, from Python overwrite=True"):
        save(made, path)
    with pytest.raises(FileRefusedError, match="exists already"):
        require_writable(path)
    assert path.read_bytes() == b"precious"
    assert only(tmp_path) == ["r.h5"]
    require_writable(path, overwrite=True)
    save(made, path, overwrite=True)
    assert differences(made, load(path)) == []


def test_it_is_on_the_disk_before_it_has_its_name_and_the_name_is_too(tmp_path, made, monkeypatch):
    """A power cut after the rename must not leave an empty file under the name."""
    real, synced = os.fsync, []

    def fsync(descriptor):
        is_folder = stat.S_ISDIR(os.fstat(descriptor).st_mode)
        size = 0 if is_folder else os.fstat(descriptor).st_size
        synced.append((is_folder, size, (tmp_path / "r.h5").exists()))
        real(descriptor)

    monkeypatch.setattr(os, "fsync", fsync)
    save(made, tmp_path / "r.h5")
    assert synced == [(False, (tmp_path / "r.h5").stat().st_size, False), (True, 0, True)]


def test_file_that_appears_meanwhile_is_kept(tmp_path, made, monkeypatch):
    path = tmp_path / "r.h5"
    write = results_module.write_result

    def slow(file, result):
        write(file, result)
        path.write_bytes(b"quicker")

    monkeypatch.setattr(results_module, "write_result", slow)
    with pytest.raises(FileRefusedError, match="exists already"):
        save(made, path)
    assert path.read_bytes() == b"quicker"
    assert only(tmp_path) == ["r.h5"]


def test_file_systems_without_links(tmp_path, made, monkeypatch):
    def no_links(*_):
        raise OSError(errno.EPERM, "Operation not permitted")

    monkeypatch.setattr(os, "link", no_links)
    save(made, tmp_path / "r.h5")
    assert differences(made, load(tmp_path / "r.h5")) == []
    assert only(tmp_path) == ["r.h5"]


@pytest.mark.parametrize("error", [ValueError, KeyboardInterrupt, MemoryError])
def test_exception_in_the_middle_leaves_nothing(tmp_path, made, monkeypatch, error):
    save(made, tmp_path / "old.h5")
    old = (tmp_path / "old.h5").read_bytes()

    def broken(*_):
        raise error("in the middle")

    monkeypatch.setattr(results_module, "write_history", broken)
    for path, overwrite in ((tmp_path / "new.h5", False), (tmp_path / "old.h5", True)):
        with pytest.raises(error, match="in the middle"):
            save(made, path, overwrite=overwrite)
    assert only(tmp_path) == ["old.h5"]
    assert (tmp_path / "old.h5").read_bytes() == old


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EDQUOT, errno.EIO])
@pytest.mark.parametrize("nth", [1, 2, 5, 10, 20, 40, 80])
def test_full_disk_leaves_the_old_file(tmp_path, made, monkeypatch, nth, number):
    path = tmp_path / "r.h5"
    save(made, path)
    old, write, calls = path.read_bytes(), atomic_module.write_all, []

    def failing(stream, data):
        calls.append(len(data))
        if len(calls) >= nth:
            raise OSError(number, os.strerror(number))
        write(stream, data)

    monkeypatch.setattr("bdg.store.files.write_all", failing)
    with pytest.raises(ResourceError) as caught:
        save(made, path, overwrite=True)
    assert "\n" not in str(caught.value)
    assert path.read_bytes() == old
    assert only(tmp_path) == ["r.h5"]


@pytest.mark.skipif(sys.platform == "win32", reason="limits on file sizes are POSIX's")
def test_a_file_that_cannot_grow_is_one_clean_error(tmp_path):
    script = """
import resource, signal, sys
from bdg.errors import ResourceError
from bdg.store import save
from tests.store.made_up import result
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
made = result()
for limit in (100, 4000, 50000):
    resource.setrlimit(resource.RLIMIT_FSIZE, (limit, resource.RLIM_INFINITY))
    try:
        save(made, sys.argv[1])
    except ResourceError as error:
        print(error)
"""
    done = subprocess.run(
        [sys.executable, "-c", script, str(tmp_path / "r.h5")], capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.count("r.h5: no file may become that large here") == 3
    assert done.stdout.count("ulimit -f") == 3
    assert only(tmp_path) == []


def test_names_that_cannot_be_files(tmp_path, made):
    (tmp_path / "file").write_text("x")
    for path in (tmp_path, tmp_path / "file" / "r.h5", tmp_path / ("x" * 300)):
        with pytest.raises(FileRefusedError) as caught:
            save(made, path)
        assert "\n" not in str(caught.value)
    with pytest.raises(FileRefusedError, match="folder"):
        load(tmp_path)


@pytest.mark.parametrize("number", [errno.EACCES, errno.EROFS])
def test_folder_that_cannot_be_written(tmp_path, made, monkeypatch, number):
    def refuse(*_, **__):
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(atomic_module, "open", refuse, raising=False)
    with pytest.raises(ResourceError, match="cannot be written"):
        save(made, tmp_path / "r.h5")
    assert only(tmp_path) == []


def test_links_are_followed(tmp_path, made):
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "r.h5").symlink_to(tmp_path / "elsewhere" / "real.h5")
    save(made, tmp_path / "r.h5")
    assert (tmp_path / "r.h5").is_symlink()
    assert only(tmp_path / "elsewhere") == ["real.h5"]


def test_text_files(tmp_path):
    write_text(tmp_path / "a.yaml", "Δ: 1\n")
    assert (tmp_path / "a.yaml").read_text(encoding="utf-8") == "Δ: 1\n"
    with pytest.raises(FileRefusedError):
        write_text(tmp_path / "a.yaml", "b")


READERS = (load, load_checkpoint, summary)


@pytest.mark.parametrize("read", READERS)
def test_missing_file(tmp_path, read):
    with pytest.raises(InputError, match="no such file"):
        read(tmp_path / "nothing.h5")


@pytest.mark.parametrize("read", READERS)
@pytest.mark.parametrize("content", [b"", b"text", b"\x89HDF\r\n\x1a\n", b"\x89HDF\r\n\x1a\n" + bytes(5000)])
def test_foreign_file(tmp_path, read, content):
    (tmp_path / "r.h5").write_bytes(content)
    with pytest.raises(FileRefusedError) as caught:
        read(tmp_path / "r.h5")
    assert "\n" not in str(caught.value)


def test_foreign_hdf5(tmp_path):
    with h5py.File(tmp_path / "r.h5", "w") as file:
        file["x"] = [1, 2, 3]
    with pytest.raises(FileRefusedError, match="not one of bdg"):
        load(tmp_path / "r.h5")


def test_newer_schema(tmp_path, made):
    save(made, tmp_path / "r.h5")
    with h5py.File(tmp_path / "r.h5", "r+") as file:
        file.attrs["schema_version"] = 99
    with pytest.raises(FileRefusedError, match="newer bdg"):
        load(tmp_path / "r.h5")


def test_other_kind(tmp_path, made):
    save(made, tmp_path / "r.h5")
    save_checkpoint(tmp_path / "c", Checkpoint("", "", made.sample.positions[:, 0]))
    with pytest.raises(FileRefusedError, match="a result, not a checkpoint"):
        load_checkpoint(tmp_path / "r.h5")
    with pytest.raises(FileRefusedError, match="a checkpoint, not a result"):
        load(tmp_path / "c")


@pytest.mark.parametrize(
    "missing", ["scf", "scf/delta", "sample/positions", "config/source", "scf/history/mu"]
)
def test_incomplete_file(tmp_path, made, missing):
    save(made, tmp_path / "r.h5")
    with h5py.File(tmp_path / "r.h5", "r+") as file:
        del file[missing]
    for read in (load, summary):
        with pytest.raises(FileRefusedError, match="damaged"):
            read(tmp_path / "r.h5")


@pytest.mark.parametrize("name", ["delta", "hartree", "bond_delta", "fock", "exchange"])
def test_a_field_of_another_shape_than_the_sample_is_refused(tmp_path, name):
    model = bdg.build_model(
        bdg.build_sample("chain", 3),
        bond_attraction=2.0,
        attraction=-1.0,
        fields=["pairing", "hartree", "fock"],
        magnetism="noncollinear",
        temperature=0.1,
    )
    save(bdg.solve(model, observables=()), tmp_path / "r.h5")
    with h5py.File(tmp_path / "r.h5", "r+") as file:
        values = file["scf"][name][()]
        del file["scf"][name]
        axis = 1 if name == "hartree" else 0
        file["scf"][name] = np.take(values, range(values.shape[axis] - 1), axis)
    with pytest.raises(FileRefusedError, match="damaged"):
        load(tmp_path / "r.h5")


def test_truncated_anywhere(tmp_path, made):
    save(made, tmp_path / "r.h5")
    whole, cut = (tmp_path / "r.h5").read_bytes(), tmp_path / "cut.h5"
    end = len(whole) - LENGTH
    for size in [*range(0, 200, 7), *range(200, end, end // 40), end - 1]:
        cut.write_bytes(whole[:size])
        with pytest.raises(FileRefusedError) as caught:
            load(cut)
        assert "\n" not in str(caught.value)


def test_one_wrong_byte_is_noticed(tmp_path, made):
    save(made, tmp_path / "r.h5")
    whole, bad = (tmp_path / "r.h5").read_bytes(), tmp_path / "bad.h5"
    for place in range(0, len(whole) - LENGTH, len(whole) // 60):
        bad.write_bytes(whole[:place] + bytes([whole[place] ^ 0x10]) + whole[place + 1 :])
        with pytest.raises(FileRefusedError, match="damaged"):
            load(bad)
