"""Planar spins on the sites of a graph, E = −Σ_bonds J s_i·s_j: chains of clusters and over-relaxation."""

import numpy as np

from bdg.kernels.compiler import jit


@jit
def flip_clusters(spins, indptr, indices, couplings, beta, n_clusters, rng, marks, stack):
    """Turn over clusters of spins, one after another (Wolff), and return how many spins were.

    A bond of a cluster is followed with the probability 1 − exp(−2βJ (s_i·r)(s_j·r)), r the random direction
    along which spins are reflected. spins : (n_sites, 2), of length 1, changed; indptr, indices, couplings :
    CSR of the bonds from each site; rng : a numpy Generator; marks, stack : (n_sites,) integers, work space.
    """
    turned = 0
    marks[:] = -1
    for cluster in range(n_clusters):
        angle = 2.0 * np.pi * rng.random()
        x, y = np.cos(angle), np.sin(angle)
        site = int(rng.random() * len(spins))
        marks[site], stack[0], waiting = cluster, site, 1
        while waiting > 0:
            waiting -= 1
            site = stack[waiting]
            along = spins[site, 0] * x + spins[site, 1] * y
            spins[site, 0] -= 2.0 * along * x
            spins[site, 1] -= 2.0 * along * y
            turned += 1
            for entry in range(indptr[site], indptr[site + 1]):
                other = indices[entry]
                if marks[other] == cluster:
                    continue
                weight = 2.0 * beta * couplings[entry] * along * (spins[other, 0] * x + spins[other, 1] * y)
                if weight > 0.0 and rng.random() < 1.0 - np.exp(-weight):
                    marks[other] = cluster
                    stack[waiting] = other
                    waiting += 1
    return turned


@jit
def over_relax(spins, indptr, indices, couplings):
    """Reflect each spin about the field of its neighbours, site after site; their energy stays.

    Arrays as in :func:`flip_clusters`.
    """
    for site in range(len(spins)):
        x = y = 0.0
        for entry in range(indptr[site], indptr[site + 1]):
            x += couplings[entry] * spins[indices[entry], 0]
            y += couplings[entry] * spins[indices[entry], 1]
        squared = x * x + y * y
        if squared > 0.0:
            twice = 2.0 * (spins[site, 0] * x + spins[site, 1] * y) / squared
            spins[site, 0] = twice * x - spins[site, 0]
            spins[site, 1] = twice * y - spins[site, 1]


@jit
def sample_chain(spins, indptr, indices, couplings, beta, n_clusters, rng, bonds, strengths, steps, record):
    """Record Σ_b J cos, Σ_b J d_a² cos and Σ_b J d_a sin of the bonds after each sweep of a chain.

    A sweep is so many clusters and one over-relaxation; cos and sin are of the angle between the spins of a
    bond. bonds : (n_bonds, 2) sites; strengths : (n_bonds,); steps : (n_bonds, n_axes), d of each bond;
    record : (n_sweeps, 1 + 2 n_axes), filled. Returns how many spins the clusters turned.
    """
    n_axes = steps.shape[1]
    marks, stack = np.empty(len(spins), np.int64), np.empty(len(spins), np.int64)
    turned = 0
    for sweep in range(len(record)):
        turned += flip_clusters(spins, indptr, indices, couplings, beta, n_clusters, rng, marks, stack)
        over_relax(spins, indptr, indices, couplings)
        record[sweep] = 0.0
        for bond in range(len(bonds)):
            i, j = bonds[bond]
            cosine = strengths[bond] * (spins[i, 0] * spins[j, 0] + spins[i, 1] * spins[j, 1])
            sine = strengths[bond] * (spins[i, 0] * spins[j, 1] - spins[i, 1] * spins[j, 0])
            record[sweep, 0] += cosine
            for axis in range(n_axes):
                step = steps[bond, axis]
                record[sweep, 1 + axis] += step * step * cosine
                record[sweep, 1 + n_axes + axis] += step * sine
    return turned
