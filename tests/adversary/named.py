"""What a few models have besides: interactions of single bonds and within a place, hopping by spin."""

from __future__ import annotations

from tests.adversary.geometry import geometry, listed_bonds, neighbours, oriented
from tests.adversary.interactions import shares_a_place
from tests.adversary.terms import maybe, random_value


def with_names(rng, spec):
    """The specification, perhaps with these."""
    lattice, terms = spec["lattice"], dict(spec["hamiltonian"])
    interaction = dict(spec["interaction"])
    if maybe(rng, 0.12):
        form = str(rng.choice(["s_extended", "d_x2_y2", "d_xy"]))
        terms["spin_hopping"] = {form: random_value(rng, lattice, -0.5, 0.5)}
        terms["spin_hopping"] |= {"shell": 2} if form == "d_xy" else {}
        if maybe(rng, 0.5):
            terms["spin_hopping"]["axis"] = [float(part) for part in rng.normal(size=3)]
    if "bonds" in interaction and maybe(rng, 0.3):
        kinds = _kinds(lattice, terms)
        a, b, offset = kinds[int(rng.integers(len(kinds)))]
        named = {"from": a, "to": b, "offset": list(offset), "value": float(rng.uniform(-0.5, 1.2))}
        if maybe(rng, 0.4):
            named["exchange"] = float(rng.uniform(-0.5, 0.5))
        interaction["bonds"] = [*interaction["bonds"], named]
    if (
        shares_a_place(lattice, terms)
        and "onsite" in interaction
        and "given" not in interaction
        and maybe(rng, 0.3)
    ):
        within = {"shell": "within", "value": random_value(rng, lattice, -0.6, 1.0)}
        interaction["bonds"] = [*interaction.get("bonds", []), within]
    return {**spec, "hamiltonian": terms, "interaction": interaction}


def _kinds(lattice, terms):
    """(from, to, offset) of the bonds that there are, either way."""
    listed = listed_bonds(lattice, terms.get("hopping"))
    if listed is not None:
        return [kind[:3] for kind in listed]
    vectors, basis = geometry(lattice)
    return [kind[:3] for kind in neighbours(vectors, basis, 1) if oriented(*kind[:3])]
