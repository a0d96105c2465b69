"""The parameters of a run that had no configuration, under the keys that a configuration has for them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bdg.config.settings import Settings, flattened
from bdg.lattice import Boundary, Sample
from bdg.model import Model
from bdg.scf import ScfOptions

MISSING = "is not known: the result was made from Python, and its model and options do not hold it"


def settings_of(
    sample: Sample, temperature: float, model: Model | None, scf: ScfOptions | None, others: Mapping[str, Any]
) -> Settings:
    """What is known of a run from Python.

    Parameters
    ----------
    sample, temperature
        Of the result.
    model
        ``None`` where it is not known.
    scf
        The options of its loop; ``None`` where they are not known.
    others
        Further sections; ``None`` in them is left out.
    """
    values: dict[str, Any] = {
        "lattice": {
            "kind": sample.cell.name,
            "size": list(sample.size),
            "boundary": [_ends(each) for each in sample.boundary],
        },
        "temperature": temperature,
        **({} if model is None else _terms(model)),
        **({} if scf is None else {"scf": dict(vars(scf))}),
    }
    values |= {name: _without_none(value) for name, value in others.items() if value is not None}
    usual = {("scf", name): value for name, value in vars(ScfOptions()).items()}
    known = flattened(values)
    return Settings(values, frozenset(path for path in usual if known.get(path) == usual[path]), MISSING)


def _terms(model: Model) -> dict[str, Any]:
    """The terms of a model; one number where all sites or bonds have it, else an array."""
    own, bonds = model.attraction, model.on_bonds
    named = ("pairing", "hartree")
    hamiltonian = {
        "chemical_potential": model.chemical_potential,
        "filling": model.filling,
        "onsite": _single(model.onsite),
        "zeeman": [_single(axis) for axis in model.zeeman],
        "hopping": [_single(values) for values in _by_shell(model, model.hopping)],
    }
    interaction = {
        "onsite": _single(own.strength),
        "fields": [name for name in named if getattr(own, name)],
        "bonds": [
            {"shell": n, "value": _single(values)}
            for n, values in enumerate(_by_shell(model, bonds.strength), 1)
            if np.any(values)
        ],
        "channels": list(bonds.channels) or None,
        "magnetism": model.magnetism,
        "given": None if model.given_delta is None else {"onsite": _single(model.given_delta)},
    }
    return {"hamiltonian": _without_none(hamiltonian), "interaction": _without_none(interaction)}


def _by_shell(model: Model, values: NDArray[Any]) -> list[NDArray[Any]]:
    """The values of the bonds of each shell, from the nearest on."""
    shell = model.sample.bonds.shell
    return [values[shell == n] for n in range(1, 1 + int(shell.max(initial=0)))]


def _single(values: NDArray[Any]) -> Any:
    """The one number that all have; else the array."""
    return values.flat[0].item() if values.size and np.all(values == values.flat[0]) else values


def _ends(ends: Boundary) -> Any:
    """A boundary as a configuration has it."""
    if ends.is_infinite:
        extra = {"twist": ends.twist, "shift": ends.shift}
        return {"bloch": ends.n_k, **{name: value for name, value in extra.items() if value}}
    return {"twist": ends.twist} if ends.twist else ends.kind


def _without_none(value: Any) -> Any:
    return {k: v for k, v in value.items() if v is not None} if isinstance(value, Mapping) else value
