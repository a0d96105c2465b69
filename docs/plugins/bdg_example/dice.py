"""A lattice: the dice lattice, whose hubs have six neighbours and whose rims have three."""

import numpy as np

import bdg


def dice():
    """The unit cell: a hub and two rims at distance 1; levels 0 and ±√(|f_1|² + |f_2|²) t, ±√18 t at Γ."""
    height = np.sqrt(3.0) / 2
    first = [(0, 1, offset) for offset in ((0, 0), (-1, 0), (0, -1))]
    second = [(0, 2, offset) for offset in ((-1, 0), (0, -1), (-1, -1))]
    return bdg.UnitCell.build(
        [[1.5, height], [1.5, -height]],
        [[0.0, 0.0], [1.0, 0.0], [2.0, 0.0]],
        name="dice",
        hoppings=[(*bond, 1.0) for bond in first + second],
    )
