"""A result that cannot be written where it should be is not lost."""

import errno
from pathlib import Path

import pytest

import bdg
from bdg.errors import FileRefused, ResourceError
from bdg.run import Hooks
from bdg.store import atomic

TOY = "lattice: {kind: chain, size: [6]}\nhamiltonian: {chemical_potential: 0}\ninteraction: {onsite: 3}\n"


def kept_as(message):
    return Path(str(message).rpartition("kept as ")[2])


@pytest.fixture
def toy(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    Path("toy.yaml").write_text(TOY + "output: out/toy.h5\n")
    return tmp_path


def test_disk_full_at_the_end(toy, monkeypatch):
    publish = atomic._publish

    def full(temporary, target, *rest):
        if target.parent.name == "out":
            raise OSError(errno.ENOSPC, "No space left on device")
        return publish(temporary, target, *rest)

    monkeypatch.setattr(atomic, "_publish", full)
    with pytest.raises(ResourceError, match="kept as") as caught:
        bdg.run_file("toy.yaml")
    assert bdg.load(kept_as(caught.value)).status == "converged"
    assert not list(Path("out").iterdir())


def test_the_output_appeared_meanwhile(toy):
    def another_run(turn):
        Path("out/toy.h5").write_text("precious")

    with pytest.raises(FileRefused, match="kept as") as caught:
        bdg.run_file("toy.yaml", hooks=Hooks(after_turn=another_run))
    assert bdg.load(kept_as(caught.value)).status == "converged"
    assert Path("out/toy.h5").read_text() == "precious"


def test_a_failing_observable_leaves_a_checkpoint(toy, monkeypatch):
    from bdg import observables

    def broken(state):
        raise MemoryError

    monkeypatch.setitem(observables._REGISTRY, "density", broken)
    with pytest.raises(MemoryError):
        bdg.run_file("toy.yaml", ["observables.density={}"])
    monkeypatch.undo()
    monkeypatch.chdir(toy)
    result, path = bdg.resume_file("out/toy.h5")
    assert (result.status, path) == ("converged", Path("out/toy.h5"))
    assert bdg.load(path)["density"].values.shape == (6,)
