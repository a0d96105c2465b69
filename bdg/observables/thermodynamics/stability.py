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

from collections.abc import Callable
from typing import Annotated, Any

import numpy as np
import scipy.sparse.linalg
from numpy.typing import NDArray

from bdg.arrays import Floats
from bdg.errors import InputError, NumericalError
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
from bdg.scf.stability.jacobian import Jacobian
from bdg.scf.stability.unrestricted import unrestricted

DENSE_UNKNOWNS = 64
"""Unknowns up to which all of J is as quick as Arnoldi."""

ARNOLDI_TOLERANCE = 1e-5
"""Residual that Arnoldi may leave in a mode; the error of its eigenvalue is about the square of that."""

SAME_EIGENVALUE = 1e-6
"""Eigenvalues closer than this count as equal."""

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
    J v is a central difference of the map, and Arnoldi (ARPACK; Lehoucq, Sorensen, Yang 1998) finds the
    eigenvalues; of equal ones below 1 it may miss some. In an infinite sample the directions are those that
    repeat with it.

    Parameters
    ----------
    state
        A self-consistent state; of any other the numbers mean little, which ``self_consistent`` says.
    count
        How many of the largest eigenvalues to find.

    Returns
    -------
    dict
        ``largest_eigenvalue`` with its error (of the difference, the solver, Arnoldi and the residual of the
        state); ``stability_eigenvalues``, the ``count`` largest; ``unstable_directions``, how many of these
        are above 1 by more than the error, a lower bound if all are; ``is_minimum``, whether none is;
        ``leading_mode``, δΔ of the largest on the sites, its largest field 1, ``leading_bond_singlet``, …,
        parts of the pairs on bonds; and, where there is a Δ, ``phase_rotation_eigenvalue``, the 1 left out.

    Raises
    ------
    InputError
        If nothing is self-consistent, the count is not positive, or T = 0 and a level lies at zero energy.
    NumericalError
        If Arnoldi does not converge.
    """
    model, fields = unrestricted(state.model, state.fields)
    jacobian = Jacobian(model, state.solver, fields, _scale(state))
    if not len(jacobian):
        raise InputError("nothing is self-consistent, so nothing can be unstable; drop stability")
    rotation, turns = jacobian.rotation(), jacobian.spin_rotations() if model is not state.model else []
    with blas_threads(1):  # its vectors are too short for more
        values, mode = _largest(jacobian, [*([] if rotation is None else [rotation]), *turns], count)
        values[0], error = _refined(jacobian, mode, values)
        turned = None if rotation is None else _quotient(jacobian, rotation)
    notes: Notes = {
        "self_consistent": state.is_converged,
        "fixed": "filling" if jacobian.holds_filling else "chemical potential",
        "phase_rotation_projected_out": rotation is not None,
        "spin_rotations_projected_out": len(turns),
    }
    found = _quantities(np.sort(values)[::-1], error, notes) | _leading_mode(model, jacobian, mode)
    if turned is not None:
        name = "eigenvalue of the global phase rotation"
        found["phase_rotation_eigenvalue"] = scalar(turned, "1", name, error)
    return found


def _quantities(values: Floats, error: float, notes: Notes) -> dict[str, Quantity]:
    unstable = int(np.count_nonzero(values > 1 + error))
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
        made("largest_eigenvalue", values[0], error=error, attributes=notes),
        made("stability_eigenvalues", values, ("mode",), error=error, attributes=notes),
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


def _largest(jacobian: Jacobian, rotations: list[Floats], count: int) -> tuple[Floats, Floats]:
    """The largest eigenvalues without the rotations, descending, and the eigenvector of the first."""
    n = len(jacobian)
    apart = np.stack(rotations, axis=1) if rotations else np.zeros((n, 0))
    if n <= DENSE_UNKNOWNS:
        product = _without(jacobian, apart)
        columns = np.stack([product(column) for column in np.eye(n)], axis=1)
        values, vectors = _sorted(*np.linalg.eig(columns))
        return values[:count], vectors[:, 0]
    values, vectors = _arnoldi(_without(jacobian, apart), n, min(count, n // 4))
    # Of several equal modes a start has a share of one combination alone. Where they are counted, look again
    # without what is found, and from another start, or the rest would be missed once more.
    while values[0] > 1:
        product = _without(jacobian, np.hstack([apart, vectors]))
        missed, mode = _arnoldi(product, n, 1, seed=len(values))
        if missed[0] <= values[-1] + SAME_EIGENVALUE:
            break
        values, vectors = _sorted(np.append(values, missed), np.hstack([vectors, mode]))
    return values[:count], vectors[:, 0]


def _without(jacobian: Jacobian, modes: NDArray[np.float64]) -> Callable[[Floats], Floats]:
    """J on what is left of a vector without some of its modes U: J (1 − U (WᵀU)⁻¹ Wᵀ), W their left vectors.

    J is not symmetric: this projector takes these modes out and leaves every other as it is.
    """
    left = np.stack([jacobian.left(mode) for mode in modes.T]) if modes.shape[1] else modes.T
    shares = np.linalg.pinv(left @ modes) @ left

    def product(vector: Floats) -> Floats:
        vector = np.asarray(vector, dtype=np.float64).ravel()
        return jacobian.product(vector - modes @ (shares @ vector))

    return product


def _arnoldi(
    product: Callable[[Floats], Floats], n: int, count: int, seed: int = 0
) -> tuple[Floats, NDArray[np.float64]]:
    operator = scipy.sparse.linalg.LinearOperator((n, n), matvec=product, dtype=np.float64)
    # A start of ours: the same state must give the same numbers.
    start = np.random.default_rng(seed).standard_normal(n)
    try:
        found = scipy.sparse.linalg.eigs(operator, k=count, which="LR", v0=start, tol=ARNOLDI_TOLERANCE)
    except scipy.sparse.linalg.ArpackNoConvergence as error:
        raise NumericalError(f"Arnoldi did not find the eigenvalues of the map ({error})") from error
    return _sorted(*found)


def _sorted(values: NDArray[Any], vectors: NDArray[Any]) -> tuple[Floats, NDArray[np.float64]]:
    """Real eigenvalues, descending, and real vectors, the largest component of each 1.

    Equal eigenvalues may come as a pair z, z* by rounding; their vectors then span the two modes.
    """
    order = np.argsort(-values.real, kind="stable")
    kept = []
    for place in order:
        vector = vectors[:, place]
        second = values[place].imag < 0 and np.imag(vector).any()
        vector = np.imag(vector) if second else np.real(vector)
        kept.append(vector / vector[np.abs(vector).argmax()])
    return values.real[order], np.stack(kept, axis=1)


def _quotient(jacobian: Jacobian, vector: Floats, step: float | None = None) -> float:
    """w·J v/w·v with the left vector w of v: λ with the square of the error of v."""
    image, left = jacobian.products(vector, step)
    return float(left @ image / (left @ vector))


def _refined(jacobian: Jacobian, mode: Floats, values: Floats) -> tuple[float, float]:
    """The largest eigenvalue from its mode, and its error: of the difference, the solver, the state, Arnoldi.

    What a step twice as long changes tells what the difference cuts off. A mode with the residual r leaves
    r²/gap in its eigenvalue, where eigenvalues within r of it count as one.
    """
    image, left = jacobian.products(mode)
    value = float(left @ image / (left @ mode))
    coarse = _quotient(jacobian, mode, 2 * jacobian.step)
    residual = float(np.linalg.norm(image - value * mode) / np.linalg.norm(mode))
    distance = np.abs(values[1:] - value)
    near, far = distance[distance <= residual], distance[distance > residual]
    arnoldi = residual**2 / far.min() + near.max(initial=0.0) if len(far) else residual
    return value, float(abs(coarse - value) / 3 + jacobian.noise + jacobian.residual + arnoldi)
