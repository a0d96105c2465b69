"""Uniform theory of superconductivity, from Cooper to collective modes: an independent judge of the solvers.

Nothing here knows the lattice solvers; what both compute must agree. Read `docs/theory.md` for which function
answers which statement.
"""
