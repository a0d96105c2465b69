"""Published numbers, from lattices: critical attractions, Hofstadter's levels, fields, contacts, surfaces."""

from __future__ import annotations

import tempfile
from pathlib import Path

import numpy as np
from scipy.optimize import brentq

import bdg
from docs.validation.check import PUBLISHED, Rows, check
from docs.validation.lattices import bulk, contact, junction
from docs.validation.published import beside


def eigenvalue(kind: str, n_k: int, mu: float, temperature: float) -> float:
    """The largest eigenvalue of the linearised map of pairs at U = t; U/t times it is 1 at the critical U."""
    directions = 3 if kind == "cubic" else 2
    sample = bdg.build_sample(kind, [1] * directions, bdg.Boundary("bloch", n_k=n_k, shift=0.5))
    model = bdg.build_model(
        sample, chemical_potential=mu, attraction=1.0, fields=["pairing"], temperature=temperature
    )
    result = bdg.solve(model, observables={"stability": {"count": 1}}, initial="normal")
    return float(result["largest_eigenvalue"])


@check(PUBLISHED, "`data/published.csv`", slow=True)
def critical_attractions() -> Rows:
    """Attractions below which there are no pairs.

    1/U_c is the pair susceptibility of the normal state: of the half-filled honeycomb lattice with 96 × 96
    momenta, its part linear in T extrapolated from T = 0.04 t and 0.02 t; of the empty cubic lattice with n³
    momenta, the parts 1/n and 1/n³ extrapolated from n = 8, 16 and 32.
    """
    warm, cold = (eigenvalue("honeycomb", 96, 0.0, temperature) for temperature in (0.04, 0.02))
    sizes = np.array([8, 16, 32])
    found = [eigenvalue("cubic", int(n), -6.0, 1e-3) for n in sizes]
    cubic = np.linalg.solve(np.stack([sizes**0.0, 1 / sizes, 1.0 / sizes**3], axis=1), found)[0]
    yield from beside({"honeycomb_critical": 1 / (2 * cold - warm), "cubic_threshold": 1 / cubic})


@check(PUBLISHED, "`data/published.csv`")
def hofstadter_levels() -> Rows:
    """The largest level of the square lattice in a field of p/q flux quanta h/e a plaquette.

    1 + √3 at ⅓, 2√2 at ½ and ¼, from the normal state of a magnetic cell of q sites.
    """
    found = {}
    for q in (2, 3, 4):
        sample = bdg.build_sample("square", [q, 1], bdg.Boundary("bloch", n_k=12))
        model = bdg.build_model(
            sample, chemical_potential=0.0, vector_potential=bdg.UniformField(2 * np.pi / q), temperature=0.1
        )
        path = {"path": [[0, 0], [0.5, 0], [0.5, 0.5], [0, 0.5], [0, 0]], "num": 121}
        bands = bdg.solve(model, observables={"bands": path})["bands"].values
        found[f"hofstadter_{q}"] = float(np.abs(bands).max())
    yield from beside(found)


@check(PUBLISHED, "`data/published.csv`")
def pauli_limit() -> Rows:
    """The field that breaks pairs by their spins.

    Square lattice of 128 × 128 momenta, U = 1.8 t, T = 0.01 t: Ω of the superconductor does not depend on h
    below Δ.
    """
    terms = {"attraction": 1.8, "temperature": 0.01}
    wanted = ["grand_potential"]
    paired = bdg.solve(bulk(128, **terms), observables=wanted)

    def excess(h: float) -> float:
        normal = bdg.solve(bulk(128, **terms, zeeman=[0, 0, h]), observables=wanted, initial="normal")
        return float(normal["grand_potential"]) - float(paired["grand_potential"])

    delta = float(paired.fields.delta.max())
    yield from beside({"clogston": brentq(excess, 0.6 * delta, 0.8 * delta, xtol=1e-4 * delta) / delta})


