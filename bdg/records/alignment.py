r"""A second state brought to the gauge and the spin axes of a first: what both leave free is no difference.

c_i → e^{iχ_i} c_i with χ from the Peierls phases of both models, where these differ by a gauge alone, and a
global phase of Δ; then, where neither Hamiltonian tells the directions of spin apart, the rotation R ∈ SO(3)
that brings the spins nearest: that of the least Σ|a_i − R b_i|² over all vectors v of the fields, those of
h = v₀ + v·σ of potentials and hops, and d of D = (d₀ + d·σ)iσ_y of pairs (W. Kabsch, Acta Cryst. A 32, 922
(1976)). Where every Zeeman field lies along one axis, rotations about it alone.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.spatial.transform import Rotation

from bdg.arrays import Floats
from bdg.errors import BdgError
from bdg.gauge import transformed_phase
from bdg.kernels.ordering.graph import tree_gauge
from bdg.lattice import Sample
from bdg.model import Fields, Model
from bdg.result import Result

SAME = 1e-9
"""Radians, or share of the largest, by which what is the same may differ."""

SIGMA = np.array([[[0, 1], [1, 0]], [[0, -1j], [1j, 0]], [[1, 0], [0, -1]]])

I_SIGMA_Y = np.array([[0, 1], [-1, 0]])


@dataclass(frozen=True)
class Alignment:
    """How a state was brought to another.

    Parameters
    ----------
    fields
        Its fields, brought there.
    angle
        χ of each site, shape ``(n_sites,)``, the global phase included.
    rotation
        R, shape ``(3, 3)``.
    is_local
        Whether χ differs from site to site.
    """

    fields: Fields
    angle: Floats
    rotation: Floats
    is_local: bool

    @property
    def turns_spins(self) -> bool:
        """Whether the spins were turned."""
        return bool(np.abs(self.rotation - np.eye(3)).max() > SAME)


def same_sample(one: Sample, two: Sample) -> bool:
    """Whether two samples have the same sites and bonds in the same order."""
    bonds, theirs = one.bonds, two.bonds
    pairs = (
        (one.positions, two.positions),
        (one.orbitals, two.orbitals),
        (bonds.source, theirs.source),
        (bonds.target, theirs.target),
        (bonds.crossing, theirs.crossing),
    )
    return all(a.shape == b.shape and np.allclose(a, b, rtol=0, atol=SAME) for a, b in pairs)


def aligned(first: Result, second: Result) -> Alignment:
    """The second state in the gauge and with the spin axes of the first, on the same sample."""
    sample, models = first.sample, (_model_of(first), _model_of(second))
    angle = _between_gauges(sample, *models)
    fields = second.fields.transformed(angle, sample.bonds)
    is_local = bool(np.ptp(angle) > SAME) if len(angle) else False
    axis = _free_axes(*models)
    if axis is None:
        return Alignment(*_with_phase(first.fields, fields, angle), np.eye(3), is_local)
    tried = []
    for phase in _phases(first.fields, fields):
        turned = fields.with_pairs(np.exp(1j * phase)) if phase else fields
        rotation = _rotation(_vectors(first.fields), _vectors(turned), axis)
        near = _with_phase(first.fields, _turned(turned, rotation), angle + 0.5 * phase)
        tried.append(Alignment(*near, rotation, is_local))
    return min(tried, key=lambda one: _distance(first.fields, one.fields))


def _model_of(result: Result) -> Model | None:
    try:
        return result.model
    except BdgError:  # of a file that keeps neither model nor configuration, or one that names other files
        return None


def _between_gauges(sample: Sample, one: Model | None, two: Model | None) -> Floats:
    """χ that takes the phases of the second model to those of the first; 0 where it is no gauge alone."""
    if one is None or two is None or not sample.n_bonds:
        return np.zeros(sample.n_sites)
    apart = two.phase - one.phase
    if np.abs(_rest(apart)).max() <= SAME:
        return np.zeros(sample.n_sites)
    angle: Floats = tree_gauge(sample.n_sites, sample.bonds.source, sample.bonds.target, apart)
    is_gauge = np.abs(_rest(transformed_phase(sample, apart, angle))).max() <= SAME
    return angle if is_gauge else np.zeros(sample.n_sites)


def _rest(phase: Floats) -> Floats:
    """Phases less whole turns."""
    return phase - 2 * np.pi * np.round(phase / (2 * np.pi))


def _with_phase(first: Fields, second: Fields, angle: Floats) -> tuple[Fields, Floats]:
    """The second fields with the global phase of Δ that brings them nearest to the first."""
    phase = _phase_of(complex(second.overlap(first)), first, second)
    return (second.with_pairs(np.exp(1j * phase)), angle + 0.5 * phase) if phase else (second, angle)


def _phase_of(overlap: complex, first: Fields, second: Fields) -> float:
    """Its phase; 0 where it is nothing beside the sizes of the pairs, or real."""
    size = sum(float(np.vdot(v, v).real) for fields in (first, second) for v in fields.pairs().values())
    phase = float(np.angle(overlap))
    return phase if abs(overlap) > SAME * size and abs(phase) > np.finfo(float).eps else 0.0


def _phases(first: Fields, second: Fields) -> list[float]:
    """Global phases to try before the spins are turned.

    That of the overlap; and, as a rotation changes the overlap of triplets, both roots of Σ_ab C_ab²,
    C = Σ d₂* d₁ᵀ, which it does not: each gains e^{2iα}.
    """
    matrices = [fields.matrices(on_bonds=True, pairs=True) for fields in (first, second)]
    tried = [_phase_of(complex(second.overlap(first)), first, second)]
    if matrices[0] is not None and matrices[1] is not None:
        d = [np.einsum("aij,nji->na", SIGMA, pairs @ I_SIGMA_Y.T) for pairs in matrices]
        square = complex(np.sum((d[1].conj().T @ d[0]) ** 2))
        tried += [0.5 * float(np.angle(square)) + turn for turn in (0.0, np.pi)]
    return tried


def _distance(one: Fields, two: Fields) -> float:
    """Σ|a − b|² of all fields that stand in H as spin matrices."""
    parts = [(on_bonds, pairs) for on_bonds in (False, True) for pairs in (False, True)]
    found = [[fields.matrices(on_bonds=b, pairs=p) for b, p in parts] for fields in (one, two)]
    return sum(
        float(np.sum(np.abs(a - b) ** 2))
        for a, b in zip(*found, strict=True)
        if a is not None and b is not None
    )


def _free_axes(one: Model | None, two: Model | None) -> Floats | None:
    """The axis about which spins may turn, zero where it may be any; ``None`` where it may be none."""
    fields = np.zeros((3, 0))
    for model in (one, two):
        if model is None or model.spin_orbit is not None or model.given_bonds is not None:
            return None
        along_z = "triplet_z" in model.on_bonds.channels  # pairs that have d along z only
        fields = np.concatenate([fields, model.zeeman, along_z * np.eye(3)[:, 2:]], axis=1)
    size = np.linalg.norm(fields, axis=0)
    if not size.any():
        return np.zeros(3)
    axis: Floats = fields[:, int(np.argmax(size))] / size.max()
    across = np.linalg.norm(np.cross(axis, fields.T), axis=1)
    return axis if across.max() <= SAME * size.max() else None


def _vectors(fields: Fields) -> Floats:
    """Real vectors that turn with the spins, shape ``(n, 3)``."""
    found = [np.zeros((0, 3))]
    for on_bonds in (False, True):
        for pairs in (False, True):
            matrices = fields.matrices(on_bonds=on_bonds, pairs=pairs)
            if matrices is not None:
                plain = matrices @ I_SIGMA_Y.T if pairs else matrices
                vectors = 0.5 * np.einsum("aij,nji->na", SIGMA, plain)
                found += [vectors.real, vectors.imag]
    return np.concatenate(found)


def _rotation(first: Floats, second: Floats, axis: Floats) -> Floats:
    """R of the least Σ|a − R b|², about an axis or, where that is zero, any."""
    if len(first) != len(second):
        return np.eye(3)
    largest = float(np.abs(np.concatenate([first, second])).max(initial=0.0))
    covariance = first.T @ second
    are_none = np.abs(covariance).max() <= SAME * largest**2
    if are_none or np.abs(first - second).max() <= SAME * largest:
        return np.eye(3)
    if not axis.any():
        left, _, right = np.linalg.svd(covariance)
        proper = np.diag([1.0, 1.0, np.sign(np.linalg.det(left @ right))])
        return np.asarray(left @ proper @ right)
    along = np.cross(second, axis), second - np.outer(second @ axis, axis)
    angle = np.arctan2(-np.sum(first * along[0]), np.sum(first * along[1]))
    return np.asarray(Rotation.from_rotvec(angle * axis).as_matrix())


def _turned(fields: Fields, rotation: Floats) -> Fields:
    """The same state with its spins turned: h → U h U†, D → U D Uᵀ."""
    if np.abs(rotation - np.eye(3)).max() <= SAME:
        return fields
    *n, w = Rotation.from_matrix(rotation).as_quat()
    u: NDArray[Any] = w * np.eye(2) - 1j * np.einsum("a,aij->ij", n, SIGMA)
    changed = {}
    for row, _ in _in_spin(fields):
        matrices = fields.matrices(on_bonds=row.on_bonds, pairs=row.is_of_pairs)
        changed[row.name] = row.spin.values(u @ matrices @ (u.T if row.is_of_pairs else u.conj().T))
    return fields.having(changed)


def _in_spin(fields: Fields) -> Any:
    """The fields that stand in H as spin matrices; a potential of each spin has one between them besides."""
    whole = fields if fields.exchange is not None else replace(fields, exchange=np.zeros(len(fields.delta)))
    return [(row, value) for row, value in whole.present() if row.spin is not None]
