"""What one simulation leaves: the same object whether it was just computed or read from a file."""

from __future__ import annotations

import importlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
from pydantic import ValidationError

from bdg import setup
from bdg.config import ConfigSource
from bdg.config.settings import Settings
from bdg.conventions import BOLTZMANN, ELECTRON_MASS, ELEMENTARY_CHARGE, HBAR, PLANCK
from bdg.errors import BdgError, InputError
from bdg.ground_state import Candidate
from bdg.keywords import did_you_mean
from bdg.lattice import Sample
from bdg.model import Fields, Model
from bdg.nambu import NambuAssembler
from bdg.observables import Quantity, State
from bdg.parameters.quantities import Units as Laboratory
from bdg.parameters.translate import problems_of
from bdg.parameters.wording import key_name
from bdg.scf import ScfOptions
from bdg.scf.history import Iteration, Status, by_way_of, left_saddle
from bdg.solvers import Solver, choose
from bdg.solvers.choose import METHODS
from bdg.solvers.contract import TOLERANCE
from bdg.words import counted, yes_or_no


def _number(quantity: Quantity) -> str:
    if quantity.values.dtype == bool:
        return yes_or_no(bool(quantity.values))
    return f"{quantity.values:.6g}" + ("" if quantity.units == "1" else f" {quantity.units}")


def _compared(starts: Sequence[Candidate]) -> Iterator[str]:
    """Each start, the energy of the best one, and how far the others are above it."""
    best = float(starts[0].energy)
    for start in starts:
        told = f"{float(start.energy) - best:+.3g} t"
        if start is starts[0]:
            told = f"{start.energy.long_name} {best:.10g} t"
        if start.same_as:
            told = f"the same state as {start.same_as}"
        if start.is_saddle:
            told += ", a saddle"
        if start.status != "converged":
            told = start.status.replace("_", " ")
        yield f"{start.name} ({told})"


def _whole(name: str, parts: Mapping[str, Quantity]) -> Quantity:
    """The quantities of an observable as one, if they are its components x, y, z."""
    first = next(iter(parts.values()))
    if list(parts) != [f"{name}_{axis}" for axis in "xyz"]:
        raise InputError(f"{name} has several quantities; choose one of {', '.join(parts)}")
    values = np.stack([part.values for part in parts.values()])
    errors = [part.error for part in parts.values() if part.error is not None]
    direction = Quantity(np.array(list("xyz")), ("direction",), "1", "direction of the spin")
    return replace(
        first,
        values=values,
        dims=("direction", *first.dims),
        long_name=name,
        coords={"direction": direction, **first.coords},
        error=max(errors, default=None),
    )


