"""The same sites in other cells: another origin, another order, more than one repetition."""

from __future__ import annotations

import itertools
from dataclasses import dataclass

import numpy as np

from bdg.model import Disorder
from tests.adversary.geometry import bloch_of, geometry, listed_bonds
from tests.adversary.value import changed


@dataclass(frozen=True)
class Recell:
    """Cells of one lattice named as cells and slots of another.

    Site (m, q), cell and orbital, is (M, k) where m = M·matrix + offset_k + start, q = orbital_k.

    Parameters
    ----------
    matrix
        The new lattice vectors in the old ones, whole numbers.
    slots
        (offset, orbital) of every orbital of the new cell.
    start
        Old cell of the new cell 0.
    size, boundary
        Of the new sample.
    length
        Cells of the old sample along its directions, and how often it is repeated in the new one.
    repeats
        Times that the old sample goes into the new one along each old direction.
    """

    matrix: np.ndarray
    slots: tuple
    start: tuple
    size: tuple
    boundary: tuple
    length: tuple
    repeats: tuple

    @property
    def is_renamed(self):
        """Whether the unit cell is another one."""
        plain = all(slot == orbital and not any(step) for slot, (step, orbital) in enumerate(self.slots))
        return not (plain and np.array_equal(self.matrix, np.eye(len(self.matrix))))

    def home(self, cell, slot):
        """The old site that a new one is, or repeats."""
        offset, orbital = self.slots[slot]
        place = np.array(cell) @ self.matrix + np.array(offset) + np.array(self.start)
        return tuple(int(n) for n in place % np.array(self.length)), orbital

    def named(self, cell, orbital):
        """New cell (not wrapped) and slot of an old site."""
        for slot, (offset, own) in enumerate(self.slots):
            place = (np.array(cell) - np.array(self.start) - np.array(offset)) @ np.linalg.inv(self.matrix)
            if own == orbital and np.allclose(place, np.round(place), atol=1e-9):
                return tuple(int(n) for n in np.round(place)), slot
        raise AssertionError("the slots do not cover the lattice")

    def images(self, cell, orbital):
        """All new sites that an old one becomes."""
        for times in itertools.product(*map(range, self.repeats)):
            place, slot = self.named(np.array(cell) + np.array(times) * np.array(self.length), orbital)
            yield tuple(int(n) for n in np.array(place) % np.array(self.size)), slot

    def applied(self, case):
        """The specification of the same sites, seen so."""
        spec, (vectors, basis) = case.spec, geometry(case.spec["lattice"])
        by = -np.array(self.start) @ vectors
        spec = changed(without_disorder(case), lambda value: value.shifted(by))
        if self.is_renamed:
            spec = self._renamed(spec, vectors, basis)
        several = len(self.slots) > 1

        def sites(place):
            cell, orbital = (place[:-1], place[-1]) if len(basis) > 1 else (place, 0)
            return [[*cell, slot] if several else list(cell) for cell, slot in self.images(cell, orbital)]

        lattice = {**spec["lattice"], "size": list(self.size), "boundary": list(self.boundary)}
        if "vacancies" in lattice:
            lattice["vacancies"] = [image for place in lattice["vacancies"] for image in sites(place)]
        terms = dict(spec["hamiltonian"])
        if "impurities" in terms:
            terms["impurities"] = [
                {**impurity, "site": image}
                for impurity in terms["impurities"]
                for image in sites(impurity["site"])
            ]
        spec = {**spec, "lattice": lattice, "hamiltonian": terms}
        return _points_moved(spec, by, self._repetitions(vectors))

    def _repetitions(self, vectors):
        """Ways from the first repetition to all that the new sample holds."""
        every = itertools.product(*map(range, self.repeats))
        ways = [np.array(times) * np.array(self.length) @ vectors for times in every]
        seen = {tuple(np.round(way[:2], 9)): way for way in reversed(ways)}  # tubes are along z
        return list(seen.values())[::-1]

    def _renamed(self, spec, vectors, basis):
        """The cell written out, and what is given by orbital or listed bond by bond."""
        lattice, terms = dict(spec["lattice"]), dict(spec["hamiltonian"])
        interaction = dict(spec.get("interaction", {}))
        listed = listed_bonds(lattice, terms.get("hopping"))
        own = lattice.pop("cell", {})
        lattice.pop("kind", None)
        cell = {
            "vectors": (self.matrix @ vectors).tolist(),
            "basis": [
                (np.array(offset) @ vectors + basis[orbital]).tolist() for offset, orbital in self.slots
            ],
        }
        if "onsite" in own:
            cell["onsite"] = self._by_slot(own["onsite"])
        if listed is not None:
            hoppings = [self._hop(slot, *bond) for slot in range(len(self.slots)) for bond in listed]
            kept = [hop for hop in hoppings if hop is not None]
            if "hoppings" in own:
                cell["hoppings"] = kept
            else:
                terms["hopping"] = kept
        if "bonds" in interaction:
            interaction["bonds"] = [named for entry in interaction["bonds"] for named in self._entries(entry)]
        for section in (terms, interaction):
            if isinstance(section.get("onsite"), list):
                section["onsite"] = self._by_slot(section["onsite"])
        renamed = {**spec, "lattice": {"cell": cell, **lattice}, "hamiltonian": terms}
        return renamed | ({"interaction": interaction} if interaction else {})

    def _by_slot(self, values):
        return [values[orbital] for _, orbital in self.slots]

    def _entries(self, entry):
        """An interaction of one bond of each cell, for all bonds of the new cell that it is of."""
        if "from" not in entry:
            return [entry]
        bond = entry["from"], entry["to"], tuple(entry["offset"]), 0j
        hops = [self._hop(slot, *bond) for slot in range(len(self.slots))]
        strengths = {name: entry[name] for name in ("value", "exchange") if name in entry}
        return [
            {**{name: hop[name] for name in ("from", "to", "offset")}, **strengths}
            for hop in hops
            if hop is not None
        ]

    def _hop(self, slot, start, end, offset, amplitude):
        """The bond that leaves a slot, if it starts from its orbital."""
        own, orbital = self.slots[slot]
        if orbital != start:
            return None
        place, target = self.named(np.array(own) + np.array(self.start) + np.array(offset), end)
        value = amplitude.real if amplitude.imag == 0 else [amplitude.real, amplitude.imag]
        return {"from": slot, "to": target, "offset": list(place), "amplitude": value}


