"""Junctions of chains whose transmission is known in closed form."""

import numpy as np

from bdg import build_model, build_sample, solve


def barrier(length, delta, height, **given):
    """Two chains of a given Δ with a site without Δ between them, of the energy ``height``."""
    sample = build_sample("chain", (2 * length + 1,), "open")
    here = sample.positions[:, 0] == length
    return build_model(sample, onsite=height * here, given_delta=delta * ~here, fields=(), **given)


def weak_link(length, delta, weak, **given):
    """Two chains of a given Δ joined by one bond t'."""
    sample = build_sample("chain", (2 * length,), "open")
    middle = sample.positions[sample.bonds.source, 0] + sample.bonds.displacement[:, 0] / 2
    hopping = np.where(np.abs(middle - length + 0.5) < 0.1, weak, 1.0)
    return build_model(sample, hopping=hopping, given_delta=delta, fields=(), **given)


def through_barrier(height, mu):
    """|t|² of a site of energy V: 1 + r = t, and (V − μ)t = ψ_−1 + ψ_1 = 1/z + rz + tz, z = e^{ik}."""
    z = np.exp(1j * np.arccos(-mu / 2))
    equations = np.array([[1.0, -1.0], [z, z - (height - mu)]])
    return abs(np.linalg.solve(equations, [-1.0, -1 / z])[1]) ** 2


def through_weak_link(weak, mu):
    """|t|² of a bond t' from 0 to 1, ψ_0 = 1 + r, ψ_1 = tz: t'ψ_1 = z + r/z, t'ψ_0 = t, as if it went on."""
    z = np.exp(1j * np.arccos(-mu / 2))
    equations = np.array([[1 / z, -weak * z], [weak, -1.0]])
    return abs(np.linalg.solve(equations, [-z, -weak])[1]) ** 2


def relation(model, **parameters):
    return solve(model, observables={"current_phase": parameters})
