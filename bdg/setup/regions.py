"""Regions of a sample."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import product

import numpy as np
from numpy.typing import NDArray

from bdg.config.schema.region import Disk, HalfPlane, Picture, Polygon, Rectangle, Ring
from bdg.config.schema.region import Region as RegionConfig
from bdg.config.source import ConfigSource
from bdg.lattice import Region, Sample, UnitCell
from bdg.lattice import regions as shapes
from bdg.setup.files import read_picture
from bdg.setup.placing import placed


def region_of(config: RegionConfig, size: Sequence[int], cell: UnitCell) -> Region:
    """The region of positions a section describes; without a centre, in the middle of the block of cells."""
    shape = config.shape
    if isinstance(shape, tuple):
        combine = {
            "union": shapes.union,
            "intersection": shapes.intersection,
            "difference": shapes.difference,
        }
        operation: Callable[[list[Region]], Region] = combine[config.kind]
        return operation([region_of(part, size, cell) for part in shape])
    if isinstance(shape, Polygon):
        return shapes.polygon(shape.points)
    if isinstance(shape, Picture):
        return shapes.picture(read_picture(shape.file, shape.inside), *_frame(shape, size, cell))
    if isinstance(shape, HalfPlane):
        return shapes.half_plane(shape.point, shape.normal)
    center = _middle(size, cell) if shape.center is None else np.array(shape.center)
    if isinstance(shape, Rectangle):
        return shapes.rectangle(shape.size, center)
    if isinstance(shape, Disk):
        return shapes.disk(shape.radius, center)
    assert isinstance(shape, Ring)
    return shapes.ring(shape.inner, shape.outer, center)


def _frame(
    shape: Picture, size: Sequence[int], cell: UnitCell
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Lower left and upper right corner of a picture."""
    corners = np.array(list(product(*((0, n - 1) for n in size)))) @ cell.vectors
    sites = (corners[:, None] + cell.basis).reshape(-1, cell.dimension)[:, :2]
    low, high = sites.min(axis=0) - 0.5, sites.max(axis=0) + 0.5
    center = 0.5 * (low + high) if shape.center is None else np.array(shape.center)
    extent = high - low if shape.size is None else np.array(shape.size)
    return center - 0.5 * extent, center + 0.5 * extent


def _middle(size: Sequence[int], cell: UnitCell) -> NDArray[np.float64]:
    """Middle of the block of cells."""
    middle: NDArray[np.float64] = (np.array(size) - 1) / 2 @ cell.vectors + cell.basis.mean(axis=0)
    return middle


def sites_in(region: RegionConfig, key: str, source: ConfigSource, sample: Sample) -> NDArray[np.bool_]:
    """Which sites a region holds.

    Raises
    ------
    ConfigError
        If there are none.
    """
    with placed(source, key):
        inside = region_of(region, sample.size, sample.cell)(sample.positions)
    if not inside.any():
        raise source.error(key, "holds no site of the sample", "move or enlarge it")
    return inside
