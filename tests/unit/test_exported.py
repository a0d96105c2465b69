"""Results in the formats of other programs hold the same numbers at the same places."""

import base64
import csv
import dataclasses
import io
from xml.etree import ElementTree

import h5py
import numpy as np
import pytest

import bdg
from bdg.errors import InputError
from bdg.exported import ENDINGS
from tests.store.made_up import result

TYPES = {"Float64": "<f8", "Int64": "<i8", "UInt8": "u1"}


@pytest.fixture(scope="module")
def flat():
    return result(bdg.build_sample("square", (5, 4), "periodic"), is_complex=False)


@pytest.fixture(scope="module")
def deep():
    return result(bdg.build_sample("cubic", (3, 3, 2)), is_complex=True)


def arrays_of(path, place):
    """Arrays of a .vtp by name: the bytes behind a number of bytes, in base64 right behind the tag."""
    tree = ElementTree.parse(path)
    found = {}
    for one in tree.find(f".//{place}"):
        raw = base64.b64decode(one.text)
        assert np.frombuffer(raw[:8], np.uint64)[0] == len(raw) - 8
        values = np.frombuffer(raw[8:], TYPES[one.get("type")])
        size = int(one.get("NumberOfComponents"))
        found[one.get("Name")] = values if size == 1 else values.reshape(-1, size)
    return found


def test_points_and_lines_are_sites_and_the_bonds_inside(flat, tmp_path):
    bdg.export(flat, tmp_path / "a.vtp", "delta", "bond_current")
    piece = ElementTree.parse(tmp_path / "a.vtp").find(".//Piece")
    inside = ~flat.sample.bonds.crossing.any(axis=1)
    assert (piece.get("NumberOfPoints"), piece.get("NumberOfLines")) == ("20", str(inside.sum()))
    points = arrays_of(tmp_path / "a.vtp", "Points")["points"]
    np.testing.assert_array_equal(points[:, :2], flat.sample.positions)
    np.testing.assert_array_equal(points[:, 2], 0)
    ends = arrays_of(tmp_path / "a.vtp", "Lines")["connectivity"].reshape(-1, 2)
    np.testing.assert_array_equal(ends[:, 0], flat.sample.bonds.source[inside])
    np.testing.assert_array_equal(ends[:, 1], flat.sample.bonds.target[inside])
    on_points, on_cells = (arrays_of(tmp_path / "a.vtp", place) for place in ("PointData", "CellData"))
    np.testing.assert_array_equal(on_points["delta"], flat.fields.delta)
    assert np.isnan(on_cells["bond_current"][:20]).all()
    np.testing.assert_array_equal(on_cells["bond_current"][20:], flat["bond_current"].values[inside])


def test_complex_numbers_are_four_arrays_and_components_a_vector(deep, tmp_path):
    bdg.export(deep, tmp_path / "a.vtp", "delta", "site_current", "hartree")
    found = arrays_of(tmp_path / "a.vtp", "PointData")
    delta = deep.fields.delta
    np.testing.assert_array_equal(found["delta_real"] + 1j * found["delta_imag"], delta)
    np.testing.assert_array_equal(found["delta_modulus"], np.abs(delta))
    np.testing.assert_array_equal(found["delta_phase"], np.angle(delta))
    np.testing.assert_array_equal(found["site_current"], deep["site_current"].values)
    np.testing.assert_array_equal(found["hartree_down"], deep.fields.hartree[1])


def test_vtk_reads_it(deep, tmp_path):
    reading = pytest.importorskip("vtkmodules.vtkIOXML", reason="vtk is not installed")
    convert = pytest.importorskip("vtkmodules.util.numpy_support").vtk_to_numpy
    bdg.export(deep, tmp_path / "a.vtp", energy=0.0)
    reader = reading.vtkXMLPolyDataReader()
    reader.SetFileName(str(tmp_path / "a.vtp"))
    reader.Update()
    read = reader.GetOutput()
    assert read.GetNumberOfVerts() == deep.sample.n_sites
    np.testing.assert_array_equal(
        convert(read.GetPointData().GetArray("delta_modulus")), np.abs(deep.fields.delta)
    )


def test_all_that_lies_on_sites_and_bonds_is_written_and_spectra_only_at_an_energy(flat, tmp_path):
    bdg.export(flat, tmp_path / "all.vtp")
    found = arrays_of(tmp_path / "all.vtp", "PointData")
    assert {"delta", "hartree_up"} <= set(found)
    assert "ldos" not in found
    energies = flat["ldos"].coords["energy"].values
    bdg.export(flat, tmp_path / "at.vtp", energy=float(energies[1]) + 1e-6)
    np.testing.assert_array_equal(arrays_of(tmp_path / "at.vtp", "PointData")["ldos"], flat["ldos"].values[1])
    with pytest.raises(InputError, match="ldos is a spectrum; give an energy, or write a series"):
        bdg.export(flat, tmp_path / "no.vtp", "ldos")
    with pytest.raises(InputError, match=r"99 is outside of the energy axis"):
        bdg.export(flat, tmp_path / "no.vtp", "ldos", energy=99.0)
    assert not (tmp_path / "no.vtp").exists()


