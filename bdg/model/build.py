"""From what a user gives to a model: every term checked, evaluated on the sample, and frozen."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from bdg.errors import InputError
from bdg.gauge import (
    VectorPotentialLike,
    bond_vector_potential,
    field_warnings,
    gauge_warnings,
    pair_factor,
    peierls_phase,
    screening_of,
    start_shape,
)
from bdg.keywords import named_keywords
from bdg.lattice import (
    Sample,
    SiteValue,
    VectorValue,
    site_values,
    values_at,
    vector_values,
)
from bdg.lattice.values import Values
from bdg.model.couplings.given import BondValue, bond_interaction, given_on_bonds
from bdg.model.couplings.onsite import OnsiteAttraction
from bdg.model.couplings.orbitals import OrbitalInteraction
from bdg.model.magnetism import with_magnetism
from bdg.model.model import Model
from bdg.model.terms.disorder import Disorder
from bdg.model.terms.hoppings import bond_hoppings, folded
from bdg.model.terms.spin_hopping import SpinHopping, spin_hopping_of
from bdg.model.terms.spin_orbit import Dresselhaus, IntrinsicSpinOrbit, Rashba
from bdg.model.terms.term import Impurities, Impurity, Term, TermLike, sum_of
from bdg.words import quoted


@named_keywords
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
    spin_hopping: SpinHopping | Mapping[str, Any] | None = None,
    attraction: SiteValue = 0.0,
    fields: Sequence[str] | None = None,
    bond_fields: Sequence[str] | None = None,
    given_delta: SiteValue | None = None,
    bond_attraction: BondValue = 0.0,
    bond_exchange: BondValue = 0.0,
    orbital_interaction: OrbitalInteraction | None = None,
    channels: str | Sequence[str] = ("singlet",),
    given_bonds: Mapping[str, SiteValue] | ArrayLike | None = None,
    vector_potential: VectorPotentialLike | None = None,
    screening: Mapping[str, Any] | None = None,
    temperature: float = 0.0,
    magnetism: str = "auto",
    least_dofs: int = 2,
) -> Model:
    """Check the terms of a Hamiltonian and freeze them as arrays over sites and bonds.

    Parameters
    ----------
    sample
        The sample; it must have bonds for as many shells as ``hopping`` has numbers.
    hopping
        ``None`` takes the hoppings of the cell, those between spins too, or 1 where it has none. A real
        number or list is t by neighbour shell, one number the first shell's; an array of shape
        ``(n_bonds,)`` that is longer than there are shells is t of each bond, −t c†_target c_source, real or
        complex.
    chemical_potential, filling
        One of them: μ in t, or electrons per site (0 < filling < 2). Neither means μ = 0.
    onsite, attraction
        ε_i and U_i: a number, an array over sites, a function ``f(x, y, …)`` of the coordinates,
        or a formula as text, ``"0.3*cos(pi*x)"``; see :class:`bdg.expressions.Expression`.
        The energies of the cell's orbitals are added to ε_i, their fields to h_i.
    zeeman
        h_i of −h_i·σ_i: one value is along z; a list of three, or an array ``(3, n_sites)``, has x, y and z.
    rashba, dresselhaus, intrinsic_soc
        α, β, λ of :mod:`bdg.model.terms.spin_orbit`: in the same ways, or an array over bonds.
    spin_hopping
        ``{"d_x2_y2": m}``, also with ``axis`` and ``shell``: hopping t ± m of spins along and against the
        axis, of an altermagnet; see :class:`bdg.model.SpinHopping`. Any other, of a term of one's own:
        :meth:`bdg.Term.spin_hopping`.
    impurities, disorder, terms
        Added to all these; see :class:`bdg.model.terms.term.Term`.
    fields
        Self-consistent fields of the interactions: ``"pairing"``, ``"hartree"`` and/or, on bonds, ``"fock"``.
        By default pairing, and none where ``given_delta`` takes its place.
    bond_fields
        Those of the interactions on bonds, where these are others: many models let V pair and nothing else.
    given_delta
        A fixed order parameter, in the same ways; may be complex. An array is Δ_i itself, in the gauge of the
        vector potential and the twists; any other value has the phases of a condensate at rest besides, see
        :mod:`bdg.gauge.pairs`.
    bond_attraction
        V of the nearest neighbours, or a list with one for each neighbour shell: a value over sites, of which
        a bond takes the mean of its ends; an array over all bonds (also where there are as many sites); or a
        mapping from bonds of the cell, ``{(from, to, offset): V}``, as ``sample = build_sample(…, bonds=…)``
        names them. Orbitals that share a place are no neighbours: see ``orbital_interaction``.
    bond_exchange
        J of J S_i·S_j, positive for antiparallel spins, given likewise; see :mod:`.couplings.bonds`. The
        exchange of the t–J model, J (S_i·S_j − n_i n_j/4), has ``bond_attraction`` J/4 besides.
    orbital_interaction
        Density, Hund's exchange and pair hopping between orbitals that share a place. Their fields are those
        of the other interactions on bonds.
    channels
        Of the pairs on bonds: ``"singlet"``, ``"triplet"``, or ``"triplet_z"`` for d along z; a symmetry of
        :data:`bdg.model.pairs.SYMMETRIES` stands for its channel, and the loop starts from it.
    given_bonds
        Fixed pairs on bonds: by symmetry, on nearest neighbours (see :func:`bdg.model.pairs.given_pairs`),
        with the phases of a condensate at rest; or Δ_{source σ, target σ'} itself, shape ``(n_bonds, 2, 2)``.
    vector_potential
        Uniform vector, line integrals on bonds, or sources such as :class:`bdg.gauge.UniformField`; see
        :func:`bdg.gauge.bond_vector_potential`.
    screening
        ``{"mu0": …, "geometry": …}``: the currents make a field besides the applied one, the vector potential
        being that of the latter; see :mod:`bdg.gauge.screening`.
    temperature
        k_B T in t; without it 0, as in a configuration, the ground state.
    magnetism
        Whether the spins may come apart by themselves: ``"off"``, ``"collinear"``, ``"noncollinear"``, or
        ``"auto"``, collinear where an interaction can make magnetism; see :mod:`bdg.model.magnetism`.
    least_dofs
        4 takes the general Nambu space even where 2 dofs an orbital, spin along z being conserved, are exact.

    Raises
    ------
    InputError
        For anything that cannot be; the message quotes it and says what would do.
    """
    mu, filling = _mu_and_filling(chemical_potential, filling)
    temperature = _number(temperature, "temperature")
    if not (np.isfinite(temperature) and temperature >= 0):
        raise InputError(
            f"temperature {temperature} is impossible; give a number of at least 0, in units of t"
        )
    unsaid = fields is None
    if fields is None:
        fields = ("pairing",) if given_delta is None else ()
    fields = (fields,) if isinstance(fields, str) else fields
    bond_fields = (bond_fields,) if isinstance(bond_fields, str) else bond_fields
    of_bonds = fields if bond_fields is None else bond_fields
    unknown = sorted({*fields, *of_bonds} - {"pairing", "hartree", "fock"})
    if unknown:
        raise InputError(f"unknown mean field {unknown[0]!r}; use pairing, hartree, fock")
    if given_delta is not None and "pairing" in fields:
        raise InputError("a given order parameter and self-consistent pairing exclude each other; drop one")
    if least_dofs not in (2, 4):
        raise InputError(f"least_dofs {least_dofs} is impossible; use 2 or 4")
    defects = (*([] if disorder is None else [disorder]), Impurities(tuple(impurities)))
    coupling = _spin_orbit_terms(rashba, dresselhaus, intrinsic_soc) + spin_hopping_of(spin_hopping)
    added = sum_of((*defects, *coupling, *terms), sample)
    energies = site_values(sample, onsite, "onsite") + added.energies
    field = vector_values(sample, zeeman, "zeeman") + added.zeeman
    if sample.cell.onsite is not None:
        energies += sample.cell.onsite[sample.orbitals]
    if sample.cell.zeeman is not None:
        field += sample.cell.zeeman[sample.orbitals].T
    strengths, argument = folded(bond_hoppings(sample, hopping) + added.hopping)
    along_bonds = bond_vector_potential(sample, vector_potential)
    of_field = peierls_phase(sample, along_bonds)
    phase = of_field + argument
    own, spin_orbit = sample.bonds.kinds.spin, added.spin_orbit
    if hopping is None and own is not None:
        spin_orbit = own[sample.bonds.kind] + (0.0 if spin_orbit is None else spin_orbit)
    if spin_orbit is not None:  # of the phase, only Peierls' belongs to it
        spin_orbit = spin_orbit * np.exp(-1j * argument)[:, None]
    strength = site_values(sample, attraction, "attraction")
    if unsaid and given_delta is not None and strength.any():
        raise InputError(
            "a given order parameter and an attraction exclude each other; drop one, or name the fields that"
            " the attraction makes, fields='hartree' for example"
        )
    interaction = OnsiteAttraction(strength, "pairing" in fields, "hartree" in fields)
    given, given_pairs, warnings = _given(sample, given_delta, given_bonds, vector_potential, of_field)
    on_bonds = bond_interaction(
        sample,
        bond_attraction,
        bond_exchange,
        channels,
        of_bonds,
        given_bonds is not None,
        orbital_interaction,
        peierls_phase(sample, along_bonds),
    )
    model = Model(
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
        temperature,
        least_dofs,
        on_bonds,
        given_pairs,
        along_bonds,
        start_shape(sample, vector_potential),
        None if screening is None else screening_of(sample, **screening, applied=along_bonds),
        warnings=warnings,
    )
    if _repeats(model):
        model = replace(model, warnings=warnings + field_warnings(sample, vector_potential))
    return with_magnetism(model, magnetism)


def _repeats(model: Model) -> bool:
    """Whether all cells of the sample are alike, fields apart."""
    _, first, own = np.unique(model.sample.orbitals, return_index=True, return_inverse=True)
    terms = (model.onsite, *model.zeeman, model.attraction.strength)
    return all(np.array_equal(term, term[first][own]) for term in terms)


def _given(
    sample: Sample,
    delta: SiteValue | None,
    bonds: Mapping[str, SiteValue] | ArrayLike | None,
    vector_potential: VectorPotentialLike | None,
    phase: NDArray[np.float64],
) -> tuple[Values | None, Values | None, tuple[str, ...]]:
    """The given Δ on sites and on bonds, ``None`` for what is not given; and warnings.

    An array is Δ itself; any other value has the phases of a condensate at rest.
    """
    of_sites = delta is not None and (callable(delta) or not np.shape(np.asarray(delta)))
    carried = of_sites or isinstance(bonds, Mapping)
    factor = pair_factor(sample, vector_potential) if carried else np.ones(sample.n_sites)
    on_sites = None if delta is None else values_at(sample.positions, delta, "given_delta")
    if on_sites is not None and of_sites:
        on_sites = factor * on_sites
    on_bonds, warnings = (None, ()) if bonds is None else given_on_bonds(sample, bonds, factor, phase)
    return on_sites, on_bonds, warnings + (gauge_warnings(sample, vector_potential) if carried else ())


def _spin_orbit_terms(rashba: SiteValue, dresselhaus: SiteValue, intrinsic: SiteValue) -> list[Term]:
    """The couplings that are asked for."""
    asked = ((rashba, Rashba), (dresselhaus, Dresselhaus), (intrinsic, IntrinsicSpinOrbit))
    return [made(value) for value, made in asked if not (isinstance(value, int | float) and value == 0)]


def _mu_and_filling(
    chemical_potential: float | None, filling: float | None
) -> tuple[float | None, float | None]:
    """The chemical potential to hold fixed and ``None``, or ``None`` and the filling that decides it."""
    if filling is None:
        mu = 0.0 if chemical_potential is None else _number(chemical_potential, "chemical_potential")
        if not np.isfinite(mu):
            raise InputError(f"chemical_potential {mu} is not finite; give a number in units of t")
        return mu, None
    if chemical_potential is not None:
        raise InputError("chemical_potential and filling are both given; keep one")
    filling = _number(filling, "filling")
    if not 0 < filling < 2:
        raise InputError(f"filling {filling} is impossible; electrons per site lie between 0 and 2")
    return None, filling


def _number(value: object, name: str) -> float:
    """The value as a float; a text is none, even that of a number."""
    try:
        if isinstance(value, str | bytes):
            raise TypeError
        return float(value)  # type: ignore[arg-type]
    except (TypeError, ValueError):
        raise InputError(f"{name} {quoted(value)} is no number; give a real one, 0.5 for example") from None