@dataclass(frozen=True)
class Units:
    """What t, a and the layer spacing are, so that outputs gain SI axes.

    Parameters
    ----------
    energy
        t in joules.
    length
        The lattice constant in metres; ``None`` if not given.
    layer
        The layer spacing in metres; ``None`` if not given.
    """

    energy: float
    length: float | None = None
    layer: float | None = None

    @classmethod
    def of(cls, words: Mapping[str, str] | Laboratory) -> Units | None:
        """Read them in the words of a configuration, ``{"energy": "100 meV", "length": "0.4 nm"}``.

        Raises
        ------
        InputError
            If a word or a unit is unknown, or t is not given.
        """
        try:
            given = words if isinstance(words, Laboratory) else Laboratory.model_validate(dict(words))
        except ValidationError as error:
            first = problems_of(error, Laboratory)[0]
            where = key_name(("units", *first.path))
            raise InputError(f"{where}: {first.text}" + (f"; {first.hint}" if first.hint else "")) from None
        if given.energy is None:
            return None
        lengths = (None if one is None else one.si for one in (given.length, given.layer))
        return cls(given.energy.si, *lengths)

    def si(self, units: str) -> tuple[float, str] | None:
        """Factor and name of the SI unit that goes with a unit of the package, or ``None`` if there is none.

        ``t`` → meV, ``1/t`` → 1/meV, ``e t/hbar`` → nA, ``e/hbar`` (currents at an energy) → nA/meV,
        ``t/e`` → mV, ``h/e^2`` → kΩ, ``e^2/h`` → mS, ``hbar^2/(e^2 t)`` (inductances) → pH, ``hbar/e`` (flux)
        → fWb, ``k_B`` → meV/K and ``t/k_B`` (temperatures) → K; where the lattice constant is known, ``a``
        (lengths) → nm, ``a^2`` → nm², ``1/a`` → 1/nm, ``hbar/(e a^2)`` (fields) → T, ``hbar/(e a)`` (vector
        potentials) → T nm, ``e t a^2/hbar`` (moments) → μ_B, and of a site ``e^2 a^2/hbar`` (conductivity) →
        mS nm² and ``e^2 t a^2/hbar^2`` (superfluid weight) → nm²/pH: over the area of a site they are those
        of a square.
        """
        milli_ev = 1e3 * self.energy / ELEMENTARY_CHARGE
        weight = (ELEMENTARY_CHARGE / HBAR) ** 2 * self.energy
        known = {
            "t": (milli_ev, "meV"),
            "1/t": (1 / milli_ev, "1/meV"),
            "e t/hbar": (1e9 * ELEMENTARY_CHARGE * self.energy / HBAR, "nA"),
            "t/e": (milli_ev, "mV"),
            "h/e^2": (1e-3 * PLANCK / ELEMENTARY_CHARGE**2, "kΩ"),
            "e^2/h": (1e3 * ELEMENTARY_CHARGE**2 / PLANCK, "mS"),
            "k_B": (1e3 * BOLTZMANN / ELEMENTARY_CHARGE, "meV/K"),
            "t/k_B": (self.energy / BOLTZMANN, "K"),
            "e/hbar": (1e6 * ELEMENTARY_CHARGE**2 / HBAR, "nA/meV"),
            "hbar^2/(e^2 t)": (1e12 / weight, "pH"),
            "hbar/e": (1e15 * HBAR / ELEMENTARY_CHARGE, "fWb"),
        }
        if self.length is not None:
            magneton = 2 * ELECTRON_MASS * self.energy * self.length**2 / HBAR**2  # 1 μ_B is eħ/2m
            known |= {
                "a": (1e9 * self.length, "nm"),
                "a^2": (1e18 * self.length**2, "nm²"),
                "1/a": (1e-9 / self.length, "1/nm"),
                "hbar/(e a^2)": (HBAR / (ELEMENTARY_CHARGE * self.length**2), "T"),
                "hbar/(e a)": (1e9 * HBAR / (ELEMENTARY_CHARGE * self.length), "T nm"),
                "e t a^2/hbar": (magneton, "μ_B"),
                "e^2 a^2/hbar": (1e21 * self.length**2 * ELEMENTARY_CHARGE**2 / HBAR, "mS nm²"),
                "e^2 t a^2/hbar^2": (1e6 * self.length**2 * weight, "nm²/pH"),
            }
        return known.get(units)


@dataclass(frozen=True)
class Provenance:
    """Where a result comes from.

    Parameters
    ----------
    config_source, config_resolved
        The YAML as written, and with every default; empty for a run from Python.
    created
        UTC, ISO 8601.
    versions
        Package versions, ``bdg`` among them.
    seed
        Seed of the disorder, 0 if there is none.
    solver
        Name of the solver.
    method, solver_tolerance
        The name by which the solver was asked for, empty of one that was given as an object, and the accuracy
        asked of it.
    scf
        The options of the loop; ``None`` in a file of an older version.
    """

    config_source: str = ""
    config_resolved: str = ""
    created: str = ""
    versions: Mapping[str, str] = field(default_factory=dict)
    seed: int = 0
    solver: str = ""
    method: str = ""
    solver_tolerance: float = TOLERANCE
    scf: ScfOptions | None = None


