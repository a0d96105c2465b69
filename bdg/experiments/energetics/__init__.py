"""Energies of places, of a vortex and of an impurity, and paths between two states."""
