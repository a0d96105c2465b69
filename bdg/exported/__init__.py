"""Results in the formats of other programs, by the end of a name."""

from __future__ import annotations

import os
from pathlib import Path

from bdg import measured
from bdg.errors import InputError
from bdg.exported.chosen import chosen
from bdg.exported.netcdf import write_netcdf
from bdg.exported.tables import write_csv
from bdg.exported.vtk import write_series, write_vtp
from bdg.exported.xdmf import write_xdmf
from bdg.result import Result
from bdg.store.groups.starts import field_quantities

ENDINGS = {
    ".vtp": "points and bonds with numbers on them, for ParaView",
    ".pvd": "a series of these along energy or bias",
    ".xdmf": "the same, its arrays in an HDF5 file beside it",
    ".nc": "NetCDF, for xarray and others",
    ".csv": "a table of one quantity",
    ".gsf": "a map, for Gwyddion",
    ".3ds": "spectra of stm on a grid, for programs that read Nanonis",
}


def export(
    result: Result,
    path: str | os.PathLike[str],
    *names: str,
    energy: float | None = None,
    factor: float = 1e-9,
) -> None:
    """Write quantities of a result for another program; an older file is replaced once the new one is whole.

    Parameters
    ----------
    result
        From :func:`bdg.solve` or :func:`bdg.load`.
    path
        Its end decides what is written: .vtp, .pvd, .xdmf (and .xdmf.h5), .nc, .csv, .gsf or .3ds.
    names
        Quantities or observables, ``delta`` and ``hartree`` among them; by default all that the format can
        hold. A .csv and a .gsf hold one, a .3ds those of ``stm``.
    energy
        In t: the nearest energy, or bias in t/e, at which spectra are cut; .vtp and .gsf hold no others,
        and spectra that are named are a series along it in a .pvd or .xdmf.
    factor
        Of a .3ds: the current in A that is 1 in the unit of ``stm_current``.

    Raises
    ------
    InputError
        If the name has another end, the result lacks a quantity, or the format cannot hold it.
    FileRefusedError, ResourceError
        If the file cannot be written.
    """
    ending = Path(path).suffix.lower()
    if ending not in ENDINGS:
        known = ", ".join(ENDINGS)
        raise InputError(f"{os.fspath(path)}: unknown format; end the name in one of {known}")
    if ending in (".gsf", ".3ds"):
        if len(names) != (1 if ending == ".gsf" else 0):
            raise InputError(f"{os.fspath(path)}: {_needs(ending)}")
        measured.write(path, result, *names, bias=energy, factor=factor)
        return
    found = chosen(field_quantities(result) | result.quantities(), result.observables, names)
    if ending == ".csv":
        if len(names) != 1:
            raise InputError(f"{os.fspath(path)}: {_needs(ending)}")
        write_csv(path, result.sample, found, energy)
    elif ending == ".nc":
        write_netcdf(path, result, found, energy)
    elif ending == ".pvd":
        if energy is not None:
            raise InputError(f"{os.fspath(path)}: a series has all energies; give none, or write a .vtp")
        write_series(path, result, found)
    elif ending == ".xdmf":
        write_xdmf(path, result, found, energy, is_all=not names)
    else:
        write_vtp(path, result, found, energy, is_all=not names)


def _needs(ending: str) -> str:
    if ending == ".3ds":
        return "a grid of spectra holds those of stm; name no quantity"
    return f"a {ending} holds one quantity; name it"