@dataclass(frozen=True, repr=False)
class Result:
    """One simulation.

    ``result["ldos"]`` is the :class:`bdg.observables.Quantity` of that name, ``result["magnetisation"]`` has
    all its components; ``"ldos" in result``, ``result.keys()`` and a loop over the result are of these names.

    Parameters
    ----------
    title
        From the config.
    sample
        Sites and bonds.
    temperature
        In t.
    fields
        Order parameter, Hartree potentials and chemical potential.
    history
        One entry an iteration.
    status
        How the loop ended.
    tolerance
        Residual that was asked for, in t.
    observables
        Quantities by observable and name.
    units
        What t and a are, if the config says.
    provenance
        Config, versions, date.
    starts
        Where each of several starts led, the best first; else empty. It is the state measured, unless it is a
        saddle (``history[-1].saddle``) that the search went on from.
    warnings
        What a reader must know before using the numbers, a line each.
    failures
        The error of each observable that failed, of a run that has just ended; ``warnings`` name them too.
    made_from
        The model, or what makes it from the arrays of a file; see :attr:`model`.
    path
        The file it was written to or read from; of a run that was stopped the one that
        :func:`bdg.resume_file` takes and will write; ``None`` where there is none.
    """

    title: str
    sample: Sample
    temperature: float
    fields: Fields
    history: tuple[Iteration, ...]
    status: Status
    tolerance: float
    observables: Mapping[str, Mapping[str, Quantity]]
    units: Units | None = None
    provenance: Provenance = field(default_factory=Provenance)
    starts: tuple[Candidate, ...] = ()
    warnings: tuple[str, ...] = ()
    failures: Mapping[str, BdgError] = field(default_factory=dict, compare=False)
    made_from: Model | Callable[[], Model] | None = field(default=None, compare=False)
    path: Path | None = field(default=None, compare=False)

    @cached_property
    def model(self) -> Model:
        """The model; of a file that keeps none, being older, that of its configuration.

        Raises
        ------
        InputError
            If there is neither.
        """
        if isinstance(self.made_from, Model):
            return self.made_from
        if self.made_from is not None:
            with suppress(LookupError, TypeError, ValueError):  # of a version with other terms
                return self.made_from()
        if not self.provenance.config_resolved:
            raise InputError(
                "the result keeps neither its model nor a configuration, being made from Python by an older"
                " version; solve the model again"
            )
        source = ConfigSource(self.provenance.config_resolved, str(self.path or "<text>"))
        return setup.model_of(source.parse(), source, self.sample)

    @cached_property
    def config(self) -> Settings:
        """The parameters of the run by the keys of its configuration, ``config["scf.tolerance"]``.

        Of a run from Python, what its model, its options and its provenance have, under the same keys.
        """
        origin = self.provenance
        if origin.config_resolved:
            return Settings.read(origin.config_source, origin.config_resolved)
        method = {"method": origin.method or origin.solver or None, "tolerance": origin.solver_tolerance}
        others: dict[str, Any] = {
            "title": self.title or None,
            "solver": method,
            "observables": {name: {} for name in self.observables},
        }
        model = self.model if self.made_from is not None else None
        return setup.settings_of(self.sample, self.temperature, model, origin.scf, others)

    def state(self, solver: Solver | None = None) -> State:
        """The state, ready to be measured: ``bdg.measure`` does.

        Parameters
        ----------
        solver
            In place of the one that the run took.
        """
        model, origin = self.model, self.provenance
        method = next((name for name in (origin.method, origin.solver) if name in METHODS), "auto")
        rows = model.dofs * model.sample.n_sites
        chosen = solver or choose(method, rows=rows, temperature=model.temperature)
        hamiltonian = NambuAssembler(model).matrix(self.fields)
        is_converged = self.status == "converged"
        return State(model, self.fields, hamiltonian, chosen, origin.solver_tolerance, is_converged)

    def add(self, name: str, quantities: Mapping[str, Quantity], warnings: Sequence[str] = ()) -> None:
        """Add the quantities of an observable, in place of those it had; what was said of these goes."""
        old = (f"{name} failed: ", *(f"{key}: " for key in self.observables.get(name, {})))
        kept = tuple(line for line in self.warnings if not line.startswith(old))
        object.__setattr__(self, "observables", {**self.observables, name: dict(quantities)})
        object.__setattr__(self, "warnings", (*kept, *warnings))

    @property
    def failed(self) -> tuple[str, ...]:
        """Names of the observables that failed, from the warnings."""
        parts = (line.partition(" failed: ") for line in self.warnings)
        return tuple(name for name, mark, _ in parts if mark and name.isidentifier())

    @property
    def residual(self) -> float:
        """The last residual, in t; 0 where nothing was self-consistent."""
        return self.history[-1].residual if self.history else 0.0

    @property
    def left_saddle(self) -> float:
        """The largest λ > 1 of the saddles that the loop or the search left, 0 if it left none.

        See :mod:`bdg.scf.stability.saddle`.
        """
        last = self.starts[0].history[-1:] if self.starts else ()
        is_best = bool(last) and self.starts[0].history == self.history
        return max(left_saddle(self.history), *(iteration.saddle for iteration in last if not is_best), 0.0)

    @property
    def delta_error(self) -> float:
        """Error of a small Δ close to T_c, in t, of :mod:`.scf.stability.near_critical`; 0 of a large one."""
        return self.history[-1].delta_error if self.history else 0.0

    def __repr__(self) -> str:
        """How it ended, what it is of, and what it holds, in a few lines."""
        delta, quantities = np.abs(self.fields.delta), self.quantities()
        numbers = [f"{name} = {_number(one)}" for name, one in quantities.items() if not one.dims]
        arrays = [f"{name} ({' × '.join(one.dims)})" for name, one in quantities.items() if one.dims]
        lines = [
            f"{self.title or 'Result'}: {self.status.replace('_', ' ')} after"
            f" {counted(len(self.history), 'iteration')}, residual {self.residual:.2g} t"
            f"{by_way_of(self.left_saddle)}",
            f"{self.sample!r}; T = {self.temperature:g} t, mu = {self.fields.mu:.6g} t",
            f"|delta| from {delta.min():.6g} to {delta.max():.6g} t, mean {delta.mean():.6g} t",
            *([f"starts, the best first: {', '.join(_compared(self.starts))}"] if self.starts else []),
            *(", ".join(names) for names in (numbers, arrays) if names),
            *(f"warning: {line}" for line in self.warnings),
        ]
        return "\n  ".join(lines)

    def _repr_html_(self) -> str:
        """The page of ``bdg view`` in a frame, for notebooks."""
        # What draws lies above this room: it is found by its name when a notebook asks.
        return str(importlib.import_module("bdg.view").frame_of(self))

    def quantities(self) -> dict[str, Quantity]:
        """Every quantity by its name."""
        return {name: quantity for group in self.observables.values() for name, quantity in group.items()}

    def keys(self) -> tuple[str, ...]:
        """Names of the quantities."""
        return tuple(self.quantities())

    def __iter__(self) -> Iterator[str]:
        return iter(self.keys())

    def __contains__(self, name: object) -> bool:
        return name in self.quantities() or name in self.observables

    def __getitem__(self, name: str) -> Quantity:
        quantities = self.quantities()
        if name not in quantities and name in self.observables:
            return _whole(name, self.observables[name])
        if name not in quantities:
            failed = "".join(f"; {line}" for line in self.warnings if line.startswith(f"{name} failed: "))
            hint = did_you_mean(name, self) or f"; it has {', '.join(sorted(self))}"
            raise InputError(f"the result has no {name!r}{hint}{failed}")
        return quantities[name]
