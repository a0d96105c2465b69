"""Selected inversion: entries of functions of H from sparse factorisations, without eigenvectors.

From the bottom up: `elimination` (ordering and layout of the fronts), `algebra` (what numbers the matrix is
made of), `plan` (all indices that stay the same while values change), `factorisation` (one inverse, its
measured error, the ways to do it better), `poles` (many of them on threads), `solver` (the contract),
`gapless` (the same where there may be no gap at T = 0); beside it `sparse`, for any sparse matrix.

A self-consistency loop keeps one `SelectedInversion` and hands over matrices of one `SparsityPattern`, and
one `Pattern` of wanted entries: then only values are new in an iteration. Equal patterns made anew do as
well, at the price of their digests. A tolerance of 1e-5 or more lets poles run in single precision.
`SelectedInversion.evaluate` gives the grand potential and the bare pair response beside the correlations, at
no extra factorisation.
"""

from bdg.solvers.selected_inversion.gapless import InversionOrDense
from bdg.solvers.selected_inversion.solver import Evaluation, SelectedInversion
from bdg.solvers.selected_inversion.sparse import InverseEntries, selected_inverse

__all__ = ["Evaluation", "InverseEntries", "InversionOrDense", "SelectedInversion", "selected_inverse"]
