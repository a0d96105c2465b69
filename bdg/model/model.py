"""The model: every term of the Hamiltonian on a sample, as frozen arrays; and the builder that checks."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import ArrayLike, NDArray

from bdg.errors import InputError
from bdg.gauge import bond_vector_potential, peierls_phase, transformed_phase
from bdg.lattice import (
    Sample,
    SiteValue,
    VectorValue,
    real_values,
    site_values,
    values_at,
    vector_values,
)
from bdg.model.bond_interaction import BondAttraction
from bdg.model.disorder import Disorder
from bdg.model.interaction import OnsiteAttraction
from bdg.model.pairs import CHANNELS, EVEN, SYMMETRIES, form_factor, given_pairs
from bdg.model.spin import spin_matrices
from bdg.model.spin_orbit import Dresselhaus, IntrinsicSpinOrbit, Rashba, bond_values
from bdg.model.terms import Impurities, Impurity, Term, TermLike, sum_of

Amplitudes = NDArray[np.float64] | NDArray[np.complex128]


@dataclass(frozen=True, repr=False)
class Model:
    r"""H = Σ c†_i e^{iφ_ij} (−t_ij + a_ij·σ) c_j + Σ (ε_i − μ) n_iσ − Σ c†_i h_i·σ c_i − Σ U_i n_i↑ n_i↓
    − Σ_bonds V_ij n_i n_j.

    Build one with :func:`build_model`, which checks everything; here it is trusted.

    Parameters
    ----------
    sample
        Sites and bonds.
    hopping
        t of each bond, shape ``(n_bonds,)``, in t; of a complex t, the modulus.
    phase
        Phase of each bond's hop source → target, shape ``(n_bonds,)``: Peierls phase and argument of t.
    onsite
        ε_i of the cell's orbitals, impurities and disorder, shape ``(n_sites,)``.
    zeeman
        h_i, magnetic impurities included, shape ``(3, n_sites)``.
    spin_orbit
        a_ij of each bond's hop source → target, shape ``(n_bonds, 3)``; ``None`` where there is none.
    attraction
        The on-site interaction and which of its mean fields are on.
    given_delta
        A fixed order parameter, shape ``(n_sites,)``, in place of a self-consistent one; else ``None``.
    chemical_potential, filling
        Exactly one is given: μ in t, or electrons per site.
    temperature
        k_B T in t, 0 included.
    least_dofs
        4 takes the general Nambu space also where 2 dofs an orbital would do.
    bond_attraction
        The interaction on bonds; ``None`` where there is none.
    given_bonds
        Fixed pairs Δ_{source σ, target σ'}, shape ``(n_bonds, 2, 2)``, in place of self-consistent ones; else
        ``None``.
    """

    sample: Sample
    hopping: NDArray[np.float64]
    phase: NDArray[np.float64]
    onsite: NDArray[np.float64]
    zeeman: NDArray[np.float64]
    spin_orbit: NDArray[np.complex128] | None
    attraction: OnsiteAttraction
    given_delta: NDArray[np.float64] | NDArray[np.complex128] | None
    chemical_potential: float | None
    filling: float | None
    temperature: float
    least_dofs: int = 2
    bond_attraction: BondAttraction | None = None
    given_bonds: NDArray[np.float64] | NDArray[np.complex128] | None = None

    def __repr__(self) -> str:
        """``T = 0.05 t, mu = -0.5 t, U from 0 to 2.5 t, pairing, on square 24 × 24 …``."""
        strength = self.attraction.strength
        electrons = f"filling {self.filling:g}" if self.chemical_potential is None else None
        parts = [
            f"T = {self.temperature:g} t",
            electrons or f"mu = {self.chemical_potential:g} t",
            f"U from {strength.min():g} to {strength.max():g} t",
            *(["spin-orbit coupling"] if self.spin_orbit is not None else []),
            *(["given delta"] if self.given_delta is not None else []),
            *(name for name in ("pairing", "hartree") if getattr(self.attraction, name)),
        ]
        if self.bond_attraction is not None:
            strength, channels = self.bond_attraction.strength, self.bond_attraction.channels
            parts.append(f"V from {strength.min():g} to {strength.max():g} t ({', '.join(channels)})")
        return f"{', '.join(parts)}, on {self.sample!r}"

    @property
    def amplitude(self) -> NDArray[np.float64] | NDArray[np.complex128]:
        """−t e^{iφ} of each bond, ⟨target|h|source⟩ without spin; real where every phase is 0 or π."""
        return -self.hopping * self._turn

    @property
    def spin_amplitude(self) -> NDArray[np.float64] | NDArray[np.complex128]:
        """⟨target|h|source⟩ = e^{iφ}(−t + a·σ) of each bond, shape ``(n_bonds, 2, 2)``; real if it can be."""
        if self.spin_orbit is None:
            return spin_matrices(self.amplitude)
        return spin_matrices(self.amplitude, self._turn[:, None] * self.spin_orbit)

    @property
    def _turn(self) -> NDArray[np.float64] | NDArray[np.complex128]:
        """e^{iφ} of each bond, exact where every phase is 0 or π."""
        turns = self.phase / np.pi
        if np.all(np.abs(turns - np.round(turns)) < 1e-12):
            return np.where(np.round(turns) % 2 == 0, 1.0, -1.0)
        turn: NDArray[np.complex128] = np.exp(1j * self.phase)
        return turn

    @property
    def dofs(self) -> int:
        """Nambu components an orbital: 2 where spin along z is conserved, 4 where it is not."""
        mixed = (
            self.zeeman[:2].any(),
            self.spin_orbit is not None and self.spin_orbit[:, :2].any(),
            self.bond_attraction is not None and "triplet" in self.bond_attraction.channels,
            self.given_bonds is not None and self.given_bonds[:, [0, 1], [0, 1]].any(),
        )
        return 4 if any(mixed) or self.least_dofs == 4 else 2

    @property
    def is_spin_symmetric(self) -> bool:
        """Whether spin up and down feel the same Hamiltonian, whatever pairs there are."""
        triplet = self.has_bond_pairs and self.pair_channels != ("singlet",)
        return self.spin_orbit is None and not self.zeeman.any() and not triplet

    @property
    def has_bond_pairs(self) -> bool:
        """Whether there are pairs on bonds, given or self-consistent."""
        interaction = self.bond_attraction
        return self.given_bonds is not None or (interaction is not None and interaction.pairing)

    @property
    def pair_channels(self) -> tuple[str, ...]:
        """Spin channels of the pairs on bonds; given ones count as all."""
        if self.given_bonds is not None or self.bond_attraction is None:
            return tuple(CHANNELS)
        return self.bond_attraction.channels

    @property
    def has_hartree(self) -> bool:
        """Whether any interaction has its mean field of the density."""
        bonds = self.bond_attraction
        return self.attraction.hartree or (bonds is not None and bonds.hartree)

    @property
    def has_fock(self) -> bool:
        """Whether the interaction on bonds has its Fock field."""
        return self.bond_attraction is not None and self.bond_attraction.fock

    def hartree_potential(self, density: NDArray[np.float64]) -> NDArray[np.float64]:
        """Hartree potentials of all interactions that have them on; both shapes ``(2, n_sites)``."""
        bonds, potential = self.bond_attraction, np.zeros_like(density)
        if self.attraction.hartree:
            potential += self.attraction.hartree_potential(density)
        if bonds is not None and bonds.hartree:
            potential += bonds.hartree_potential(self.sample, density)
        return potential

    @property
    def has_exchange(self) -> bool:
        """Whether the mean field of the density has a part between the spins."""
        return self.attraction.hartree and self.dofs == 4 and not self.is_spin_symmetric

    @property
    def is_real_without_phases(self) -> bool:
        """Whether every ⟨i|h|j⟩ is a real matrix, Peierls phases apart."""
        a = self.spin_orbit
        return not self.zeeman[1].any() and (a is None or not (a[:, ::2].imag.any() or a[:, 1].real.any()))

    @property
    def allows_real_delta(self) -> bool:
        """Whether Δ can be real in a gauge without phases: H is real there, or even under time reversal."""
        alone = self.bond_attraction is None and self.given_bonds is None
        return self.is_real_without_phases or (alone and not (self.zeeman.any() or self.attraction.hartree))

    def transformed(self, angle: NDArray[np.float64]) -> Model:
        """The same physics after c_i → e^{iχ_i} c_i."""
        if not angle.any():
            return self
        given = None if self.given_delta is None else np.exp(2j * angle) * self.given_delta
        pairs, bonds = self.given_bonds, self.sample.bonds
        if pairs is not None:
            pairs = np.exp(1j * (angle[bonds.source] + angle[bonds.target]))[:, None, None] * pairs
        phase = transformed_phase(self.sample, self.phase, angle)
        return replace(self, phase=phase, given_delta=given, given_bonds=pairs)


def build_model(
    sample: Sample,
    *,
    hopping: float | ArrayLike | None = None,
    chemical_potential: float | None = None,
    filling: float | None = None,
    onsite: SiteValue = 0.0,
    impurities: Sequence[Impurity] = (),
    disorder: Disorder | None = None,
    terms: Sequence[TermLike] = (),
    zeeman: VectorValue = 0.0,
    rashba: SiteValue = 0.0,
    dresselhaus: SiteValue = 0.0,
    intrinsic_soc: SiteValue = 0.0,
    attraction: SiteValue = 0.0,
    fields: Sequence[str] = ("pairing",),
    given_delta: SiteValue | None = None,
    bond_attraction: SiteValue | Sequence[SiteValue] = 0.0,
    channels: str | Sequence[str] = ("singlet",),
    given_bonds: Mapping[str, SiteValue] | ArrayLike | None = None,
    vector_potential: ArrayLike | None = None,
    temperature: float = 0.0,
    least_dofs: int = 2,
) -> Model:
    """Check the terms of a Hamiltonian and freeze them as arrays over sites and bonds.

    Parameters
    ----------
    sample
        The sample; it must have bonds for as many shells as ``hopping`` has numbers.
    hopping
        ``None`` takes the hoppings of the cell, or 1 where it has none. A real number or list is t by
        neighbour shell, one number the first shell's; an array of shape ``(n_bonds,)`` that is longer than
        there are shells is t of each bond, −t c†_target c_source, real or complex.
    chemical_potential, filling
        One of them: μ in t, or electrons per site (0 < filling < 2). Neither means μ = 0.
    onsite, attraction
        ε_i and U_i: a number, an array over sites, a function ``f(x, y, …)`` of the coordinates,
        or a formula as text, ``"0.3*cos(pi*x)"``; see :class:`bdg.expressions.Expression`.
        The energies of the cell's orbitals are added to ε_i.
    zeeman
        h_i of −h_i·σ_i: one value is along z; a list of three, or an array ``(3, n_sites)``, has x, y and z.
    rashba, dresselhaus, intrinsic_soc
        α, β, λ of :mod:`bdg.model.spin_orbit`: in the same ways, or an array over bonds.
    impurities, disorder, terms
        Added to all these; see :class:`bdg.model.terms.Term`.
    fields
        Self-consistent fields of the attractions: ``"pairing"``, ``"hartree"`` and/or, on bonds, ``"fock"``.
    given_delta
        A fixed order parameter, in the same ways; complex if it likes.
    bond_attraction
        V of the nearest neighbours, or a list with one for each neighbour shell: a value over sites, of which
        a bond takes the mean of its ends, or an array over all bonds.
    channels
        Of the pairs on bonds: ``"singlet"``, ``"triplet"``, or ``"triplet_z"`` for d along z; a symmetry of
        :data:`bdg.model.pairs.SYMMETRIES` stands for its channel, and the loop starts from it.
    given_bonds
        Fixed pairs on bonds: by symmetry, on nearest neighbours (see :func:`bdg.model.pairs.given_pairs`), or
        Δ_{source σ, target σ'} itself, shape ``(n_bonds, 2, 2)``.
    vector_potential
        Uniform vector or line integrals on bonds; see :func:`bdg.gauge.bond_vector_potential`.
    temperature
        k_B T in t.
    least_dofs
        4 takes the general Nambu space even where 2 dofs an orbital, spin along z being conserved, are exact.

    Raises
    ------
    InputError
        For anything that cannot be; the message quotes it and says what would do.
    """
    mu = _filling_or_mu(chemical_potential, filling)
    if not (np.isfinite(temperature) and temperature >= 0):
        raise InputError(
            f"temperature {temperature} is impossible; give a number of at least 0, in units of t"
        )
    fields = (fields,) if isinstance(fields, str) else fields
    unknown = sorted(set(fields) - {"pairing", "hartree", "fock"})
    if unknown:
        raise InputError(f"unknown mean field {unknown[0]!r}; use pairing, hartree, fock")
    if given_delta is not None and "pairing" in fields:
        raise InputError("a given order parameter and self-consistent pairing exclude each other; drop one")
    if least_dofs not in (2, 4):
        raise InputError(f"least_dofs {least_dofs} is impossible; use 2 or 4")
    defects = (*([] if disorder is None else [disorder]), Impurities(tuple(impurities)))
    coupling = _spin_orbit_terms(rashba, dresselhaus, intrinsic_soc)
    added = sum_of((*defects, *coupling, *terms), sample)
    energies = site_values(sample, onsite, "onsite") + added.energies
    field = vector_values(sample, zeeman, "zeeman") + added.zeeman
    if sample.cell.onsite is not None:
        energies += sample.cell.onsite[sample.orbitals]
    strengths, argument = _folded(_bond_hoppings(sample, hopping) + added.hopping)
    phase = peierls_phase(sample, bond_vector_potential(sample, vector_potential)) + argument
    spin_orbit = added.spin_orbit
    if spin_orbit is not None:  # of the phase, only Peierls' belongs to it
        spin_orbit = spin_orbit * np.exp(-1j * argument)[:, None]
    strength = site_values(sample, attraction, "attraction")
    interaction = OnsiteAttraction(strength, "pairing" in fields, "hartree" in fields)
    given = None if given_delta is None else values_at(sample.positions, given_delta, "given_delta")
    return Model(
        sample,
        strengths,
        phase,
        energies,
        field,
        spin_orbit,
        interaction,
        given,
        mu,
        filling,
        float(temperature),
        least_dofs,
        _bond_interaction(sample, bond_attraction, channels, fields, given_bonds is not None),
        None if given_bonds is None else _given_bonds(sample, given_bonds),
    )


def _bond_interaction(
    sample: Sample,
    attraction: SiteValue | Sequence[SiteValue],
    channels: str | Sequence[str],
    fields: Sequence[str],
    is_given: bool,
) -> BondAttraction | None:
    """The interaction on bonds; ``None`` where it is zero."""
    names = (channels,) if isinstance(channels, str) else tuple(channels)
    wanted, start = _channels(sample, names)
    strength = _bond_strength(sample, attraction)
    if not strength.any():
        if "fock" in fields:
            raise InputError("the field fock is of an attraction on bonds; give bond_attraction, or drop it")
        return None
    reach = np.array([ends.is_infinite for ends in sample.boundary])
    bonds = sample.bonds
    itself = (bonds.source == bonds.target) & ~(bonds.crossing * reach).any(axis=1) & (strength != 0)
    if itself.any():
        raise InputError("a bond of a site to itself cannot attract; make the periodic direction longer")
    pairing = "pairing" in fields and not is_given
    return BondAttraction(strength, wanted if pairing else (), start, "hartree" in fields, "fock" in fields)


def _channels(sample: Sample, names: tuple[str, ...]) -> tuple[tuple[str, ...], Amplitudes]:
    """Spin channels of names of channels or symmetries, and the pairs of size 1 to start from."""
    wanted: dict[str, None] = {}
    start: Amplitudes = np.zeros((sample.n_bonds, 2, 2))
    displacement = sample.bonds.displacement
    for name in names:
        if name not in (*CHANNELS, *SYMMETRIES):
            raise InputError(f"unknown channel {name!r}; use {', '.join((*CHANNELS, *SYMMETRIES))}")
        channel = name if name in CHANNELS else "singlet" if name in EVEN else "triplet_z"
        wanted[channel] = None
        # A channel by itself says nothing of the symmetry: its start has something of several.
        mixed = {"d_x2_y2": 0.6, "s_extended": 0.4} if channel == "singlet" else {"p_x": 0.6, "p_y": 0.4}
        for symmetry, share in mixed.items() if name in CHANNELS else ((name, 1.0),):
            spin = sum(np.array(matrix) for matrix in CHANNELS[channel])
            start = start + share * form_factor(symmetry, displacement)[:, None, None] * spin
    if "triplet" in wanted:
        wanted.pop("triplet_z", None)
    return tuple(wanted), start


def _bond_strength(sample: Sample, attraction: SiteValue | Sequence[SiteValue]) -> NDArray[np.float64]:
    """V of every bond."""
    by_shell = attraction if isinstance(attraction, list | tuple) else [attraction]
    array = np.asarray(attraction) if isinstance(attraction, np.ndarray) else None
    if array is not None and array.shape == (sample.n_bonds,):
        return real_values(values_at(sample.bonds.displacement, array, "bond_attraction"), "bond_attraction")
    n_shells = len(sample.bonds.kinds.distance)
    if len(by_shell) > n_shells:
        raise InputError(
            f"bond_attraction has {len(by_shell)} shells, the sample has bonds for {n_shells};"
            f" build it with shells={len(by_shell)}"
        )
    strength = np.zeros(sample.n_bonds)
    for shell, value in enumerate(by_shell, 1):
        own = sample.bonds.shell == shell
        strength[own] = bond_values(sample, value, "bond_attraction")[own]
    return strength


def _given_bonds(sample: Sample, given: Mapping[str, SiteValue] | ArrayLike) -> Amplitudes:
    """Fixed pairs on bonds."""
    if isinstance(given, Mapping):
        return given_pairs(sample, given, sample.bonds.shell == 1)
    pairs = np.asarray(given)
    if pairs.shape != (sample.n_bonds, 2, 2) or pairs.dtype.kind not in "biufc":
        raise InputError(
            f"given_bonds has shape {pairs.shape}; give numbers of shape ({sample.n_bonds}, 2, 2),"
            " or values by symmetry"
        )
    if not np.isfinite(pairs).all():
        raise InputError("given_bonds is not finite (NaN or infinity)")
    return pairs.astype(np.complex128) if np.iscomplexobj(pairs) else pairs.astype(np.float64)


def _spin_orbit_terms(rashba: SiteValue, dresselhaus: SiteValue, intrinsic: SiteValue) -> list[Term]:
    """The couplings that are asked for."""
    asked = ((rashba, Rashba), (dresselhaus, Dresselhaus), (intrinsic, IntrinsicSpinOrbit))
    return [made(value) for value, made in asked if not (isinstance(value, int | float) and value == 0)]


def _folded(t: Amplitudes) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Modulus and argument of t of each bond; a real t keeps its sign and has no argument."""
    real = t.imag == 0
    return np.where(real, t.real, np.abs(t)), np.where(real, 0.0, np.angle(t))


def _bond_hoppings(sample: Sample, hopping: float | ArrayLike | None) -> Amplitudes:
    """Each bond's t: the cell's, or from one number, one a shell, or one a bond."""
    own, n_shells = sample.bonds.kinds.amplitude, len(sample.bonds.kinds.distance)
    if hopping is None and own is not None:
        return own[sample.bonds.kind]
    given = np.atleast_1d(np.asarray(1.0 if hopping is None else hopping))
    given = given.astype(np.complex128 if np.iscomplexobj(given) else np.float64)
    if not np.isfinite(given).all():
        raise InputError("a hopping is not finite (NaN or infinity)")
    if given.shape == (sample.n_bonds,) and len(given) > n_shells:
        by_bond: Amplitudes = given
        return by_bond
    if np.iscomplexobj(given):
        raise InputError(
            f"complex hoppings need a direction: give one for each of the {sample.n_bonds} bonds,"
            " or a cell with hoppings"
        )
    if given.ndim != 1 or len(given) > n_shells:
        raise InputError(
            f"hopping has {given.size} shells, the sample has bonds for {n_shells};"
            f" build it with shells={given.size}"
        )
    padded = np.concatenate([given.real, np.zeros(n_shells - len(given))])
    return padded[sample.bonds.shell - 1]


def _filling_or_mu(chemical_potential: float | None, filling: float | None) -> float | None:
    """The chemical potential to hold fixed, or ``None`` when the filling decides it."""
    if filling is None:
        mu = 0.0 if chemical_potential is None else float(chemical_potential)
        if not np.isfinite(mu):
            raise InputError(f"chemical potential {mu} is not finite")
        return mu
    if chemical_potential is not None:
        raise InputError("chemical_potential and filling are both given; keep one")
    if not 0 < filling < 2:
        raise InputError(f"filling {filling} is impossible; electrons per site lie between 0 and 2")
    return None
