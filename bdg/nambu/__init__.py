"""From a model and its fields to the sparse Nambu matrix H: the pattern once, the values refreshed."""

from bdg.nambu.assembly import NambuAssembler
from bdg.nambu.bloch import BlochMomenta
from bdg.nambu.matrix import Momentum, NambuMatrix

__all__ = ["BlochMomenta", "Momentum", "NambuAssembler", "NambuMatrix"]
