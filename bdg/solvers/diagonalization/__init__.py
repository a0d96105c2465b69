"""Dense diagonalization: every eigenvector, O(N³); the judge of the other solvers."""

from bdg.solvers.diagonalization.eigensystem import Eigensystem, diagonalize
from bdg.solvers.diagonalization.solver import Diagonalization, dense_beside

__all__ = ["Diagonalization", "Eigensystem", "dense_beside", "diagonalize"]
