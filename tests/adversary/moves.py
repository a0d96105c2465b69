"""What must change nothing, done to the configuration: a move gives another case and its relation to this."""

from __future__ import annotations

import itertools
import math
from dataclasses import replace

import numpy as np

from tests.adversary.case import Case
from tests.adversary.geometry import bloch_of, dual, geometry
from tests.adversary.recell import is_joined, unchanged
from tests.adversary.relation import related, undoing
from tests.adversary.value import Value


class DoesNotApply(Exception):
    """A judge has nothing to say about this model."""


def another_origin(case):
    """Translated along one of the directions without an end."""
    rng, recell, quanta = case.rng(2), unchanged(case), flux_quanta(case)
    _require_no_vortices(case)
    steps = []
    for length, end in zip(recell.length, recell.boundary, strict=True):
        # On a torus in a field the ring around it holds another flux at every place, except for these.
        possible = [n for n in range(length if is_joined(end) else 1) if n * quanta % length == 0]
        steps.append(int(rng.choice(possible)))
    if not any(steps):
        raise DoesNotApply("no direction to move along")
    return _moved(case, replace(recell, start=tuple(-step for step in steps)))


def another_order(case):
    """Directions exchanged and reversed, orbitals renumbered and taken from other cells."""
    rng, recell, quanta = case.rng(3), unchanged(case), flux_quanta(case)
    _require_no_vortices(case)
    n, length = len(recell.length), np.array(recell.length)
    order, signs = rng.permutation(n), rng.choice([-1, 1], n)
    matrix = np.zeros((n, n), int)
    matrix[np.arange(n), order] = signs
    start = np.where(np.isin(np.arange(n), order[signs < 0]), length - 1, 0)
    boundary = [
        _reversed(recell.boundary[d]) if s < 0 else recell.boundary[d]
        for d, s in zip(order, signs, strict=True)
    ]
    slots = []
    for orbital in rng.permutation(len(recell.slots)):
        joined = np.array([is_joined(end) and not quanta for end in recell.boundary])
        slots.append((tuple(int(s) for s in rng.integers(-1, 2, n) * joined), int(orbital)))
    if len(slots) == 1 and np.array_equal(matrix, np.eye(n)):
        raise DoesNotApply("there is no other order")
    return _moved(
        case,
        replace(
            recell,
            matrix=matrix,
            slots=tuple(slots),
            start=tuple(map(int, start)),
            size=tuple(int(length[d]) for d in order),
            boundary=tuple(boundary),
        ),
    )


def larger_cell(case):
    """Two cells taken as one along a direction."""
    recell = unchanged(case)
    even = [d for d, length in enumerate(recell.length) if length % 2 == 0]
    if not even:
        raise DoesNotApply("no even number of cells")
    d = even[int(case.rng(4).integers(len(even)))]
    matrix, size = recell.matrix.copy(), list(recell.size)
    matrix[d, d], size[d] = 2, size[d] // 2
    step = tuple(int(n == d) for n in range(len(size)))
    slots = tuple(pair for offset, orbital in recell.slots for pair in ((offset, orbital), (step, orbital)))
    return _moved(case, replace(recell, matrix=matrix, slots=slots, size=tuple(size)))


