"""What a study says of its points is true of their files, whoever has had them in hand."""

from __future__ import annotations

import json
import os
import shutil

import h5py
import pytest

import bdg
from bdg.config.text import document
from bdg.studies.work import recovery, task

CONFIG = """
lattice: {kind: chain, size: [4], boundary: periodic}
hamiltonian: {chemical_potential: -0.4, disorder: {width: 0.5, seed: 0}}
interaction: {onsite: 2.0}
temperature: 0.1
observables: {spectral_gap: {}}
sweep: {hamiltonian.disorder.seed: {count: 3}}
output: chain.h5
"""


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "chain.yaml").write_text(CONFIG)
    return tmp_path


def swept(**options):
    """The numbers of the points that a sweep runs, and its study."""
    before = set()

    def watch(progress):
        before.add(progress.latest.point)

    study = bdg.sweep("chain.yaml", executor="serial", watch=watch, **options)
    return sorted(before), study


def counted():
    return dict(bdg.open_study("chain").counts())


def cut(file):
    file.write_bytes(file.read_bytes()[:-100])


def flip(file):
    data = bytearray(file.read_bytes())
    data[len(data) // 2] ^= 1
    file.write_bytes(bytes(data))


def empty(file):
    file.write_bytes(b"")


def by_another_point(file):
    shutil.copy(file.with_name("00002.h5"), file)


def by_another_program(file):
    with h5py.File(file, "w") as new:
        new["x"] = 1.0


@pytest.mark.parametrize("change", [os.unlink, cut, flip, empty, by_another_point, by_another_program])
def test_a_file_that_is_not_the_points_result_is_made_again(folder, change):
    _, study = swept()
    change(study.file(study.points[1]))
    assert counted() == {"converged": 2, "waiting": 1}
    again, study = swept()
    assert again == [1]
    assert bdg.load(study.file(study.points[1])).provenance.seed == 1
    assert swept()[0] == []


def test_a_result_of_the_same_configuration_is_as_good_wherever_it_was_made(folder):
    swept()
    bdg.run_file("chain.yaml", ["sweep=null", "hamiltonian.disorder.seed=1", "output=alone.h5"])
    shutil.copy("alone.h5", "chain/points/00001.h5")
    assert counted() == {"converged": 3}
    again, study = swept()
    assert again == []
    assert len((folder / "chain/index.jsonl").read_text().splitlines()) == 4
    assert study.index.entries[1].numbers["spectral_gap"] == bdg.load("alone.h5")["spectral_gap"].values


def test_a_point_that_is_resumed_by_hand_is_done(folder):
    _, study = swept(overrides=["scf.max_iterations=3"])
    assert counted() == {"not_converged": 3}
    bdg.resume_file(study.file(study.points[0]), ["scf.max_iterations=100"])
    assert counted() == {"converged": 1, "not_converged": 2}


def test_a_copy_of_a_study_is_known_by_its_checksums(folder, monkeypatch):
    swept()
    shutil.copytree("chain", "copy", copy_function=shutil.copyfile)
    monkeypatch.setattr(recovery, "read", lambda path: pytest.fail(f"{path} is read"))
    assert bdg.open_study("copy").counts() == {"converged": 3}


def test_a_lost_index_is_made_from_the_results(folder):
    swept()
    os.unlink("chain/index.jsonl")
    assert counted() == {"converged": 3}
    assert swept()[0] == []
    assert len((folder / "chain/index.jsonl").read_text().splitlines()) == 3


def test_results_do_not_say_which_function_made_them(tmp_path):
    def chain(attraction):
        return bdg.build_model(bdg.build_sample("chain", 4), temperature=0.1, attraction=attraction)

    for _ in range(2):
        done = []
        bdg.sweep(
            *(chain, {"attraction": [2, 3]}),
            folder=tmp_path / "own",
            executor="serial",
            watch=lambda progress, done=done: done.append(progress.latest.point),
        )
        assert done == [0, 1]
        os.unlink(tmp_path / "own/index.jsonl")


def test_an_index_without_stamps_is_believed_of_whole_files(folder):
    _, study = swept()
    path = study.index.path
    kept = [json.loads(line) for line in path.read_text().splitlines()]
    for entry in kept:
        del entry["stamp"], entry["residual"]
    path.write_text("".join(json.dumps(entry) + "\n" for entry in kept))
    assert counted() == {"converged": 3}
    flip(study.file(study.points[2]))
    assert counted() == {"converged": 2, "waiting": 1}


def test_the_index_holds_what_status_needs(folder, monkeypatch):
    """No result is opened and the configuration is parsed once, however many points there are."""
    _, study = swept()
    assert all(0 <= entry.residual <= 1e-8 for entry in study.index.entries.values())
    parsed, parse = [], document.yaml.parse
    monkeypatch.setattr(
        document.yaml, "parse", lambda *given, **named: parsed.append(1) or parse(*given, **named)
    )
    monkeypatch.setattr(h5py, "File", lambda path, *others, **named: pytest.fail(f"{path} is opened"))
    source = folder / "chain/study.yaml"
    source.write_text(source.read_text() + "# read anew\n")
    assert bdg.open_study("chain").counts() == {"converged": 3}
    assert len(parsed) <= 3


@pytest.mark.parametrize(("least", "is_waited_for"), [(0.0, True), (1e9, False)])
def test_only_points_that_took_long_are_waited_for_on_the_disk(folder, monkeypatch, least, is_waited_for):
    synced, real = [], os.fsync
    monkeypatch.setattr(
        os,
        "fsync",
        lambda descriptor: synced.append(os.readlink(f"/proc/self/fd/{descriptor}")) or real(descriptor),
    )
    monkeypatch.setattr(task, "DURABLE_FROM", least)
    swept()
    assert sum(name.endswith(".tmp") and "/points/" in name for name in synced) == (3 if is_waited_for else 0)
    assert sum(name.endswith("index.jsonl") for name in synced) >= 1
    synced.clear()
    bdg.run_file("chain.yaml", ["sweep=null", "output=alone.h5"])
    assert len(synced) == 2  # the file and its folder


def test_what_the_power_took_away_is_made_again(folder):
    """After a power cut files are empty or half written though their names and entries are there."""
    _, study = swept()
    for number, content in ((0, b""), (2, study.file(study.points[2]).read_bytes()[:5000])):
        study.file(study.points[number]).write_bytes(content)
    assert swept()[0] == [0, 2]
    assert counted() == {"converged": 3}
