"""Walks over the graph of sites and bonds."""

import numpy as np

from bdg.kernels.compiler import jit


@jit
def tree_gauge(n_sites, source, target, phase):
    """Gauge angles χ that cancel the phase of every bond of a spanning forest: φ + χ_target − χ_source = 0.

    Breadth first from the lowest site of each connected piece, where χ = 0.

    source, target : (n_bonds,) int32; phase : (n_bonds,) float64. Returns (n_sites,) float64.
    """
    start = np.zeros(n_sites + 1, np.int64)
    for bond in range(len(source)):
        start[source[bond] + 1] += 1
        start[target[bond] + 1] += 1
    for site in range(n_sites):
        start[site + 1] += start[site]
    fill = start[:-1].copy()
    neighbour = np.empty(2 * len(source), np.int32)
    step = np.empty(2 * len(source), np.float64)
    for bond in range(len(source)):
        s, t = source[bond], target[bond]
        neighbour[fill[s]], step[fill[s]] = t, -phase[bond]
        fill[s] += 1
        neighbour[fill[t]], step[fill[t]] = s, phase[bond]
        fill[t] += 1
    angle = np.zeros(n_sites, np.float64)
    seen = np.zeros(n_sites, np.bool_)
    queue = np.empty(n_sites, np.int32)
    for root in range(n_sites):
        if seen[root]:
            continue
        seen[root] = True
        queue[0] = root
        head, tail = 0, 1
        while head < tail:
            site = queue[head]
            head += 1
            for k in range(start[site], start[site + 1]):
                other = neighbour[k]
                if not seen[other]:
                    seen[other] = True
                    angle[other] = angle[site] + step[k]
                    queue[tail] = other
                    tail += 1
    return angle
