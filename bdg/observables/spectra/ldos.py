"""Local density of states."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated

import numpy as np
from numpy.typing import NDArray

from bdg.observables.blocks import in_blocks
from bdg.observables.loops import Numbers
from bdg.observables.parameters import ALL, Broadening, Direction, Energies, Polarisation, Sites
from bdg.observables.quantity import Quantity, energy_axis
from bdg.observables.registry import observable
from bdg.observables.spectra.few_sites import METHOD, Method, by_moments, local_spectra
from bdg.observables.state import State
from bdg.solvers import Greens, Pattern, watched_share


@observable(
    title="Local density of states.",
    group="spectra",
    example="{energies: {start: -2, stop: 2, num: 201}, sites: [[8, 8]], tip: [0, 0, 0.5]}",
    uses_places=False,
)
def ldos(
    state: State,
    energies: Energies,
    broadening: Broadening = 0.05,
    sites: Sites = ALL,
    spin_axis: Annotated[Direction, "Axis along which up and down are distinguished, where spins differ."] = (
        0.0,
        0.0,
        1.0,
    ),
    tip: Annotated[
        Polarisation | None, "Polarisation of a spin-polarised tip: a vector, at most 1 long."
    ] = None,
    method: Annotated[Method, METHOD] = "auto",
) -> dict[str, Quantity]:
    r"""Local density of states N_i(ω) = −(1/π) Σ_σ Im G_iσ,iσ(ω + iη), in 1/t; ∫N_i dω = 2.

    With spin it is the vector S_i(ω) = −(1/π) Σ_σσ' σ_σσ' Im G_iσ',iσ, Im the anti-Hermitian part over i:
    along an axis n, up and down have ½(N ± n·S), and a tip of polarisation P sees N + P·S (Wiesendanger, Rev.
    Mod. Phys. 81, 1495 (2009)).

    Parameters
    ----------
    state
        The state to measure.
    energies
        ω from the chemical potential, shape ``(n_energies,)``, in t.
    broadening
        η, the half width of the Lorentzian each level becomes, in t.
    sites
        Site indices, or cells (as :meth:`bdg.Sample.site_at` takes them); ``None`` for all.
    spin_axis
        The axis that tells up from down; its length does not matter.
    tip
        Polarisation P of a tip, |P| ≤ 1; ``None`` for no tip.
    method
        ``"auto"`` takes Chebyshev moments where that is less work, for a few sites of large samples:
        Lorentzians too, to the same tolerance (Weiße et al., Rev. Mod. Phys. 78, 275 (2006)).
        ``"chebyshev"`` and ``"solver"`` are one and the other; ``"jackson"`` is moments with Gaussians of
        standard deviation η √(1 − ω²/a²), a a bound on |E|.

    Raises
    ------
    InputError
        If the broadening is not positive, an energy not finite, a site not in the sample, the axis zero, or
        the polarisation longer than 1.

    Returns
    -------
    dict
        ``ldos``, shape ``(n_energies, n_sites)``; where the spins differ ``spin_ldos``, shape
        ``(2, n_energies, n_sites)``, up then down along the axis; with 4 dofs ``spin_vector_ldos``, shape
        ``(3, n_energies, n_sites)``; with a tip ``tip_ldos``, shape ``(n_energies, n_sites)``.
    """
    which = np.arange(state.model.sample.n_sites) if sites is None else sites
    along = np.asarray(spin_axis) / np.linalg.norm(spin_axis)
    by_spin, vector, error = resolved_ldos(state, energies, broadening, which, method)
    axis, attributes = {"energy": energy_axis(energies)}, notes_of(broadening, method)
    dims = ("energy", "site")
    if sites is not None:
        axis["ldos_site"] = Quantity(which, ("ldos_site",), "1", "index of the site")
        dims = ("energy", "ldos_site")
    total = by_spin.sum(axis=0)
    found = {"ldos": Quantity(total, dims, "1/t", "local density of states", axis, 2 * error, attributes)}
    if state.hamiltonian.symmetry != "singlet":
        noted = attributes | {"spin_axis": _written(along)}
        projected = np.tensordot(along, vector, axes=1)
        by_axis = 0.5 * np.stack([total + projected, total - projected])
        name = "local density of states by spin"
        name += "" if along[2] == 1 else f" along ({_written(along)})"
        found["spin_ldos"] = Quantity(
            by_axis, ("spin", *dims), "1/t", name, axis, error * (1 + _one_norm(along)), noted
        )
    if state.hamiltonian.dofs == 4:
        name = "spin part of the local density of states"
        found["spin_vector_ldos"] = Quantity(
            vector, ("component", *dims), "1/t", name, axis, 2 * error, attributes
        )
    if tip is not None:
        seen = total + np.tensordot(tip, vector, axes=1)
        noted = attributes | {"tip": _written(np.asarray(tip))}
        name = "local density of states for a polarised tip"
        off = 2 * error * (1 + _one_norm(np.asarray(tip)))
        found["tip_ldos"] = Quantity(seen, dims, "1/t", name, axis, off, noted)
    return found


def _one_norm(vector: NDArray[np.float64]) -> float:
    """Σ|v_a|: how often the error of a component of the spin counts in that along v."""
    return float(np.abs(vector).sum())


def _written(vector: NDArray[np.float64]) -> str:
    return ", ".join(f"{value + 0.0:.4g}" for value in vector)


def spin_ldos(
    state: State,
    energies: NDArray[np.float64],
    broadening: float,
    sites: NDArray[np.integer],
    method: Method = "auto",
) -> tuple[NDArray[np.float64], float]:
    """N_iσ(ω) along z, shape ``(2, n_energies, n_sites)``, and the estimate of its largest error."""
    by_spin, _, error = resolved_ldos(state, energies, broadening, sites, method)
    return by_spin, error


def resolved_ldos(
    state: State,
    energies: NDArray[np.float64],
    broadening: float | NDArray[np.float64],
    sites: NDArray[np.integer],
    method: Method = "auto",
) -> tuple[NDArray[np.float64], NDArray[np.float64], float]:
    """N_iσ(ω) along z, S_i(ω), shape ``(3, n_energies, n_sites)``, and the estimate of the largest error.

    Up is the particle component, N_i↑(ω) = −(1/π) Im G₀₀(ω + iη). With 4 dofs down is the next one, and S_x,
    S_y are in the blocks between the two; with 2 it is the hole component at the opposite energy, N_i↓(ω) =
    −(1/π) Im G₁₁(−ω + iη), equal with spin symmetry, and S is along z. Each energy may have
    a broadening of its own.
    """
    pattern = Pattern(sites.astype(np.int32), sites.astype(np.int32))
    holes_apart = state.hamiltonian.dofs == 2 and state.hamiltonian.symmetry != "singlet"
    solved = _Greens(state, pattern, len(energies) * (1 + holes_apart))

    # ω and −ω side by side: where one inverse serves both, they are to be in one block.
    order = np.argsort(np.abs(energies), kind="stable")
    z = np.asarray(energies + 1j * np.asarray(broadening), np.complex128)[order]
    is_few = by_moments(state.hamiltonian, state.solver, z, len(sites), method, state.tolerance)

    def compute(part: slice) -> Numbers:
        if is_few:
            spins, blocks, error = local_spectra(state, z[part], sites, method)
            return _numbers(spins, blocks, error)
        solved.done = part.start * (1 + holes_apart)
        return by_blocks(solved.at, z[part], holes_apart=holes_apart)

    found = in_blocks(state, ("ldos", broadening, sites, method), energies[order], len(sites), compute)
    back = np.argsort(order)
    by_spin, vector = (
        np.ascontiguousarray(np.moveaxis(found[key], 0, 1)[:, back]) for key in ("by_spin", "vector")
    )
    return by_spin, vector, float(found["error"])


def by_blocks(
    greens: Callable[[NDArray[np.complex128]], Greens], z: NDArray[np.complex128], *, holes_apart: bool
) -> Numbers:
    """What :func:`resolved_ldos` returns, at some of the energies, which are the first axis.

    Parameters
    ----------
    greens
        The blocks G(r, r; z) of each place.
    z
        ω + iη.
    holes_apart
        Whether the second component is of holes whose spectrum is another one.
    """
    particle = greens(z)
    by_spin = np.empty((2, *particle.blocks.shape[:2]))
    vector, error = np.zeros((3, *by_spin.shape[1:])), particle.error / np.pi
    by_spin[:] = -particle.blocks[:, :, 0, 0].imag / np.pi
    if particle.blocks.shape[-1] == 4:
        by_spin[1] = -particle.blocks[:, :, 1, 1].imag / np.pi
        flip = (particle.blocks[:, :, 0, 1] - particle.blocks[:, :, 1, 0].conj()) * 1j / np.pi
        vector[0], vector[1] = flip.real, -flip.imag
    elif holes_apart:
        hole = greens(-np.conj(z))
        by_spin[1] = -hole.blocks[:, :, 1, 1].imag / np.pi
        error = max(error, hole.error / np.pi)
    vector[2] = by_spin[0] - by_spin[1]
    return _numbers(by_spin, vector, error)


def _numbers(by_spin: NDArray[np.float64], vector: NDArray[np.float64], error: float) -> Numbers:
    """As blocks are kept: the energy is the first axis."""
    return {"by_spin": by_spin.swapaxes(0, 1), "vector": vector.swapaxes(0, 1), "error": np.array(error)}


def notes_of(broadening: float, method: Method) -> dict[str, str | float | int | bool]:
    """The broadening of a spectrum, and its shape where that is no Lorentzian."""
    shape = {"line_shape": "Gaussian"} if method == "jackson" else {}
    return {"broadening": float(broadening), **shape}


class _Greens:
    """Green's functions of a list of energies, some at a time, with the progress of all."""

    def __init__(self, state: State, pattern: Pattern, total: int) -> None:
        self._state, self._pattern, self.done, self._total = state, pattern, 0, total

    def at(self, z: NDArray[np.complex128]) -> Greens:
        """The next ones."""
        state, solver = self._state, self._state.solver
        first, self.done = self.done, self.done + len(z)
        with watched_share(solver, first, len(z), self._total):
            return solver.greens(state.hamiltonian, z, self._pattern, tolerance=state.tolerance)
