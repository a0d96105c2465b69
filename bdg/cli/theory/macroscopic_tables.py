"""Tables of the macroscopic theories: London, the wave function, Ginzburg and Landau, fluxoids."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from bdg.arrays import Floats
from bdg.cli.theory.table import Column, Panel, Table
from bdg.errors import InputError
from bdg.theory.macroscopic import PAIRS, PAIRS_SI, london, wave
from bdg.theory.macroscopic import ginzburg_landau as gl
from bdg.theory.macroscopic.carriers import positive
from bdg.theory.macroscopic.grid import Grid, uniform_field
from bdg.theory.uniform.checks import require_positive

BODIES = ("slab", "cylinder", "sphere", "strip", "vortex")
CELLS = 400


def depth_at(temperature: float) -> float:
    """λ(T)/λ(0) of two fluids, T in T_c."""
    length = float(london.two_fluid_depth(1.0, temperature, 1.0))
    if not np.isfinite(length):
        raise InputError(f"at T/T_c = {temperature:g} nothing is screened; give less than 1")
    return length


def body_table(body: str, radius: float, points: int) -> Table:
    """B and J of a body of half width ``radius``, in λ, in a field of 1: closed form and grid."""
    if body not in BODIES:
        raise InputError(f"--body {body}: unknown body; use {', '.join(BODIES)}")
    half, length = positive("radius", radius), 1.0
    size = 2 * half
    tables: dict[str, Callable[[], tuple[list[Column], dict[str, float]]]] = {
        "slab": lambda: _slab(size, length, points),
        "cylinder": lambda: _round(half, length, points, sphere=False),
        "sphere": lambda: _round(half, length, points, sphere=True),
        "strip": lambda: _strip(half, length, points),
        "vortex": lambda: _vortex(size, length, points),
    }
    columns, facts = tables[body]()
    named = [column.name for column in columns[1:]]
    fields = [name for name in named if name.startswith("field")]
    currents = [name for name in named if name.startswith("current")]
    log = "xy" if body == "vortex" else ""
    panels = [
        Panel(names, label, log=log, points=[name for name in names if name.endswith("grid")])
        for names, label in ((fields, "B / B applied"), (currents, "current (B applied/μ₀λ)"))
        if names
    ]
    if body == "vortex":
        panels = [Panel(fields, "B (Φ₀/2πλ²)", log="xy", limits=(1e-6, 1e2))]
    if body == "strip":
        panels = [Panel(currents, "sheet current (B applied/μ₀)")]
    return Table(f"London: {body}, half width {half:g} λ", columns, {"radius/lambda": half} | facts, panels)


def _slab(size: float, depth: float, points: int) -> tuple[list[Column], dict[str, float]]:
    x = np.linspace(-size / 2, size / 2, points)
    solved = london.solve_slab(size, depth, 1.0, cells=CELLS)
    columns = [
        _place(x),
        Column("field", london.slab_field(x, size, depth, 1.0), "1", "closed form"),
        Column("field_grid", np.interp(x, solved.faces, solved.field), "1", f"{CELLS} cells"),
        Column("current", london.slab_current(x, size, depth, 1.0) * depth, "1", "closed form"),
    ]
    return columns, {"magnetisation over -B/mu0": -london.slab_magnetisation(size, depth, 1.0)}


def _round(
    radius: float, depth: float, points: int, *, sphere: bool
) -> tuple[list[Column], dict[str, float]]:
    r = np.linspace(radius / points, radius, points)
    if sphere:
        solved = london.solve_sphere(radius, depth, 1.0, cells=CELLS)
        _, across = london.sphere_field(r, np.pi / 2, radius, depth, 1.0)
        current = london.sphere_current(r, np.pi / 2, radius, depth, 1.0)
        inner = solved.faces[1:-1]
        field = np.diff(solved.place * solved.vector_potential) / np.diff(solved.place) / inner
        moment = london.sphere_moment(radius, depth, 1.0) / (-2 * np.pi * radius**3)
        columns = [
            Column("field", -across, "1", "equator, closed form"),
            Column("field_grid", np.interp(r, inner, field), "1", f"{CELLS} cells"),
        ]
        facts = {"moment over -2 pi R^3 B/mu0": moment}
    else:
        solved = london.solve_cylinder(radius, depth, 1.0, cells=CELLS)
        current = london.cylinder_current(r, radius, depth, 1.0)
        columns = [
            Column("field", london.cylinder_field(r, radius, depth, 1.0), "1", "closed form"),
            Column("field_grid", np.interp(r, solved.faces, solved.field), "1", f"{CELLS} cells"),
        ]
        facts = {"magnetisation over -B/mu0": -london.cylinder_magnetisation(radius, depth, 1.0)}
    return [_place(r), *columns, Column("current", current * depth, "1", "closed form")], facts


def _strip(half: float, depth: float, points: int) -> tuple[list[Column], dict[str, float]]:
    """``depth`` is the Pearl length of the strip."""
    x = (np.arange(points) + 0.5) * 2 * half / points - half
    place, sheet = london.solve_strip(half, depth, 1.0, cells=CELLS)
    columns = [
        _place(x),
        Column("current_grid", np.interp(x, place, sheet), "1", f"Pearl length {depth:g}, {CELLS} cells"),
        Column("current", london.strip_current(x, half, 1.0), "1", "Pearl length 0, closed form"),
    ]
    return columns, {}


def _vortex(size: float, depth: float, points: int) -> tuple[list[Column], dict[str, float]]:
    r = np.geomspace(1e-2 * depth, max(size, 2e-2 * depth), points)
    unit = PAIRS.flux_quantum / (2 * np.pi * depth**2)
    columns = [
        _place(r),
        Column("field", london.vortex_field(r, depth) / unit, "1", "bulk, depth λ"),
        Column("field_film", london.pearl_vortex_field(r, depth) / unit, "1", "film, Pearl length λ"),
    ]
    return columns, {}


def _place(x: Floats) -> Column:
    return Column("place", x, "1", "place/λ")


def wave_table(
    magnetic: float, electric: float, momentum: float, width: float, side: int, points: int
) -> Table:
    """A packet of pairs in uniform fields: its mean position beside Ehrenfest's, its norm, its continuity."""
    if side < 8 or side > 200:
        raise InputError(f"--grid {side}: give 8 to 200 points a side")
    positive("width", width)
    carriers, length = PAIRS, 16.0
    grid = Grid.build((side, side), length / (side + 1), "hard")
    x, _ = grid.coordinates()
    _require_resolved(momentum, magnetic * carriers.charge, grid.spacing[0])
    phases = uniform_field(grid, magnetic)
    matrix = wave.hamiltonian(grid, phases, -carriers.charge * electric * x)
    start = wave.wave_packet(grid, (0.0, 0.0), width, (momentum, 0.0))
    every = 4
    done = wave.evolve(
        start, matrix, duration=2.0, steps=every * (points - 1), keep=every * (points - 1), order=4
    )
    kept = done.states[::every]
    times = done.times[::every]
    mean = np.array([wave.mean_position(grid, psi) for psi in kept])
    exact = _trajectory(times, magnetic, electric, momentum)
    step = done.times[1]
    lost = [
        np.abs(wave.continuity_residual(grid, done.states[n], done.states[n + 1], step, phases)).max()
        for n in [min(every * k, len(done.times) - 2) for k in range(points)]
    ]
    columns = [
        Column("t", times, "1", "t (m = 2, ħ = e = 1)"),
        Column("x", mean[:, 0], "1", "⟨x⟩ on the grid"),
        Column("x_exact", exact[:, 0], "1", "⟨x⟩ of Ehrenfest"),
        Column("y", mean[:, 1], "1", "⟨y⟩ on the grid"),
        Column("y_exact", exact[:, 1], "1", "⟨y⟩ of Ehrenfest"),
        Column(
            "norm_error", np.array([wave.density(p).sum() * grid.cell - 1 for p in kept]), "1", "norm − 1"
        ),
        Column("continuity", np.array(lost), "1", "largest ∂n/∂t + ∇·(nv)"),
    ]
    shown = ["x", "x_exact", "y", "y_exact"]
    panels = [
        Panel(shown, "place", points=["x", "y"]),
        Panel(["norm_error"], "norm − 1"),
        Panel(["continuity"], "continuity residual", log="y"),
    ]
    facts = {"qB/m": carriers.charge * magnetic / carriers.mass, "spacing": grid.spacing[0]}
    return Table(
        f"A packet of pairs: B = {magnetic:g}, E = {electric:g}, ħk = {momentum:g}", columns, facts, panels
    )


