r"""How a self-consistent state follows the temperature: dS/dT and df/dT with all fields along.

At a fixed point f = F(f, T), so that df/dT = (1 − J)⁻¹ ∂F/∂T, and with S = −∂Ω/∂T, y = −∂Ω₀/∂f and Maxwell's
relation ∂S/∂f = ∂y/∂T

    dS/dT = ∂S/∂T + (∂y/∂T)·(df/dT) .

At fixed filling J_N and the slopes at constant N take their place, and ∂S/∂T − (∂N/∂T)²/(∂N/∂μ) that of the
first term. J iΔ = iΔ of the global phase does no harm, as nothing on the right has a part along it.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from bdg.errors import NumericalError
from bdg.model import Fields, Model
from bdg.scf.stability.following import followed
from bdg.scf.stability.jacobian import Jacobian, Linear
from bdg.solvers import Solver

SOLVED, LEFT = 1e-7, 1e-2
"""Residual of GMRES, as a share of its right side: where it ends, and at most."""


@dataclass(frozen=True)
class Warming:
    """What dS/dT has beside the ∂S/∂T at fixed fields, and how the fields follow.

    Parameters
    ----------
    entropy, error
        dS/dT − ∂S/∂T, in k_B/t, and its error.
    fields
        df/dT of all fields.
    """

    entropy: float
    error: float
    fields: Fields


def warmings(
    model: Model, solver: Solver, fields: Fields, filling: float, scale: float
) -> dict[str, Warming]:
    """Of a state at T > 0 with μ held, ``mu``, and with the electrons held, ``filling``.

    Parameters
    ----------
    model, solver, fields
        The state.
    filling
        Its electrons per site.
    scale
        See :class:`bdg.scf.stability.jacobian.Jacobian`.

    Raises
    ------
    NumericalError
        If GMRES does not converge, as at T_c itself.
    """
    held = {
        "mu": replace(model, chemical_potential=fields.mu, filling=None),
        "filling": replace(model, chemical_potential=None, filling=filling),
    }
    jacobians = {name: Jacobian(one, solver, fields, scale) for name, one in held.items()}
    warmed = jacobians["mu"].in_temperature()
    return {name: _followed(jacobian, warmed) for name, jacobian in jacobians.items()}


def _followed(jacobian: Jacobian, warmed: Linear) -> Warming:
    """The changes x = (1 − J)⁻¹ b, and (∂y/∂T)·x with the square of the error of x.

    As J = W χ, what x leaves, r = b − (1 − J) x, adds (∂y/∂T)·(1 − J)⁻¹ r = z·r with z = ∂y/∂T + χx.
    """
    at_filling = jacobian.at_filling(warmed)
    driven, forces = at_filling.image, at_filling.left
    along = rest = noise = 0.0
    following, _ = followed(jacobian, driven, SOLVED)
    if following.any():
        image, left = jacobian.products(following)
        residual, across = driven - following + image, forces + left
        rest, along = float(across @ residual), float(forces @ following)
        noise = jacobian.noise * float(np.linalg.norm(across) * np.linalg.norm(following))
        if np.linalg.norm(residual) > LEFT * np.linalg.norm(driven):
            raise NumericalError(
                "how the fields follow the temperature is not found: the state is at a transition"
            )
    error = LEFT * abs(rest) + noise
    return Warming(along + rest + jacobian.electrons_kept(warmed), error, jacobian.fields_of(following))