def test_a_series_has_a_file_for_each_energy(flat, tmp_path):
    bdg.export(flat, tmp_path / "spectra.pvd", "ldos")
    entries = ElementTree.parse(tmp_path / "spectra.pvd").findall(".//DataSet")
    energies = flat["ldos"].coords["energy"].values
    assert [float(one.get("timestep")) for one in entries] == energies.tolist()
    for one, values in zip(entries, flat["ldos"].values, strict=True):
        np.testing.assert_array_equal(arrays_of(tmp_path / one.get("file"), "PointData")["ldos"], values)
    with pytest.raises(InputError, match="a series has all energies"):
        bdg.export(flat, tmp_path / "no.pvd", "ldos", energy=0.0)
    with pytest.raises(InputError, match="a series is of spectra on all sites"):
        bdg.export(flat, tmp_path / "no.pvd", "delta")


def xdmf_of(path):
    """Grids of an .xdmf: their time, and arrays by name and center."""
    found = []
    for grid in ElementTree.parse(path).iterfind(".//Grid[@GridType='Uniform']"):
        arrays = {}
        for one in (*grid.iterfind("Topology"), *grid.iterfind("Geometry"), *grid.iterfind("Attribute")):
            item = one.find("DataItem")
            file, _, place = item.text.partition(":")
            with h5py.File(path.parent / file) as heavy:
                values = heavy[place][()]
            assert item.get("Dimensions") == " ".join(map(str, values.shape))
            assert (item.get("NumberType"), item.get("Precision")) in {("Float", "8"), ("Int", "8")}
            arrays[one.get("Name", one.tag), one.get("Center")] = values
        time = grid.find("Time")
        found.append((None if time is None else float(time.get("Value")), arrays))
    return found


def test_xdmf_has_sites_bonds_and_quantities_on_both(flat, deep, tmp_path):
    bdg.export(flat, tmp_path / "a.xdmf", "delta", "bond_current")
    ((time, found),) = xdmf_of(tmp_path / "a.xdmf")
    sample, inside = flat.sample, ~flat.sample.bonds.crossing.any(axis=1)
    assert time is None
    np.testing.assert_array_equal(found["Geometry", None][:, :2], sample.positions)
    ends = np.column_stack([sample.bonds.source[inside], sample.bonds.target[inside]])
    np.testing.assert_array_equal(found["Topology", None], ends)
    np.testing.assert_array_equal(found["delta", "Node"], flat.fields.delta)
    np.testing.assert_array_equal(found["bond_current", "Cell"], flat["bond_current"].values[inside])
    bdg.export(deep, tmp_path / "b.xdmf", energy=0.0)
    ((_, found),) = xdmf_of(tmp_path / "b.xdmf")
    np.testing.assert_array_equal(
        found["delta_real", "Node"] + 1j * found["delta_imag", "Node"], deep.fields.delta
    )
    assert found["site_current", "Node"].shape == (deep.sample.n_sites, 3)
    with h5py.File(tmp_path / "b.xdmf.h5") as heavy:
        assert heavy["still/delta_real"].attrs["units"] == "t"


def test_xdmf_of_spectra_is_a_series_with_all_else_at_each_energy(flat, tmp_path):
    bdg.export(flat, tmp_path / "a.xdmf", "ldos", "delta")
    grids, ldos = xdmf_of(tmp_path / "a.xdmf"), flat["ldos"]
    assert [time for time, _ in grids] == ldos.coords["energy"].values.tolist()
    for (_, found), values in zip(grids, ldos.values, strict=True):
        np.testing.assert_array_equal(found["ldos", "Node"], values)
        np.testing.assert_array_equal(found["delta", "Node"], flat.fields.delta)
    bdg.export(flat, tmp_path / "all.xdmf")
    ((_, found),) = xdmf_of(tmp_path / "all.xdmf")
    assert ("delta", "Node") in found
    assert ("ldos", "Node") not in found


def test_xdmf_of_sites_without_bonds(tmp_path):
    alone = result(bdg.build_sample("chain", (1,)), is_complex=False)
    bdg.export(alone, tmp_path / "a.xdmf", "delta")
    ((_, found),) = xdmf_of(tmp_path / "a.xdmf")
    np.testing.assert_array_equal(found["Topology", None], [[0]])
    np.testing.assert_array_equal(found["delta", "Node"], alone.fields.delta)


