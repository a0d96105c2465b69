"""Whether a model has a gauge in which its fields can be real."""

from __future__ import annotations

from bdg.model.model import Model


def allows_real_delta(model: Model) -> bool:
    """Whether Δ can be real in a gauge without phases: H is real there, or even under time reversal.

    Magnetism in any direction is no reason for a real H: spins may turn out of the plane of x and z.
    """
    if model.magnetism == "noncollinear" or model.screening is not None:
        return False
    on_sites_alone = not model.on_bonds.largest.any() and model.given_bonds is None
    is_even = on_sites_alone and not (model.zeeman.any() or model.attraction.hartree)
    return _is_real_without_phases(model) or is_even


def _is_real_without_phases(model: Model) -> bool:
    """Whether every ⟨i|h|j⟩ is a real matrix, Peierls phases apart."""
    a = model.spin_orbit
    return not model.zeeman[1].any() and (a is None or not (a[:, ::2].imag.any() or a[:, 1].real.any()))
