"""What a model is made of, in words: from its arrays, whatever it was built from."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bdg.conventions import ELECTRON_CHARGE
from bdg.gauge import flux_of_phases
from bdg.model import Model
from bdg.model.couplings.strengths import NAMES
from bdg.model.interactions import acting
from bdg.model.model import spin_terms
from bdg.plot.canvas.labels import is_uniform
from bdg.result import Units

NOTHING = 1e-12
"""Below this, in t, a term is rounding."""

Fact = tuple[str, str]


def terms(model: Model, units: Units | None = None) -> Iterator[Fact]:
    """Name and value of everything in a model that is not zero, energies in t; a uniform field in T too."""
    for name, value in (*_normal(model), *_interacting(model), *_fixed(model), *_magnetic(model, units)):
        if value:
            yield name, value


def _normal(model: Model) -> Iterator[Fact]:
    yield "Hopping", "" if _is_plain(model) else _by_shell(model, model.hopping)
    if model.filling is not None:
        yield "Filling", _text(model.filling)
    yield "On-site energy", _range(model.onsite)
    size = np.linalg.norm(model.zeeman, axis=0)
    if (np.ptp(model.zeeman, axis=1) <= NOTHING).all() and size.any():
        yield "Zeeman field", f"[{', '.join(map(_text, model.zeeman[:, 0]))}]"
    else:
        yield "Zeeman field", _range(size)
    if model.spin_orbit is not None:
        name = spin_terms(model.spin_orbit)
        yield name[0].upper() + name[1:], _largest(model.spin_orbit)


def _interacting(model: Model) -> Iterator[Fact]:
    yield "On-site attraction", _range(model.attraction.strength)
    bonds = model.on_bonds
    yield "Attraction on bonds", _by_shell(model, bonds.strength)
    yield "Exchange on bonds", _by_shell(model, bonds.exchange)
    yield "Pair hopping", _largest(bonds.pair_hops)
    yield "Channels", ", ".join(bonds.channels)
    yield "Self-consistent", ", ".join(_fields(model))
    yield "Magnetism", "" if model.magnetism == "off" else model.magnetism


def _fields(model: Model) -> Iterator[str]:
    """Mean fields that some interaction makes, by the names that a user gives them."""
    made = {kind.row.double_counting for kind in acting(model) if kind.gain(model)}
    parts = {part for part, _ in filter(None, made)}
    return (name for name in NAMES if name in parts)


def _fixed(model: Model) -> Iterator[Fact]:
    if model.given_delta is not None:
        yield "Given |Δ|", _range(np.abs(model.given_delta)) or "0"
    if model.given_bonds is not None:
        yield "Given |Δ| on bonds", _by_shell(model, np.abs(model.given_bonds).max(axis=(1, 2)))


def _magnetic(model: Model, units: Units | None) -> Iterator[Fact]:
    applied = model.vector_potential
    if applied is not None and applied.any():
        # Modulo h/e: where a torus closes A has whole ones of the other sign.
        through = flux_of_phases(model.sample, ELECTRON_CHARGE * applied) / model.sample.plaquettes.area
        name = "Magnetic field" if model.screening is None else "Applied field"
        is_uniform_field = through.any() and is_uniform(through)
        yield name, _range(through) + (_in_tesla(through[0], units) if is_uniform_field else "")
        yield "Vector potential", "" if (np.abs(through) > NOTHING).any() else _largest(applied)
    if model.screening is not None:
        yield "Screening", f"mu0 {_text(model.screening.mu0)}, {model.screening.geometry}"


def _in_tesla(field: float, units: Units | None) -> str:
    converted = None if units is None else units.si("hbar/(e a^2)")
    return "" if converted is None else f" = {_text(float(f'{field * converted[0]:.4g}'))} {converted[1]}"


def _is_plain(model: Model) -> bool:
    """Whether hopping is 1 to nearest neighbours and 0 to others, as it is by default."""
    nearest = model.sample.bonds.shell == 1
    return bool(np.array_equal(model.hopping, nearest.astype(float))) and not np.any(model.phase)


def _by_shell(model: Model, values: NDArray[np.float64]) -> str:
    """The values of bonds, by shell of neighbours where there are several."""
    shells = model.sample.bonds.shell
    parts = {int(shell): _range(values[shells == shell], absent="0") for shell in np.unique(shells)}
    if not np.any(np.abs(values) > NOTHING):
        return ""
    while len(parts) > 1 and parts[max(parts)] == "0":
        parts.pop(max(parts))
    return ", ".join(parts.values())


def _range(values: NDArray[Any], absent: str = "") -> str:
    """One number, or the least and the largest; nothing where all are zero."""
    if not values.size or np.abs(values).max() <= NOTHING:
        return absent
    if is_uniform(values):
        return _text(values.ravel()[0])
    return f"{_text(values.min())} to {_text(values.max())}"


def _largest(values: NDArray[Any]) -> str:
    size = np.abs(values)
    return f"up to {_text(size.max())}" if size.max(initial=0.0) > NOTHING else ""


def _text(value: Any) -> str:
    rounded = 0.0 if abs(value) <= NOTHING else float(value)
    return f"{rounded:.6g}".replace("-", "−")
