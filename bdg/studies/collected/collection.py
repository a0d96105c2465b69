"""The results of a study together: every quantity with the swept keys as its first axes."""

from __future__ import annotations

import importlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from bdg.errors import InputError
from bdg.keywords import did_you_mean
from bdg.observables import Quantity
from bdg.result import Units
from bdg.store.files import open_hdf5
from bdg.store.groups.quantities import read_quantities
from bdg.store.results import units_in
from bdg.store.summary import CHECKED_UP_TO
from bdg.studies.collected import statistics
from bdg.studies.collected.keys import last_words, short_names, unit_of
from bdg.studies.collected.slices import sliced
from bdg.studies.kept.index import Entry
from bdg.studies.plan.axes import Axis, Places
from bdg.studies.study import Study

OF_THE_RUN = {
    "largest_delta": ("t", "largest |Delta| on a site"),
    "iterations": ("1", "iterations of the loop"),
    "seconds": ("s", "time of the run"),
    "energy": ("t", "energy by which states compete"),
    "residual": ("t", "last residual"),
}
"""Numbers of each run beside its quantities."""


@dataclass(frozen=True)
class Collection:
    """Quantities of many results.

    Parameters
    ----------
    title
        Of the configuration.
    dims
        Names of the swept axes, in order; ``branch`` is the last where a key was followed both ways.
    coords
        The values along them, and those of keys that advance together with one of them.
    quantities
        By name: the swept axes, then their own; NaN where a point has no result. ``NAME_error`` are the
        stated errors.
    left_out
        Why a quantity is not among them, by name.
    units
        What t and a are, for figures.
    """

    title: str
    dims: tuple[str, ...]
    coords: Mapping[str, Quantity]
    quantities: Mapping[str, Quantity]
    left_out: Mapping[str, str] = field(default_factory=dict)
    units: Units | None = None

    def __getitem__(self, name: str) -> Quantity:
        """A quantity by name.

        Raises
        ------
        InputError
            If there is none.
        """
        if name in self.left_out:
            raise InputError(f"{name} {self.left_out[name]}")
        if name not in self.quantities:
            hint = did_you_mean(name, self.quantities)
            raise InputError(f"the study has no {name!r}{hint}; it has {', '.join(self.quantities)}")
        return self.quantities[name]

    def at(self, **places: float | str) -> Collection:
        """The numbers at a value of some axes, ``at(onsite=2, energy=0)``: the nearest number, or the word.

        Raises
        ------
        InputError
            If there is no such axis or word.
        """
        axes = dict.fromkeys((*self.dims, *(dim for one in self.quantities.values() for dim in one.dims)))
        for name in places:
            if name not in axes:
                raise InputError(f"the study has no axis {name!r}; it has {', '.join(axes)}")
        return replace(
            self,
            dims=tuple(dim for dim in self.dims if dim not in places),
            coords={name: one for name, one in self.coords.items() if not set(one.dims) & set(places)},
            quantities={name: _at(one, places) for name, one in self.quantities.items()},
        )

    def mean(self, name: str, over: str | Sequence[str]) -> tuple[Quantity, Quantity]:
        """The mean of a quantity along axes and its standard error; see :func:`.statistics.mean`.

        Raises
        ------
        InputError
            If there is no such quantity or axis, or it is complex.
        """
        return statistics.mean(self[name], over)

    def typical(self, name: str, over: str | Sequence[str]) -> tuple[Quantity, Quantity]:
        """The geometric mean exp⟨ln x⟩ and its standard error; see :func:`.statistics.typical`.

        Raises
        ------
        InputError
            As :meth:`mean`, or if a number is negative.
        """
        return statistics.typical(self[name], over)

    def quantiles(
        self, name: str, over: str | Sequence[str], levels: Sequence[float] = (0.25, 0.5, 0.75)
    ) -> Quantity:
        """Quantiles along axes, the first axis ``quantile``; see :func:`.statistics.quantiles`.

        Raises
        ------
        InputError
            As :meth:`mean`, or if a level is outside of [0, 1].
        """
        return statistics.quantiles(self[name], over, levels)

    def histogram(self, name: str, over: str | Sequence[str], bins: int | ArrayLike = 40) -> Quantity:
        """The distribution of the numbers along axes, pooled: P(Δ) over ``["seed", "site"]``.

        Raises
        ------
        InputError
            As :meth:`mean`, or if no number is left.
        """
        return statistics.histogram(self[name], over, bins)

    def plot(self, name: str, *, over: str | Sequence[str] = (), **options: Any) -> Any:
        """The figure of a quantity: ``plot("spectral_gap", over="seed")``; see :func:`.figure.study_figure`.

        Raises
        ------
        InputError
            If there is no such quantity, axis or statistic, or axes are left.
        """
        from bdg.studies.collected.figure import study_figure  # matplotlib is imported late

        return study_figure(self, name, over=[over] if isinstance(over, str) else over, **options)

    def to_xarray(self) -> Any:
        """An :class:`xarray.Dataset`, the swept keys its dimensions.

        Raises
        ------
        InputError
            If xarray is missing.
        """
        try:
            xarray = importlib.import_module("xarray")
        except ImportError:
            raise InputError("xarray is not installed; get it with: pip install 'bdg[xarray]'") from None
        own = {
            self._dim(name, dim): ((self._dim(name, dim),), coord.values, _told(coord))
            for name, quantity in self.quantities.items()
            for dim, coord in quantity.coords.items()
            if dim not in self.coords and coord.dims == (dim,)
        }
        swept = {name: (one.dims, one.values, _told(one)) for name, one in self.coords.items()}
        variables = {
            name: (tuple(self._dim(name, dim) for dim in one.dims), one.values, _told(one))
            for name, one in self.quantities.items()
        }
        return xarray.Dataset(variables, {**own, **swept}, {"title": self.title})

    def _dim(self, name: str, dim: str) -> str:
        """The dimension of a quantity's axis: shared by all whose values along it are the same."""
        coord = self.quantities[name].coords.get(dim)
        return f"{name}.{dim}" if coord is not None and self._clashes(dim, coord) else dim

    def _clashes(self, dim: str, coord: Quantity) -> bool:
        first = next(one.coords[dim] for one in self.quantities.values() if dim in one.coords)
        return first.values.shape != coord.values.shape or bool(np.any(first.values != coord.values))


