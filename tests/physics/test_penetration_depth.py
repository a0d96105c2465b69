"""λ(T) of London's theory on the lattice: activated in an s wave, linear in a d wave; Yosida's function."""

import runpy
from pathlib import Path

import numpy as np
import pytest

from bdg import Boundary, ScfOptions, build_model, build_sample, solve
from bdg.theory.uniform import gap
from bdg.theory.uniform.lattices import Dispersion, lattice_band
from bdg.theory.uniform.response.superfluid import superfluid_fraction, superfluid_weight

SCRIPT = runpy.run_path(str(Path(__file__).parents[2] / "scripts/penetration_depth.py"))


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "momenta", "temperatures"),
    [
        ("s wave", 100, np.linspace(0.03, 0.055, 8)),
        ("d wave", 200, np.linspace(0.04, 0.08, 8)),
    ],
)
def test_the_depth_rises_exponentially_above_a_gap_and_linearly_from_nodes(name, momenta, temperatures):
    terms = SCRIPT["TERMS"][name]
    cold, warm, delta = SCRIPT["depths"](temperatures, momenta, terms)
    dispersion, size, twist = Dispersion("square", (1.0,)), (momenta, momenta), (np.pi, np.pi)
    band = lattice_band(dispersion, size, name[0], twist=twist)
    for temperature, depth in ((0.0, cold), (temperatures[-1], warm[-1])):
        exact = gap.solve(band, terms.get("attraction", 3.0), temperature, mu=-0.5)
        assert depth**-2 == pytest.approx(
            SCRIPT["MU0"] * superfluid_weight(exact, dispersion, size, twist), rel=1e-7
        )
    power, spread = SCRIPT["power_of"](temperatures, warm - cold)
    if name == "s wave":
        activated, sure = SCRIPT["gap_of"](temperatures, warm - cold)
        assert abs(activated - delta) < sure < 0.01 * delta
        assert power - spread > 5
    else:
        assert abs(power - 1) < spread < 0.02


@pytest.mark.slow
def test_the_script_draws_its_figure(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    SCRIPT["main"](48)
    assert capsys.readouterr().out.count("fitted") == 2
    assert Path("penetration_depth.png").stat().st_size > 10_000


def test_the_superfluid_share_of_a_weakly_coupled_chain_is_that_of_yosida():
    """D(T)/D(0) = 1 − Y(Δ(T)/T), with Δ(T) self-consistent."""

    def weight(temperature):
        sample = build_sample("chain", 1, Boundary("bloch", n_k=3000, shift=0.5))
        model = build_model(sample, chemical_potential=-0.5, attraction=1.1, temperature=temperature)
        result = solve(
            model,
            observables={"superfluid_weight": {"method": "difference"}},
            scf=ScfOptions(1e-10, max_iterations=500),
        )
        return result["superfluid_weight"].values[0, 0], float(abs(result.fields.delta[0]))

    cold, ground = weight(0.0)
    assert ground < 0.06
    for share in (0.2, 0.35, 0.45, 0.54):
        warm, delta = weight(share * ground)
        assert warm / cold == pytest.approx(superfluid_fraction(delta, share * ground), abs=2e-3)
    assert warm < 0.4 * cold
    assert delta < 0.5 * ground
