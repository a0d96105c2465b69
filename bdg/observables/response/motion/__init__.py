"""Linearised motion of a self-consistent state: transitions, their equation of motion, and its resolvent."""
