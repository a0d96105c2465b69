"""Other programs read the files: h5py alone, xarray without extra arguments, h5dump."""

import shutil
import subprocess
import sys

import h5py
import numpy as np
import pytest
import xarray

from bdg.errors import InputError
from bdg.result import Units
from bdg.store import Checkpoint, save, save_checkpoint, to_xarray
from bdg.store.groups.quantities import read_quantities
from tests.store.made_up import result, samples


@pytest.fixture(scope="module")
def made():
    return result()


@pytest.fixture(scope="module")
def path(made, tmp_path_factory):
    path = tmp_path_factory.mktemp("store") / "r.h5"
    save(made, path)
    return path


def test_every_dataset_describes_itself(path):
    with h5py.File(path) as file:
        seen = []

        def visit(name, item):
            if not isinstance(item, h5py.Dataset):
                return
            seen.append(name)
            assert item.dtype.kind in "iufcO"
            if item.dtype.kind == "O":
                assert h5py.check_string_dtype(item.dtype).encoding == "utf-8"
            if item.is_scale:
                return
            assert all(len(axis) == 1 for axis in item.dims)
            assert "long_name" in item.attrs
            assert name.startswith("config") or "units" in item.attrs

        file.visititems(visit)
        assert {"config/source", "sample/positions", "scf/delta", "scf/history/mu", "site", "spin"} <= set(
            seen
        )
        for name in (
            "schema_version",
            "title",
            "status",
            "tolerance",
            "residual",
            "temperature",
            "seed",
            "solver",
        ):
            assert name in file.attrs
        assert file.attrs["error_density"] == 1e-14
        assert file["scf/delta"].dtype == np.complex128
        assert file["scf/delta"].id.get_type().get_member_name(0) == b"r"


def test_si_attributes(path):
    with h5py.File(path) as file:
        expected = {
            "order_parameter/order_parameter": ("meV", 100.0),
            "ldos/ldos": ("1/meV", 0.01),
            "ldos/energy": ("meV", 100.0),
            "currents/bond_current": ("nA", 1e9 * 1.602176634e-19 * 1.602176634e-20 / 1.054571817e-34),
            "entropy/entropy": ("meV/K", 0.08617333262),
        }
        for name, (unit, factor) in expected.items():
            attributes = file[f"observables/{name}"].attrs
            assert attributes["si_units"] == unit
            assert attributes["si_factor"] == pytest.approx(factor, rel=1e-9)
        assert file["sample/positions"].attrs["si_factor"] == pytest.approx(0.4)
        assert file.attrs["temperature_kelvin"] == pytest.approx(0.05 * 0.1 / 8.617333262e-5)
        assert "si_units" not in file["observables/density/density"].attrs


def test_fields_are_in_tesla_where_the_lattice_constant_is_known():
    """One h/2e through a cell is π in ħ/(e a²): h/2e = 2.067833848e-15 Wb over the area."""
    factor, unit = Units(1e-20, length=0.4e-9).si("hbar/(e a^2)")
    assert unit == "T"
    assert np.pi * factor == pytest.approx(2.067833848e-15 / 0.16e-18, rel=1e-9)
    assert Units(1e-20).si("hbar/(e a^2)") is None


def test_no_si_attributes_without_units(tmp_path):
    save(result(units=False), tmp_path / "r.h5")
    with h5py.File(tmp_path / "r.h5") as file:
        assert "si_units" not in file["scf/delta"].attrs
        assert "temperature_kelvin" not in file.attrs


def test_xarray_opens_groups(path, made):
    for name, quantities in made.observables.items():
        with xarray.open_dataset(path, engine="h5netcdf", group=f"observables/{name}") as dataset:
            for key, quantity in quantities.items():
                assert dataset[key].dims == quantity.dims
                np.testing.assert_array_equal(dataset[key].values, quantity.values)
                assert dataset[key].attrs["long_name"] == quantity.long_name


@pytest.mark.parametrize("lattice", ["single", "honeycomb", "cubic"])
def test_xarray_opens_the_tree(tmp_path, lattice):
    made = result(samples()[lattice])
    save(made, tmp_path / "r.h5")
    with xarray.open_datatree(tmp_path / "r.h5", engine="h5netcdf") as opened:
        tree = opened.load()
    np.testing.assert_array_equal(
        tree["observables/ldos/energy"].values, made["ldos"].coords["energy"].values
    )
    np.testing.assert_array_equal(tree["scf/delta"].values, made.fields.delta)
    assert tree["scf/hartree"].dims == ("spin", "site")
    assert list(tree["spin"].values) == ["up", "down"]
    assert str(tree["config/source"].values) == made.provenance.config_source


def test_xarray_opens_checkpoints_and_empty_results(tmp_path):
    save_checkpoint(tmp_path / "c", Checkpoint("", "", np.arange(3.0), (), {"steps": np.zeros((2, 3))}))
    save(result(observables={}, history=()), tmp_path / "r.h5")
    for name in ("c", "r.h5"):
        with xarray.open_datatree(tmp_path / name, engine="h5netcdf") as tree:
            tree.load()


def test_to_xarray_is_the_file_with_positions(path, made):
    of_file, of_result = to_xarray(path), to_xarray(made)
    assert of_file.identical(of_result)
    density = of_file["observables/density/density"]
    np.testing.assert_array_equal(density["y"].values, made.sample.positions[:, 1])
    assert density.attrs["units"] == "1"
    assert float(of_file["observables/ldos/ldos"].sel(energy=0.0, method="nearest").mean()) >= 0
    assert "x" not in of_file["scf/history"].coords


def test_to_xarray_says_what_is_missing(made, monkeypatch):
    monkeypatch.setitem(sys.modules, "xarray", None)
    with pytest.raises(InputError, match=r"pip install 'bdg\[xarray\]'"):
        to_xarray(made)


@pytest.mark.skipif(shutil.which("h5dump") is None, reason="h5dump is not installed")
def test_h5dump_reads_it(path):
    done = subprocess.run(["h5dump", "-H", str(path)], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    assert 'DATASET "order_parameter"' in done.stdout


def test_indices_are_compressed(tmp_path):
    from bdg.lattice import build_sample

    save(result(build_sample("square", (60, 60), "periodic"), observables={}), tmp_path / "r.h5")
    with h5py.File(tmp_path / "r.h5") as file:
        source = file["sample/bond_source"]
        assert source.id.get_storage_size() < source.nbytes / 4


def test_scales_are_known_by_their_places_and_their_names_are_not_searched_for(tmp_path, monkeypatch):
    """HDF5 finds the name of what a reference leads to by looking through the whole file."""
    save(made := result(), tmp_path / "r.h5")
    asked = []
    with h5py.File(tmp_path / "r.h5") as file:
        groups = list(file["observables"].values())
        monkeypatch.setattr(h5py.h5i, "get_name", lambda where: asked.append(where))
        found = {name: one for group in groups for name, one in read_quantities(group).items()}
    assert asked == []
    assert {name: one.dims for name, one in found.items()} == {
        name: one.dims for name, one in made.quantities().items() if name in found
    }