def _require_resolved(momentum: float, turn: float, spacing: float) -> None:
    """Refuse a wave, or a phase around one cell, of more than half a turn: the grid has none."""
    most = np.pi / spacing
    if abs(momentum) > most:
        raise InputError(
            f"--momentum {momentum:g}: the grid has up to {most:.4g}; give less, or a finer --grid"
        )
    if abs(turn) * spacing**2 > np.pi:
        largest = np.pi / spacing**2 * abs(1 / PAIRS.charge)
        raise InputError(
            f"--magnetic {turn / PAIRS.charge:g}: on this grid the phase turns by more than π around a cell;"
            f" give up to {largest:.4g}, or a finer --grid"
        )


def _trajectory(times: Floats, magnetic: float, electric: float, momentum: float) -> Floats:
    """M dv/dt = q(E x̂ + v × B ẑ) from the origin: a parabola, a circle, or a cycloid that drifts at E/B."""
    q, m = PAIRS.charge, PAIRS.mass
    speed, push = momentum / m, q * electric / m
    omega = q * magnetic / m
    if abs(omega) < 1e-12:
        return np.column_stack([speed * times + 0.5 * push * times**2, 0 * times])
    turned = omega * times
    drift = -push / omega
    x = (speed * np.sin(turned) - drift * (1 - np.cos(turned))) / omega
    y = drift * times + (speed * (np.cos(turned) - 1) - drift * np.sin(turned)) / omega
    return np.column_stack([x, y])


