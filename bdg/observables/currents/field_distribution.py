r"""The distribution P(B) of the field in a sample, as muons see it: its moments and its line shape.

Muons stop anywhere and precess in the local field, so that the Fourier transform of their polarisation is

    P(B) = Σ_p a_p δ(B − B_p)/Σ_p a_p,    B_p, a_p field and area of the plaquettes,

here with Gaussians in place of δ. Of a vortex lattice it has its peak at the saddle between vortices, a long
tail up to the field in their cores (Redfield, Phys. Rev. 162, 367 (1967)), the second moment ⟨ΔB²⟩ ∝ 1/λ⁴ and
the skewness α = ⟨ΔB³⟩^{1/3}/⟨ΔB²⟩^{1/2} > 0 (Brandt, Phys. Rev. B 37, 2349 (1988)).
"""

from __future__ import annotations

from typing import Annotated

import numpy as np

from bdg.arrays import Floats
from bdg.observables.needs import screened_field
from bdg.observables.parameters import Positive, Steps
from bdg.observables.quantity import Notes, Quantity, scalar
from bdg.observables.registry import observable
from bdg.observables.state import State

FIELD = "hbar/(e a^2)"

REACH = 5.0
"""Standard deviations of the Gaussians beyond the fields that there are."""


@observable(
    title="Distribution of the field P(B), its second moment and skewness (μSR).",
    group="currents",
    needs=screened_field,
    example="{num: 201, resolution: 0.1}",
    numbers={"field_second_moment": "Second moment of B", "field_skewness": "Skewness of B"},
)
def field_distribution(
    state: State,
    num: Annotated[Steps, "How many fields."] = 201,
    resolution: Annotated[Positive, "Standard deviation of the Gaussians, of that of the field."] = 0.1,
) -> dict[str, Quantity]:
    """P(B) over the plaquettes of a sample that screens a field; holes have no part in it.

    Parameters
    ----------
    state
        A state with screening.
    num
        Fields, equally spaced.
    resolution
        Standard deviation of the Gaussians, as a share of √⟨ΔB²⟩, or of B where that is nothing.

    Returns
    -------
    dict
        ``field_distribution``, in e a²/ħ, shape ``(num,)``, ∫P dB = 1; without the Gaussians ``mean_field``,
        ``field_second_moment`` ⟨ΔB²⟩ and ``field_skewness`` α, 0 of a uniform field.

    Raises
    ------
    InputError
        If nothing is screened.
    """
    screening, induced = state.model.screening, state.fields.vector_potential
    assert screening is not None
    assert induced is not None
    n = len(screening.faces) - len(screening.faces.corners)
    area = screening.faces.area[:n] / screening.faces.area[:n].sum()
    field = screening.flux(screening.applied + induced)[:n] / screening.faces.area[:n]
    mean = float(area @ field)
    second, third = (float(area @ (field - mean) ** power) for power in (2, 3))
    spread = np.sqrt(second)
    is_uniform = spread <= 1e-9 * abs(mean)
    sigma = resolution * (float(spread) if not is_uniform else abs(mean) or 1.0)
    bins = np.linspace(field.min() - REACH * sigma, field.max() + REACH * sigma, num)
    notes: Notes = {"resolution": sigma}
    axis = {"local_field": Quantity(bins, ("local_field",), FIELD, "magnetic field")}
    skewness = 0.0 if is_uniform else float(np.cbrt(third) / spread)
    found = {
        "field_distribution": Quantity(
            _gaussians(bins, field, area, sigma),
            ("local_field",),
            "e a^2/hbar",
            "distribution of the field",
            axis,
            attributes=notes,
        ),
        "mean_field": scalar(mean, FIELD, "mean field"),
        "field_second_moment": scalar(second, "hbar^2/(e^2 a^4)", "second moment of the field"),
        "field_skewness": scalar(skewness, "1", "skewness of the field, ⟨ΔB³⟩^(1/3)/⟨ΔB²⟩^(1/2)"),
    }
    return found


def _gaussians(bins: Floats, field: Floats, area: Floats, sigma: float) -> Floats:
    """Σ a_p of Gaussians about the fields."""
    total = np.zeros(len(bins))
    for one, weight in zip(field, area, strict=True):
        total += weight * np.exp(-0.5 * ((bins - one) / sigma) ** 2)
    return np.asarray(total / (np.sqrt(2 * np.pi) * sigma), np.float64)
