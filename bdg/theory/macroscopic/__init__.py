"""Superconductors without electrons: London, the macroscopic wave function, Ginzburg and Landau.

Nothing here knows of the lattice solvers, so that the two can judge each other. Carriers have a charge q and
a mass m of their own (:class:`Carriers`); the default is pairs, q = −2e and m = 2 m_e, with ħ = e = m_e = μ₀
= 1, and :data:`PAIRS_SI` is the same in SI units. Whatever units the carriers are given in, results come out
in them.

``london``
    Penetration depth, both equations, closed forms, and solvers for any λ(r).
``grid``
    Grids with link phases (q/ħ)∫A·dl, on which gauge covariance is exact.
``wave``
    The evolution of Ψ = √n_s e^{iθ}, Madelung's form of it, fluxoids, Josephson's relations.
``ginzburg_landau``
    Coefficients, critical fields, Abrikosov's lattice, vortices, relaxation in two dimensions.
"""

from bdg.theory.macroscopic.carriers import PAIRS, PAIRS_SI, Carriers

__all__ = ["PAIRS", "PAIRS_SI", "Carriers"]