def collect(study: Study) -> Collection:
    """Read all results of a study that converged.

    Parameters
    ----------
    study
        With at least one result.

    Raises
    ------
    InputError
        If no point has a result.
    """
    sweep = study.recipe.sweep
    axes = study.axes
    keys = [key for axis in axes for key in axis.keys]
    names = short_names(keys)
    dims = tuple(names[axis.keys[0]] for axis in axes)
    shape = tuple(len(axis) for axis in axes)
    coords = _coordinates(axes, names)
    there = {point.branch for point in study.points}
    branches, places = [*sweep.branches, *(name for name in sweep.trials if name in there)], Places(axes)
    if len(branches) > 1:
        dims, shape = (*dims, "branch"), (*shape, len(branches))
        coords["branch"] = Quantity(np.array(branches), ("branch",), "1", "branch")
    stack = _Stack(dims, shape, coords)
    status, units = np.full(shape, "", dtype="U16"), None
    for point in study.points:
        place = places.of(point.values)
        place = (*place, branches.index(point.branch)) if len(branches) > 1 else place
        entry = study.entry(point)
        status[place] = "waiting" if entry is None else entry.status
        if entry is not None and entry.file and entry.status == "converged":
            found, units = _read(study.folder / entry.file)
            stack.add(place, found, entry)
    if not stack.arrays:
        raise InputError(f"{study.folder}: no point has converged yet; see bdg status {study.folder}")
    told = Quantity(status, dims, "1", "status of the run", coords)
    quantities = {**stack.quantities(), "status": told, **_found(study, coords, dims, places)}
    return Collection(study.recipe.title, dims, coords, quantities, stack.left_out, units)


def _at(quantity: Quantity, places: Mapping[str, float | str]) -> Quantity:
    for axis, value in places.items():
        quantity = sliced(quantity, axis, value)
    return quantity


def _found(
    study: Study, coords: Mapping[str, Quantity], dims: tuple[str, ...], places: Places
) -> dict[str, Quantity]:
    """What the search of a study found, along the other axes, with its error."""
    sweep, found = study.recipe.sweep, study.found
    if sweep.find is None:
        return {}
    key = short_names(list(sweep.axes))[sweep.find.key]
    branches = list(sweep.branches)
    over = sweep.find.over
    reduced = {key} if over is None else {key, short_names(list(sweep.axes))[over]}
    own = [dim for dim in dims if dim not in reduced and (dim != "branch" or found[0].branch)]
    left = {name: coord for name, coord in coords.items() if set(coord.dims) <= set(own)}
    values = np.full((2, *(len(coords[dim].values) for dim in own)), np.nan)
    for one in found:
        any_member = {} if over is None else {over: study.points[0].values[over]}
        full = places.of({**any_member, **one.others, sweep.find.key: sweep.find.between[0]})
        place = [at for at, dim in zip(full, dims, strict=False) if dim not in reduced]
        place += [branches.index(one.branch)] if "branch" in own else []
        for n, number in enumerate((one.value, one.error)):
            values[(n, *place)] = number
    told = f"{coords[key].long_name} {sweep.find.place}"
    value = Quantity(values[0], tuple(own), coords[key].units, told, left)
    return {
        f"found_{key}": value,
        f"found_{key}_error": replace(value, values=values[1], long_name=f"error of {told}"),
    }


