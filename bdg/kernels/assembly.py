"""Block pattern and block values of the Nambu matrix."""

import numpy as np

from bdg.kernels import jit


@jit
def block_pattern(n_sites, source, target):
    """Block CSR pattern of the bonds, both ways, and the diagonal; columns sorted, no repeats.

    source, target : (n_bonds,) int32. Returns indptr (n_sites + 1,) int64, indices (n_blocks,) int32.
    """
    start = np.zeros(n_sites + 1, np.int64)
    for site in range(n_sites):
        start[site + 1] = 1
    for bond in range(len(source)):
        if source[bond] != target[bond]:
            start[source[bond] + 1] += 1
            start[target[bond] + 1] += 1
    for site in range(n_sites):
        start[site + 1] += start[site]
    columns = np.empty(start[n_sites], np.int32)
    fill = start[:-1].copy()
    for site in range(n_sites):
        columns[fill[site]] = site
        fill[site] += 1
    for bond in range(len(source)):
        s, t = source[bond], target[bond]
        if s != t:
            columns[fill[s]] = t
            fill[s] += 1
            columns[fill[t]] = s
            fill[t] += 1
    indptr = np.zeros(n_sites + 1, np.int64)
    kept = 0
    for site in range(n_sites):
        first, last = start[site], start[site + 1]
        for i in range(first + 1, last):  # insertion sort: rows hold a handful of columns
            value, j = columns[i], i
            while j > first and columns[j - 1] > value:
                columns[j] = columns[j - 1]
                j -= 1
            columns[j] = value
        row_start = kept
        for i in range(first, last):
            if kept == row_start or columns[i] != columns[kept - 1]:
                columns[kept] = columns[i]
                kept += 1
        indptr[site + 1] = kept
    return indptr, columns[:kept].copy()


@jit
def block_slots(indptr, indices, rows, columns):
    """Place of the block (row, column) in the pattern for each pair; −1 where it has none."""
    slots = np.full(len(rows), -1, np.int64)
    for pair in range(len(rows)):
        low, high = indptr[rows[pair]], indptr[rows[pair] + 1]
        column = columns[pair]
        while low < high:
            middle = (low + high) // 2
            if indices[middle] < column:
                low = middle + 1
            else:
                high = middle
        if low < indptr[rows[pair] + 1] and indices[low] == column:
            slots[pair] = low
    return slots


@jit
def add_collinear_hopping(values, forward, backward, amplitude):
    """Add h and −h* of every bond to the blocks of both its directions.

    values : (n_blocks, 2, 2), changed; forward, backward : (n_bonds,) slots of (target, source) and
    (source, target); amplitude : (n_bonds,) = ⟨target|h|source⟩ = −t e^{iφ}.
    A bond of a site to itself has one slot and adds a + a* there, as it must.
    """
    for bond in range(len(amplitude)):
        a = amplitude[bond]
        values[forward[bond], 0, 0] += a
        values[forward[bond], 1, 1] -= np.conj(a)
        values[backward[bond], 0, 0] += np.conj(a)
        values[backward[bond], 1, 1] -= a


@jit
def add_collinear_sites(values, diagonal, up, down, delta):
    """Add on-site energies and the order parameter: [[e_up, Δ], [Δ*, −e_down]].

    values : (n_blocks, 2, 2), changed; diagonal : (n_sites,) slots; up, down, delta : (n_sites,).
    """
    for site in range(len(diagonal)):
        block = values[diagonal[site]]
        block[0, 0] += up[site]
        block[1, 1] -= down[site]
        block[0, 1] += delta[site]
        block[1, 0] += np.conj(delta[site])
