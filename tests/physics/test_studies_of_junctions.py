"""Studies of junctions in ``configs/studies``: currents against flux, temperature and an exchange field."""

from __future__ import annotations

import numpy as np
import pytest

from tests.support.studies import collected, stands_in_header


def current_of_a_channel(transmission, delta, temperature):
    """The largest current of one level, E = Δ √(1 − τ sin²(φ/2)), in e t/ħ."""
    phase = np.linspace(0, np.pi, 20001)[:-1]
    root = np.sqrt(1 - transmission * np.sin(phase / 2) ** 2)
    current = 0.5 * delta * transmission * np.sin(phase) / root * np.tanh(delta * root / (2 * temperature))
    return current.max()


@pytest.mark.slow
def test_ambegaokar_baratoff(tmp_path):
    together = collected("ambegaokar_baratoff", tmp_path / "tc")
    voltage, resistance = together["junction_voltage"].values, together["normal_resistance"].values
    barrier, temperature = (together.coords[name].values for name in ("onsite_0_value", "temperature"))
    transmission = 1 / (1 + (barrier / 2) ** 2)
    assert resistance == pytest.approx(np.outer(0.5 / transmission, np.ones(8)), rel=1e-9)  # in h/e²
    delta = 0.005 * np.tanh(1.74 * np.sqrt(0.005 / 1.7638767 / temperature - 1))
    for n, tau in enumerate(transmission):
        exact = [
            np.pi * current_of_a_channel(tau, *one) / tau for one in zip(delta, temperature, strict=True)
        ]
        assert voltage[n] == pytest.approx(exact, rel=3e-3)
    tunnel = 0.5 * np.pi * delta * np.tanh(delta / (2 * temperature))
    assert voltage[-1] == pytest.approx(tunnel, rel=3e-3)
    assert voltage[:, -1] == pytest.approx(voltage[-1, -1], rel=0.02)
    told = [f"{one:.4f}" for one in voltage[:, 0] / 0.005]
    told = f"is {', '.join(told[:4])} and {told[4]} Δ₀/e"
    assert stands_in_header("ambegaokar_baratoff", told), told


@pytest.mark.slow
def test_josephson_flux(tmp_path):
    """Rows apart have the current of their own phase difference: the pattern follows from I(φ)."""
    together = collected("josephson_flux", tmp_path / "flux")
    pattern, flux = together["fraunhofer"].values, together["fraunhofer"].coords["junction_flux"].values
    current = together["junction_current"].values[:, :-1]
    harmonics = np.fft.rfft(current) / current.shape[1]
    order, phase = np.arange(1, harmonics.shape[1]), np.linspace(0, 2 * np.pi, 721)
    waves = np.exp(1j * np.outer(phase, order))
    share = pattern / pattern[:, :1]
    for n, own in enumerate(harmonics[:, 1:]):
        rows = np.array([np.abs((waves @ (own * np.sinc(order * one))).real).max() for one in flux])
        assert share[n] == pytest.approx(rows / rows[0], abs=7e-3)  # 16 rows, coupled a little
        assert share[n] == pytest.approx(np.abs(np.sinc(flux)), abs=7e-3)
    skew = np.abs(harmonics[:, 2] / harmonics[:, 1])
    assert skew[0] > 0.15 > 0.05 > skew[-1]  # so that the pattern is not that of one harmonic throughout
    half, first = share[:, 5], np.max(share[:, 10:20], axis=1)
    told = [f"{pattern[0, 0]:.4f}, {pattern[1, 0]:.4f} and {pattern[2, 0]:.4f} e t/ħ"]
    told += [", ".join(f"{100 * one:.1f}" for one in half[:2]) + f" and {100 * half[2]:.1f} %"]
    told += [
        f"at most {100 * share[:, 10].max():.1f} % at h/2e",
        f"{100 * first[0]:.1f}, {100 * first[1]:.1f}",
    ]
    assert stands_in_header("josephson_flux", *told), told