def weak_link(weak: float, temperature: float) -> float:
    """Return e I_c R_N/Δ of two semi-infinite chains of Δ = 10⁻⁴ t and μ = 0 joined by one bond t'."""
    model = junction(weak, 1e-4, temperature)
    result = bdg.solve(model, observables={"current_phase": {"num": 65, "leads": "semi_infinite"}})
    return float(result["junction_voltage"]) / 1e-4


@check(PUBLISHED, "`data/published.csv`")
def critical_currents() -> Rows:
    """Critical current times resistance, from a tunnel junction to a clear contact.

    τ = 4t'²/(1 + t'²)² at half filling: t' = 0.02 t, 0.4142 t and t; T = 10⁻³ Δ unless it is named.
    """
    half = float(np.sqrt(2) - 1)
    yield from beside(
        {
            "tunnel_junction": weak_link(0.02, 0.05),
            "tunnel_junction_warm": weak_link(0.02, 0.25),
            "half_open_contact": weak_link(half, 1e-3),
            "clear_contact": weak_link(1.0, 1e-3),
        }
    )


@check(PUBLISHED, "`data/published.csv`")
def andreev_reflection() -> Rows:
    """A contact of a normal and a superconducting wire with a barrier Z.

    Chains with μ = −0.5 t and Δ = 2·10⁻⁴ t; a site of the energy V is Z = V/√(4t² − μ²). At the edge of the
    gap Δ = 0.03 t, as the cusp there is rounded by the broadening of the leads.
    """
    found = {}
    for name, z, delta, energy in (
        ("btk_0", 0.0, 2e-4, 0.0),
        ("btk_0.5", 0.5, 2e-4, 0.0),
        ("btk_1.5", 1.5, 2e-4, 0.0),
        ("btk_edge", 1.5, 0.03, 0.03),
    ):
        model = contact(z, delta)
        result = bdg.solve(model, observables={"conductance": {"energies": [energy]}})
        found[name] = result["conductance"].values[0] / 2
    yield from beside(found)


@check(PUBLISHED, "`data/published.csv`")
def chern_numbers() -> Rows:
    """Chern numbers of a plane with Rashba coupling and a field along its normal.

    μ at the bottom of the band, Δ = 0.4 t, α = t, 32 × 32 momenta.
    """
    found = {}
    for name, field in (("chern_rashba", 0.6), ("chern_rashba_weak", 0.3)):
        model = bulk(32, chemical_potential=-4.0, rashba=1.0, zeeman=[0, 0, field], given_delta=0.4)
        found[name] = float(bdg.solve(model, observables=["chern"])["chern_number"])
    yield from beside(found)


@check(PUBLISHED, "`data/published.csv`", slow=True)
def surface_states() -> Rows:
    """States at zero energy at the (110) surface of a d wave.

    A strip of 64 cells along (110), Δ = 0.15 t on bonds, μ = −0.5 t, at momenta away from the nodes.
    """
    cell = bdg.UnitCell.build([[1, 1], [-1, 1]], [[0, 0], [0, 1]])
    sample = bdg.build_sample(cell, [64, 1], ["open", bdg.Boundary("bloch", n_k=8)])
    model = bdg.build_model(sample, chemical_potential=-0.5, given={"d_x2_y2": 0.15}, temperature=0.01)
    bands = bdg.solve(model, observables={"bands": {"path": [[0, 0.15], [0, 0.25]], "num": 5}})[
        "bands"
    ].values
    yield from beside({"zero_energy_110": float(np.abs(bands).min(axis=-1).max()) / 0.15})


@check(PUBLISHED, "`data/published.csv`", slow=True)
def two_slits() -> Rows:
    """The critical current of a SQUID against the flux through it.

    `configs/squid.yaml`, with five fluxes. Second harmonics of I(φ) are left where it vanishes.
    """
    config = Path(__file__).parents[2] / "configs" / "squid.yaml"
    with tempfile.TemporaryDirectory() as folder:
        settings = ["observables.squid.stop=1", "observables.squid.num=5", f"output={folder}/squid.h5"]
        currents = bdg.run_file(config, settings, hooks=bdg.Hooks())["squid"].values
    yield from beside({"squid_quarter": currents[1] / currents[0], "squid_half": currents[2] / currents[0]})
