"""Results ⇄ HDF5."""

from __future__ import annotations

import os
import warnings
from dataclasses import fields as fields_of
from dataclasses import replace
from pathlib import Path
from typing import Any, get_args

import h5py
import numpy as np

from bdg.result import Provenance, Result, Units
from bdg.scf import ScfOptions, Status
from bdg.store.beginnings import begin, beginning
from bdg.store.files import new_hdf5, open_hdf5
from bdg.store.groups.arrays import write_array
from bdg.store.groups.history import read_config, read_history, write_config, write_history
from bdg.store.groups.models import read_model, write_model
from bdg.store.groups.objects import new_group, write_attributes
from bdg.store.groups.quantities import describe, read_quantities, write_quantities
from bdg.store.groups.samples import read_sample
from bdg.store.groups.starts import field_quantities, read_fields, read_starts, write_starts
from bdg.words import counted

VERSION = "version_"
OPTION = "option_"
ERROR = "error_"


def save(
    result: Result, path: str | os.PathLike[str], *, overwrite: bool = False, durable: bool = True
) -> None:
    """Write a result to one self-describing HDF5 file, which appears whole or not at all.

    Parameters
    ----------
    result
        What to write.
    path
        The file; missing folders are made.
    overwrite
        Whether an existing file may be replaced; until the new one is complete the old one stays.
    durable
        Whether to wait until it is on the disk; see :func:`bdg.store.safety.atomic.new_file`.

    Raises
    ------
    FileRefusedError
        If the file exists and ``overwrite`` is false, or the name is a folder's.
    ResourceError
        If the folder cannot be written to, or the disk is full.
    InputError
        If a quantity holds something that is neither numbers nor text.
    """
    begun = beginning(result.sample, result.units)
    with new_hdf5(path, "result", overwrite=overwrite, durable=durable, beginning=begun) as file:
        write_result(file, result)


def load(path: str | os.PathLike[str], *, warn: bool = True) -> Result:
    """Read a result; what :func:`save` wrote comes back equal, every array with its type.

    Parameters
    ----------
    path
        The file.
    warn
        Whether to warn, as a :class:`UserWarning`, of one that did not converge.

    Raises
    ------
    InputError
        If there is no such file.
    FileRefusedError
        If it is damaged, incomplete, not of bdg, a checkpoint, or of a newer version.
    """
    result = read(path)
    if warn and result.status != "converged":
        state, made = result.status.replace("_", " "), counted(len(result.history), "iteration")
        warnings.warn(
            f"{os.fspath(path)}: {state} after {made}, residual {result.residual:.1e} t; bdg.load(path,"
            " warn=False) reads it without this line",
            stacklevel=2,
        )
    return result


def read(path: str | os.PathLike[str]) -> Result:
    """Read a result as :func:`load` does, without a warning: for those who look at its status."""
    with open_hdf5(path, "result") as file:
        return replace(read_result(file), path=Path(path))


def write_result(file: h5py.File, result: Result) -> None:
    """Fill an open HDF5 file."""
    write_attributes(file, _root_attributes(result))
    shared, origin = begin(file, result.sample, result.units), result.provenance
    write_config(new_group(file, "config"), origin.config_source, origin.config_resolved)
    if result.made_from is not None:
        write_model(new_group(file, "model"), result.model)
    scf = new_group(file, "scf")
    if origin.scf is not None:
        options = vars(origin.scf)
        write_attributes(scf, {OPTION + name: value for name, value in options.items()})
    for name, field in field_quantities(result).items():
        write_array(
            scf, name, field.values, [shared[dim] for dim in field.dims], describe(field, result.units)
        )
    write_history(new_group(scf, "history"), result.history)
    if result.starts:
        write_starts(new_group(scf, "starts"), result.starts, shared, result.units)
    observables = new_group(file, "observables")
    for name, quantities in result.observables.items():
        write_quantities(new_group(observables, name), quantities, shared, result.units)


def _root_attributes(result: Result) -> dict[str, Any]:
    origin, units = result.provenance, result.units
    attributes: dict[str, Any] = {
        "title": result.title,
        "status": result.status,
        "iterations": len(result.history),
        "residual": float(result.residual),
        "left_saddle": float(result.left_saddle),
        "delta_error": float(result.delta_error),
        "tolerance": float(result.tolerance),
        "temperature": float(result.temperature),
        "seed": origin.seed if abs(origin.seed) < 2**63 else str(origin.seed),
        "solver": origin.solver,
        "solver_method": origin.method,
        "solver_tolerance": float(origin.solver_tolerance),
        "created": origin.created,
        "warnings": "\n".join(result.warnings),
    }
    if units is not None:
        kelvin = units.si("t/k_B")
        assert kelvin is not None
        attributes["temperature_kelvin"] = float(result.temperature) * kelvin[0]
        given = {"energy_joule": units.energy, "length_metre": units.length, "layer_metre": units.layer}
        attributes |= {f"unit_{name}": value for name, value in given.items() if value is not None}
    attributes |= {VERSION + package: version for package, version in origin.versions.items()}
    errors = {name: quantity.error for name, quantity in result.quantities().items()}
    return attributes | {ERROR + name: float(error) for name, error in errors.items() if error is not None}


def read_result(file: h5py.File) -> Result:
    """The result in an open HDF5 file."""
    attributes = file.attrs
    source, resolved = read_config(file["config"])
    scf = file["scf"]
    fields, sample = read_fields(scf), read_sample(file["sample"])
    fit = all(np.shape(values) == row.shape(sample) for row, values in fields.present())
    if not fit or attributes["status"] not in get_args(Status):
        raise ValueError("the fields do not fit the sample, or the status is unknown")
    return Result(
        title=str(attributes["title"]),
        sample=sample,
        temperature=float(attributes["temperature"]),
        fields=fields,
        history=read_history(scf["history"]),
        status=attributes["status"],
        tolerance=float(attributes["tolerance"]),
        observables={name: read_quantities(group) for name, group in file["observables"].items()},
        starts=read_starts(scf["starts"]) if "starts" in scf else (),
        warnings=tuple(filter(None, str(attributes.get("warnings", "")).split("\n"))),
        made_from=read_model(file["model"], sample) if "model" in file else None,
        units=units_in(file),
        provenance=Provenance(
            config_source=source,
            config_resolved=resolved,
            created=str(attributes["created"]),
            versions={
                key.removeprefix(VERSION): str(value)
                for key, value in attributes.items()
                if key.startswith(VERSION)
            },
            seed=int(attributes["seed"]),
            solver=str(attributes["solver"]),
            method=str(attributes.get("solver_method", "")),
            solver_tolerance=float(attributes.get("solver_tolerance", Provenance.solver_tolerance)),
            scf=_read_options(scf),
        ),
    )


def units_in(file: h5py.File) -> Units | None:
    """What t and a are in an open file, where it says so."""
    energy, length, layer = (
        file.attrs.get(f"unit_{name}") for name in ("energy_joule", "length_metre", "layer_metre")
    )
    return None if energy is None else Units(float(energy), _optional(length), _optional(layer))


def _read_options(scf: h5py.Group) -> ScfOptions | None:
    """The options of the loop; ``None`` where a file, being older, has none of them."""
    kinds: dict[str, Any] = {one.name: type(one.default) for one in fields_of(ScfOptions)}
    known = {
        name: kind(scf.attrs[OPTION + name]) for name, kind in kinds.items() if OPTION + name in scf.attrs
    }
    return ScfOptions(**known) if known else None


def _optional(value: Any) -> float | None:
    return None if value is None else float(value)
