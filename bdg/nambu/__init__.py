"""From a model and its fields to the sparse Nambu matrix H: the pattern once, the values refreshed."""

from bdg.nambu.assembly import NambuAssembler
from bdg.nambu.bloch import BlochMomenta, Momentum
from bdg.nambu.matrix import NambuMatrix, on_common_momenta
from bdg.nambu.sparsity import SparsityPattern, sparsity_of

__all__ = [
    "BlochMomenta",
    "Momentum",
    "NambuAssembler",
    "NambuMatrix",
    "SparsityPattern",
    "on_common_momenta",
    "sparsity_of",
]
