"""Junctions side by side: interference around a hole, and the gauge its flux is in."""

import numpy as np
import pytest

from bdg import FluxTube, FluxTubes, build_model, build_sample, solve
from bdg.errors import InputError

ENDLESS = {"leads": "semi_infinite"}


def around(size, hole, heights, axis=0, closed=(), **given):
    """Superconductors with arms about holes of these rows, a barrier in the middle of every arm.

    ``hole``: the first and last layer, and the rows of each hole; ``closed``: arms whose barrier is left out.
    """
    length, width = size
    first, last, holes = hole
    rows = np.arange(width)
    arm = np.sum([rows > max(gone) for gone in holes], axis=0)
    missing = [[x, y] for x in range(first, last + 1) for gone in holes for y in gone]
    missing += [[length // 2, int(y)] for y in rows if arm[y] in closed and [length // 2, y] not in missing]
    turn = slice(None, None, -1 if axis else 1)
    sample = build_sample("square", size[turn], "open", vacancies=[site[turn] for site in missing])
    along, across = sample.positions[:, axis], sample.positions[:, 1 - axis]
    here = along == length // 2
    height = np.array(heights)[arm[across.astype(int)]] * here
    delta = given.pop("phases", lambda positions: 1.0)(sample.positions) * 0.3 * ~here
    model = {"chemical_potential": -1.0, "temperature": 0.03, "fields": ()} | given
    return build_model(sample, onsite=height, given_delta=delta, **model)


def squid(model, **parameters):
    result = solve(model, observables={"squid": {"phases": 8, **parameters}})
    return result["squid"].coords["loop_flux"].values, result["squid"].values, result["squid_arms"].values


def critical(model):
    return float(solve(model, observables={"current_phase": ENDLESS})["junction_critical_current"])


@pytest.mark.parametrize("heights", [(8.0, 8.0), (8.0, 12.0)])
def test_two_tunnel_junctions_interfere(heights):
    """I_c² = I_1² + I_2² + 2 I_1 I_2 cos(2πΦ/Φ₀), each of the two as it is where the other is not."""
    shape = (17, 9), (3, 13, [range(3, 6)])
    flux, found, arms = squid(around(*shape, heights), num=17, **ENDLESS)
    one, two = (critical(around(*shape, heights, closed=(other,))) for other in (1, 0))
    assert arms == pytest.approx([one, two], rel=2e-3)
    wanted = np.abs(one + two * np.exp(2j * np.pi * flux))  # squared: the law of cosines
    assert found == pytest.approx(wanted, abs=0.01 * found[0])
    assert found[8:] == pytest.approx(found[:9], rel=1e-3)  # a whole h/2e is none
    if heights[0] == heights[1]:
        assert found == pytest.approx(found[0] * np.abs(np.cos(np.pi * flux)), abs=0.01 * found[0])


def test_three_arms_are_a_grating():
    """Two holes with the flux Φ each: |1 + e^{iδ} + e^{2iδ}|/3, δ = 2πΦ/Φ₀."""
    model = around((17, 9), (3, 13, [range(2, 4), range(5, 7)]), (10.0, 10.0, 10.0))
    flux, found, arms = squid(model, num=13, stop=1.0, **ENDLESS)
    assert len(arms) == 3
    wanted = np.abs(np.exp(2j * np.pi * flux[:, None] * np.arange(3)) @ arms)
    assert found == pytest.approx(wanted, abs=0.02 * found[0])


def test_a_field_over_arms_and_hole():
    """Rows at 0 and 6 of a width of 7: |cos(6πΦ/7Φ₀)|, the flux of the whole width."""
    model = around((15, 7), (3, 11, [range(1, 6)]), (8.0, 8.0))
    result = solve(model, observables={"fraunhofer": {"stop": 7.0, "num": 22, "phases": 8, **ENDLESS}})
    found, flux = result["fraunhofer"].values, result["fraunhofer"].coords["junction_flux"].values
    assert found == pytest.approx(found[0] * np.abs(np.cos(6 * np.pi * flux / 7)), abs=0.01 * found[0])


@pytest.mark.parametrize("axis", [0, 1])
def test_the_flux_in_the_cut_is_that_of_a_tube_through_the_hole(axis):
    """In another gauge, A around the tube: Δ then turns with −2e∫A·dl on both sides, but not across the cut.

    Without time reversal or any mirror it shows which way the flux goes.
    """
    hole = (2, 6, [range(2, 4)])
    given = {"rashba": 0.5, "zeeman": [0.1, 0.35, 0.2], "temperature": 0.1}
    flux, found, _ = squid(
        around((9, 6), hole, (1.0, 2.0), axis, **given), num=5, stop=1.0, axis=axis, phases=16
    )
    assert np.abs(found[1] - found[3]) > 0.01 * found[0]
    middle = np.array([4.0, 2.5])[:: -1 if axis else 1]
    for quanta, wanted in zip(flux[1:4], found[1:4], strict=True):
        value = quanta * np.pi  # h/2e is πħ/e

        def phases(positions, value=value):
            away = positions - middle
            angle = np.arctan2(away[:, 1], away[:, 0])
            if axis == 0:  # the sides are left and right: no jump within either
                angle = np.where(positions[:, 0] < 4, angle % (2 * np.pi), angle)
            else:
                angle = np.where(positions[:, 1] < 4, angle, angle % (2 * np.pi))
            return np.exp(-2j * value / (2 * np.pi) * angle)

        tube = FluxTubes([FluxTube(middle, value)])
        model = around((9, 6), hole, (1.0, 2.0), axis, vector_potential=tube, phases=phases, **given)
        result = solve(model, observables={"current_phase": {"num": 17, "axis": axis}})
        assert float(result["junction_critical_current"]) == pytest.approx(wanted, rel=2e-4)


def test_a_cut_without_a_hole_is_no_squid():
    model = build_model(build_sample("square", (6, 4), "open"), given_delta=0.3, fields=(), temperature=0.1)
    with pytest.raises(InputError, match="passes no hole"):
        squid(model)
    with pytest.raises(InputError, match="phases: must be at least 3, not 2"):
        squid(model, phases=2)
