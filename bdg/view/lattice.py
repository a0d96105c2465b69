"""The sample in a page: planes of cells, shapes and rims, bonds, plaquettes, what a Fourier sum needs."""

from __future__ import annotations

from typing import Any

import numpy as np

from bdg.lattice import Sample
from bdg.plot.canvas.cells import outline
from bdg.plot.canvas.geometry import Plane, nearest_distance, planes, profile, ranks
from bdg.plot.canvas.lines import profile_label
from bdg.plot.canvas.tiles import cells_of
from bdg.plot.figures.sample.bonds import bows
from bdg.plot.figures.sample.plaquettes import outlines
from bdg.plot.figures.spectra.topology import reciprocal
from bdg.view.packing import Blocks

Part = dict[str, Any]


def sample_part(blocks: Blocks, sample: Sample, drawn: Sample) -> Part:
    """Sites and planes of a sample.

    Parameters
    ----------
    blocks
        Where arrays go.
    sample
        As it was computed: its cells are the names of the sites.
    drawn
        Its sites where they are drawn.
    """
    shapes = cells_of(drawn)
    shown = profile(drawn)
    return {
        "cells": blocks.exact(sample.cells.ravel()),
        "directions": sample.cells.shape[1],
        "orbitals": blocks.exact(sample.orbitals),
        "rank": blocks.exact(ranks(sample.cell)[sample.orbitals]),
        "n_orbitals": sample.cell.n_orbitals,
        "one_cell": set(sample.size) == {1},
        "positions": blocks.exact(_in_three(drawn)),
        "nearest": nearest_distance(sample.cell),
        "shapes": [np.round(each.corners, 9).ravel().tolist() for each in shapes],
        "planes": [_plane(blocks, drawn, plane, shapes) for plane in planes(drawn)],
        "profile": None
        if shown is None
        else {
            "places": blocks.exact(shown.places(drawn.positions)),
            "name": profile_label(shown, None).replace(" (a)", ""),
        },
        "fourier": _fourier(drawn),
        "reciprocal": reciprocal(sample).tolist(),
        "zone": (2 * np.pi * np.linalg.pinv(sample.cell.vectors).T[:, :2]).tolist(),
    }


def _in_three(sample: Sample) -> Any:
    positions = np.zeros((sample.n_sites, 3))
    positions[:, : sample.dimension] = sample.positions
    return positions.ravel()


def _plane(blocks: Blocks, sample: Sample, plane: Plane, shapes: list[Any]) -> Part:
    itself = slice(0, plane.first)
    ends, seams = outline(sample, plane.sites[itself], plane.centers[itself], shapes)
    return {
        "title": plane.title,
        "height": plane.height,
        "sites": blocks.exact(plane.sites.astype(np.int32)),
        "centers": blocks.exact(plane.centers.ravel()),
        "first": plane.first,
        "ends": blocks.exact(ends.ravel().astype(np.float32)),
        "seams": blocks.exact(seams.ravel().astype(np.float32)),
    }


def _fourier(sample: Sample) -> Part | None:
    """Size, vectors and the orbitals' places of the two directions in the plane; none of other samples."""
    vectors = sample.cell.vectors
    level = np.abs(vectors[:, 2]) < 1e-9 if sample.dimension == 3 else np.ones(len(vectors), bool)
    along = np.flatnonzero(level)
    if sample.dimension < 2 or len(along) != 2 or min(sample.size[d] for d in along) < 2:
        return None
    return {
        "directions": along.tolist(),
        "size": [sample.size[d] for d in along],
        "vectors": vectors[along, :2].tolist(),
        "basis": sample.cell.basis[:, :2].tolist(),
    }


def bonds_part(blocks: Blocks, sample: Sample) -> Part:
    """Bonds, each from its source and its target to the middle; bent aside where they pass over sites."""
    bonds, step = sample.bonds, np.zeros((len(sample.bonds.kinds), 2))
    bend = np.zeros_like(step)
    step[:, : min(2, sample.dimension)] = bonds.kinds.displacement[:, :2]
    bend[:, : min(2, sample.dimension)] = bows(sample)
    return {
        "source": blocks.exact(bonds.source.astype(np.int32)),
        "target": blocks.exact(bonds.target.astype(np.int32)),
        "kind": blocks.exact(bonds.kind.astype(np.int32)),
        "step": step.ravel().tolist(),
        "bend": bend.ravel().tolist(),
    }


def plaquettes_part(blocks: Blocks, sample: Sample) -> Part:
    """Corners of all plaquettes one after the other, and where those of each begin."""
    faces = outlines(sample)
    starts = np.cumsum([0, *(len(face) for face in faces)])
    corners = np.concatenate(faces) if faces else np.zeros((0, 2))
    return {
        "corners": blocks.exact(corners.ravel().astype(np.float32)),
        "starts": blocks.exact(starts.astype(np.int32)),
    }
