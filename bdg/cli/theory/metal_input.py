"""The metal of a command: a constant density of states, one from a file, or a lattice."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TypedDict

import numpy as np

from bdg.errors import InputError
from bdg.theory.uniform.band import Band, constant_dos, merged, tabulated_dos
from bdg.theory.uniform.lattices import METRICS, Dispersion, lattice_band

SITES = {"chain": 4096, "square": 256, "triangular": 256, "cubic": 48}
"""Default length of a side: enough for gaps of a hundredth of the band."""


class Fixed(TypedDict):
    """The chemical potential or the filling."""

    mu: float | None
    filling: float | None


@dataclass(frozen=True)
class Metal:
    """A band, an attraction, and what is fixed.

    Parameters
    ----------
    band
        The states.
    attraction
        V; for a constant density of states N(0)V.
    mu, filling
        One of the two.
    name
        For titles.
    units
        Of energies: ``t`` on a lattice, else those of the cut-off or the table.
    """

    band: Band
    attraction: float
    mu: float | None
    filling: float | None
    name: str
    units: str

    @property
    def is_constant(self) -> bool:
        """Whether it has the constant density of states of BCS."""
        return self.name.startswith("constant")

    @property
    def fixed(self) -> Fixed:
        """Keyword arguments of the solvers."""
        return {"mu": self.mu, "filling": self.filling}


def metal(
    coupling: float | None = None,
    cutoff: float | None = None,
    lattice: str | None = None,
    dos: Path | None = None,
    hopping: str | None = None,
    pairing: str | None = None,
    attraction: float | None = None,
    mu: float | None = None,
    filling: float | None = None,
    size: int | None = None,
    shift: float | None = None,
) -> Metal:
    """The metal that options ask for; N(0)V = 0.3 with ħω_D = 1 if they ask for nothing.

    Raises
    ------
    InputError
        If options contradict or miss each other.
    """
    if lattice is not None and dos is not None:
        raise InputError("--lattice and --dos name two metals; give one of them")
    for name, choice in (("hopping", hopping), ("pairing", pairing), ("size", size), ("shift", shift)):
        if choice is not None and lattice is None:
            raise InputError(f"--{name} needs --lattice, square for example")
    if lattice is None and dos is None:
        for name, value in (("attraction", attraction), ("filling", filling)):
            if value is not None:
                raise InputError(f"--{name} needs --lattice or --dos; a constant density has --coupling")
        strength, width = (0.3 if coupling is None else coupling), (1.0 if cutoff is None else cutoff)
        title = f"constant density of states, N(0)V = {strength:g}, cut-off {width:g}"
        return Metal(constant_dos(width), strength, mu or 0.0, None, title, "energy units")
    if coupling is not None or cutoff is not None:
        raise InputError("--coupling and --cutoff belong to a constant density; use --attraction here")
    if attraction is None:
        raise InputError("the attraction is missing; give --attraction 2.5 for example")
    if mu is not None and filling is not None:
        raise InputError("--mu and --filling exclude each other; give one of them")
    if mu is None and filling is None:
        mu = 0.0
    if dos is not None:
        return Metal(
            _table(dos, mu or 0.0),
            attraction,
            mu,
            filling,
            f"density of states of {dos.name}",
            "energy units",
        )
    assert lattice is not None
    return _on_lattice(lattice, hopping or "1", pairing or "s", attraction, mu, filling, size, shift or 0.0)


def _on_lattice(
    lattice: str,
    hopping: str,
    pairing: str,
    attraction: float,
    mu: float | None,
    filling: float | None,
    size: int | None,
    shift: float,
) -> Metal:
    if lattice not in METRICS:
        raise InputError(f"--lattice {lattice}: unknown lattice; use {', '.join(METRICS)}")
    dispersion = Dispersion(lattice, numbers("--hopping", hopping))
    side = SITES[lattice] if size is None else size
    band = merged(lattice_band(dispersion, [side] * dispersion.dimension, pairing, 2 * np.pi * shift))
    fixed = f"mu = {mu:g} t" if mu is not None else f"filling {filling:g}"
    title = f"{lattice} lattice, {pairing.replace('_', ' ')}-wave, V = {attraction:g} t, {fixed}"
    return Metal(band, attraction, mu, filling, title, "t")


def _table(path: Path, near: float) -> Band:
    """Two columns, energy and states per energy and spin."""
    try:
        columns = np.loadtxt(path, delimiter="," if path.suffix == ".csv" else None, ndmin=2)
    except OSError:
        raise InputError(f"--dos {path}: no such file; give two columns, energy and states") from None
    except ValueError as error:
        raise InputError(f"--dos {path}: {str(error).splitlines()[0]}; give two columns of numbers") from None
    if columns.shape[1] != 2:
        raise InputError(f"--dos {path}: {columns.shape[1]} columns; give two, energy and states per spin")
    return tabulated_dos(columns[:, 0], columns[:, 1], near, 1e-6 * float(np.ptp(columns[:, 0])))


def numbers(option: str, text: str) -> tuple[float, ...]:
    """Numbers with commas between them."""
    try:
        values = tuple(float(part) for part in text.split(","))
        if not np.isfinite(values).all():
            raise ValueError
        return values
    except ValueError:
        raise InputError(
            f"{option} {text}: not numbers; separate them with commas, 1,-0.3 for example"
        ) from None
