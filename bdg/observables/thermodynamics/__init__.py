"""Potentials, entropy, and whether a state is a minimum."""