def gl_table(kappa: float, coherence_length: float | None, points: int) -> Table:
    """A vortex for κ, and all that κ fixes; with ξ in nm also in tesla."""
    found = gl.vortex(positive("kappa", kappa))
    r = np.linspace(found.r[0], min(12.0 * max(1.0, kappa), found.r[-1]), points)

    def at(values: Floats) -> Floats:
        return np.asarray(np.interp(r, found.r, values))

    columns = [
        Column("r", r, "xi", "distance from the axis"),
        Column("order", at(found.amplitude), "1", "|ψ|/ψ_∞"),
        Column("field", at(found.field), "B_c2", "B/B_c2"),
        Column("current", at(found.current) * kappa**2, "1", "κ² μ₀ξJ/B_c2"),
    ]
    fields = {
        "B_c1": found.lower_critical_field,
        "B_c": 1 / (np.sqrt(2) * kappa),
        "B_c2": 1.0,
        "B_c3": gl.surface_critical_ratio(),
    }
    facts = {f"{name}/B_c2": value for name, value in fields.items()}
    facts["line energy over 2 pi"] = found.energy / (2 * np.pi)
    facts["beta_A triangular"] = gl.abrikosov_parameter()
    facts["beta_A square"] = gl.abrikosov_parameter(gl.SQUARE)
    if coherence_length is not None:
        xi = 1e-9 * positive("coherence_length", coherence_length)
        made = gl.phenomenological(xi, kappa * xi, PAIRS_SI)
        facts |= {f"{name} (T)": value * made.upper_critical_field for name, value in fields.items()}
        facts["depairing current (A/m^2)"] = made.depairing_current
    panels = [
        Panel(["order"], "|ψ|/ψ_∞"),
        Panel(["field"], "B/B_c2"),
        Panel(["current"], "κ² μ₀ξJ/B_c2"),
    ]
    return Table(f"Ginzburg-Landau: a vortex at kappa = {kappa:g}", columns, facts, panels)


def fluxoid_table(radius: float, points: int) -> Table:
    """Energies and velocity of a ring of pairs against the flux."""
    share = np.linspace(-1.5, 2.5, points)
    flux = share * PAIRS.flux_quantum_of_phase
    unit = PAIRS.hbar**2 / (2 * PAIRS.mass * positive("radius", radius) ** 2)
    lowest = wave.ring_state(flux)
    current: Any = wave.ring_current(lowest, flux, radius, 1.0) / PAIRS.charge
    columns = [
        Column("flux", share, "h/q", "flux"),
        *(
            Column(f"energy_{n}", wave.ring_energy(n, flux, radius) / unit, "1", f"winding {n}")
            for n in (-1, 0, 1, 2)
        ),
        Column("winding", lowest, "1", "winding of the lowest state"),
        Column("velocity", current * PAIRS.mass * radius / PAIRS.hbar, "hbar/(m R)", "velocity in it"),
    ]
    panels = [
        Panel([f"energy_{n}" for n in (-1, 0, 1, 2)], "energy of a carrier (ħ²/2mR²)", limits=(0, 1.8)),
        Panel(["velocity"], "velocity (ħ/mR)"),
    ]
    return Table(f"A ring of radius {radius:g}: fluxoids n h/q", columns, {"energy unit": unit}, panels)


def london_table(radius: float, points: int) -> Table:
    """The field in a slab, a cylinder and a sphere of the same half width; lengths in λ."""
    require_positive("the radius", radius, "it is the half width of the bodies, in λ")
    x = np.linspace(0.0, 1.4 * radius, points)
    polar = np.full(points, np.pi / 2)
    sphere = -london.sphere_field(np.maximum(x, 1e-9 * radius), polar, radius, 1.0, 1.0)[1]
    columns = [
        Column("x", x, "1", "distance from the middle/λ"),
        Column("slab", london.slab_field(x, 2 * radius, 1.0, 1.0), "B_a", "slab, cosh"),
        Column("cylinder", london.cylinder_field(x, radius, 1.0, 1.0), "B_a", "cylinder, Bessel"),
        Column("sphere", sphere, "B_a", "sphere, at the equator"),
        Column("half_space", london.half_space_field(radius - x, 1.0, 1.0), "B_a", "half space, exp"),
    ]
    volume = 4 * np.pi / 3 * radius**3
    facts = {
        "radius/lambda": radius,
        "mu0 M/B_a, slab": london.slab_magnetisation(2 * radius, 1.0, 1.0),
        "mu0 M/B_a, cylinder": london.cylinder_magnetisation(radius, 1.0, 1.0),
        "mu0 M/B_a, sphere": london.sphere_moment(radius, 1.0, 1.0) / volume,
    }
    panel = Panel(["slab", "cylinder", "sphere", "half_space"], "B/B_a", (), ["half_space"])
    return Table(f"London: bodies of half width {radius:g} λ", columns, facts, [panel])
