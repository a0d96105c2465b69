"""Quantities of a result in one NetCDF file, without groups."""

from __future__ import annotations

import os
from collections.abc import Mapping

from bdg.exported.chosen import cut
from bdg.observables import Quantity
from bdg.result import Result
from bdg.studies.collected.collection import Collection
from bdg.studies.collected.netcdf import write_netcdf as write_collection


def write_netcdf(
    path: str | os.PathLike[str], result: Result, found: Mapping[str, Quantity], energy: float | None
) -> None:
    """Write them, complex numbers in two parts, with the places of sites and the ends of bonds.

    The result file itself is read by :func:`bdg.to_xarray` or any program that knows groups; this one is for
    those that do not.
    """
    sample = result.sample
    quantities = {name: cut(quantity, energy) for name, quantity in found.items()}
    dims = {dim for one in quantities.values() for dim in one.dims}
    if "site" in dims:
        for n, name in enumerate("xyz"[: sample.dimension] if sample.dimension <= 3 else ""):
            place = Quantity(sample.positions[:, n], ("site",), "a", f"position along {name}")
            quantities.setdefault(name, place)
    if "bond" in dims:
        ends = {"bond_source": sample.bonds.source, "bond_target": sample.bonds.target}
        for name, values in ends.items():
            quantities.setdefault(name, Quantity(values, ("bond",), "1", f"site at the {name[5:]} of a bond"))
    write_collection(Collection(result.title, (), {}, quantities), path)
