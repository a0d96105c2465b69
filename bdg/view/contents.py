"""What is in a page: of a result, all of its quantities; how it was made; what else there is to know."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from bdg.errors import InputError
from bdg.lattice import Sample
from bdg.observables import Quantity
from bdg.plot.canvas.geometry import middle_plane, planes
from bdg.plot.canvas.window import in_window, window_of
from bdg.plot.facts import header, numbers, parameters
from bdg.plot.figures.runs.convergence import LINES, has_iterations, why_nothing
from bdg.plot.figures.spectra.spectra import on_and_off
from bdg.result import Result
from bdg.scf.history import columns
from bdg.store.groups.starts import field_quantities
from bdg.view.lattice import bonds_part, plaquettes_part, sample_part
from bdg.view.packing import Blocks
from bdg.view.quantities import capital, is_shown, plain, quantity_part, unit

MOST_NUMBERS = 40_000_000
"""Of one page; the largest quantities above it are left out, and it says so."""

MOST_CHOSEN = 6
"""Sites that are compared at once."""

Part = dict[str, Any]


@dataclass(frozen=True)
class Contents:
    """What a page is made of.

    Parameters
    ----------
    result
        The one it is of; of a study, the first that converged.
    quantities
        By name.
    title, header
        Above the page.
    swept
        Axes of a study.
    facts
        Tables of names and values, by title.
    remarks
        What a reader must know.
    source
        Name of the file or folder.
    left_out
        Why a quantity is not among them, by name.
    room
        For how many numbers there is room.
    """

    result: Result
    quantities: Mapping[str, Quantity]
    title: str
    header: str
    facts: Mapping[str, Mapping[str, str]]
    swept: tuple[str, ...] = ()
    remarks: tuple[str, ...] = ()
    source: str = ""
    left_out: Mapping[str, str] = field(default_factory=dict)
    room: int = MOST_NUMBERS


def contents_of(result: Result, only: Sequence[str] = (), *, room: int | None = None) -> Contents:
    """The contents of the page of a result.

    Parameters
    ----------
    result
        What to show.
    only
        Names of quantities or observables; without them, all.
    room
        For how many numbers there is room, by default :data:`MOST_NUMBERS`.

    Raises
    ------
    InputError
        If there is no such quantity.
    """
    fields = {name: one for name, one in field_quantities(result).items() if np.any(one.values)}
    known = {**result.quantities(), **fields}
    if "order_parameter" in known:  # the same numbers
        known.pop("delta", None)
    groups = {name: list(group) for name, group in result.observables.items()}
    state = [] if result.status == "converged" else [capital(result.status.replace("_", " "))]
    return Contents(
        result,
        chosen(known, only, groups),
        result.title,
        header(result),
        {"Parameters": parameters(result), "Numbers": numbers(result), "Provenance": provenance(result)},
        remarks=(*state, *result.warnings),
        source="" if result.path is None else result.path.name,
        room=MOST_NUMBERS if room is None else room,
    )


def chosen(
    known: Mapping[str, Quantity], only: Sequence[str], groups: Mapping[str, Sequence[str]]
) -> dict[str, Quantity]:
    """The quantities to show: all that are numbers, or those of some names.

    Raises
    ------
    InputError
        If there is none of a name.
    """
    names = [part for name in only for part in groups.get(name, [name])]
    unknown = [name for name in names if name not in known]
    if unknown:
        raise InputError(
            f"there is nothing called {unknown[0]!r} to show; there is {', '.join(sorted(known))}"
        )
    shown = {name: known[name] for name in names} if names else dict(known)
    return {name: one for name, one in shown.items() if is_shown(one)}


def provenance(result: Result) -> dict[str, str]:
    """When, with what, how."""
    origin = result.provenance
    return {
        "Created": origin.created[:19].replace("T", " ") + " UTC" * bool(origin.created),
        "Solver": origin.solver.replace("_", " "),
        "Seed": str(origin.seed),
        "Versions": ", ".join(f"{package} {version}" for package, version in origin.versions.items()),
    }


def within_room(quantities: Mapping[str, Quantity], room: int) -> tuple[dict[str, Quantity], dict[str, str]]:
    """The quantities that a page has room for, the smallest first, and why the others are left out."""
    kept, left_out = set(), {}
    for name, quantity in sorted(quantities.items(), key=lambda item: item[1].values.size):
        count = quantity.values.size * (1 + np.iscomplexobj(quantity.values))
        if count <= room:
            kept.add(name)
            room -= count
        else:
            left_out[name] = f"{count / 1e6:.3g} million numbers, too many for a page"
    return {name: one for name, one in quantities.items() if name in kept}, left_out


def page_data(contents: Contents, blocks: Blocks) -> Part:
    """All that the script of a page reads; arrays go into blocks."""
    result = contents.result
    quantities, crowded = within_room(contents.quantities, contents.room)
    drawn = in_window(result).sample
    kinds = {dim for one in quantities.values() for dim in one.dims}
    parts = [quantity_part(blocks, name, one, contents.swept) for name, one in quantities.items()]
    return {
        "title": contents.title or "Untitled",
        "header": plain(contents.header),
        "source": contents.source,
        "remarks": [*contents.remarks, *_remarks({**contents.left_out, **crowded})],
        "sample": sample_part(blocks, result.sample, drawn),
        "bonds": bonds_part(blocks, drawn) if "bond" in kinds else None,
        "plaquettes": plaquettes_part(blocks, result.sample) if _has_plaquettes(result, kinds) else None,
        "vortices": _vortices(result),
        "quantities": parts,
        "swept": list(contents.swept),
        "si": _in_si(result, [part["units"] for part in parts], quantities),
        "chosen": _telling(result, quantities),
        "layer": _middle(drawn),
        "gap": _gap(result) if not contents.swept else None,
        "bits": blocks.bits,
        "convergence": _convergence(result) if not contents.swept else None,
        "facts": {
            title: {name: plain(value) for name, value in table.items() if value}
            for title, table in contents.facts.items()
        },
        "configuration": _configuration(result),
    }


def _remarks(left_out: Mapping[str, str]) -> list[str]:
    return [f"{name} is left out: {why}" for name, why in left_out.items()]


def _has_plaquettes(result: Result, dims: set[str]) -> bool:
    return "plaquette" in dims and result.sample.dimension == 2


def _vortices(result: Result) -> Part | None:
    """Places and windings, where they are drawn."""
    known = result.quantities()
    if not {"vortex_position", "vortex_winding"} <= set(known) or result.sample.dimension != 2:
        return None
    places = window_of(result).wrapped(known["vortex_position"].values)
    return {"places": places.ravel().tolist(), "winding": known["vortex_winding"].values.tolist()}


def _in_si(result: Result, units: Sequence[str], quantities: Mapping[str, Quantity]) -> Part:
    """Factor and name of the SI unit of each unit that occurs, by how a page writes it."""
    if result.units is None:
        return {}
    every = {one.units for one in quantities.values()} | {"t", "a", "1/t", "1/a"}
    every |= {coord.units for one in quantities.values() for coord in one.coords.values()}
    found = {unit(name): result.units.si(name) for name in sorted(every)}
    return {name: [float(si[0]), si[1]] for name, si in found.items() if si is not None}


def _telling(result: Result, quantities: Mapping[str, Quantity]) -> list[int]:
    """The sites whose spectra a page begins with: of the smallest and the largest |Δ|, or some it has."""
    for quantity in quantities.values():
        if "ldos_site" in quantity.dims:
            return [int(site) for site in quantity.coords["ldos_site"].values[:MOST_CHOSEN]]
    return list(on_and_off(result))


def _middle(sample: Sample) -> int:
    """The number of the plane in the middle."""
    every, middle = planes(sample), middle_plane(sample)
    return next(n for n, plane in enumerate(every) if plane.title == middle.title)


def _gap(result: Result) -> float | None:
    gap = result.quantities().get("spectral_gap")
    return None if gap is None or gap.dims or not np.isfinite(gap.values) else float(gap.values)


def _convergence(result: Result) -> Part:
    """Residuals against iteration, or why there are none."""
    if not has_iterations(result):
        return {"reason": capital(why_nothing(result))}
    table = columns(result.history)
    lines = [[text, table[name].tolist()] for name, text in LINES if np.any(table[name] > 0)]
    return {
        "iteration": table["iteration"].tolist(),
        "lines": [[text, [one if np.isfinite(one) else None for one in row]] for text, row in lines],
        "tolerance": result.tolerance,
        "status": capital(result.status.replace("_", " ")),
    }


def _configuration(result: Result) -> Part:
    """The text as it was given, and with every default; of a run from Python what it has of one."""
    origin = result.provenance
    if origin.config_resolved:
        return {"As given": origin.config_source, "With every default": origin.config_resolved}
    with suppress(InputError):
        return {"Parameters": str(result.config)}
    return {}
