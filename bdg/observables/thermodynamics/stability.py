r"""Is a self-consistent state a minimum or a saddle? The second variation, from the linearised map.

In the notation of :mod:`bdg.scf.stability.jacobian`, J = W χ with χ positive. As a function of the pairs and
densities y the energy is Γ(y) = Γ₀(y) − ½ y·W y, where Γ₀ is the Legendre transform of Ω₀, of curvature χ⁻¹.
Hence

    ∂²Γ/∂y² = χ⁻¹ − W = χ^{−1/2} (1 − χ^{1/2} W χ^{1/2}) χ^{−1/2} ,

and χ^{1/2} W χ^{1/2} has the eigenvalues of J. They are real, and there are as many λ > 1 as directions in
which the energy falls, whatever the sign of U. For pairing it is the curvature of Ω itself:
∂Ω/∂Δ* = (Δ_in − Δ_out)/U, and its derivative is (1 − J)/U. (For U > 0 the spin part of the Hartree constant
V_↑ V_↓/U curves down at every solution, in the fields; in y it curves up, and J has λ < 0 there.) Sites with
U = 0 have no field and no direction of their own. At fixed filling only directions that keep N count, those
of J_N. Pairs on bonds and their Fock fields are fields like the others, W = V/4 and −V/4.

Turning the phase of Δ everywhere turns what comes out along: λ = 1 exactly, with the right eigenvector iΔ.
That direction is reported apart and projected out of the others. The spins of a collinear magnet are let
turn too, each by itself; turning all of them, where H does not mind, is projected out. Other symmetries that
a state breaks by itself leave their λ = 1 among them: a triplet's d vector may turn where spin is conserved.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Annotated, Any

import numpy as np
from numpy.typing import NDArray

from bdg.arrays import Floats, Numbers
from bdg.errors import InputError, NumericalError
from bdg.lattice import Sample
from bdg.model import Model
from bdg.model.interactions import acting
from bdg.model.pairs import components
from bdg.observables.local.bond_order import PARTS
from bdg.observables.needs import interaction
from bdg.observables.parameters import Count
from bdg.observables.quantity import Notes, Quantity, scalar
from bdg.observables.registry import observable
from bdg.observables.spectra.spectral_gap import spectral_gap
from bdg.observables.state import State
from bdg.resources import blas_threads
from bdg.scf.derivative import FINEST
from bdg.scf.stability.jacobian import Jacobian
from bdg.scf.stability.ritz import Goal, Modes, largest_modes
from bdg.scf.stability.unrestricted import unrestricted
from bdg.topology.places import fractions

DENSE_UNKNOWNS = 64
"""Unknowns up to which all of J is as quick as Lanczos."""

GOAL = Goal(1e-8)
"""How well the largest eigenvalue is known, and those as near to 1 as :data:`NEAR`."""

MODES, OF_PRODUCTS = Goal(1e-5, 0.01), 1e-6
"""How well the others are known, above all on which side of 1 they are, and the error of its products."""

NEAR = MODES.least / MODES.share
"""Distance from 1 within which an eigenvalue is found as exactly as the largest."""

MOST, NOT_FOUND = 400, 1e-3
"""Products at most in search of them, and an error of the first that is too large."""

STARTS = 2
"""In each sector, of the search."""

SMALLEST_GAP = 1e-10
"""Below, in t, a level counts as zero energy."""


@observable(
    title="Minimum or saddle: the largest eigenvalues of the linearised map.",
    group="thermodynamics",
    needs=interaction,
    numbers={"largest_eigenvalue": "Largest eigenvalue", "is_minimum": "Is minimum"},
    uses_places=False,
)
def stability(
    state: State, count: Annotated[Count, "How many of the largest eigenvalues."] = 4
) -> dict[str, Quantity]:
    """The largest eigenvalues λ of the linearised map: none above 1 at a minimum, some at a saddle.

    All directions count, Δ and pairs on bonds with their imaginary parts, Hartree, exchange and Fock fields
    by spin, whatever the state itself is; pairs in the channels that the model has.
    J v comes from the response of f(H), and Lanczos in the metric of χ, from several starts, finds the
    eigenvalues; of more equal ones than there are starts it may miss some. In an infinite sample the
    directions are those that repeat with it.

    Parameters
    ----------
    state
        A self-consistent state; of any other the numbers mean little, which ``self_consistent`` says.
    count
        How many of the largest eigenvalues to find.

    Returns
    -------
    dict
        ``largest_eigenvalue`` with its error (of the solver, Lanczos and the residual of the state);
        ``stability_eigenvalues``, the ``count`` largest; ``unstable_directions``, how many of these are above
        1 by more than the error, a lower bound if all are; ``is_minimum``, whether none is;
        ``leading_mode``, δΔ of the largest on the sites, its largest field 1, ``leading_bond_singlet``, …,
        parts of the pairs on bonds; and, where there is a Δ, ``phase_rotation_eigenvalue``, the 1 left out.

    Raises
    ------
    InputError
        If nothing is self-consistent, the count is not positive, or T = 0 and a level lies at zero energy.
    NumericalError
        If Lanczos does not converge.
    """
    model, fields = unrestricted(state.model, state.fields)
    jacobian = Jacobian(model, state.solver, fields, _scale(state))
    if not len(jacobian):
        raise InputError("nothing is self-consistent, so nothing can be unstable; drop stability")
    rotation, turns = jacobian.rotation(), jacobian.spin_rotations() if model is not state.model else []
    with blas_threads(1):  # its vectors are too short for more
        known, waves = [*([] if rotation is None else [rotation]), *turns], _waves(model.sample)
        soft = [] if rotation is None else [jacobian.modulated(rotation, wave) for wave in waves]
        values, errors, mode = _largest(jacobian, known, soft, count)
        jacobian.derivative.accuracy, jacobian.derivative.error = FINEST, 0.0
        values[0], errors[0] = _refined(jacobian, mode, values)
        turned = None if rotation is None else _quotient(jacobian, rotation)
    notes: Notes = {
        "self_consistent": state.is_converged,
        "fixed": "filling" if jacobian.holds_filling else "chemical potential",
        "phase_rotation_projected_out": rotation is not None,
        "spin_rotations_projected_out": len(turns),
    }
    order = np.argsort(-values, kind="stable")
    found = _quantities(values[order], errors[order], notes) | _leading_mode(model, jacobian, mode)
    if turned is not None:
        name = "eigenvalue of the global phase rotation"
        found["phase_rotation_eigenvalue"] = scalar(turned, "1", name, float(errors[0]))
    return found


def _quantities(values: Floats, errors: Floats, notes: Notes) -> dict[str, Quantity]:
    unstable, least = int(np.count_nonzero(values > 1 + errors)), max(float(errors.max()), GOAL.least)
    is_bound: Notes = {"is_lower_bound": unstable == len(values)}
    described = {
        "largest_eigenvalue": "largest eigenvalue of the linearised map",
        "stability_eigenvalues": "eigenvalues of the linearised map",
        "unstable_directions": "directions in which the energy falls",
        "is_minimum": "whether the energy falls in no direction",
    }

    def made(name: str, value: Any, dims: tuple[str, ...] = (), **given: Any) -> Quantity:
        return Quantity(np.array(value), dims, "1", described[name], **given)

    found = (
        made("largest_eigenvalue", values[0], error=float(errors[0]), attributes=notes),
        made("stability_eigenvalues", values, ("mode",), error=least, attributes=notes),
        made("unstable_directions", unstable, attributes=is_bound),
        made("is_minimum", unstable == 0),
    )
    return dict(zip(described, found, strict=True))


def _leading_mode(model: Model, jacobian: Jacobian, mode: Floats) -> dict[str, Quantity]:
    """What the leading mode changes of Δ, and of each spin part of the pairs on bonds."""
    changed, long_name = jacobian.fields_of(mode), "change of the order parameter in the leading mode"
    found, on_bonds = {}, acting(model, "bond_delta")
    if not on_bonds or any(kind.gain(model) for kind in acting(model, "delta")):
        found["leading_mode"] = Quantity(changed.delta, ("site",), "1", long_name)
    if on_bonds and changed.bond_delta is not None:
        for name, (spin, _) in PARTS.items():
            if not any(np.array_equal(spin, own) for own in model.on_bonds.basis):
                continue
            part = components(changed.bond_delta, spin[None])[0]
            told = f"leading mode on bonds, {name.replace('_', ' along ')}"
            found[f"leading_bond_{name}"] = Quantity(part, ("bond",), "1", told)
    return found


def _scale(state: State) -> float:
    """Distance of the levels from the poles of f, hypot(πT, gap), in t."""
    gap = float(spectral_gap(state)["spectral_gap"].values)
    scale = float(np.hypot(np.pi * state.model.temperature, gap))
    if scale < SMALLEST_GAP:
        raise InputError(
            "at temperature 0 a level at zero energy makes the response to a field infinite, and stability"
            " has no answer; give a temperature above 0"
        )
    return scale


def _largest(
    jacobian: Jacobian, rotations: list[Floats], waves: list[Floats], count: int
) -> tuple[Floats, Floats, Floats]:
    """The largest eigenvalues without the rotations, descending, their errors, the eigenvector of the first.

    Of several equal modes a start has a share of one combination alone: there are several in each sector.
    First all are found as well as a few poles tell, then what is to be known better from there.
    """
    n, rng = len(jacobian), np.random.default_rng(0)
    without = _without(jacobian, np.array(rotations).reshape(-1, n))
    if n <= DENSE_UNKNOWNS:
        matrix = jacobian.matrix() @ np.stack([without(unit) for unit in np.eye(n)], axis=1)
        values, vectors = np.linalg.eig(matrix)
        order = np.argsort(-values.real, kind="stable")
        first = np.real(vectors[:, order[0]])
        found = values.real[order[:count]]
        return found, np.full(len(found), jacobian.noise), first / first[np.abs(first).argmax()]
    waves = [part for wave in waves for part in jacobian.sectors(wave)]
    rounds = [waves, *(jacobian.sectors(rng.standard_normal(n)) for _ in range(STARTS))]
    spares = (jacobian.sectors(rng.standard_normal(n)) for _ in range(count))

    def search(starts: Sequence[Numbers], spares: Iterable[Sequence[Numbers]], **goal: Any) -> Modes:
        return largest_modes(
            lambda vector: jacobian.products(np.real(vector)),
            starts,
            spares=spares,
            most=MOST,
            within=lambda vector: without(jacobian.sector(np.real(vector))),
            **goal,
        )

    jacobian.derivative.accuracy = OF_PRODUCTS
    rough = search([part for each in rounds for part in each], spares, sought=min(count, n), goal=MODES)
    values, errors = rough.values[:count].copy(), np.maximum(rough.errors[:count], jacobian.noise)
    jacobian.derivative.accuracy, jacobian.derivative.error = GOAL.least, 0.0
    near = max(1, int(np.count_nonzero(np.abs(values - 1.0) < NEAR)))
    fine = search(list(rough.vectors[: count + 1]), (), sought=near, goal=GOAL)
    if fine.errors[0] > NOT_FOUND:
        raise NumericalError(
            f"the largest eigenvalue of the map is not found in {MOST} products: {fine.values[0]:.6g} ±"
            f" {fine.errors[0]:.1e}"
        )
    values[:near], errors[:near] = fine.values[:near], np.maximum(fine.errors[:near], jacobian.noise)
    return values, errors, np.asarray(fine.vectors[0])


def _waves(sample: Sample) -> list[Floats]:
    """The longest waves over a sample, shape ``(n_sites,)`` each: with joined ends two along a direction.

    Times the rotation iΔ they are nearly the softest changes of the phase.
    """
    found = []
    for along, ends, size in zip(fractions(sample).T, sample.boundary, sample.size, strict=True):
        if size > 1 and not ends.is_infinite:
            turns = 2 * np.pi if ends.is_periodic else np.pi
            found += [np.cos(turns * along)] + [np.sin(turns * along)] * ends.is_periodic
    return found


def _without(jacobian: Jacobian, modes: NDArray[np.float64]) -> Callable[[Floats], Floats]:
    """What is left of a vector without some modes U: (1 − U (WᵀU)⁻¹ Wᵀ) v, W their left vectors.

    J is not symmetric: this projector takes these modes out and leaves every other as it is.
    """
    left = np.array([jacobian.left(mode) for mode in modes]).reshape(-1, len(jacobian))
    shares = np.linalg.pinv(left @ modes.T) @ left
    return lambda vector: vector - (shares @ vector) @ modes


def _quotient(jacobian: Jacobian, vector: Floats) -> float:
    """w·J v/w·v with the left vector w of v: λ with the square of the error of v."""
    image, left = jacobian.products(vector)
    return float(left @ image / (left @ vector))


def _refined(jacobian: Jacobian, mode: Floats, values: Floats) -> tuple[float, float]:
    """The largest eigenvalue from its mode, and its error: of the solver, the state and Lanczos.

    A mode with the residual r leaves r²/gap in its eigenvalue, where eigenvalues within r of it count as one.
    """
    image, left = jacobian.products(mode)
    value = float(left @ image / (left @ mode))
    residual = float(np.linalg.norm(image - value * mode) / np.linalg.norm(mode))
    distance = np.abs(values[1:] - value)
    near, far = distance[distance <= residual], distance[distance > residual]
    lanczos = residual**2 / far.min() + near.max(initial=0.0) if len(far) else residual
    return value, float(jacobian.noise + jacobian.residual + lanczos)
