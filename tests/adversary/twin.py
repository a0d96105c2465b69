"""The twin: H of a configuration in loops, solved dense by :mod:`tests.reference`; its fields by Wick."""

from __future__ import annotations

import numpy as np

from tests import reference as ref
from tests.adversary.geometry import dual
from tests.adversary.recell import without_disorder
from tests.adversary.relation import undoing
from tests.adversary.unrolled import SIGMA, Unrolled
from tests.adversary.value import Value, values_at
from tests.adversary.wick import bond_terms, contracted, onsite_terms, pair_hopping_terms

EVEN = {
    "s_extended": lambda x, y: 1.0,
    "d_x2_y2": lambda x, y: x**2 - y**2,
    "d_xy": lambda x, y: 2 * x * y,
    "d_id": lambda x, y: (x + 1j * y) ** 2,
}
ODD = {"p_x": lambda x, y: x, "p_y": lambda x, y: y, "chiral_p": lambda x, y: x + 1j * y}
SINGLET = np.array([[0, 1], [-1, 0]])


class Twin:
    """What a configuration means, and what its fields make, without the package.

    Of the package it takes the order of bonds, the line integrals of a vector potential that is not uniform,
    and a Δ that is given together with a field.
    """

    def __init__(self, case):
        self.case, self.spec = case, without_disorder(case)
        self.terms, self.interaction = self.spec["hamiltonian"], self.spec.get("interaction", {})
        self.sample = Unrolled(self.spec)
        self.bonds = self._in_order(case.sample)
        self.phase = np.array([self._peierls(number, bond) for number, bond in enumerate(self.bonds)])

    def _in_order(self, sample):
        """The bonds in the order of the package; more or fewer are refused."""
        kinds, keys = sample.bonds.kinds, []
        for source, target, kind in zip(
            sample.bonds.source, sample.bonds.target, sample.bonds.kind, strict=True
        ):
            keys.append((int(source), int(target), tuple(map(int, kinds.offset[kind]))))
        assert set(keys) == set(self.sample.bonds), "other bonds"
        return [self.sample.bonds[key] for key in keys]

    def _peierls(self, number, bond):
        """q ∫ A·dl with q = −1, and the twists."""
        field = self.spec.get("field", {})
        parts = field.get("vector_potential", [])
        if set(field) - {"vector_potential"} or any(isinstance(part, Value) for part in parts):
            along = self.case.model.vector_potential[number]
        else:
            along = float(np.dot(bond.way, parts)) if parts else 0.0
        return -along + self.sample.twist_phase(bond)

    def between(self, value, bond):
        """The mean of a value over sites at both ends."""
        values = self.sample.values(value)
        return 0.5 * (values[bond.source] + values[bond.target])

    # -- H

    def matrices(self, fields):
        """h and D of all repetitions, as :func:`tests.reference.solve_quadratic_4n` takes them."""
        n = self.sample.n_whole
        h, d = np.zeros((2 * n, 2 * n), complex), np.zeros((2 * n, 2 * n), complex)
        for site, block in enumerate(self._onsite(fields)):
            for here in range(site, n, len(self.sample.sites)):
                for s, r in np.ndindex(2, 2):
                    h[s * n + here, r * n + here] += block[s, r]
                d[here, n + here] += fields.delta[site]
                d[n + here, here] -= fields.delta[site]
        for number, bond in enumerate(self.bonds):
            hop = np.exp(1j * self.phase[number]) * (-bond.t * np.eye(2) + self.spin_orbit(bond))
            if fields.fock is not None:
                hop = hop + fields.fock[number]
            for source, target, zeta in bond.copies:  # c†_target beyond the end is ζ* c† of the site it is
                ref.add_hop(h, source, target, np.conj(zeta) * hop)
                if fields.bond_delta is not None:
                    ref.add_bond_pairing(d, source, target, np.conj(zeta) * fields.bond_delta[number])
        return h, d

    def _onsite(self, fields):
        terms, sample = self.terms, self.sample
        energy = sample.values(terms.get("onsite", 0.0)) - fields.mu
        energy = energy + values_at(self._of_cell(), sample.positions, sample.orbitals)
        field = np.array([sample.values(part) for part in terms.get("zeeman", [0.0] * 3)])
        for impurity in terms.get("impurities", []):
            site = self._site(impurity["site"])
            energy[site] += impurity["potential"]
            field[:, site] -= impurity.get("moment", [0.0] * 3)
        for site in range(len(sample.sites)):
            block = energy[site] * np.eye(2) - sum(b * s for b, s in zip(field[:, site], SIGMA, strict=True))
            block = block + np.diag(fields.hartree[:, site])
            if fields.exchange is not None:
                x = fields.exchange[site]
                block = block + np.array([[0, x], [np.conj(x), 0]])
            yield block

    def _of_cell(self):
        return self.spec["lattice"].get("cell", {}).get("onsite", 0.0)

    def _site(self, place):
        several = len(self.sample.basis) > 1
        cell, orbital = (place[:-1], place[-1]) if several else (place, 0)
        return self.sample.place[tuple(cell), orbital]

    def spin_orbit(self, bond):
        """(iα/2)(σ_x D_y − σ_y D_x) + (iβ/2)(σ_x D_x − σ_y D_y) on nearest, iλν σ_z on second neighbours."""
        block = np.zeros((2, 2), complex)
        if bond.shell == 1:
            x, y = (*(bond.way / np.linalg.norm(bond.way)), 0.0)[:2]
            alpha, beta = (
                self.between(self.terms.get(name, 0.0), bond) for name in ("rashba", "dresselhaus")
            )
            block += 0.5j * (alpha * (SIGMA[0] * y - SIGMA[1] * x) + beta * (SIGMA[0] * x - SIGMA[1] * y))
        spins = self.terms.get("spin_hopping")
        if spins is not None and bond.shell == spins.get(
            "shell", 1
        ):  # t + m along the axis, t − m against it
            axis = np.array(spins.get("axis", [0, 0, 1]), float)
            x, y = (*(bond.way / np.linalg.norm(bond.way)), 0.0)[:2]
            m = sum(self.between(spins[name], bond) * EVEN[name](x, y) for name in EVEN if name in spins)
            block -= m * sum(
                part * sigma for part, sigma in zip(axis / np.linalg.norm(axis), SIGMA, strict=True)
            )
        if bond.shell == 2 and "intrinsic_soc" in self.terms:
            strength = self.between(self.terms["intrinsic_soc"], bond)
            block += 1j * strength * self._turn(bond) * SIGMA[2]
        return block

    def _turn(self, bond):
        """+1 where the way over the site between turns left: of two steps of length 1 on a honeycomb."""
        sublattice = self.sample.orbitals[bond.source]
        steps = np.array([[0, 1], [-np.sqrt(3) / 2, -1 / 2], [np.sqrt(3) / 2, -1 / 2]]) * (
            1 if sublattice == 0 else -1
        )
        for one in steps:
            two = bond.way - one
            if abs(np.linalg.norm(two) - 1) < 1e-9:
                return np.sign(one[0] * two[1] - one[1] * two[0])
        raise AssertionError("no site between second neighbours")

    # -- what is given

    def given(self):
        """Δ of sites and of bonds as the configuration gives them; ``None`` for what it does not.

        A twist adds the phase θ of a condensate at rest; in a field it is the package's to say what that is.
        """
        given = self.interaction.get("given")
        if given is None or set(self.spec.get("field", {})) - {"vector_potential"}:
            return None, None
        inside = self._inside(given.get("region"))
        angle = self.sample.values(given.get("phase", 0.0)) + self._twist_angle()
        onsite = None if "onsite" not in given else self.sample.values(given["onsite"])
        onsite = None if onsite is None else onsite * inside * np.exp(1j * angle)
        names = [name for name in (*EVEN, *ODD) if name in given]
        if not names:
            return onsite, None
        pairs = [self._given_on(bond, given, names) for bond in self.bonds]
        for number, bond in enumerate(self.bonds):
            phase, start, end = self.phase[number], angle[bond.source], angle[bond.target]
            turns = (end - start - 2 * phase) / (2 * np.pi)
            half = np.pi * (turns - np.round(turns))
            middle = 0.0 if np.cos(half) < 1e-9 else np.exp(1j * (start + phase + half))
            pairs[number] = pairs[number] * middle * inside[bond.source] * inside[bond.target]
        return onsite, np.array(pairs).reshape(-1, 2, 2)

    def _inside(self, region):
        if region is None:
            return np.ones(len(self.sample.sites))
        half = region["half_plane"]
        return ((self.sample.positions - half["point"]) @ np.array(half["normal"]) <= 1e-9).astype(float)

    def _twist_angle(self):
        """θ = q·r with q·L = 2φ less whole 2π, along each direction that bonds close; else what undoes it."""
        sample, angle = self.sample, np.zeros(len(self.sample.sites))
        for d, (b, end) in enumerate(zip(dual(sample.vectors), sample.ends, strict=True)):
            if end is not None:
                gained = 2 * end[1] / end[0]
                gained = gained - 2 * np.pi * np.round(gained / (2 * np.pi))
                passed = np.array([bond.step[d] for bond in self.bonds], float)
                ends = [
                    np.array([getattr(bond, name) for bond in self.bonds], int)
                    for name in ("source", "target")
                ]
                undone = undoing(len(angle), ends, passed)
                is_closed = np.abs(passed + undone[ends[1]] - undone[ends[0]]).max(initial=0.0) > 1e-9
                angle = angle + gained * (sample.positions @ b / sample.size[d] if is_closed else undone)
        return angle

    def _given_on(self, bond, given, names):
        block = np.zeros((2, 2), complex)
        if bond.shell != given.get("shell", 1):
            return block
        x, y = (*(bond.way / np.linalg.norm(bond.way)), 0.0)[:2]
        along = np.array(given.get("d_vector", [0, 0, 1]), float)
        triplet = sum(d * s for d, s in zip(along / np.linalg.norm(along), SIGMA, strict=True)) @ (
            1j * SIGMA[1]
        )
        for name in names:
            form, spin = (EVEN[name], SINGLET) if name in EVEN else (ODD[name], triplet)
            block = block + self.between(given[name], bond) * form(x, y) * spin
        return block

    # -- what the fields make

    @property
    def free(self):
        """Names of the fields that the correlators make; others are given, or 0."""
        if "given" in self.interaction:
            return {"hartree", "exchange", "fock"}
        on_sites = {"delta"} if "pairing" in self.interaction.get("fields", ["pairing"]) else set()
        return {"hartree", "exchange", "fock", "bond_delta"} | on_sites

    def interacting(self):
        """Groups of terms: (sites of the whole sample, ζ of the second, number of the bond, the terms)."""
        sample, interaction = self.sample, self.interaction
        onsite = sample.values(interaction.get("onsite", 0.0))
        for site, u in enumerate(onsite):
            yield (site,), 1.0, None, onsite_terms(u)
        entries = interaction.get("bonds", [])
        orbitals = interaction.get("orbitals", {})
        for number, bond in enumerate(self.bonds):
            own, hop = [entry for entry in entries if _is_of(entry, bond)], 0.0
            v, j = (
                sum(self.between(one.get(name, 0.0), bond) for one in own) for name in ("value", "exchange")
            )
            if bond.shell == 0 and orbitals:  # −J_H (2 S·S + ½ n n) and U′ beside
                hund = self.between(orbitals.get("hund", 0.0), bond)
                v += self.between(orbitals.get("value", 0.0), bond) + hund / 2
                j, hop = j - 2 * hund, self.between(orbitals.get("pair_hopping", 0.0), bond)
            source, target, zeta = bond.copies[0]
            terms = bond_terms(v, j), pair_hopping_terms(hop * np.exp(2j * self.phase[number]))
            if any(terms):
                yield (source, target), zeta, number, terms

    def made(self, quadratic):
        """The fields by name that the correlators make, and the energies of their decoupling."""
        n_sites, n_bonds = len(self.sample.sites), len(self.bonds)
        of_sites = self.interaction.get("fields", ["pairing"])
        of_bonds = self.interaction.get("bond_fields", of_sites)
        out = {"hartree": np.zeros((2, n_sites)), "delta": np.zeros(n_sites, complex)}
        out |= {"exchange": np.zeros(n_sites, complex)}
        out |= {"bond_delta": np.zeros((n_bonds, 2, 2), complex), "fock": np.zeros((n_bonds, 2, 2), complex)}
        energy = {"hartree": 0.0, "fock": 0.0, "pairing": 0.0}
        for ends, zeta, number, terms in self.interacting():
            n, f = self.correlators(quadratic, ends, zeta)
            homes = [end % n_sites for end in ends]
            if number is None:
                groups = [(terms, of_sites, of_sites)]
            else:
                groups = [(terms[0], of_bonds, of_bonds), (terms[1], of_bonds, of_sites)]
            for some, normal, pairing in groups:
                h, d, own = contracted(some, n, f)
                if "hartree" in normal:
                    for place, home in enumerate(homes):
                        block = h[0, 2 * place : 2 * place + 2, 2 * place : 2 * place + 2]
                        out["hartree"][:, home] += block.diagonal().real
                        out["exchange"][home] += block[0, 1]
                    energy["hartree"] += own["hartree"]
                if "fock" in normal and number is not None:
                    out["fock"][number] += h[1, 2:, :2]
                    energy["fock"] += own["fock"]
                if "pairing" in pairing:
                    for place, home in enumerate(homes):
                        out["delta"][home] += (own_pairs := d[2 * place, 2 * place + 1])
                        energy["pairing"] += _half(own_pairs, f[2 * place + 1, 2 * place])
                if "pairing" in of_bonds and number is not None:
                    out["bond_delta"][number] += (own_pairs := self._in_channels(d[:2, 2:]))
                    energy["pairing"] += _half(own_pairs, f[2:, :2].T)
        return out, energy

    def _in_channels(self, pairs):
        """The part of pairs on a bond in the channels that are on."""
        channels = self.interaction.get("channels", ["singlet"])
        singlet = any(name == "singlet" or name in EVEN for name in channels)
        z = any(name.startswith("triplet") or name in ODD for name in channels)
        matrices = [SINGLET] * singlet + [SIGMA[2] @ (1j * SIGMA[1])] * z
        matrices += [SIGMA[k] @ (1j * SIGMA[1]) for k in (0, 1) if "triplet" in channels]
        kept = [np.trace(m.conj().T @ pairs) / np.trace(m.conj().T @ m) * m for m in matrices]
        return np.sum(kept, axis=0) if kept else 0 * pairs

    def correlators(self, quadratic, ends, zeta):
        """⟨c†_y c_x⟩ and ⟨c_x c_y⟩ of both spins of one or two sites, the second beyond the end by ζ."""
        n = self.sample.n_whole
        modes = [s * n + end for end in ends for s in (0, 1)]
        factor = np.repeat([1.0, zeta][: len(ends)], 2).astype(complex)
        normal = quadratic.normal[np.ix_(modes, modes)] * np.outer(factor, factor.conj())
        return normal, quadratic.anomalous[np.ix_(modes, modes)] * np.outer(factor, factor)


def _is_of(entry, bond):
    """Whether an interaction is that of a bond: by its shell, or by its name, either way around."""
    if "from" not in entry:
        return bond.shell == (0 if entry["shell"] == "within" else entry["shell"])
    a, b, offset = entry["from"], entry["to"], tuple(entry["offset"])
    return bond.kind in ((a, b, offset), (b, a, tuple(-step for step in offset)))


def _half(pairs, anomalous):
    """½⟨H_Δ⟩, H_Δ = Σ Δ c†_a c†_b + h.c. with ⟨c†_a c†_b⟩ = ⟨c_b c_a⟩*: what pairs lower the energy by."""
    return float(np.sum(pairs * np.conj(anomalous)).real)
