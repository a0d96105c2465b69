"""From what a user gives to a model: every term checked, evaluated on the sample, and frozen."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import wraps
from typing import Any, ParamSpec

import numpy as np
from numpy.typing import ArrayLike

from bdg.errors import InputError
from bdg.gauge import (
    VectorPotentialLike,
    bond_vector_potential,
    field_warnings,
    peierls_phase,
    screening_of,
    start_shape,
)
from bdg.keywords import named_keywords
from bdg.lattice import (
    Sample,
    SiteValue,
    VectorValue,
)
from bdg.model.couplings.given import Given, given_of
from bdg.model.couplings.orbitals import OrbitalInteraction
from bdg.model.couplings.strengths import (
    BondValue,
    bond_interaction,
    bond_strengths,
    field_names,
    onsite_attraction,
)
from bdg.model.couplings.words import keywords_of
from bdg.model.magnetism import with_magnetism
from bdg.model.model import Model
from bdg.model.terms.disorder import Disorder
from bdg.model.terms.electrons import electrons_of
from bdg.model.terms.spin_hopping import SpinHopping, spin_hopping_of
from bdg.model.terms.spin_orbit import Dresselhaus, IntrinsicSpinOrbit, Rashba
from bdg.model.terms.term import Impurities, Impurity, Term, TermLike
from bdg.words import quoted

P = ParamSpec("P")


def _in_words(build: Callable[P, Model]) -> Callable[P, Model]:
    """``build_model`` with the interaction in the words of a configuration spelled out as keywords."""

    @wraps(build)
    def spelled_out(*args: P.args, **keywords: P.kwargs) -> Model:
        interaction = keywords.pop("interaction", None)
        if interaction is not None:
            sample = args[0] if args else keywords["sample"]
            spelled = keywords_of(sample, interaction)  # type: ignore[arg-type]
            for name in spelled:
                if keywords.get(name) is not None:
                    raise InputError(f"interaction and {name} are both given; write all of it in interaction")
            keywords |= spelled  # type: ignore[assignment]
        return build(*args, **keywords)

    return spelled_out


@named_keywords
@_in_words
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
    zeeman: VectorValue = (0.0, 0.0, 0.0),
    rashba: SiteValue = 0.0,
    dresselhaus: SiteValue = 0.0,
    intrinsic_soc: SiteValue = 0.0,
    spin_hopping: SpinHopping | Mapping[str, Any] | None = None,
    attraction: SiteValue = 0.0,
    fields: Sequence[str] | None = None,
    bond_fields: Sequence[str] | None = None,
    interaction: Mapping[str, Any] | None = None,
    given: Given | Mapping[str, Any] | None = None,
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
    interaction
        In place of all keywords about interactions, the section of a configuration in its own words, with a
        value over sites wherever that has one: ``{"onsite": U, "bonds": [{"shell": 2, "value": V, "exchange":
        J}], "orbitals": {"value": U′, "hund": J_H}, "channels": ["triplet"], "given": …}``.
    given
        A fixed order parameter in the words of a configuration, ``{"p_x": 0.3, "shell": 2, "d_vector": [1, 0,
        0], "phase": …, "region": …}``, or a :class:`bdg.Given`.
    given_delta
        Its ``onsite`` alone, in the same ways; may be complex. An array is Δ_i itself, in the gauge of the
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
        Its pairs on bonds alone: by symmetry, on nearest neighbours (see
        :func:`bdg.model.pairs.given_pairs`), with the phases of a condensate at rest; or
        Δ_{source σ, target σ'} itself, shape ``(n_bonds, 2, 2)``.
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
    if least_dofs not in (2, 4):
        raise InputError(f"least_dofs {least_dofs} is impossible; use 2 or 4")
    mu, filling = _mu_and_filling(chemical_potential, filling)
    fixed = given_of(given, given_delta, given_bonds)
    on = field_names(fields, bond_fields, fixed.onsite)
    defects = [*([] if disorder is None else [disorder]), Impurities(tuple(impurities))]
    couplings = _spin_orbit_terms(rashba, dresselhaus, intrinsic_soc) + spin_hopping_of(spin_hopping)
    along_bonds = bond_vector_potential(sample, vector_potential)
    phase = peierls_phase(sample, along_bonds)
    electrons = electrons_of(sample, hopping, onsite, zeeman, (*defects, *couplings, *terms), phase)
    is_replaced = fields is None and fixed.onsite is not None
    delta, pairs, warnings = fixed.on(sample, vector_potential)
    strengths = bond_strengths(sample, bond_attraction, bond_exchange, orbital_interaction)
    model = Model(
        sample,
        **vars(electrons),
        attraction=onsite_attraction(sample, attraction, on.on_sites, is_replaced),
        given_delta=delta,
        chemical_potential=mu,
        filling=filling,
        temperature=_temperature(temperature),
        least_dofs=least_dofs,
        bond_attraction=bond_interaction(sample, strengths, channels, on.on_bonds, pairs is not None, phase),
        given_bonds=pairs,
        vector_potential=along_bonds,
        start_shape=start_shape(sample, vector_potential),
        screening=None if screening is None else screening_of(sample, **screening, applied=along_bonds),
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


def _spin_orbit_terms(rashba: SiteValue, dresselhaus: SiteValue, intrinsic: SiteValue) -> list[Term]:
    """The couplings that are asked for."""
    asked = ((rashba, Rashba), (dresselhaus, Dresselhaus), (intrinsic, IntrinsicSpinOrbit))
    return [made(value) for value, made in asked if not (isinstance(value, int | float) and value == 0)]


def _temperature(given: object) -> float:
    temperature = _number(given, "temperature")
    if not (np.isfinite(temperature) and temperature >= 0):
        raise InputError(
            f"temperature {temperature} is impossible; give a number of at least 0, in units of t"
        )
    return temperature


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
