"""Theory without a lattice solver: independent references that share nothing with the solvers.

:mod:`bdg.theory.uniform` goes from Cooper's pair to collective modes; :mod:`bdg.theory.macroscopic` is the
macroscopic quantum model: London, Ginzburg–Landau, the wave function of the condensate.
"""
