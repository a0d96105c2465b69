"""Quantities of sites and bonds: densities, pairs, spins, and the vortices in them."""
