"""What is in a file, in words."""

from __future__ import annotations

import os
from typing import Any

import numpy as np

from bdg.conventions import ELEMENTARY_CHARGE
from bdg.gauge.screening import physical_mu0
from bdg.lattice.sample import describe
from bdg.scf.history import by_way_of
from bdg.store.checkpoints import read_checkpoint
from bdg.store.files import open_hdf5
from bdg.store.groups.quantities import is_quantity
from bdg.store.groups.samples import read_boundary
from bdg.store.results import VERSION, read_result
from bdg.words import aligned, counted, printable, yes_or_no

CHECKED_UP_TO = 1 << 28
"""A larger file, in bytes, is not read whole, neither for its checksum nor to see that nothing is missing."""


def summary(path: str | os.PathLike[str]) -> str:
    """What a result or a checkpoint holds, as text for a terminal.

    Raises
    ------
    InputError
        If there is no such file.
    FileRefusedError
        If it is damaged, not of bdg, or of a newer version.
    """
    with open_hdf5(path, "result", "checkpoint", checked_up_to=CHECKED_UP_TO) as file:
        is_checkpoint = file.attrs["kind"] == "checkpoint"
        if os.stat(path).st_size <= CHECKED_UP_TO:
            read = read_checkpoint if is_checkpoint else read_result
            read(file)  # refuses a file in which something is missing
        facts = _checkpoint_facts(file) if is_checkpoint else _result_facts(file)
        heading = str(file.attrs.get("title", "")) or os.path.basename(path)
        width = max(len(name) for name in facts)
        lines = [heading, *(f"  {name:<{width}}  {value}" for name, value in facts.items() if value)]
        return printable(
            "\n".join([*lines, *_warnings(file), *_ranking(file), *_levels(file), "", *_table(_rows(file))])
        )


def _result_facts(file: Any) -> dict[str, str]:
    attributes, sample = file.attrs, file["sample"]
    counts = _length(file, "site"), _length(file, "bond")
    status = str(attributes["status"]).replace("_", " ")
    kelvin = attributes.get("temperature_kelvin")
    versions = {
        key.removeprefix(VERSION): value for key, value in attributes.items() if key.startswith(VERSION)
    }
    return {
        "status": f"{status} after {counted(int(attributes['iterations']), 'iteration')}"
        f"{by_way_of(float(attributes.get('left_saddle', 0.0)))}",
        "residual": f"{attributes['residual']:.2g} t, asked for {attributes['tolerance']:.2g} t"
        + (f"; error of delta {error:.2g} t" if (error := attributes.get("delta_error", 0.0)) else ""),
        "lattice": describe(str(sample.attrs["lattice"]), sample["size"][()], read_boundary(sample), *counts),
        "temperature": f"{attributes['temperature']:g} t" + ("" if kelvin is None else f" = {kelvin:.4g} K"),
        "mu": f"{file['scf/mu'][()]:.10g} t{_in_si(file['scf/mu'])}",
        "penetration depth": _depth(file),
        "units": _units(attributes),
        "solver": str(attributes["solver"]),
        "seed": str(attributes["seed"]),
        "created": str(attributes["created"]),
        "versions": ", ".join(f"{package} {version}" for package, version in versions.items()),
    }


def _checkpoint_facts(file: Any) -> dict[str, str]:
    made = counted(int(file.attrs["iterations"]), "iteration")
    return {
        "status": f"checkpoint after {made}; bdg resume continues it",
        "residual": f"{file.attrs['residual']:.2g} t" if file.attrs["iterations"] else "",
        "unknowns": str(file["scf/vector"].shape[0]),
    }


def _units(attributes: Any) -> str:
    parts = [
        f"{name} = {attributes[key] / scale:.6g} {unit}"
        for name, key, scale, unit in (
            ("t", "unit_energy_joule", 1e-3 * ELEMENTARY_CHARGE, "meV"),
            ("a", "unit_length_metre", 1e-9, "nm"),
            ("layer spacing", "unit_layer_metre", 1e-9, "nm"),
        )
        if key in attributes
    ]
    return ", ".join(parts)


def _in_si(dataset: Any) -> str:
    """The value of a dataset that is one number, in SI units where they are known."""
    attributes = dataset.attrs
    if "si_factor" not in attributes:
        return ""
    return f" = {dataset[()] * attributes['si_factor']:.6g} {attributes['si_units']}"


def _depth(file: Any) -> str:
    """λ = (μ₀ D)^(−½) by the superfluid weight along the first axis, where lengths are known."""
    attributes, sample = file.attrs, file["sample"]
    found = file.get("observables/superfluid_weight/superfluid_weight")
    if found is None or "unit_length_metre" not in attributes:
        return ""
    vectors = sample["vectors"][()]
    room = abs(np.linalg.det(vectors)) * np.prod(sample["size"][()]) / _length(file, "site")
    weight = float(found[0, 0]) / room
    if len(vectors) < 2 or weight <= 0:
        return ""
    energy, length = attributes["unit_energy_joule"], attributes["unit_length_metre"]
    layer = attributes.get("unit_layer_metre") if len(vectors) == 2 else None
    depth = 1e9 * length / np.sqrt(physical_mu0(energy, length, layer) * weight)
    apart = f", layers {1e9 * (length if layer is None else layer):.4g} nm apart" if len(vectors) == 2 else ""
    return f"{depth:.4g} nm, by the superfluid weight{apart}"


