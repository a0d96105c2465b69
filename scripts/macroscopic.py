"""Figures of London's theory, the macroscopic wave function, and Ginzburg and Landau's, with the numbers they
show.

usage: python scripts/macroscopic.py [FOLDER] [london | wave | gl | bridge | slab] ...
"""

import sys
from pathlib import Path

import numpy as np
from scipy.optimize import brentq

import bdg
from bdg.bridge import macroscopic_state
from bdg.gauge import UniformField
from bdg.plot import macroscopic as figures
from bdg.plot import save_figure
from bdg.theory.macroscopic import PAIRS, wave
from bdg.theory.macroscopic import ginzburg_landau as gl
from bdg.theory.macroscopic import london as london_theory
from bdg.theory.macroscopic.grid import Grid, uniform_field


def london(folder):
    save_figure(figures.screening(), folder / "london_screening.png")
    n, spacing = 120, 0.05
    x = (np.arange(n) + 0.5) * spacing - 3
    r = np.hypot(*np.meshgrid(x, x, indexing="ij"))
    hole = np.hypot(*np.meshgrid(x + 0.9, x, indexing="ij")) < 0.6
    depth = np.where((r < 2.7) & ~hole, 0.4, np.inf)
    quanta = np.zeros((n, n))
    quanta[42, 60], quanta[90, 60] = 2, 1
    section = london_theory.solve_section(depth, spacing, 1.0, fluxoids=quanta)
    title = "Cylinder in a field, with two quanta in its hole and a vortex"
    save_figure(figures.cross_section(section, title), folder / "london_section.png")
    flux = section.flux(section.holes == 1) / PAIRS.flux_quantum
    print(f"flux in the hole {flux:.4f} quanta, of 2 in the fluxoid")


def waves(folder):
    field, k = 0.75, 2.2
    grid = Grid.build((95, 95), 11 / 96, "hard")
    cyclotron = PAIRS.charge * field / PAIRS.mass
    times = np.linspace(0, 2 * np.pi / abs(cyclotron), 100)
    size = k / PAIRS.mass / cyclotron
    path = size * np.column_stack([np.sin(cyclotron * times), np.cos(cyclotron * times)])
    phases = uniform_field(grid, field)
    # The width of the lowest Landau level, brought from the symmetric gauge: a packet that keeps its shape.
    x, y = grid.coordinates()
    width = np.sqrt(PAIRS.hbar / (abs(PAIRS.charge) * field))
    bend = 0.5 * PAIRS.charge * field * x * y
    start = wave.wave_packet(grid, path[0], width, (0.5 * k, 0)) * np.exp(1j * bend)
    done = wave.evolve(start, wave.hamiltonian(grid, phases), duration=times[-1], steps=60, keep=60, order=4)
    norms = [wave.density(psi).sum() * grid.cell for psi in done.states]
    print(f"norm kept to {np.abs(np.array(norms) - 1).max():.1e}")
    title = "A packet of pairs in a magnetic field: flow as arrows, Ehrenfest's circle dashed"
    drawn = figures.wave_frames(grid, done, phases, frames=5, path=path, title=title)
    save_figure(drawn, folder / "wave_frames.png")
    save_figure(figures.ring_states(), folder / "fluxoid_ring.png")
    save_figure(figures.josephson_steps(), folder / "josephson.png")


def ginzburg_landau(folder):
    save_figure(figures.vortex_profiles(), folder / "gl_vortex.png")
    save_figure(figures.critical_fields(), folder / "gl_critical_fields.png")
    film = gl.Film(Grid.build((65, 65), 0.3125, "free"), kappa=2.0, applied=0.45)
    state = gl.relax(gl.start(film, seed=1, amplitude=0.2), duration=150.0)
    title = f"κ = 2, B = 0.45 B_c2: {state.vortices.sum()} vortices"
    save_figure(figures.film_state(state, title), folder / "gl_film.png")
    print(f"{title}; left of the stationary equations {state.residual:.1e}")


def bridge(folder):
    field = 0.01
    sample = bdg.build_sample("square", [20, 20])
    given = {"chemical_potential": -0.8, "attraction": 2.5, "temperature": 0.05}
    model = bdg.build_model(sample, vector_potential=UniformField(field), **given)
    result = bdg.solve(model, observables="currents", initial="vortex", title="Currents around a vortex")
    torus = bdg.build_sample("square", [16, 16], "periodic")
    tiny = 1e-3
    uniform = bdg.solve(bdg.build_model(torus, vector_potential=[tiny, 0], **given), observables="currents")
    stiffness = -uniform["site_current"].values[:, 0].mean() / tiny
    state = macroscopic_state(result, stiffness, vector_potential=UniformField(field))
    save_figure(figures.london_beside_bdg(result, state), folder / "bridge_vortex.png")
    print(f"stiffness {stiffness:.4f} e² t a²/ħ², n_s = {state.density[0]:.4f} pairs a site")


def slab(folder):
    """A lattice slab that screens a field near T_c, beside London and Ginzburg–Landau from its band alone."""
    attraction, mu, share, n = 3.0, -0.5, 0.1, 40
    k = 2 * np.pi * np.arange(400) / 400
    kx, ky = np.meshgrid(k, k, indexing="ij")
    band = -2 * (np.cos(kx) + np.cos(ky)) - mu, 2 * np.sin(kx)

    def coefficients(temperature):
        return gl.lattice_coefficients(*band, attraction=attraction, temperature=temperature)

    temperature = (1 - share) * brentq(lambda t: coefficients(t).alpha, 0.1, 1.0)
    made = coefficients(temperature)
    xi, stiffness = made.coherence_length, 8 * made.gamma * made.order_parameter**2
    depth, upper = 2.0 * xi, 1 / (2 * xi**2)
    applied = 0.25 * upper
    sample = bdg.build_sample("square", [n, 1], ["open", bdg.Boundary("bloch", n_k=48)])
    model = bdg.build_model(
        sample,
        chemical_potential=mu,
        attraction=attraction,
        temperature=temperature,
        vector_potential=UniformField(applied),
        screening={"mu0": 1 / (stiffness * depth**2), "geometry": "slab"},
    )
    result = bdg.solve(model, observables="meissner")
    profile = result["field_profile"]
    measured = profile.coords["depth"].values - (n - 1) / 2, profile.values
    size = np.abs(result.fields.delta)
    order = sample.positions[:, 0] - (n - 1) / 2, size / size[n // 2]
    drawn = figures.slab_in_field(n, depth, xi, applied, measured, order, upper_field=upper)
    save_figure(drawn, folder / "slab_three_theories.png")
    exact = gl.slab(n / xi, depth / xi, applied / upper)
    off = np.abs(profile.values - upper * np.interp(measured[0], xi * exact.x, exact.field)) / applied
    line = np.abs(profile.values - london_theory.slab_field(measured[0], n, depth, applied)) / applied
    print(f"T = {1 - share} T_c, ξ = {xi:.3f} a, λ = {depth:.3f} a, {result.status}")
    print(f"farthest from the lattice's B: Ginzburg–Landau {off.max():.3f} B_a, London {line.max():.3f} B_a")


PARTS = {"london": london, "wave": waves, "gl": ginzburg_landau, "bridge": bridge, "slab": slab}

if __name__ == "__main__":
    given = sys.argv[1:]
    folder = Path(given.pop(0) if given and given[0] not in PARTS else "figures")
    for name in given or PARTS:
        PARTS[name](folder)
