"""One model seen as another: which site is which, which bond is which, and the gauge between the two."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from bdg.model import Fields


class Unequal(Exception):
    """Two descriptions of one model that are not: what differs, and by how much."""

    def __init__(self, what, size=np.inf):
        super().__init__(what)
        self.what, self.size = what, float(size)


@dataclass(frozen=True)
class Relation:
    """A second model whose sites are those of a first, once or repeated.

    Parameters
    ----------
    sites
        Site of the first model of every site of the second.
    bonds, turned
        Bond of the first model of every bond of the second, and whether it runs the other way.
    angle
        χ of the second's sites: its operators are e^{iχ} times the first's.
    ends
        Sources and targets of the second's bonds.
    repeats
        Sites of the second for each of the first.
    """

    sites: np.ndarray
    bonds: np.ndarray
    turned: np.ndarray
    angle: np.ndarray
    ends: tuple
    repeats: int

    def fields(self, fields: Fields) -> Fields:
        """The fields of the first model as those of the second."""
        return replace(
            fields,
            delta=np.exp(2j * self.angle) * fields.delta[self.sites],
            hartree=fields.hartree[:, self.sites],
            exchange=None if fields.exchange is None else fields.exchange[self.sites],
            bond_delta=None if fields.bond_delta is None else self.pairs(fields.bond_delta),
            fock=None if fields.fock is None else self.hops(fields.fock),
        )

    def pairs(self, pairs):
        """Δ_{source σ, target σ'}: antisymmetric, Δ_ji = −Δ_ijᵀ."""
        source, target = (self.angle[end] for end in self.ends)
        own = pairs[self.bonds]
        own = np.where(self.turned[:, None, None], -own.swapaxes(1, 2), own)
        return np.exp(1j * (source + target))[:, None, None] * own

    def hops(self, hops):
        """⟨target σ|h|source σ'⟩, Hermitian."""
        source, target = (self.angle[end] for end in self.ends)
        own = hops[self.bonds]
        own = np.where(self.turned[:, None, None], own.conj().swapaxes(1, 2), own)
        return np.exp(1j * (target - source))[:, None, None] * own

    def expected(self, found):
        """What :func:`.measured.measured` of the first says of the second."""
        seen = {}
        for name, values in found.items():
            if name == "out":
                seen[name] = self.fields(values)
            elif name == "bond_current":
                seen[name] = np.where(self.turned, -1, 1) * values[self.bonds]
            elif name == "anomalous_density":
                seen[name] = np.exp(2j * self.angle) * values[self.sites]
            elif values.ndim:
                seen[name] = values[..., self.sites]
            else:
                seen[name] = self.repeats * values
        return seen


def related(first, second, sites):
    """The relation of two models, from which site is which.

    Raises
    ------
    Unequal
        If they do not have the same bonds, fluxes or given pairs.
    """
    bonds, turned = _bonds(first.sample, second.sample, sites)
    ends = second.sample.bonds.source, second.sample.bonds.target
    phase = np.where(turned, -1, 1) * first.phase[bonds]
    angle = _gauge(second.sample.n_sites, ends, second.phase - phase)
    repeats = second.sample.n_sites // first.sample.n_sites
    relation = Relation(sites, bonds, turned, angle, ends, repeats)
    return _with_given(relation, first, second)


def _bonds(first, second, sites):
    """Bond of the first sample for each of the second, by its ends and its direction."""
    known = {}
    for number, (i, j, d) in enumerate(_named(first)):
        known[i, j, d] = number, False
        known.setdefault((j, i, tuple(-x + 0.0 for x in d)), (number, True))
    try:
        found = [known[int(sites[i]), int(sites[j]), d] for i, j, d in _named(second)]
    except KeyError as missing:
        raise Unequal(f"bond {missing}") from None
    if len(found) * first.n_sites != first.n_bonds * second.n_sites:
        raise Unequal(f"{first.n_bonds} bonds of {first.n_sites} sites, {len(found)} of {second.n_sites}")
    bonds, turned = zip(*found, strict=True) if found else ((), ())
    return np.array(bonds, int), np.array(turned, bool)


def _named(sample):
    bonds = sample.bonds
    rounded = (np.round(bonds.displacement, 6) + 0.0).tolist()
    return zip(bonds.source.tolist(), bonds.target.tolist(), map(tuple, rounded), strict=True)


def _gauge(n_sites, ends, gained):
    """χ with χ_target − χ_source = gained (mod 2π) on all bonds."""
    angle = undoing(n_sites, ends, -gained)
    missing = np.exp(1j * (gained - angle[ends[1]] + angle[ends[0]])) - 1
    if np.abs(missing).max(initial=0.0) > 1e-8:
        raise Unequal("fluxes", np.abs(missing).max())
    return angle


def undoing(n_sites, ends, phase):
    """χ with phase + χ_target − χ_source = 0 on as many bonds as reach every site, 0 at one of each piece."""
    angle, known = np.zeros(n_sites), np.zeros(n_sites, bool)
    steps = {}
    for i, j, gain in zip(*ends, phase, strict=True):
        steps.setdefault(int(i), []).append((int(j), -gain))
        steps.setdefault(int(j), []).append((int(i), gain))
    for root in range(n_sites):
        waiting = [] if known[root] else [root]
        known[root] = True
        while waiting:
            here = waiting.pop()
            for there, gain in steps.get(here, ()):
                if not known[there]:
                    known[there], angle[there] = True, angle[here] + gain
                    waiting.append(there)
    return angle


def _with_given(relation, first, second):
    """The relation in the gauge that makes the given Δ the same, one phase being free in every piece."""
    seen, own = [], []
    if first.given_delta is not None:
        seen.append(np.exp(2j * relation.angle) * first.given_delta[relation.sites])
        own.append(np.asarray(second.given_delta))
    if first.given_bonds is not None:
        seen.append(relation.pairs(first.given_bonds).ravel())
        own.append(np.asarray(second.given_bonds).ravel())
    if not seen:
        return relation
    pieces = _pieces(second.sample.n_sites, relation.ends)
    place = [pieces] if first.given_delta is not None else []
    place += [np.repeat(pieces[relation.ends[0]], 4)] if first.given_bonds is not None else []
    seen, own, place = map(np.concatenate, (seen, own, place))
    angle = relation.angle.copy()
    for piece in np.unique(pieces):
        overlap = np.vdot(seen[place == piece], own[place == piece])
        if abs(overlap) > 1e-12:
            angle[pieces == piece] += 0.5 * np.angle(overlap)
            seen = np.where(place == piece, seen * np.exp(1j * np.angle(overlap)), seen)
    if np.abs(seen - own).max(initial=0.0) > 1e-8:
        raise Unequal("given Δ", np.abs(seen - own).max())
    return replace(relation, angle=angle)


def _pieces(n_sites, ends):
    """The first site of the connected piece of every site."""
    pieces = np.arange(n_sites)
    for _ in range(n_sites):
        for i, j in zip(*ends, strict=True):
            pieces[i] = pieces[j] = min(pieces[i], pieces[j])
    return pieces
