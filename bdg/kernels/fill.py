"""Fill of a sparse Cholesky factor in a given order of elimination, to compare orderings."""

import numpy as np

from bdg.kernels import jit


@jit
def column_counts(indptr, indices, permutation):
    """Entries of each column of the factor below the diagonal, by walking the row subtrees.

    Row i of the factor holds the columns on the paths of the elimination tree from its entries of the
    matrix up to i (Liu, SIAM J. Matrix Anal. Appl. 11, 134 (1990)); a step an entry.

    Parameters
    ----------
    indptr, indices
        CSR graph, symmetric; shapes (n + 1,) and (n_edges,).
    permutation
        Vertices in the order in which they are eliminated, shape (n,).
    """
    n = len(permutation)
    place = np.empty(n, np.int64)
    for i in range(n):
        place[permutation[i]] = i
    parent = np.full(n, -1, np.int64)
    mark = np.full(n, -1, np.int64)
    counts = np.zeros(n, np.int64)
    for i in range(n):
        mark[i] = i
        vertex = permutation[i]
        for k in range(indptr[vertex], indptr[vertex + 1]):
            j = place[indices[k]]
            while j < i and mark[j] != i:
                if parent[j] < 0:
                    parent[j] = i
                counts[j] += 1
                mark[j] = i
                j = parent[j]
    return counts
