"""A configuration as one finite sample in loops, every repetition written out; no use of the package."""

from __future__ import annotations

import functools
import itertools
import math
from dataclasses import dataclass

import numpy as np

from tests import reference as ref
from tests.adversary.geometry import bloch_of, distinct, geometry, listed_bonds, neighbours, oriented
from tests.adversary.value import values_at

SIGMA = ref.SIGMA_X, ref.SIGMA_Y, ref.SIGMA_Z


@dataclass(frozen=True)
class Bond:
    """A bond of the first repetition.

    Parameters
    ----------
    source, target
        Its ends.
    step
        Ends of the sample that it passes, along each direction.
    way
        From source to target.
    shell
        By length, from 1; 0 within a place.
    t
        Of −t c†_target c_source.
    copies
        (source, target, ζ) in the whole sample for every repetition, ζ = e^{iθ} where it passes the last one:
        the operator beyond is ζ times that of the site it comes back to.
    kind
        (from, to, offset) of the cell's bond that it is.
    """

    source: int
    target: int
    step: tuple
    way: np.ndarray
    shell: int
    t: complex
    copies: tuple
    kind: tuple


class Unrolled:
    """Sites and bonds of a configuration, and of all its repetitions together.

    Attributes
    ----------
    sites
        (cell, orbital) of the first repetition, cells in the order of the last index first.
    positions
        Of these.
    n_whole
        Sites of all repetitions.
    bonds
        :class:`Bond` by (source, target, step).
    """

    def __init__(self, spec):
        lattice, terms = spec["lattice"], spec["hamiltonian"]
        self.vectors, self.basis = geometry(lattice)
        self.size = tuple(lattice["size"])
        self.ends = [bloch_of(entry) for entry in lattice["boundary"]]
        self.repeats = tuple(1 if end is None else end[0] for end in self.ends)
        vacant = {tuple(place) for place in lattice.get("vacancies", [])}
        several = len(self.basis) > 1
        every = itertools.product(itertools.product(*map(range, self.size)), range(len(self.basis)))
        self.sites = [(c, o) for c, o in every if ((*c, o) if several else c) not in vacant]
        self.place = {site: number for number, site in enumerate(self.sites)}
        self.positions = np.array([np.array(c) @ self.vectors + self.basis[o] for c, o in self.sites])
        self.orbitals = np.array([o for _, o in self.sites])
        self.n_whole = len(self.sites) * math.prod(self.repeats)
        self.bonds = {}
        for a, b, step, shell, t in self._kinds(lattice, terms, spec):
            self._add(a, b, step, shell, t)

    def _kinds(self, lattice, terms, spec):
        """(from, to, step, shell, t) of every kind of bond, in one orientation."""
        listed = listed_bonds(lattice, terms.get("hopping"))
        if listed is None:
            shells = list(terms.get("hopping", [1.0]))
            interaction = spec.get("interaction", {})
            more = [
                entry["shell"]
                for entry in interaction.get("bonds", [])
                if isinstance(entry.get("shell"), int)
            ]
            more += [interaction["given"].get("shell", 1)] if "given" in interaction else []
            more += [2] if terms.get("intrinsic_soc") else []
            more += [terms["spin_hopping"].get("shell", 1)] if "spin_hopping" in terms else []
            shells += [0.0] * (max([1, *more]) - len(shells))
            near = _neighbours(self.vectors.tobytes(), self.basis.tobytes(), self.vectors.shape, len(shells))
            return [(a, b, step, s, shells[s - 1]) for a, b, step, s in near if oriented(a, b, step)]
        kinds = []
        for a, b, step, t in listed:
            kinds.append(
                (a, b, step, t) if oriented(a, b, step) else (b, a, tuple(-n for n in step), t.conjugate())
            )
        lengths = [float(np.linalg.norm(self._way(*kind[:3]))) for kind in kinds]
        known = distinct([length for length in lengths if length > 1e-6])
        shell = [sum(1 for one in known if one < length + 1e-6 and length > 1e-6) for length in lengths]
        return [(*kind[:3], s, kind[3]) for kind, s in zip(kinds, shell, strict=True)]

    def _way(self, a, b, step):
        return np.array(step) @ self.vectors + self.basis[b] - self.basis[a]

    def _add(self, a, b, step, shell, t):
        way = self._way(a, b, step)
        for cell, orbital in self.sites:
            if orbital != a:
                continue
            over = np.floor_divide(np.array(cell) + np.array(step), np.array(self.size))
            if any(end is None and n for end, n in zip(self.ends, over, strict=True)):
                continue
            there = tuple(int(n) for n in np.mod(np.array(cell) + np.array(step), np.array(self.size))), b
            if there not in self.place:
                continue
            source, target = self.place[cell, a], self.place[there]
            copies = tuple(self._copies(source, target, over))
            key = (source, target, tuple(int(n) for n in step))
            self.bonds[key] = Bond(
                source, target, tuple(int(n) for n in over), way, shell, complex(t), copies, (a, b, step)
            )

    def _copies(self, source, target, over):
        for repetition in itertools.product(*map(range, self.repeats)):
            beyond, where = np.divmod(np.array(repetition) + over, np.array(self.repeats))
            shifts = [0.0 if end is None else end[2] for end in self.ends]
            sign = np.exp(2j * math.pi * float(np.dot(shifts, beyond)))
            yield self.whole(source, repetition), self.whole(target, where), complex(sign)

    def whole(self, site, repetition):
        """Number in the whole sample of a site in a repetition."""
        return int(np.ravel_multi_index(tuple(repetition), self.repeats)) * len(self.sites) + site

    def twist_phase(self, bond):
        """−Σ twist over the repetitions: ψ(r + L) = e^{iθ/n} ψ(r) for each of n."""
        return -sum(
            0.0 if end is None else end[1] / end[0] * n for end, n in zip(self.ends, bond.step, strict=True)
        )

    def values(self, value):
        """What stands for a value over sites, evaluated."""
        return values_at(value, self.positions, self.orbitals)


@functools.lru_cache(maxsize=512)
def _neighbours(vectors, basis, shape, n_shells):
    vectors = np.frombuffer(vectors).reshape(shape)
    return neighbours(vectors, np.frombuffer(basis).reshape(-1, shape[1]), n_shells)
