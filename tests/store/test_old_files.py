"""A file of every earlier layout opens, is drawn, measured and continued, and is written anew in today's.

``tests/store/old`` has, gzipped, a result and a checkpoint after two iterations of each, made by the version
of its day from a square of 4 × 3 sites: ``1_first`` (the first files), ``1_momenta`` (infinite directions,
several starts), ``1_bonds`` (fields on bonds and of any spin, screened fields), ``1_warnings`` (shells from
above 0; the result is one that did not converge), ``1_saddles`` (saddles, fixed filling, error of a small Δ),
``1_model`` (the model is in the file), ``1_last`` (fields by the rows of a table). The number is the schema
version.
"""

from __future__ import annotations

import gzip
from pathlib import Path

import h5py
import matplotlib.pyplot as plt
import numpy as np
import pytest

import bdg
from bdg import plot as drawing
from bdg.errors import FileRefusedError, UnknownKeyError
from bdg.records.listing import listing
from bdg.store import load_checkpoint, read, save, summary
from bdg.store.files import SCHEMA_VERSION
from bdg.store.safety.digests import SHA256
from bdg.upkeep import check
from tests.store.made_up import differences

OLD = Path(__file__).parent / "old"
NAMES = sorted(path.name.removesuffix(".h5.gz") for path in OLD.glob("*.h5.gz"))


@pytest.fixture(params=NAMES)
def old(request, tmp_path):
    """The result; its checkpoint is beside it."""
    for end in (".h5", ".h5.checkpoint"):
        data = gzip.decompress((OLD / f"{request.param}{end}.gz").read_bytes())
        (tmp_path / f"{request.param}{end}").write_bytes(data)
    return tmp_path / f"{request.param}.h5"


def test_there_is_one_of_every_earlier_version():
    assert {int(name.partition("_")[0]) for name in NAMES} == set(range(1, SCHEMA_VERSION))
    assert sum(path.stat().st_size for path in OLD.iterdir()) < 50_000 * len(NAMES)


def test_it_opens_and_is_whole(old):
    version = old.name.partition("_")[0]
    assert read(old).title.startswith("An earlier file")
    assert "An earlier file" in summary(old)
    assert check(old)[0].startswith(f"result, schema {version}, ")
    assert check(f"{old}.checkpoint")[0].startswith(f"checkpoint, schema {version}, ")


def test_it_is_drawn(old):
    result = read(old)
    for quantity in (None, "order_parameter"):
        figure = drawing.plot(result, quantity)
        assert figure.axes
        plt.close(figure)


def test_it_knows_its_parameters(old):
    result = read(old)
    assert result.config["temperature"] == result.temperature
    assert result.config["lattice.size"] == list(result.sample.size)
    assert result.config["scf.tolerance"] == result.tolerance
    with pytest.raises(UnknownKeyError, match="did you mean 'temperature'"):
        result.config["temperatur"]


def test_it_has_a_row_in_a_list_and_is_compared(old):
    result = read(old)
    row = listing([str(old)], ["temperature", "largest_delta", "mu", "lattice.size[0]"]).records[0]
    assert row.status == result.status
    largest = np.abs(result.fields.delta).max()
    assert list(row.values.values()) == [result.temperature, largest, result.fields.mu, result.sample.size[0]]
    assert bdg.diff(old, result).is_same


def test_it_is_measured_again_with_the_same_numbers(old):
    result = read(old)
    before = result["spin_density"].values
    # ∂n/∂field times the residual: of a state that did not converge both are of the same fields, too.
    np.testing.assert_allclose(bdg.measure(result, "density")["spin_density"].values, before, atol=1e-12)
    assert bdg.measure(result, "spectral_gap")["spectral_gap"].values > 0.05


def test_its_checkpoint_is_continued_to_the_same_state(old):
    before = read(old)
    old.unlink()
    after = bdg.resume_file(f"{old}.checkpoint", ["scf.max_iterations=100"])
    assert after.status == "converged"
    if before.status == "converged":
        np.testing.assert_allclose(np.abs(after.fields.delta), np.abs(before.fields.delta), atol=3e-6)
    assert not Path(f"{old}.checkpoint").exists()


def test_written_anew_it_has_the_layout_of_today_and_the_same_content(old, tmp_path):
    before = read(old)
    save(before, tmp_path / "new.h5")
    assert differences(before, read(tmp_path / "new.h5")) == []
    with h5py.File(tmp_path / "new.h5") as file:
        assert file.attrs["schema_version"] == SCHEMA_VERSION
        assert SHA256 in file["scf/delta"].attrs


@pytest.mark.parametrize("version", [SCHEMA_VERSION + 1, 1000])
@pytest.mark.parametrize("end", [".h5", ".h5.checkpoint"])
def test_a_file_of_a_later_version_is_refused_by_name_of_both(tmp_path, version, end):
    path = tmp_path / f"later{end}"
    path.write_bytes(gzip.decompress((OLD / f"{NAMES[0]}{end}.gz").read_bytes()))
    with h5py.File(path, "r+") as file:
        file.attrs["schema_version"] = version
    reads = [summary, check, read if end == ".h5" else load_checkpoint]
    for deed in [*reads, *([bdg.resume_file] if end != ".h5" else [])]:
        with pytest.raises(FileRefusedError, match=f"newer bdg.*schema {version}.*up to {SCHEMA_VERSION}"):
            deed(path)


@pytest.mark.parametrize("version", [0, -3, "two", 1.5])
def test_a_version_that_never_was_is_refused(tmp_path, version):
    path = tmp_path / "odd.h5"
    path.write_bytes(gzip.decompress((OLD / f"{NAMES[0]}.h5.gz").read_bytes()))
    with h5py.File(path, "r+") as file:
        file.attrs["schema_version"] = version
    with pytest.raises(FileRefusedError):
        read(path)
