"""What is kept of a motion at each time, and the quantities that a result has of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bdg.dynamics.mean_fields import MeanFields
from bdg.dynamics.orbitals import Orbitals
from bdg.model import TABLE
from bdg.observables.quantity import Notes, Quantity, scalar
from bdg.scf.correlators import Correlators

Record = Mapping[str, NDArray[Any]]
"""Values at one time, by name."""


@dataclass(frozen=True)
class _Kept:
    """What is kept of a time: axes besides it, unit and name."""

    dims: tuple[str, ...]
    units: str
    long_name: str


FINER = 8
"""How many times closer than 2π/T the frequencies of a spectrum are, so that the place of a line is seen."""

KEPT = {
    "delta": _Kept(("site",), "t", "order parameter"),
    "bond_delta": _Kept(("bond",), "t", "singlet order parameter on bonds"),
    "density": _Kept(("site",), "1", "electrons on a site"),
    "bond_current": _Kept(("bond",), "e t/hbar", "current from source to target"),
    "mean_delta": _Kept((), "t", "mean |Δ|"),
    "mean_current": _Kept(("component",), "e t/hbar", "current per site"),
    "energy": _Kept((), "t", "energy ⟨H − μN⟩ per site"),
    "electrons": _Kept((), "1", "electrons per site"),
}
"""By name; that of the quantity has ``_in_time`` behind it."""


def record_of(mean_fields: MeanFields, orbitals: Orbitals, time: float) -> Record:
    """What is kept of a time."""
    sample = mean_fields.model.sample
    f = orbitals.correlations(mean_fields.pattern)
    known = Correlators(sample, f)
    fields = mean_fields.made({name: known[name] for name in mean_fields.names.values()}, time)
    current = mean_fields.currents(f, time)
    density = known["spin_density"].sum(axis=0)
    found: dict[str, Any] = {
        "delta": np.asarray(fields.delta, np.complex128),
        "density": density,
        "bond_current": current,
        "mean_delta": fields.moduli.mean(),
        "mean_current": current @ sample.bonds.displacement / sample.n_sites,
        "energy": mean_fields.energy(f, time) / sample.n_sites,
        "electrons": density.mean(),
    }
    if fields.bond_delta is not None:
        pairs = np.asarray(fields.bond_delta, np.complex128)
        found["bond_delta"] = 0.5 * (pairs[:, 0, 1] - pairs[:, 1, 0])
    return {name: np.asarray(values) for name, values in found.items()}


def quantities_of(
    mean_fields: MeanFields, times: NDArray[np.float64], records: Sequence[Record], error: float, limit: float
) -> dict[str, Quantity]:
    """The quantities of a motion.

    Parameters
    ----------
    mean_fields
        What moved it.
    times
        Shape ``(n_times,)``.
    records
        One a time.
    error
        Sum of the estimated errors of the steps, of the vectors of orbitals.
    limit
        The largest change of what is conserved that passes without a warning.
    """
    axis = {"time": Quantity(times, ("time",), "hbar/t", "time")}
    found = {}
    for name, kept in KEPT.items():
        if name in records[0]:
            values = np.stack([record[name] for record in records])
            dims, long_name = ("time", *kept.dims), kept.long_name
            found[f"{name}_in_time"] = Quantity(values, dims, kept.units, long_name, coords=axis)
    found |= _spectra(times, found)
    found["energy_drift"] = _drift(
        found["energy_in_time"], _still(mean_fields, times), limit, "t", "energy per site"
    )
    conserved = np.full(len(times) - 1, not _has_given_pairs(mean_fields))
    found["electrons_drift"] = _drift(found["electrons_in_time"], conserved, limit, "1", "electrons per site")
    found["dynamics_error"] = scalar(error, "1", "largest error of an orbital, as estimated")
    return found


def _spectra(times: NDArray[np.float64], found: Mapping[str, Quantity]) -> dict[str, Quantity]:
    """|∫ dt w(t) e^{iωt} (g(t) − ḡ)|, w a Hann window, of the mean |Δ| and of the current."""
    if len(times) < 3:
        return {}
    step, length = times[1] - times[0], FINER * len(times)
    frequencies = 2 * np.pi * np.fft.rfftfreq(length, step)
    axis = {"frequency": Quantity(frequencies, ("frequency",), "t", "frequency ħω")}
    made = {}
    for name in ("mean_delta", "mean_current"):
        one = found[f"{name}_in_time"]
        values = one.values - one.values.mean(axis=0)
        window = np.hanning(len(times)).reshape(-1, *[1] * (values.ndim - 1))
        sizes = step * np.abs(np.fft.rfft(window * values, length, axis=0))
        dims = ("frequency", *one.dims[1:])
        units = {"t": "hbar", "e t/hbar": "e"}[one.units]
        made[f"{name}_spectrum"] = Quantity(
            sizes, dims, units, f"spectrum of the {one.long_name}", coords=axis
        )
    return made


def _still(mean_fields: MeanFields, times: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Whether no drive changes from each time to the next, shape ``(n_times − 1,)``."""
    drives, model = mean_fields.drives, mean_fields.model

    def driven(time: float) -> NDArray[np.float64]:
        along = drives.line_integrals(model.sample, time)
        parts = [drives.energies(model.sample, time), [drives.factor(time)]]
        return np.concatenate([*parts, [] if along is None else along])

    middles = 0.5 * (times[1:] + times[:-1])
    ends = [driven(float(time)) for time in times]
    return np.array(
        [
            np.array_equal(one, driven(float(middle))) and np.array_equal(one, other)
            for one, middle, other in zip(ends, middles, ends[1:], strict=False)
        ],
        dtype=bool,
    )


def _has_given_pairs(mean_fields: MeanFields) -> bool:
    """Whether pairs are fixed: a source of electrons."""
    return any(
        row.is_of_pairs and row.name not in mean_fields.names and np.any(mean_fields.fields[row.name])
        for row in TABLE.values()
        if mean_fields.fields[row.name] is not None
    )


def _drift(one: Quantity, is_conserved: NDArray[np.bool_], limit: float, units: str, what: str) -> Quantity:
    """The largest change while it should not change; flagged where it is above the limit."""
    changes = np.where(is_conserved, np.diff(one.values), 0.0)
    runs = np.concatenate([[0.0], np.cumsum(changes)])
    drift = float(np.ptp(runs)) if is_conserved.any() else 0.0
    notes: Notes = {"is_conserved": bool(is_conserved.any())}
    if drift > limit:
        notes = {**notes, "warning": f"the {what} drifts by {drift:.1e}; lower dynamics.tolerance"}
    return scalar(drift, units, f"drift of the {what}", attributes=notes)
