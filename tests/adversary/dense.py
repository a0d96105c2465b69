"""The twin as a judge of what the package says of a state: by 4N matrices, and in Fock space."""

from __future__ import annotations

import numpy as np

from tests import reference as ref
from tests.adversary.measured import BROADENING, ENERGIES, apart, fields_of
from tests.adversary.moves import DoesNotApply
from tests.adversary.twin import Twin


def twin(case, fields, found):
    """The dense twin: correlators, the fields they make, Ω and its parts, entropy, currents, LDOS."""
    judge = Twin(case)
    h, d = judge.matrices(fields)
    temperature = case.spec["temperature"]
    solution = ref.solve_quadratic_4n(h, d, temperature)
    made, energy = judge.made(solution)
    return {
        **_of_sites(judge, solution, found),
        **_of_fields(judge, case, made, found),
        **_of_whole(judge, case, solution, made, energy, fields, found),
        **_of_spectrum(judge, h, d, found),
    }


def _of_sites(judge, solution, found):
    n, sites = judge.sample.n_whole, np.arange(len(judge.sample.sites))
    per_spin = np.array([solution.normal.diagonal()[s * n + sites].real for s in (0, 1)])
    flip = solution.normal[sites, n + sites]  # ⟨c†_↓ c_↑⟩
    pairs = solution.anomalous[sites, n + sites]
    return {
        "density": apart(per_spin.sum(axis=0), found["density"]),
        "anomalous_density": apart(pairs, found["anomalous_density"]),
        "magnetisation_x": apart(2 * flip.real, found.get("magnetisation_x", 2 * flip.real)),
        "magnetisation_y": apart(-2 * flip.imag, found.get("magnetisation_y", -2 * flip.imag)),
        "magnetisation_z": apart(per_spin[0] - per_spin[1], found["magnetisation_z"]),
        "bond_current": apart(_currents(judge, solution), found["bond_current"]),
    }


def _currents(judge, solution):
    """J = 2q Im Σ ⟨tσ|h|sσ'⟩ ⟨c†_tσ c_sσ'⟩, without the Fock fields: those are no hops that feel A."""
    currents = []
    for number, bond in enumerate(judge.bonds):
        hop = np.exp(1j * judge.phase[number]) * (-bond.t * np.eye(2) + judge.spin_orbit(bond))
        source, target, zeta = bond.copies[0]
        normal, _ = judge.correlators(solution, (source, target), zeta)
        currents.append(2 * ref.ELECTRON_CHARGE * np.sum(hop * normal[:2, 2:].T).imag)
    return np.array(currents, float)


def _of_fields(judge, case, made, found):
    given, given_bonds = judge.given()
    product, differences = fields_of(found["out"]), {}
    for name in judge.free & product.keys():
        differences[f"out {name}"] = apart(made[name], product[name])
    if given is not None:
        differences["given"] = apart(given, case.model.given_delta)
    if given_bonds is not None:
        differences["given bonds"] = apart(given_bonds, case.model.given_bonds)
    return differences


def _of_whole(judge, case, solution, made, energy, fields, found):
    share = len(judge.sample.sites) / judge.sample.n_whole
    trace, levels = (share * solution.parts[name] for name in ("trace", "quasiparticles"))
    found_parts = {"normal_part": trace, "quasiparticle_part": levels}
    differences = {name: apart(value, found[name]) for name, value in found_parts.items()}
    if case.spec["temperature"] > 0:
        differences["entropy"] = apart(share * solution.entropy, found["entropy"])
    if is_reproduced(judge, made, fields):
        differences["grand_potential"] = apart(
            trace + levels - sum(energy.values()), found["grand_potential"]
        )
    return differences


def is_reproduced(judge, made, fields):
    """Whether the fields are those that they make: then every decoupling takes its energy off once."""
    present = fields_of(fields)
    return all(apart(made[name], present[name]) < 1e-10 for name in judge.free & present.keys())


def _of_spectrum(judge, h, d, found):
    n, sites = judge.sample.n_whole, np.arange(len(judge.sample.sites))
    levels, states = np.linalg.eigh(ref.hamiltonian_4n(h, d))
    weight = np.abs(states[sites]) ** 2 + np.abs(states[n + sites]) ** 2
    lines = BROADENING / np.pi / ((ENERGIES[:, None] - levels) ** 2 + BROADENING**2)
    return {"ldos": apart(lines @ weight.T, found["ldos"])}


MOST_IN_FOCK_SPACE = 3
"""Sites of which the 4ᴺ states of Fock space are few enough."""


def fock_space(case, fields, found):
    """The 4ᴺ × 4ᴺ matrix in Fock space, without any Bogoliubov transformation."""
    judge = Twin(case)
    if judge.sample.n_whole > MOST_IN_FOCK_SPACE:
        raise DoesNotApply("too many sites")
    solution = ref.solve_quadratic_fock(*judge.matrices(fields), case.spec["temperature"])
    share = len(judge.sample.sites) / judge.sample.n_whole
    bare = float(found["normal_part"] + found["quasiparticle_part"])
    return {
        **_of_sites(judge, solution, found),
        **_of_fields(judge, case, judge.made(solution)[0], found),
        "quasiparticle_part": abs(share * solution.parts["fock"] - bare),
        **(
            {"entropy": abs(share * solution.entropy - float(found["entropy"]))}
            if case.spec["temperature"]
            else {}
        ),
    }
