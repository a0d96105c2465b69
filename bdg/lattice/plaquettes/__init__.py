"""Closed loops of bonds: of the infinite lattice, and the plaquettes, holes and circuits of a sample."""
