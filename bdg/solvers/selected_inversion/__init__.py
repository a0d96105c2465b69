"""Selected inversion: entries of functions of H from sparse factorisations, without eigenvectors."""

from bdg.solvers.selected_inversion.factorisation import release_workspaces
from bdg.solvers.selected_inversion.solver import Evaluation, SelectedInversion

__all__ = ["Evaluation", "SelectedInversion", "release_workspaces"]