def supercell(case):
    """Several repetitions of an infinite direction as one sample, with as many fewer momenta."""
    rng, recell = case.rng(5), unchanged(case)
    chosen = [
        (d, bloch_of(end)) for d, end in enumerate(recell.boundary) if is_joined(end) and bloch_of(end)[0] > 1
    ]
    if not chosen:
        raise DoesNotApply("no infinite direction of several momenta")
    d, (n_k, twist, shift) = chosen[int(rng.integers(len(chosen)))]
    factor = int(rng.choice([f for f in range(2, n_k + 1) if n_k % f == 0]))
    size, boundary, repeats = list(recell.size), list(recell.boundary), list(recell.repeats)
    size[d], repeats[d] = factor * size[d], factor
    boundary[d] = dict({**recell.boundary[d], "bloch": n_k // factor}.items())
    _require_no_vortices(case)
    case = _wound_along(case, d, factor, twist / n_k)
    if factor == n_k and shift == 0 and rng.random() < 0.5:
        boundary[d] = {"twist": twist} if twist else "periodic"
    for other, end in enumerate(recell.boundary):
        if (factor - 1) * quanta_through(case, d, other) % 2:  # the way through the middle lies elsewhere
            boundary[other] = _twisted(end, math.pi)
    return _moved(case, replace(recell, size=tuple(size), boundary=tuple(boundary), repeats=tuple(repeats)))


def _wound_along(case, d, factor, twist):
    """The case with a given Δ that winds in one sample of several repetitions as it does in each of them."""
    missing = factor * _shorter(2 * twist) - _shorter(2 * twist * factor)
    if "given" not in case.spec.get("interaction", {}) or not _is_closed(case.sample, d):
        return case
    (vectors, _), length = geometry(case.spec["lattice"]), case.spec["lattice"]["size"][d]
    given = _wound(case.spec["interaction"]["given"], missing / (factor * length) * dual(vectors)[d])
    return replace(case, spec={**case.spec, "interaction": {**case.spec["interaction"], "given": given}})


def _twisted(end, angle):
    """A boundary with a phase more for every repetition; open ends as they are."""
    if bloch_of(end) is None:
        return end
    n_k, twist, _ = bloch_of(end)
    return {**(end if isinstance(end, dict) else {}), "twist": twist + n_k * angle}


def flux_quanta(case):
    """h/e of a uniform field through a sample that is a torus; 0 where it is none."""
    n = len(case.spec["lattice"]["size"])
    return max((quanta_through(case, d, e) for d, e in itertools.combinations(range(n), 2)), default=0)


def quanta_through(case, d, e):
    """h/e through the parallelogram of two directions, 0 where one of them has an end."""
    lattice, (vectors, _) = case.spec["lattice"], geometry(case.spec["lattice"])
    if d == e or not (is_joined(lattice["boundary"][d]) and is_joined(lattice["boundary"][e])):
        return 0
    one, two = (lattice["size"][n] * vectors[n] for n in (d, e))
    strength = case.spec.get("field", {}).get("uniform", 0.0)
    return 0 if len(one) < 2 else round(abs(strength * (one[0] * two[1] - one[1] * two[0])) / (2 * math.pi))


def _reversed(boundary):
    """A boundary seen from the other end."""
    if not isinstance(boundary, dict):
        return boundary
    return {key: -value if key in ("twist", "shift") else value for key, value in boundary.items()}


def _moved(case, recell):
    other = Case.of(recell.applied(case), case.seed)
    sample, homes = case.sample, []
    for cell, slot in zip(other.sample.cells.tolist(), other.sample.orbitals.tolist(), strict=True):
        place, orbital = recell.home(cell, slot)
        homes.append(sample.site_at([*place, orbital] if sample.cell.n_orbitals > 1 else place))
    return other, related(case.model, other.model, np.array(homes))


def twist_as_potential(case):
    """Every twist as a uniform vector potential: phases along the way in place of one at the end."""
    spec, (vectors, _) = case.spec, geometry(case.spec["lattice"])
    potential, slope, boundary = np.zeros(vectors.shape[1]), np.zeros(vectors.shape[1]), []
    lattice, closed = spec["lattice"], [_is_closed(case.sample, d) for d in range(len(vectors))]
    ends = zip(dual(vectors), lattice["size"], lattice["boundary"], closed, strict=True)
    for b, length, end, is_closed in ends:
        n_k, twist, shift = bloch_of(end) or (1, 0.0, 0.0)
        potential = potential + twist / (n_k * length) * b
        slope = slope + (_shorter(2 * twist / n_k) * is_closed - 2 * twist / n_k) / length * b
        boundary.append(_untwisted(end, shift) if isinstance(end, dict) else end)
        if "given" in spec.get("interaction", {}) and abs(abs(_shorter(2 * twist / n_k)) - math.pi) < 1e-9:
            raise DoesNotApply("neither way around is shorter for pairs")
    if not potential.any():
        raise DoesNotApply("there is no twist")
    _require_no_vortices(case)
    field = dict(spec.get("field", {}))
    before = field.get("vector_potential", [0.0] * len(potential))
    field["vector_potential"] = [_plus(value, float(a)) for value, a in zip(before, potential, strict=True)]
    interaction = spec.get("interaction", {})
    if "given" in interaction:
        if np.any(case.sample.bonds.crossing.any(axis=0) & ~np.array(closed)):
            raise DoesNotApply("a given Δ at rest jumps where a cut ring passes the ends")
        interaction = {**interaction, "given": _wound(interaction["given"], slope)}
    other = {**spec, "lattice": {**spec["lattice"], "boundary": boundary}, "field": field}
    other = other | ({"interaction": interaction} if interaction else {})
    return _same_sites(case, other)


def _require_no_vortices(case):
    """A given Δ on a torus in a field has vortices, which lie where twist and shape of the sample say."""
    if "given" in case.spec.get("interaction", {}) and flux_quanta(case):
        raise DoesNotApply("the vortices of a given Δ move")


def _is_closed(sample, d):
    """Whether some closed way of bonds leads around a direction."""
    ends, passed = (sample.bonds.source, sample.bonds.target), sample.bonds.crossing[:, d].astype(float)
    angle = undoing(sample.n_sites, ends, passed)
    return bool(np.abs(passed + angle[ends[1]] - angle[ends[0]]).max(initial=0.0) > 1e-9)


def _shorter(phase):
    """The phase of pairs that a twist means: less whole 2π."""
    return phase - 2 * math.pi * round(phase / (2 * math.pi))


def _untwisted(end, shift):
    """A boundary without its twist, and with a shift by 0 or ½ alone."""
    if "bloch" not in end:
        return "periodic"
    return {"bloch": end["bloch"], **({"shift": shift} if shift else {})}


def _wound(given, slope):
    """A given Δ with a phase more that grows evenly."""
    return (
        {**given, "phase": _sloped(given.get("phase", 0.0), slope)} if np.abs(slope).max() > 1e-9 else given
    )


def another_gauge(case):
    """Landau's gauge of a uniform field for the symmetric one, or the other way round."""
    field = case.spec.get("field", {})
    if "uniform" not in field:
        raise DoesNotApply("there is no uniform field")
    other = "symmetric" if field.get("gauge", "landau") == "landau" else "landau"
    return _same_sites(case, {**case.spec, "field": {**field, "gauge": other}})


def _same_sites(case, spec):
    other = Case.of(spec, case.seed)
    return other, related(case.model, other.model, np.arange(case.sample.n_sites))


def _plus(value, constant):
    return replace(value, mean=value.mean + constant) if isinstance(value, Value) else value + constant


def _sloped(value, slope):
    value = value if isinstance(value, Value) else Value(mean=float(value))
    before = np.array(value.slope) if value.slope else 0.0
    return replace(value, slope=tuple(float(s) for s in before + slope))