def _length(file: Any, name: str) -> int:
    return int(file[name].shape[0])


def _rows(file: Any) -> list[tuple[str, ...]]:
    """Name, axes, units, range and long name of each quantity."""
    groups = ["scf", *(f"observables/{name}" for name in file.get("observables", ())), "mixer"]
    rows = []
    for group in groups:
        for name, dataset in file.get(group, {}).items():
            if hasattr(dataset, "dims") and is_quantity(dataset):
                rows.append(_row(f"{group}/{name}".removeprefix("observables/"), dataset))
    return rows


def _warnings(file: Any) -> list[str]:
    """What a reader of the numbers must know."""
    return [f"warning: {line}" for line in str(file.attrs.get("warnings", "")).splitlines()]


def _ranking(file: Any) -> list[str]:
    """Where each of several starts led, the best first; of a checkpoint, those that have ended."""
    found = file.get("scf/starts", file.get("finished", {}))
    if not len(found):
        return []
    rows = [("start", "ended", "residual", "energy", "mean |Δ|", "")]
    for rank in range(1, 1 + len(found)):
        group = found[str(rank)]
        start, energy = group.attrs, group["energy"]
        same = start["same_as"]
        rows.append(
            (
                str(start["name"]),
                f"{str(start['status']).replace('_', ' ')} after {start['iterations']}",
                f"{start['residual']:.1e}",
                f"{energy[()]:.10g} ± {energy.attrs.get('error', np.nan):.1e}",
                f"{start['mean_delta']:.6g}",
                f"the same state as {same}" if same else "a saddle" if start.get("saddle", 0.0) else "",
            )
        )
    name = found["1"]["energy"].attrs["long_name"]
    heading = f"starts, ranked by the {name} in t" if "scf/starts" in file else "starts that have ended"
    return ["", heading, *aligned(rows)]


def _levels(file: Any) -> list[str]:
    """The lowest quasiparticles, if they were measured."""
    found = file.get("observables/states")
    if found is None:
        return []
    rows: list[tuple[str, ...]] = [("state", "energy", "error", "|u|²", "|v|²", "spin z", "sites")]
    sums = [found[f"state_{name}"][()].sum(axis=1) for name in ("electron", "hole", "spin_z")]
    numbers = zip(found["states"], found["state_error"], *sums, found["state_participation"], strict=True)
    for n, (energy, error, electron, hole, spin, sites) in enumerate(numbers):
        weights = [f"{value:.4f}" for value in (electron, hole)]
        rows.append((str(n), f"{energy:.10g}", f"{error:.0e}", *weights, f"{spin:+.4f}", f"{sites:.1f}"))
    up_to = found["states"].attrs["complete_up_to"]
    return ["", f"lowest quasiparticles in t; none below {up_to:.8g} is missing", *aligned(rows)]


def _row(name: str, dataset: Any) -> tuple[str, ...]:
    attributes = dataset.attrs
    axes = " × ".join(
        f"{length} {axis[0].name.rsplit('/', 1)[1]}" if dataset.parent.name != "/mixer" else str(length)
        for axis, length in zip(dataset.dims, dataset.shape, strict=True)
    )
    units = str(attributes.get("units", ""))
    return (
        name,
        axes or "number",
        "" if units == "1" else units,
        _shown(attributes) or ("NaN" if dataset.dtype.kind in "fc" and dataset.size else ""),
        _shown(attributes, float(attributes["si_factor"]), f" {attributes['si_units']}", ".4g")
        if "si_factor" in attributes
        else "",
        str(attributes.get("long_name", "")),
    )


def _shown(attributes: Any, factor: float = 1.0, unit: str = "", digits: str = ".6g") -> str:
    """The range of a quantity, or its value."""
    is_answer = attributes.get("dtype") == "bool"
    for key, left, right in (("actual_range", "", ""), ("modulus_range", "|", "|")):
        if key in attributes:
            low, high = attributes[key]
            first, last = (yes_or_no(end) if is_answer else f"{factor * end:{digits}}" for end in (low, high))
            shown = f"{left}{first}{right}" if first == last else f"{left}{first} … {last}{right}"
            return shown + unit
    return ""


def _table(rows: list[tuple[str, ...]]) -> list[str]:
    """Rows under a heading, with a column of SI values where there are any."""
    table = [("dataset", "axes", "units", "range", "SI", "what it is"), *rows]
    if not any(row[4] for row in rows):
        table = [(*row[:4], row[5]) for row in table]
    return aligned(table)
