"""Parameters of tunnelling spectra: the tip, its lifetime, the lock-in amplifier, the set point."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Any, Literal

import numpy as np
from pydantic import AfterValidator, Field, Tag, model_validator

from bdg.arrays import Floats
from bdg.errors import InputError
from bdg.expressions import Expression
from bdg.lattice import Sample
from bdg.observables.contract import Form
from bdg.observables.parameters import Energies, Polarisation
from bdg.parameters.base import LIST, MAPPING, NUMBER, TEXT, Line, Number, Positive, Section, Text, one_of
from bdg.parameters.dimensions import (
    ENERGY,
    EnergyNumber,
    NonNegativeEnergy,
    PositiveEnergy,
    PositiveLength,
)
from bdg.parameters.problems import refuse

ENERGY_VARIABLE = ("E",)
"""What a formula of the broadening depends on."""

Biases = Annotated[Energies, "{start, stop, num} or an ascending list of biases at the sample, in t/e or mV."]
"""Biases, as energies are written."""


def _is_formula(text: str) -> str:
    try:
        return Expression(text, ENERGY_VARIABLE).text
    except InputError as error:
        refuse(str(error))


@dataclass(frozen=True)
class Broadened:
    """The broadening η of energies.

    Parameters
    ----------
    written
        A number, or a formula in E.
    """

    written: float | str

    def __call__(self, energies: Floats) -> Floats:
        """η(E) in t, shape as given.

        Raises
        ------
        InputError
            If it is not positive somewhere.
        """
        if not isinstance(self.written, str):
            return np.full(np.shape(energies), self.written)
        values = np.asarray(Expression(self.written, ENERGY_VARIABLE)(energies))
        if np.iscomplexobj(values) or not (values > 0).all():
            worst = float(np.asarray(energies)[int(np.argmin(np.real(values)))])
            raise InputError(
                f"the broadening '{self.written}' is not positive at E = {worst:.6g} t; add a constant"
            )
        return values


Lifetime = Annotated[
    Any,
    Form(
        Annotated[
            Annotated[PositiveEnergy, Tag(NUMBER)] | Annotated[Text, AfterValidator(_is_formula), Tag(TEXT)],
            one_of("a number or a formula in E", NUMBER, TEXT),
            ENERGY,
        ],
        lambda value, sample: Broadened(value),
    ),
    "Lorentzian half width η, a number or a formula in the energy E: 0.01 + 0.1*abs(E), in t.",
]
"""The inverse lifetime of the sample's electrons; the function receives :class:`Broadened`."""


class Modulation(Section):
    """The modulation of the bias by a lock-in amplifier; one of the two."""

    rms: NonNegativeEnergy | None = Field(None, description="Root of the mean square, peak/√2.")
    peak: NonNegativeEnergy | None = Field(None, description="Amplitude from the middle to the peak.")

    @model_validator(mode="after")
    def _one(self) -> Modulation:
        if (self.rms is None) == (self.peak is None):
            refuse("a modulation has an rms or a peak amplitude", hint="write {rms: 0.01} or {peak: 0.014}")
        return self

    @property
    def amplitude(self) -> float:
        """The peak amplitude, in t."""
        return float(self.peak if self.peak is not None else np.sqrt(2) * (self.rms or 0.0))


class Table(Section):
    """A density of states from a text file of two columns."""

    file: Line = Field(description="A text file: energy and density of states in every line, # for remarks.")
    unit: PositiveEnergy = Field(1.0, description="The energy that is 1 in the file: '1 meV'; t by default.")


_Pair = Annotated[tuple[Number, ...], Field(min_length=2, max_length=2)]

TipDensity = Annotated[
    Annotated[Table, Tag(MAPPING)] | Annotated[tuple[_Pair, ...], Field(min_length=2), Tag(LIST)],
    one_of("{file: tip.txt} or a list of [energy, density]", MAPPING, LIST),
]


class TailTable(Section):
    """Tails from a text file: orbital, x, y and amplitude in every line."""

    file: Line = Field(
        description="A text file: orbital, x and y from it to the tip, and the amplitude, or its two parts."
    )
    unit: PositiveLength = Field(1.0, description="The length that is 1 in the file: '1 nm'; a by default.")