def test_meshio_reads_xdmf(flat, tmp_path):
    meshio = pytest.importorskip("meshio", reason="meshio is not installed")
    bdg.export(flat, tmp_path / "a.xdmf", "delta", "bond_current")
    mesh = meshio.read(tmp_path / "a.xdmf")
    inside = ~flat.sample.bonds.crossing.any(axis=1)
    np.testing.assert_array_equal(mesh.points[:, :2], flat.sample.positions)
    np.testing.assert_array_equal(mesh.point_data["delta"], flat.fields.delta)
    assert [(kind.type, len(kind.data)) for kind in mesh.cells] == [("line", inside.sum())]
    np.testing.assert_array_equal(mesh.cell_data["bond_current"][0], flat["bond_current"].values[inside])


def rows_of(path):
    return list(csv.DictReader(io.StringIO(path.read_text())))


def test_a_table_has_a_line_for_each_number_with_its_places(flat, tmp_path):
    bdg.export(flat, tmp_path / "ldos.csv", "ldos")
    rows, ldos = rows_of(tmp_path / "ldos.csv"), flat["ldos"]
    assert list(rows[0]) == ["energy (t)", "site", "x (a)", "y (a)", "ldos (1/t)"]
    assert [float(row["ldos (1/t)"]) for row in rows] == ldos.values.ravel().tolist()
    last = rows[-1]
    assert float(last["energy (t)"]) == ldos.coords["energy"].values[-1]
    assert [float(last[f"{name} (a)"]) for name in "xy"] == flat.sample.positions[-1].tolist()


def test_a_table_of_complex_numbers_bonds_and_single_numbers(deep, flat, tmp_path):
    bdg.export(deep, tmp_path / "delta.csv", "delta")
    found = [
        complex(float(one["delta real (t)"]), float(one["delta imag (t)"]))
        for one in rows_of(tmp_path / "delta.csv")
    ]
    np.testing.assert_array_equal(found, deep.fields.delta)
    bdg.export(flat, tmp_path / "bonds.csv", "bond_current")
    rows = rows_of(tmp_path / "bonds.csv")
    assert [int(one["to"]) for one in rows] == flat.sample.bonds.target.tolist()
    bdg.export(flat, tmp_path / "gap.csv", "spectral_gap")
    assert len(rows_of(tmp_path / "gap.csv")) == 1


def test_netcdf_holds_all_and_where_it_lies(deep, tmp_path):
    xarray = pytest.importorskip("xarray")
    pytest.importorskip("h5netcdf")
    bdg.export(deep, tmp_path / "all.nc")
    with xarray.open_dataset(tmp_path / "all.nc", engine="h5netcdf") as read:
        np.testing.assert_array_equal(read["delta_real"] + 1j * read["delta_imag"], deep.fields.delta)
        np.testing.assert_array_equal(read["ldos"], deep["ldos"].values)
        np.testing.assert_array_equal(read["z"], deep.sample.positions[:, 2])
        np.testing.assert_array_equal(read["bond_target"], deep.sample.bonds.target)
        assert read["ldos"].attrs["units"] == deep["ldos"].units


def test_a_map_for_gwyddion_and_a_grid_go_through_what_reads_them(flat, tmp_path):
    with_units = dataclasses.replace(flat, units=bdg.Units(energy=1.6e-20, length=4e-10))
    bdg.export(with_units, tmp_path / "map.gsf", "order_parameter")
    read = bdg.measured.read(tmp_path / "map.gsf")
    assert read["order_parameter"].values.shape == (4, 5)
    with pytest.raises(InputError, match=r"a \.gsf holds one quantity; name it"):
        bdg.export(with_units, tmp_path / "no.gsf")
    with pytest.raises(InputError, match="those of stm; name no quantity"):
        bdg.export(with_units, tmp_path / "no.3ds", "ldos")


@pytest.mark.parametrize(
    ("name", "quantities", "message"),
    [
        ("a.xyz", (), "unknown format; end the name in one of .vtp, .pvd"),
        ("a.vtp", ("dleta",), "no 'dleta'; did you mean 'delta'"),
        ("a.vtp", ("dos",), "lies on neither sites nor bonds; its axes: energy"),
        ("a.xdmf", ("dos",), "lies on neither sites nor bonds|a series is of spectra on all sites"),
        ("a.xdmf", ("ldso",), "no 'ldso'; did you mean 'ldos'"),
        ("a.csv", (), r"a \.csv holds one quantity"),
        ("a.csv", ("currents",), "lie along different axes; name one of them"),
    ],
)
def test_what_cannot_be_written_is_refused(flat, tmp_path, name, quantities, message):
    with pytest.raises(InputError, match=message):
        bdg.export(flat, tmp_path / name, *quantities)
    assert not any(tmp_path.iterdir())


def test_every_ending_is_in_the_help():
    from bdg.cli.exporting import export

    told = " ".join(one.help or "" for one in _options(export))
    assert all(ending in told for ending in ENDINGS)


def _options(command):
    import typing

    hints = typing.get_type_hints(command, include_extras=True)
    return [meta for hint in hints.values() for meta in getattr(hint, "__metadata__", ())]
