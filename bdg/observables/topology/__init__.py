"""Topological invariants and Majorana modes of a state; what they mean stands in :mod:`bdg.topology`."""
