"""Block pattern and block values of the Nambu matrix."""

import numpy as np

from bdg.kernels.compiler import jit


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
def add_blocks(values, slots, blocks):
    """Add each block at its place.

    values : (n_blocks, dofs, dofs), changed; slots : (n,); blocks : (n, dofs, dofs).
    """
    dofs = values.shape[1]
    for i in range(len(slots)):
        for a in range(dofs):
            for b in range(dofs):
                values[slots[i], a, b] += blocks[i, a, b]


@jit
def add_conjugate_blocks(values, slots, blocks):
    """Add the Hermitian conjugate of each block at its place; shapes as in :func:`add_blocks`.

    A bond of a site to itself has one slot both ways and adds b + b† there, as it must.
    """
    dofs = values.shape[1]
    for i in range(len(slots)):
        for a in range(dofs):
            for b in range(dofs):
                values[slots[i], a, b] += np.conj(blocks[i, b, a])
