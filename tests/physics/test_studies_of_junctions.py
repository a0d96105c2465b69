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
