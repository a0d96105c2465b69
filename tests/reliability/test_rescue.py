"""A result that cannot be written where it should be is not lost."""

import errno
import tempfile
from pathlib import Path

import h5py
import numpy as np
import pytest

import bdg
from bdg.errors import FileRefusedError, InputError, ResourceError
from bdg.simulation.hooks import Hooks
from bdg.store.safety import atomic

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


@pytest.mark.parametrize("names", ["missing", "a file", "nothing"])
def test_no_place_for_temporary_files_either_is_one_line(toy, monkeypatch, names):
    """TMPDIR that does not exist, that is a file, and a system with no usable folder at all."""

    def full(temporary, target, *rest):
        raise OSError(errno.ENOSPC, "No space left on device")

    def unusable():
        raise FileNotFoundError(errno.ENOENT, "No usable temporary directory found")

    monkeypatch.setattr(atomic, "_publish", full)
    if names == "nothing":
        monkeypatch.setattr(tempfile, "gettempdir", unusable)
    else:
        folder = toy / "nowhere"
        if names == "a file":
            folder.write_text("")
        monkeypatch.setattr(tempfile, "tempdir", str(folder))
    with pytest.raises(ResourceError, match="nor could the result be kept") as caught:
        bdg.run_file("toy.yaml")
    assert "\n" not in str(caught.value)


def test_a_limit_on_file_sizes_is_named_with_the_users_path_and_leaves_nothing(toy, monkeypatch):
    def limited(temporary, target, *rest):
        raise OSError(errno.EFBIG, "File too large")

    (toy / "tmp").mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(toy / "tmp"))
    monkeypatch.setattr(atomic, "_publish", limited)
    with pytest.raises(
        ResourceError, match=r"^out/toy.h5: no file may become that large.*ulimit -f"
    ) as caught:
        bdg.run_file("toy.yaml")
    assert "nor could the result be kept" in str(caught.value)
    assert "tmp" not in str(caught.value)
    assert not list(Path("out").iterdir())
    assert not list(Path("tmp").iterdir())


def test_the_output_appeared_meanwhile(toy):
    def another_run(iteration):
        Path("out/toy.h5").write_text("precious")

    with pytest.raises(FileRefusedError, match="kept as") as caught:
        bdg.run_file("toy.yaml", hooks=Hooks(after_iteration=another_run))
    assert bdg.load(kept_as(caught.value)).status == "converged"
    assert Path("out/toy.h5").read_text() == "precious"


def test_numbers_that_break_are_flagged_kept_and_explained(toy):
    result = bdg.run_file("toy.yaml", ["interaction.onsite=1e300"])
    path = result.path
    assert result.status == "broken"
    assert bdg.load(path, warn=False).status == "broken"
    assert np.isfinite(result.fields.delta).all()
    assert Path("out/toy.h5.checkpoint").exists()


def test_an_exception_inside_the_loop_leaves_a_checkpoint(toy):
    def at_the_third(iteration):
        if iteration.iteration == 3:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        bdg.run_file("toy.yaml", hooks=Hooks(after_iteration=at_the_third))
    result = bdg.resume_file("out/toy.h5")
    whole = bdg.run_file("toy.yaml", ["output=whole.h5"])
    assert result.status == "converged"
    np.testing.assert_allclose(result.fields.delta, whole.fields.delta, atol=1e-7)


@pytest.mark.parametrize(
    ("override", "words"),
    [
        ("lattice.size=[8]", "lattice"),
        ("interaction.onsite=2", "interaction"),
        ("output=elsewhere.h5", "output"),
        ("scf.max_iterations=2", "raise it"),
    ],
)
def test_resume_refuses_to_go_on_with_another_problem(toy, override, words):
    bdg.run_file("toy.yaml", ["scf.max_iterations=3"])
    before = Path("out/toy.h5").read_bytes()
    with pytest.raises(InputError, match=words):
        bdg.resume_file("out/toy.h5", [override])
    assert Path("out/toy.h5").read_bytes() == before
    result = bdg.resume_file("out/toy.h5", ["scf.max_iterations=300", "scf.mixer=linear"])
    assert result.status == "converged"


def test_a_sample_too_large_for_memory_is_refused_before_it_is_built(toy):
    size = "lattice:\n  kind: square\n  size: [300000, 300000]\n"
    Path("large.yaml").write_text(size + "hamiltonian: {chemical_potential: 0}\n")
    with pytest.raises(ResourceError, match=r"^large.yaml:3:9: lattice.size: .* GiB .*; make it smaller$"):
        bdg.run_file("large.yaml")


def test_a_file_that_is_open_elsewhere_in_the_process_can_be_loaded(toy):
    path = bdg.run_file("toy.yaml").path
    with h5py.File(path) as file:
        assert file.attrs["status"] == "converged"
        assert bdg.load(path).status == "converged"
