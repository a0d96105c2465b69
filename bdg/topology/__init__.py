r"""Topological invariants of a state: Pfaffians, Chern numbers in momentum and in real space, Majorana modes.

Which space. The invariants are those of the general Nambu space, all four components an orbital (class D), so
that they do not depend on which block a model happens to be solved in. Where spin along z is conserved that
space is two blocks, (c_↑, c†_↓) and (c_↓, c†_↑), which particle–hole symmetry turns into each other. Both
have the same Chern number: the whole has twice that of a block. Where besides both spins feel the same h
and all pairs are triplets with d along z, each block is by itself the matrix of electrons without spin (its
own particle–hole partner, class D again), and has Pfaffians of its own; those of the whole are their
squares.

Which sign. With the lower states |u_n⟩ of H_k,

    C = (1/2π) ∫ d²k Ω,   Ω = −2 Im Σ_n ⟨∂_x u_n|∂_y u_n⟩ ,

for two bands H = d(k)·τ the number of times d̂ covers the sphere, (1/4π) ∫ d̂·(∂_x d̂ × ∂_y d̂). A sample with
C > 0 has C Majorana modes that run clockwise along its outer edge: the wall pushes inwards with a force F,
and the anomalous velocity is −F × Ω. (They carry energy; which way charge flows there depends on the band.)
"""

from bdg.topology.chern import BerryMesh, chern_number
from bdg.topology.closed import closed_directions, closed_matrix, is_own_conjugate
from bdg.topology.flux_quantum import CountedChern, counted_chern, is_wide
from bdg.topology.localizer import localizer_index
from bdg.topology.majorana import majorana_matrix
from bdg.topology.parity import PfaffianSigns, pfaffian_signs
from bdg.topology.pfaffian import log_pfaffian
from bdg.topology.polarisation import apart, conjugation, localised, polarisation
from bdg.topology.projector import bott_index, local_chern_marker

__all__ = [
    "BerryMesh",
    "CountedChern",
    "PfaffianSigns",
    "apart",
    "bott_index",
    "chern_number",
    "closed_directions",
    "closed_matrix",
    "conjugation",
    "counted_chern",
    "is_own_conjugate",
    "is_wide",
    "local_chern_marker",
    "localised",
    "localizer_index",
    "log_pfaffian",
    "majorana_matrix",
    "pfaffian_signs",
    "polarisation",
]
