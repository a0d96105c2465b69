"""Figures of experiments leave a gap where there is no state."""

from dataclasses import replace

import numpy as np
import pytest

import bdg
from tests.support.experiments import experiments

DRAWN = {
    "superflow": "superflow_current",
    "persistent_current": "persistent_current",
    "magnetisation_curve": "curve_moment",
    "current_phase": "junction_current",
    "fraunhofer": "fraunhofer",
    "squid": "squid",
}


def quantities(name, values):
    """What an experiment returns of three points, one of them without a state."""
    dims, units = {
        "superflow": ("vector_potential", "hbar/(e a)"),
        "persistent_current": ("flux", "hbar/e"),
        "magnetisation_curve": ("applied", "hbar/(e a^2)"),
        "current_phase": ("phase_difference", "rad"),
        "fraunhofer": ("junction_flux", "h/2e"),
        "squid": ("loop_flux", "h/2e"),
    }[name]
    axis = bdg.Quantity(np.array([0.0, 0.5, 1.0]), (dims,), units, "axis")
    along = {
        "superflow": ("superflow_current", "superflow_delta", "superflow_potential"),
        "persistent_current": ("persistent_current", "ring_potential", "ring_delta", "ring_winding"),
        "magnetisation_curve": ("curve_moment", "curve_gibbs", "curve_delta", "curve_winding"),
        "current_phase": ("junction_current", "junction_potential"),
    }.get(name, (name,))
    found = {one: bdg.Quantity(values, (dims,), "t", one, {dims: axis}) for one in along}
    numbers = {
        "persistent_current": {"half_period_difference": bdg.Quantity(np.array(0.1), (), "1", "change")},
        "squid": {"squid_arms": bdg.Quantity(np.array([0.1, 0.2]), ("arm",), "t", "arms")},
    }
    for way in ("forward", "backward", "current"):
        place = {"phase_difference": 0.5}
        one = bdg.Quantity(np.array(0.3), (), "t", way, attributes=place)
        numbers.setdefault("current_phase", {})[f"junction_critical_{way}"] = one
    return found | numbers.get(name, {})


@pytest.mark.parametrize("name", DRAWN)
def test_a_point_without_a_state_is_a_gap(name):
    values = np.array([0.1, np.nan, 0.3])
    result = bdg.solve(experiments()[name].model, observables=[])
    result = replace(result, observables={name: quantities(name, values)})
    figure = bdg.plot.plot(result, DRAWN[name])
    figure.canvas.draw()
    drawn = [line.get_ydata() for axes in figure.axes for line in axes.lines if len(line.get_ydata()) >= 3]
    assert any(np.isnan(one).any() and np.nanmax(one) == 0.3 for one in drawn)
    assert all(np.isfinite(axes.get_ylim()).all() for axes in figure.axes)


@pytest.mark.parametrize("pairs", [{"attraction": 2.5}, {"bond_attraction": 2.0}])
def test_the_page_shows_the_first_pairs_and_their_map_the_eigenvalues(pairs):
    model = bdg.build_model(
        bdg.build_sample("square", [3, 4]), chemical_potential=-0.4, temperature=0.1, **pairs
    )
    result = bdg.solve(model, observables={"critical_temperature": {"count": 2}})
    page = bdg.plot.overview(result)
    assert any(axes.get_title() == "First pairs at T_c" for axes in page.axes)
    name = "pairing_mode" if "attraction" in pairs else "pairing_mode_d_x2_y2"
    titles = [axes.get_title() for axes in bdg.plot.plot(result, name).axes]
    second = float(result["pairing_eigenvalues"].values[1])
    assert {"Mode 1, λ = 1", f"Mode 2, λ = {second:.4g}"} <= set(titles)
