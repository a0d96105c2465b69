"""Wick's theorem, term by term: what an interaction v c†_a c†_b c_c c_d makes of one-body correlators.

Modes of two sites s and t are 0, 1 (s↑, s↓) and 2, 3 (t↑, t↓); of one site the first two. With
n[x, y] = ⟨c†_y c_x⟩ and f[x, y] = ⟨c_x c_y⟩,

    E = v (⟨c†_a c_d⟩⟨c†_b c_c⟩ − ⟨c†_a c_c⟩⟨c†_b c_d⟩ + ⟨c†_a c†_b⟩⟨c_c c_d⟩).
"""

from __future__ import annotations

import itertools

import numpy as np

UP, DOWN = 0, 1


def onsite_terms(u):
    """−U n_↑ n_↓ = −U c†_↑ c†_↓ c_↓ c_↑."""
    return [(-u, 0, 1, 1, 0)]


def bond_terms(v, j):
    """−V n_s n_t + J S_s·S_t, S·S = ½ Σ c†_sσ c_sσ' c†_tσ' c_tσ − ¼ n_s n_t."""
    terms = []
    for one, two in itertools.product((UP, DOWN), repeat=2):
        terms.append((-v - j / 4, one, 2 + two, 2 + two, one))
        terms.append((j / 2, one, 2 + two, 2 + one, two))
    return [term for term in terms if term[0] != 0]


def pair_hopping_terms(strength):
    """J′ c†_t↑ c†_t↓ c_s↓ c_s↑ + h.c."""
    return [(np.conj(strength), 0, 1, 3, 2), (strength, 2, 3, 1, 0)] if strength != 0 else []


def contracted(terms, n, f):
    """Fields and energies of terms: ``h``, ``d`` of Σ h c†c + ½ Σ (d c†c† + h.c.), normal and pairing energy.

    ``h`` and its energy come apart into those within a site (Hartree) and between sites (Fock).
    """
    size = len(n)
    h, d = np.zeros((2, size, size), complex), np.zeros((size, size), complex)
    energy = {"hartree": 0.0, "fock": 0.0, "pairing": 0.0}

    def within(x, y):
        return 0 if x // 2 == y // 2 else 1

    for v, a, b, c, e in terms:
        for sign, (x, y), (z, w) in ((1, (a, e), (b, c)), (-1, (a, c), (b, e))):
            # v c†_x c_y c†_z c_w with one pair contracted at a time
            h[within(z, w), z, w] += sign * v * n[y, x]
            h[within(x, y), x, y] += sign * v * n[w, z]
            kind = ("hartree", "fock")[within(x, y)]
            energy[kind] += (sign * v * n[y, x] * n[w, z]).real
        d[a, b] += v * f[c, e]
        d[b, a] -= v * f[c, e]
        energy["pairing"] += (v * np.conj(f[b, a]) * f[c, e]).real
    return h, d, energy
