"""Impurities in an infinite lattice, and the region around them that follows them."""
