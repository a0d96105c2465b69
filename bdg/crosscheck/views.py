"""The same state seen otherwise: another gauge, order of sites, origin, or several repetitions as one sample.

A view is a model and fields whose every site is a site of the first, once or repeated.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np

from bdg.arrays import Indices
from bdg.lattice import Sample
from bdg.lattice.bonds import Bonds
from bdg.model import Fields, Model
from bdg.model.taken import taken


@dataclass(frozen=True)
class View:
    """A model that is another one, seen otherwise.

    Parameters
    ----------
    name
        What is other.
    model, fields
        The view.
    sites, bonds
        Site and bond of the first model of every one of the view.
    repeats
        How often the first sample goes into the view.
    """

    name: str
    model: Model
    fields: Fields
    sites: Indices
    bonds: Indices
    repeats: int = 1


def views_of(model: Model, fields: Fields, seed: int = 0) -> Iterator[View]:
    """The views that the boundaries allow."""
    rng, sample = np.random.default_rng(seed), model.sample
    sites, bonds = np.arange(sample.n_sites), np.arange(sample.n_bonds)
    angle = rng.uniform(-np.pi, np.pi, sample.n_sites)
    turned = fields.transformed(angle, sample.bonds)
    yield View("another gauge", model.transformed(angle), turned, sites, bonds)
    if sample.n_sites > 1:
        yield _reordered("another order", model, fields, rng.permutation(sample.n_sites))
    moved = _moved(model, fields, rng)
    if moved is not None:
        yield moved
    for direction, ends in enumerate(sample.boundary):
        if ends.is_infinite and ends.n_k % 2 == 0:
            yield _doubled(model, fields, direction)
            break


def _reordered(name: str, model: Model, fields: Fields, order: Indices) -> View:
    """Sites numbered otherwise: site i of the view is ``order[i]``."""
    sample, place = model.sample, np.empty(len(order), np.int32)
    place[order] = np.arange(len(order))
    bonds = replace(sample.bonds, source=place[sample.bonds.source], target=place[sample.bonds.target])
    other = replace(
        sample,
        cells=sample.cells[order],
        orbitals=sample.orbitals[order],
        positions=sample.positions[order],
        bonds=bonds,
    )
    every = np.arange(sample.n_bonds)
    return View(name, *_on(other, model, fields, order, every), order, every)


def _moved(model: Model, fields: Fields, rng: np.random.Generator) -> View | None:
    """The cells counted from another one, along the directions whose ends are joined."""
    sample = model.sample
    steps = [
        int(rng.integers(n)) if b.is_periodic else 0
        for n, b in zip(sample.size, sample.boundary, strict=True)
    ]
    if not any(steps):
        return None
    wraps, cells = np.divmod(sample.cells + np.array(steps), np.array(sample.size))
    bonds = sample.bonds
    crossing = bonds.crossing + wraps[bonds.target] - wraps[bonds.source]
    # A site that passes an end is its own image: e^{iθ} times itself for each twist θ.
    angle = -wraps @ np.array([ends.twist_per_cell for ends in sample.boundary])
    turned, own = model.transformed(angle), fields.transformed(angle, bonds)
    lengths = np.array(sample.size)[:, None] * sample.cell.vectors
    shift = np.array(steps) @ sample.cell.vectors
    other = replace(
        sample,
        cells=cells.astype(np.int32),
        positions=sample.positions + shift - wraps @ lengths,
        bonds=replace(bonds, crossing=crossing.astype(bonds.crossing.dtype)),
    )
    view = replace(turned, sample=other)
    return View("another origin", view, own, np.arange(sample.n_sites), np.arange(sample.n_bonds))


def _doubled(model: Model, fields: Fields, direction: int) -> View:
    """Two repetitions along an infinite direction as one sample, with half as many momenta."""
    sample, n = model.sample, model.sample.n_sites
    bonds, far = sample.bonds, np.zeros(len(sample.size), np.int32)
    far[direction] = sample.size[direction]
    size = tuple(length + int(step) for length, step in zip(sample.size, far, strict=True))
    ends = list(sample.boundary)
    ends[direction] = replace(ends[direction], n_k=ends[direction].n_k // 2)
    crossings, targets = [], []
    for repetition in (0, 1):
        over, inside = np.divmod(bonds.crossing[:, direction] + repetition, 2)
        crossing = bonds.crossing.copy()
        crossing[:, direction] = over
        crossings.append(crossing)
        targets.append(bonds.target + n * inside)
    doubled = Bonds(
        np.concatenate([bonds.source, bonds.source + n]).astype(np.int32),
        np.concatenate(targets).astype(np.int32),
        np.tile(bonds.kind, 2),
        np.concatenate(crossings),
        bonds.kinds,
    )
    other = replace(
        sample,
        size=size,
        boundary=tuple(ends),
        cells=np.concatenate([sample.cells, sample.cells + far]),
        orbitals=np.tile(sample.orbitals, 2),
        positions=np.concatenate([sample.positions, sample.positions + far @ sample.cell.vectors]),
        bonds=doubled,
    )
    sites, of_bonds = np.tile(np.arange(n), 2), np.tile(np.arange(sample.n_bonds), 2)
    return View("a supercell", *_on(other, model, fields, sites, of_bonds), sites, of_bonds, 2)


def _on(sample: Sample, model: Model, fields: Fields, sites: Indices, bonds: Indices) -> tuple[Model, Fields]:
    """The model and the fields on a sample whose sites and bonds are those of the first."""
    return taken(model, sample, sites, bonds), fields.taken(sites, bonds)