def _points_moved(spec, by, ways):
    """Tubes of flux, in every repetition, and regions at places that move with the sites."""
    field, interaction = dict(spec.get("field", {})), dict(spec.get("interaction", {}))
    if "flux" in field:
        field["flux"] = [
            {**tube, "through": [float(x + dx) for x, dx in zip(tube["through"], by + way, strict=False)]}
            for way in ways
            for tube in field["flux"]
        ]
    region = interaction.get("given", {}).get("region")
    if region is not None:
        half = region["half_plane"]
        point = [float(x + dx) for x, dx in zip(half["point"], by, strict=True)]
        given = {**interaction["given"], "region": {"half_plane": {**half, "point": point}}}
        interaction["given"] = given
    return spec | ({"field": field} if field else {}) | ({"interaction": interaction} if interaction else {})


def without_disorder(case):
    """The specification with its disorder written as potentials of impurities: what belongs to the sites."""
    spec = case.spec
    disorder = spec["hamiltonian"].get("disorder")
    if disorder is None:
        return spec
    sample, several = case.sample, case.sample.cell.n_orbitals > 1
    energies = Disorder(**disorder).energies(sample)
    known = {tuple(entry["site"]): entry for entry in spec["hamiltonian"].get("impurities", [])}
    impurities = []
    for cell, orbital, energy in zip(sample.cells.tolist(), sample.orbitals.tolist(), energies, strict=True):
        place = [*cell, orbital] if several else cell
        entry = known.get(tuple(place), {"site": place, "potential": 0.0})
        impurities.append({**entry, "potential": float(entry["potential"] + energy)})
    terms = {key: value for key, value in spec["hamiltonian"].items() if key != "disorder"}
    return {**spec, "hamiltonian": {**terms, "impurities": impurities}}


def unchanged(case):
    """The identity, to start from."""
    lattice, (vectors, basis) = case.spec["lattice"], geometry(case.spec["lattice"])
    n = len(vectors)
    slots = tuple(((0,) * n, orbital) for orbital in range(len(basis)))
    length = tuple(lattice["size"])
    return Recell(np.eye(n, dtype=int), slots, (0,) * n, length, tuple(lattice["boundary"]), length, (1,) * n)


def is_joined(entry):
    """Whether a boundary has no end."""
    return bloch_of(entry) is not None