class Ferromagnet:
    """A dense twin of the chain with an exchange field on four sites, of Δ alone.

    Parameters
    ----------
    sign
        Of Δ beyond the ferromagnet.
    temperature
        In t.
    """

    def __init__(self, sign, temperature):
        self.x, self.temperature, self.sign = np.arange(44), temperature, sign
        self.middle = (self.x >= 20) & (self.x < 24)
        self.band = 0.5 * np.eye(44) - np.eye(44, k=1) - np.eye(44, k=-1)

    def pairs(self, delta, field):
        """U ⟨c_↑ c_↓⟩ of the sites in a pair field, and Ω."""
        exchange = np.diag(field * self.middle)
        pairs = np.diag(delta)
        h = np.block([[self.band - exchange, pairs], [pairs.conj(), -(self.band + exchange)]])
        energy, modes = np.linalg.eigh(h)
        weight = 0.5 * np.tanh(energy / (2 * self.temperature))
        own = np.where(self.middle, 0, 2 * np.einsum("n,in,in->i", weight, modes[:44], modes[44:].conj()))
        logs = np.logaddexp(energy / (2 * self.temperature), -energy / (2 * self.temperature))
        omega = np.trace(self.band) - self.temperature * logs.sum() + np.sum(np.abs(delta) ** 2) / 2
        return own, omega

    def state(self, field):
        """Δ of the state, and Ω."""
        delta = np.where(self.middle, 0, 0.4 * np.where(self.x > 21.5, self.sign, 1.0))
        for _ in range(400):
            new, omega = self.pairs(delta, field)
            if np.abs(new - delta).max() < 1e-10:
                break
            delta = new
        return delta, omega

    def softness(self, field):
        """How much of a change of phases comes back, of those whose parity is not that of Δ."""
        delta, _ = self.state(field)
        change = []
        for site in range(20):
            turned = np.zeros(44)
            turned[[site, 43 - site]] = 1, -self.sign
            change.append(self.pairs(delta + 1e-5j * turned, field)[0].imag[:20] / 1e-5)
        return np.max(np.linalg.eigvals(np.transpose(change)).real)


def excess(temperature, field):
    """Ω of the 0 state above that of the π state."""
    even, odd = (Ferromagnet(sign, temperature).state(field)[1] for sign in (1, -1))
    return even - odd


@pytest.mark.parametrize(
    "temperatures",
    [pytest.param([0.07], id="one"), pytest.param(None, id="as it stands", marks=pytest.mark.slow)],
)
def test_zero_pi(tmp_path, temperatures):
    values = None
    if temperatures is not None:
        find = {"key": "hamiltonian.zeeman[2][0].value", "between": [0.2, 0.7], "at": "crossing"}
        starts = {"0": {"delta": 0.4}, "π": {"delta": "0.4*sign(x - 21.5)"}}
        values = {"temperature": temperatures, "starts": starts, "find": {**find, "tolerance": 1e-5}}
    together = collected("zero_pi", tmp_path / "line", values=values)
    found = together["found_zeeman_2_0_value"]
    for temperature, field in zip(together.coords["temperature"].values, found.values, strict=True):
        assert excess(temperature, field - 2e-5) < 0 < excess(temperature, field + 2e-5)
    if temperatures is None:
        told = ", ".join(f"{one:.4f}" for one in found.values[:5])
        assert stands_in_header("zero_pi", f"{told} and {found.values[5]:.4f} t"), told


@pytest.mark.slow
def test_zero_pi_spinodals(tmp_path):
    together = collected("zero_pi_spinodals", tmp_path / "spinodals")
    found, temperature = together["found_zeeman_2_0_value"].values, together.coords["temperature"].values
    for n in (1, 3):
        for branch, sign in enumerate((1, -1)):
            state = Ferromagnet(sign, temperature[n])
            ends = [state.softness(found[n, branch] + sign * step) for step in (-1e-4, 1e-4)]
            assert ends[0] < 1 < ends[1]
        assert excess(temperature[n], found[n, 1]) < 0 < excess(temperature[n], found[n, 0])
    assert np.all(np.diff(found[:, 0] - found[:, 1]) < 0)
    told = [f"from {found[n, 1]:.3f} t to {found[n, 0]:.3f} t" for n in (0, 1, 3, 5)]
    assert stands_in_header("zero_pi_spinodals", *told), told