_Tail = Annotated[tuple[Number, ...], Field(min_length=4, max_length=5)]

Tails = Annotated[
    Annotated[TailTable, Tag(MAPPING)] | Annotated[tuple[_Tail, ...], Field(min_length=1), Tag(LIST)],
    one_of("{file: tails.txt} or a list of [orbital, x, y, amplitude]", MAPPING, LIST),
]

Shape = Literal["s", "p_x", "p_y", "p_z", "d_x2_y2", "d_xy", "d_z2"]


class Tip(Section):
    """The tip; without any of its keys a normal metal right over the site, all of whose orbitals it sees."""

    delta: NonNegativeEnergy = Field(0.0, description="Δ of a superconducting tip.")
    broadening: PositiveEnergy | None = Field(None, description="Its Γ (Dynes).")
    temperature: NonNegativeEnergy | None = Field(
        None, description="Its k_B T, and that of the lock-in's electrons; by default the sample's."
    )
    dos: TipDensity | None = Field(
        None, description="Its density of states, 1 for a normal metal, in place of delta."
    )
    polarisation: Polarisation | None = Field(None, description="Its spin polarisation, at most 1 long.")
    height: PositiveLength | None = Field(
        None, description="Height over the sites: neighbours count with e^{−2κ(d − height)}, d the distance."
    )
    decay: Positive | None = Field(None, description="κ of the wave functions, in 1/a.")
    shape: Shape = Field("s", description="Form of the orbitals' tails: s, p_x, …, d_x2_y2, d_xy, d_z2.")
    orbitals: tuple[Number, ...] | None = Field(
        None, description="Amplitude of each orbital of the cell; 1 by default."
    )

    tails: Tails | None = Field(
        None,
        description="Amplitudes of Wannier functions at the tip, by orbital and place, in place of height.",
    )
    interference: bool = Field(
        True, strict=True, description="Whether the waves of the tails are added with their phases."
    )

    @model_validator(mode="after")
    def _complete(self) -> Tip:
        if self.tails is not None and (self.height is not None or self.orbitals is not None):
            refuse(
                "a tip with tails of its own has no height and no orbitals",
                "tails",
                hint="remove one of them",
            )
        if self.delta > 0 and self.broadening is None:
            refuse(
                "a superconducting tip has a broadening", "delta", hint="add 'broadening: 0.01', for example"
            )
        if self.delta > 0 and self.dos is not None:
            refuse("a tip with a density of states of its own has no delta", "dos", hint="remove one of them")
        if self.height is not None and self.decay is None:
            refuse("a tip at a height has a decay of its weights", "height", hint="add 'decay: 2', in 1/a")
        if self.shape != "s" and self.height is None:
            refuse("tails have a shape for a tip at a height", "shape", hint="add height and decay")
        return self


def check_orbitals(tip: Tip | None, sample: Sample) -> Tip | None:
    """A tip whose orbitals are those of a cell.

    Raises
    ------
    InputError
        If there are more or fewer.
    """
    expected = sample.cell.n_orbitals
    if tip is not None and tip.orbitals is not None and len(tip.orbitals) != expected:
        raise InputError(f"orbitals has {len(tip.orbitals)} numbers, the cell {expected}; give one for each")
    return tip


TipOverSites = Annotated[
    Any, Form(Tip | None, check_orbitals), "The tip; by default a normal metal right over the site."
]
"""A tip; the function receives :class:`Tip` or ``None``."""


class SetPoint(Section):
    """Where the feedback loop holds the current before each spectrum."""

    bias: EnergyNumber = Field(description="V_s.")
    current: Positive | None = Field(
        None, description="I_s, in the unit of stm_current; by default the mean of all sites at V_s."
    )
    decay: Positive | None = Field(None, description="κ, for the map of heights, in 1/a.")

    @model_validator(mode="after")
    def _bias(self) -> SetPoint:
        if self.bias == 0:
            refuse("no current flows at zero bias", "bias", hint="give the bias of the set point")
        return self
