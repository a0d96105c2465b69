"""Models whose symmetric start is led to a saddle."""

import bdg
from bdg.lattice import UnitCell
from bdg.model.couplings.orbitals import OrbitalInteraction
from bdg.solvers.diagonalization import Diagonalization

OMEGA = ("grand_potential",)
SOLVER = Diagonalization(threads=1)
SIZE, MU, ATTRACTION = (8, 6), -0.5, 2.5


def solve(model, **given):
    return bdg.solve(model, observables=OMEGA, **({"solver": SOLVER} | given))


TWO_ORBITALS = UnitCell.build(
    [[1.0, 0.0], [0.0, 1.0]],
    [[0.0, 0.0], [0.0, 0.0]],
    hoppings=[*((n, n, step, 1.0) for n in range(2) for step in ([1, 0], [0, 1])), (0, 1, [0, 0], 0.0)],
)
THREE_BANDS = UnitCell.build(
    [[1.0, 0.0], [0.0, 1.0]],
    [[0.0, 0.0]] * 3,
    hoppings=[(n, n, step, 1.0) for n in range(3) for step in ([1, 0], [0, 1])]
    + [(n, m, [0, 0], 0.0) for n in range(3) for m in range(n)],
)


def bands(cell, hopped, attraction, temperature=0.05):
    """Equal bands with a pair hopping J′ > 0 that wants opposite signs."""
    sample = bdg.build_sample(cell, [4, 4], "periodic")
    return bdg.build_model(
        sample,
        chemical_potential=MU,
        attraction=attraction,
        orbital_interaction=OrbitalInteraction(pair_hopping=hopped),
        temperature=temperature,
    )


def triangular(size=6):
    sample = bdg.build_sample("triangular", [size, size], "periodic")
    return bdg.build_model(sample, chemical_potential=0.3, bond_attraction=[2.0], temperature=0.02)