def _coordinates(axes: tuple[Axis, ...], names: Mapping[str, str]) -> dict[str, Quantity]:
    coords = {}
    for axis in axes:
        dim = names[axis.keys[0]]
        for key, values in zip(axis.keys, axis.values, strict=True):
            are_numbers = all(isinstance(one, int | float) and not isinstance(one, bool) for one in values)
            array = np.array(values if are_numbers else [str(one) for one in values])
            unit = unit_of(key) if are_numbers else "1"
            coords[names[key]] = Quantity(
                array, (dim,), unit, last_words(key).replace("_", " ").replace(".", " ")
            )
    return coords


def _read(path: Path) -> tuple[dict[str, Quantity], Units | None]:
    """The quantities in a result and its units, without its fields and model."""
    with open_hdf5(path, "result", checked_up_to=CHECKED_UP_TO, part="observables") as file:
        groups = file["observables"].values() if "observables" in file else ()
        found = {name: quantity for group in groups for name, quantity in read_quantities(group).items()}
        return found, units_in(file)


class _Stack:
    """Arrays over all points, filled one result after the other."""

    def __init__(self, dims: tuple[str, ...], shape: tuple[int, ...], coords: Mapping[str, Quantity]) -> None:
        self._dims, self._shape, self._coords = dims, shape, coords
        self.arrays: dict[str, NDArray[Any]] = {}
        self._first: dict[str, Quantity] = {}
        self._errors: dict[str, NDArray[np.float64]] = {}
        self.left_out: dict[str, str] = {}

    def add(self, place: tuple[int, ...], quantities: Mapping[str, Quantity], entry: Entry) -> None:
        """Take the quantities of a result, and the numbers of its run."""
        for name, quantity in quantities.items():
            self._put(place, name, quantity)
        run = {**entry.numbers, "iterations": float(entry.iterations), "seconds": entry.seconds}
        for name, (unit, long_name) in OF_THE_RUN.items():
            if name in run:
                value, error = np.array(run[name]), run.get(f"{name}_error")
                self._put(place, name, Quantity(value, (), unit, long_name, error=error))

    def _put(self, place: tuple[int, ...], name: str, quantity: Quantity) -> None:
        first = self._first.setdefault(name, quantity)
        if (first.dims, first.values.shape) != (quantity.dims, quantity.values.shape):
            self.left_out[name] = (
                f"has {quantity.values.shape} numbers at one point and {first.values.shape} at another;"
                " read it from the results one by one"
            )
        if name in self.left_out:
            self.arrays.pop(name, None)
            return
        if name not in self.arrays:
            whole = (*self._shape, *quantity.values.shape)
            self.arrays[name] = np.full(whole, *_empty(quantity.values.dtype))
        holds_both = np.promote_types(self.arrays[name].dtype, _empty(quantity.values.dtype)[1])
        self.arrays[name] = self.arrays[name].astype(
            holds_both, copy=False
        )  # complex at some points, longer words
        self.arrays[name][place] = quantity.values
        if quantity.error is not None:
            errors = self._errors.setdefault(name, np.full(self._shape, np.nan))
            errors[place] = quantity.error

    def quantities(self) -> dict[str, Quantity]:
        """The arrays with their names, units and axes."""
        made = {}
        for name, array in self.arrays.items():
            first = self._first[name]
            coords = {**first.coords, **self._coords}
            made[name] = Quantity(array, (*self._dims, *first.dims), first.units, first.long_name, coords)
            if name in self._errors:
                told = f"stated error of {first.long_name}"
                made[f"{name}_error"] = Quantity(
                    self._errors[name], self._dims, first.units, told, self._coords
                )
        return made


def _empty(dtype: np.dtype[Any]) -> tuple[Any, Any]:
    """What stands where a point has no result, and the type of the array."""
    if dtype.kind in "fc":
        return np.nan, dtype
    return (np.nan, np.float64) if dtype.kind in "iub" else ("", dtype)


def _told(quantity: Quantity) -> dict[str, Any]:
    return {"units": quantity.units, "long_name": quantity.long_name}
