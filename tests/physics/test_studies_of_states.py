"""Studies of several states in a plane of two keys: pairs with a momentum, and symmetries of pairs."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.optimize import brentq, fsolve, minimize_scalar

from bdg.studies import best
from tests.support.studies import collected, stands_in_header

Q = 2 * np.pi / 20


def potential(delta, field, temperature, momentum):
    """Ω a site of pairs Δ exp(iqx): (k, ↑) and (q − k, ↓)."""
    k = 2 * np.pi * np.arange(240) / 240
    up, down = (-2 * np.cos(p) + 0.5 - s * field for p, s in ((k, 1), (momentum - k, -1)))
    root = np.sqrt((up + down) ** 2 / 4 + delta**2)
    energy = np.array([(up - down) / 2 + root, (up - down) / 2 - root]) / (2 * temperature)
    logs = np.logaddexp(energy, -energy).sum(axis=0)
    return delta**2 / 2 + np.mean((up + down) / 2 - temperature * logs)


def lowest(field, temperature, momentum, between):
    bounds = {"bounds": between, "method": "bounded", "options": {"xatol": 1e-8}}
    return minimize_scalar(potential, args=(field, temperature, momentum), **bounds).fun


def of_equal_energies(temperature, state):
    def excess(field):
        other = potential(0, field, temperature, 0) if state == "normal" else 0
        other = lowest(field, temperature, Q, (0.03, 0.25)) if state == "FF" else other
        return lowest(field, temperature, 0, (0.28, 0.4)) - other

    return brentq(excess, 0.2, 0.27)


def test_pairs_with_a_momentum_where_they_have_the_energy_of_pairs_at_rest(tmp_path):
    find = {"key": "hamiltonian.zeeman[2]", "between": [0.15, 0.29], "at": "crossing", "tolerance": 1e-5}
    starts = {"BCS": "uniform", "FF": {"delta": "0.3*exp(2j*pi*x/20)"}}
    values = {"temperature": [0.02], "starts": starts, "find": find}
    together = collected("fflo_line", tmp_path / "line", values=values)
    assert together["found_zeeman_2"].values == pytest.approx([of_equal_energies(0.02, "FF")], abs=1e-5)


def of_waves(field, temperature):
    """Ω a site of a Δ that is its own mirror image, from cos(qx), by Hamiltonians of a cell of 20."""
    delta, phase = 0.3 * np.cos(Q * np.arange(20)), np.exp(2j * np.pi * np.arange(12) / 12)
    band = np.broadcast_to(0.5 * np.eye(20) - np.eye(20, k=1) - np.eye(20, k=-1), (12, 20, 20)).astype(
        complex
    )
    band[:, 0, 19] -= phase
    band[:, 19, 0] -= phase.conj()
    shift = field * np.eye(20)
    while True:
        pairs = np.broadcast_to(np.diag(delta), band.shape)
        h = np.concatenate([np.c_["2", band - shift, pairs], np.c_["2", pairs, -band - shift]], axis=1)
        energy, modes = np.linalg.eigh(h)
        weight = np.tanh(energy / (2 * temperature))
        new = np.einsum("kn,kin,kin->i", weight, modes[:, :20], modes[:, 20:].conj()).real / 12
        if np.abs(new - delta).max() < 1e-9:
            break
        delta = new
    logs = np.logaddexp(energy / (2 * temperature), -energy / (2 * temperature))
    return np.mean(delta**2) / 2 + 0.5 - temperature * logs.sum() / 240


@pytest.mark.slow
def test_fflo_line(tmp_path):
    together = collected("fflo_line", tmp_path / "line")
    found, temperature = together["found_zeeman_2"].values, together.coords["temperature"].values
    for n in (0, 1, 3):
        ends = [
            lowest(found[n] + step, temperature[n], 0, (0.28, 0.4))
            - of_waves(found[n] + step, temperature[n])
            for step in (-2e-5, 2e-5)
        ]
        assert ends[0] < 0 < ends[1]
    normal = [of_equal_energies(one, "normal") for one in temperature]
    assert np.all(found < normal)
    told = [", ".join(f"{one:.5f}" for one in found[:4]) + f" and {found[4]:.5f} t"]
    told += [f"{normal[0]:.5f} t at 0.01 t and {normal[4]:.5f} t"]
    assert stands_in_header("fflo_line", *told), told


@pytest.mark.slow
def test_the_line_of_clogston(tmp_path):
    find = {"key": "hamiltonian.zeeman[2]", "between": [0.2, 0.29], "at": "crossing", "tolerance": 1e-5}
    values = {"temperature": [0.02, 0.05], "starts": {"BCS": "uniform", "normal": "normal"}, "find": find}
    together = collected("fflo_line", tmp_path / "line", values=values)
    exact = [of_equal_energies(one, "normal") for one in (0.02, 0.05)]
    assert together["found_zeeman_2"].values == pytest.approx(exact, abs=1e-5)


@pytest.mark.slow
def test_fflo(tmp_path):
    together = collected("fflo", tmp_path / "map")
    won, energy = best(together)["branch"].values, together["energy"].values / 20
    temperature, field = (together.coords[name].values for name in ("temperature", "zeeman_2"))
    names = list(together.coords["branch"].values)
    for n, t in enumerate(temperature):
        for m, h in enumerate(field):
            normal, ff = potential(0, h, t, 0), lowest(h, t, Q, (0, 0.25))
            assert energy[n, m, names.index("normal")] == pytest.approx(normal, abs=1e-9)
            rest = min(lowest(h, t, 0, ends) for ends in ((0, 0.15), (0.12, 0.45)))
            assert energy[n, m].min() <= min(normal, ff, rest) + 1e-9
            if won[n, m] == "BCS":
                assert energy[n, m].min() == pytest.approx(rest, abs=1e-8)
    counts = np.count_nonzero(won == "LO", axis=1)
    below = 20 * (energy[0, 6, 0] - energy[0, 6])
    told = [f"LO wins at {counts[0]} and {counts[1]} of the 11 fields"]
    told += [f"its Ω is {below[2]:.5f} t a cell below that of the normal state, that of FF {below[3]:.5f} t"]
    assert np.all(counts[2:] == 0)
    assert stands_in_header("fflo", *told), told


class Pairs:
    """Extended s, d or s + id pairs of nearest neighbours by sums over momenta.

    Parameters
    ----------
    filling, strength
        Electrons a site, and V.
    """

    cosine = np.cos(2 * np.pi * (np.arange(48) + 0.5) / 48)
    forms = 2 * np.array([np.add.outer(cosine, cosine), np.subtract.outer(cosine, cosine)])
    band = -2 * np.add.outer(cosine, cosine)

    def __init__(self, filling, strength, temperature=0.02):
        self.filling, self.strength, self.temperature = filling, strength, temperature

    def energies(self, amplitudes, mu):
        return np.sqrt((self.band - mu) ** 2 + np.einsum("a,axy->xy", amplitudes**2, self.forms**2))

    def free_energy(self, *kinds):
        """Of the state of these kinds, 0 for s and 1 for d, and its amplitudes."""

        def off(unknowns):
            amplitudes = np.zeros(2)
            amplitudes[list(kinds)] = unknowns[:-1]
            e = self.energies(amplitudes, unknowns[-1])
            weight = np.tanh(e / (2 * self.temperature)) / e
            gaps = [np.mean(self.forms[kind] ** 2 * weight) - 8 / self.strength for kind in kinds]
            return [*gaps, np.mean(1 - (self.band - unknowns[-1]) * weight) - self.filling]

        starts = [[*(size for _ in kinds), mu] for size in (0.05, 0.3) for mu in (-2.5, -1.0)]
        tried = [fsolve(off, start, xtol=1e-12, full_output=True) for start in starts]
        roots = [one for one, _, worked, _ in tried if worked == 1 and np.all(np.abs(one[:-1]) > 1e-4)]
        return min((self.of(kinds, root) for root in roots), default=(np.inf, np.zeros(2)))

    def of(self, kinds, found):
        """F of amplitudes and μ, and the amplitudes."""
        amplitudes, mu = np.zeros(2), found[-1]
        amplitudes[list(kinds)] = found[:-1]
        e = self.energies(amplitudes, mu) / (2 * self.temperature)
        logs = np.mean(np.logaddexp(e, -e))
        omega = np.mean(self.band - mu) - 2 * self.temperature * logs
        return omega + 4 * np.sum(amplitudes**2) / self.strength + mu * self.filling, tuple(
            np.abs(found[:-1])
        )


@pytest.mark.slow
def test_s_d_mixed(tmp_path):
    together = collected("s_d_mixed", tmp_path / "map")
    won, energy = best(together)["branch"].values, together["energy"].values.min(axis=2)
    filling, strength = (together.coords[name].values for name in ("filling", "bonds_0_value"))
    kinds = {"normal": (), "s": (0,), "d": (1,), "s + id": (0, 1)}
    for n, one in enumerate(filling):
        for m, v in enumerate(strength):
            exact = {name: Pairs(one, v).free_energy(*kind)[0] for name, kind in kinds.items()}
            assert energy[n, m] == pytest.approx(min(exact.values()), abs=1e-8)
            assert exact[won[n, m]] == pytest.approx(min(exact.values()), abs=1e-8)
    counts = [np.count_nonzero(won == "s + id", axis=0)[m] for m in (2, 3, 4)]
    s, d = Pairs(filling[5], 4).free_energy(0, 1)[1]
    told = [f"at {counts[0]}, {counts[1]} and {counts[2]} of the 13 fillings at V = 2.5, 3.25 and 4 t"]
    told += [f"{s:.4f} t of s and {d:.4f} t of d"]
    assert stands_in_header("s_d_mixed", *told), told
