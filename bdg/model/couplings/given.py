"""A fixed order parameter, on sites and on bonds, in place of a self-consistent one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from bdg.arrays import Numbers
from bdg.errors import InputError
from bdg.gauge import (
    VectorPotentialLike,
    bond_vector_potential,
    gauge_warnings,
    pair_factor,
    peierls_phase,
    phase_factor,
)
from bdg.keywords import did_you_mean
from bdg.lattice import Sample, SiteValue, real_values, values_at
from bdg.lattice.regions import Region
from bdg.model.pairs import SYMMETRIES, fixed_pairs
from bdg.model.terms.shells import bonds_of_shell


@dataclass(frozen=True)
class Given:
    """A fixed Δ: Δ_i = value · e^{iφ_i} · e^{iθ_i} in the region, 0 outside.

    θ is the phase of a condensate at rest in the vector potential and the twists, see :mod:`bdg.gauge.pairs`.
    Pairs of a bond are Σ value · form factor · spin matrix · e^{i(φ+θ)}, of values the mean of both ends and
    of phases the one midway, see :func:`bdg.model.pairs.given_pairs`.

    Parameters
    ----------
    onsite
        Δ of the sites in t: a number, a function of the coordinates or a formula; may be complex. An array is
        Δ itself, with its own θ.
    on_bonds
        Amplitude in t by symmetry, one of :data:`bdg.model.pairs.SYMMETRIES`, likewise a value over sites; or
        Δ_{source σ, target σ'} itself, shape ``(n_bonds, 2, 2)``.
    shell
        Neighbour shell of the bonds, from 1; or ``"within"``, between orbitals that share a place.
    d_vector
        Direction of the triplets' d vector; its length does not matter.
    phase
        φ in radians, a value over sites.
    region
        Where Δ is not zero: a function of positions or a mask of sites; by default everywhere.
    """

    onsite: SiteValue | None = None
    on_bonds: Mapping[str, SiteValue] | ArrayLike | None = None
    shell: int | str = 1
    d_vector: Sequence[float] = (0.0, 0.0, 1.0)
    phase: SiteValue = 0.0
    region: Region | ArrayLike | None = None

    @classmethod
    def of(cls, words: Mapping[str, Any]) -> Given:
        """Read it from the words of a configuration, ``{"p_x": 0.3, "shell": 2, "d_vector": [1, 0, 0]}``.

        Raises
        ------
        InputError
            If there is no such word.
        """
        options = {field.name for field in fields(cls)} - {"on_bonds"}
        for word in words:
            if word not in options and word not in SYMMETRIES:
                hint = did_you_mean(word, (*options, *SYMMETRIES))
                raise InputError(
                    f"a given Δ has no {word!r}{hint or '; use onsite or ' + ', '.join(SYMMETRIES)}"
                )
        by_symmetry = {word: value for word, value in words.items() if word in SYMMETRIES}
        rest = {word: value for word, value in words.items() if word in options}
        return cls(on_bonds=by_symmetry or None, **rest)

    def on(
        self, sample: Sample, vector_potential: VectorPotentialLike | None = None
    ) -> tuple[Numbers | None, Numbers | None, tuple[str, ...]]:
        """Evaluate Δ on sites and bonds, ``None`` for what is not given; and what a reader must know.

        Raises
        ------
        InputError
            If a value, symmetry, shell, direction or region cannot be used.
        """
        inside = self._inside(sample)
        added: Numbers = np.ones(sample.n_sites)
        if self._has_phase:
            added = phase_factor(real_values(values_at(sample.positions, self.phase, "phase"), "phase"))
        is_literal = self.onsite is None or not _is_amplitude(self.onsite)
        if is_literal and not isinstance(self.on_bonds, Mapping):
            return self._on_sites(sample, inside * added), self._literal_pairs(sample), ()
        factor, warnings = pair_factor(sample, vector_potential), gauge_warnings(sample, vector_potential)
        on_sites = self._on_sites(sample, inside * (added if is_literal else factor * added))
        if not isinstance(self.on_bonds, Mapping):
            return on_sites, self._literal_pairs(sample), warnings
        ends = sample.bonds
        chosen = bonds_of_shell(sample, self.shell) & inside[ends.source] & inside[ends.target]
        phase = peierls_phase(sample, bond_vector_potential(sample, vector_potential))
        pairs, lost = fixed_pairs(
            sample, self.on_bonds, chosen, self.d_vector, factor=factor * added, phase=phase
        )
        return on_sites, pairs, warnings + lost

    @property
    def _has_phase(self) -> bool:
        return not (isinstance(self.phase, int | float) and self.phase == 0)

    def _inside(self, sample: Sample) -> NDArray[np.bool_]:
        """Sites of the region."""
        if self.region is None:
            return np.ones(sample.n_sites, bool)
        inside = np.asarray(self.region(sample.positions) if callable(self.region) else self.region)
        if inside.shape != (sample.n_sites,) or inside.dtype != bool:
            raise InputError(
                f"the region of a given Δ has shape {inside.shape} and type {inside.dtype}; give a function"
                f" of positions, or {sample.n_sites} booleans"
            )
        if not inside.any():
            raise InputError("the region of a given Δ holds no site of the sample; move or enlarge it")
        return inside

    def _on_sites(self, sample: Sample, factor: Numbers) -> Numbers | None:
        if self.onsite is None:
            return None
        return factor * values_at(sample.positions, self.onsite, "given_delta")

    def _literal_pairs(self, sample: Sample) -> Numbers | None:
        """Pairs that are given as an array, as they stand."""
        if self.on_bonds is None:
            return None
        pairs = np.asarray(self.on_bonds)
        if pairs.shape != (sample.n_bonds, 2, 2) or pairs.dtype.kind not in "biufc":
            raise InputError(
                f"given_bonds has shape {pairs.shape}; give numbers of shape ({sample.n_bonds}, 2, 2),"
                " or values by symmetry"
            )
        if not np.isfinite(pairs).all():
            raise InputError("given_bonds is not finite (NaN or infinity)")
        if self.region is not None or self._has_phase:
            raise InputError("pairs given as an array on bonds stand as they are; drop phase and region")
        return pairs.astype(np.complex128) if np.iscomplexobj(pairs) else pairs.astype(np.float64)


def _is_amplitude(value: Any) -> bool:
    """Whether a value on sites has the phases of a condensate at rest besides: whatever is no array."""
    return callable(value) or not np.shape(np.asarray(value))


def given_of(
    given: Given | Mapping[str, Any] | None,
    delta: SiteValue | None,
    bonds: Mapping[str, SiteValue] | ArrayLike | None,
) -> Given:
    """The given Δ, from either way to give it.

    Raises
    ------
    InputError
        If both are taken, or a word is unknown.
    """
    if given is None:
        return Given(delta, bonds)
    if delta is not None or bonds is not None:
        one = "given_bonds" if delta is None else "given_delta"
        raise InputError(f"given and {one} are both given; write all of it in given")
    return given if isinstance(given, Given) else Given.of(given)
