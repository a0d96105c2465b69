"""−∂Ω/∂(parameter) by finite differences, against the expectation values that they are."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from bdg.expectations import anomalous, anomalous_density, bond_current, magnetisation, normal, spin_density
from bdg.nambu import NambuAssembler
from tests.adversary.case import EXACT, solver_of, state_of

WEIGHTS = {1: 3 / 4, 2: -3 / 20, 3: 1 / 60}
"""Of the sixth-order central difference."""

COARSEST, FINEST = 4e-3, 1e-5
"""Steps that the difference may take; below, rounding is all that is left."""

CLEAR = 1e-9
"""A sum over all directions that is right to this is right along each."""


class TooCloseToALevel(Exception):
    """At this temperature a level is too near to zero for finite differences to be exact."""


def slope(function, step):
    """f′(0): its error is ~ step⁶ f⁽⁷⁾/140 + 10⁻¹⁵ |f|/step."""
    return sum(w * (function(m * step) - function(-m * step)) for m, w in WEIGHTS.items()) / step


def step_for(model, fields):
    """A step over which Ω is smooth: it has poles where E = ±iπT, a distance √(E² + π²T²) away."""
    hamiltonian = NambuAssembler(model).matrix(fields)
    levels = [np.linalg.eigvalsh(hamiltonian.dense(k)) for k in range(len(hamiltonian.momenta))]
    nearest = float(np.abs(np.concatenate(levels)).min())
    radius = float(np.hypot(nearest, np.pi * model.temperature))
    if radius / 30 < FINEST:
        raise TooCloseToALevel(f"a level at {nearest:.1e} and T = {model.temperature:g}")
    return min(COARSEST, radius / 30)


def bare(model, fields):
    """Ω of the quasiparticles, ½ tr h − Σ T ln 2cosh(E/2T), without the constants of the mean fields."""
    hamiltonian, trace = NambuAssembler(model).matrix(fields), 0.0
    for momentum in hamiltonian.momenta:
        blocks = momentum.values[hamiltonian.diagonal].real
        down = blocks[:, 1, 1] if model.dofs == 4 else -blocks[:, 1, 1]
        trace += momentum.weight * 0.5 * float(np.sum(blocks[:, 0, 0] + down))
    return trace + solver_of(model).grand_potential(hamiltonian, model.temperature, tolerance=EXACT).value


def compared(model, fields, along, step):
    """−dΩ/ds against what it must be along all directions at once; if that is wrong, along each."""

    def missing(names):
        def omega(s):
            changed_model, changed_fields = model, fields
            for name in names:
                changed_model, changed_fields = along[name][0](s, changed_model, changed_fields)
            return bare(changed_model, changed_fields)

        return abs(-slope(omega, step) - sum(float(along[name][1]) for name in names))

    together = missing(list(along))
    return {"all": together} if together < CLEAR else {name: missing([name]) for name in along}


def sources(case, fields, found):
    """−∂Ω by μ, ε_i, h_i, A_ij and t_ij: N, −n_i, ⟨c†σc⟩, the currents and the bond order."""
    model, rng, step = case.model, case.rng(7), 0.3 * step_for(case.model, fields)
    state, sample = state_of(model, fields), case.sample
    e, h = rng.uniform(-1, 1, sample.n_sites), rng.uniform(-0.5, 0.5, (3, sample.n_sites))
    if model.dofs == 2:
        h[:2] = 0.0
    scale = max(1.0, float(np.abs(model.spin_amplitude).sum(axis=2).max(initial=0.0)))
    t = rng.uniform(-1, 1, sample.n_bonds) / coordination(sample) * (model.hopping != 0)
    a = rng.uniform(-1, 1, sample.n_bonds) / coordination(sample) / scale
    before = 0.0 if model.vector_potential is None else model.vector_potential
    density = spin_density(state.on_sites).sum(axis=0)
    unit = np.divide(
        -model.amplitude, model.hopping, out=np.zeros_like(model.amplitude), where=model.hopping != 0
    )
    hops = np.trace(normal(sample, state.on_bonds), axis1=1, axis2=2)
    along = {
        "mu": (lambda s, m, f: (m, replace(f, mu=f.mu + s)), density.sum()),
        "onsite": (lambda s, m, f: (replace(m, onsite=m.onsite + s * e), f), -e @ density),
        "zeeman": (
            lambda s, m, f: (replace(m, zeeman=m.zeeman + s * h), f),
            np.sum(h * magnetisation(state.on_sites)),
        ),
        "hopping": (
            lambda s, m, f: (replace(m, hopping=m.hopping + s * t), f),
            2 * t @ np.real(unit * np.conj(hops)),
        ),
        "vector potential": (
            lambda s, m, f: (m.in_potential(before + s * a), f),
            a @ bond_current(model, state.on_bonds),
        ),
    }
    return compared(model, fields, along, step)


def temperature(case, fields, found):
    """−∂Ω/∂T: the entropy."""
    model, step = case.model, step_for(case.model, fields)
    if model.temperature == 0:
        raise TooCloseToALevel("T = 0 has no two sides")
    step = min(step, model.temperature / 40)
    entropy = -slope(lambda s: bare(replace(model, temperature=model.temperature + s), fields), step)
    return {"entropy": abs(entropy - float(found["entropy"]))}


def mean_fields(case, fields, found):
    """−∂Ω by the mean fields: twice F, −n, twice the pairs on bonds."""
    model, rng, step = case.model, case.rng(8), 0.3 * step_for(case.model, fields)
    state, sample = state_of(model, fields), case.sample
    d, v = _complex(rng, sample.n_sites), rng.uniform(-1, 1, (2, sample.n_sites))
    along = {
        "delta": (
            lambda s, m, f: (m, replace(f, delta=f.delta + s * d)),
            2 * np.real(np.conj(d) @ anomalous_density(state.on_sites)),
        ),
        "hartree": (
            lambda s, m, f: (m, replace(f, hartree=f.hartree + s * v)),
            -np.sum(v * spin_density(state.on_sites)),
        ),
    }
    if fields.bond_delta is not None:
        p = _complex(rng, (sample.n_bonds, 2, 2)) / (2 * coordination(sample))
        if model.dofs == 2:
            p[:, [0, 1], [0, 1]] = 0.0
        between = anomalous(state.on_bonds).swapaxes(1, 2)  # ⟨c_source,σ c_target,σ'⟩ up to its sign
        along["bond_delta"] = (
            lambda s, m, f: (m, replace(f, bond_delta=f.bond_delta + s * p)),
            2 * np.real(np.sum(np.conj(p) * between)),
        )
    return compared(model, fields, along, step)


def _complex(rng, shape):
    return 0.7 * (rng.uniform(-1, 1, shape) + 1j * rng.uniform(-1, 1, shape))


def coordination(sample):
    """Bonds that meet in a site, at most: over it no direction moves a level by more than its step."""
    ends = np.concatenate([sample.bonds.source, sample.bonds.target])
    return max(1, int(np.bincount(ends).max(initial=1)))
