"""Uniform theory of superconductivity, from Cooper to collective modes: an independent judge of the solvers.

Nothing here knows the lattice solvers; what both compute must agree. ``docs/theory.md`` says which function
answers which statement. In the order of the theory:

=================== ==================================================================================
`interaction`       why electrons attract: a kicked ion, phonons, the weakened Coulomb repulsion
`cooper`            one pair on a filled sea
`bcs_state`         u, v, the number of electrons, the state projected on it
`statistics`        two electrons and pairs spelled out in Fock space
`quasiparticles`    energies, charges, density of states
`band`, `lattices`  the states of a metal, as weighted sums
`gap`               the gap equation, T_c, two bands, from BCS to molecules
`thermodynamics`    Ω, S, C, critical field; `isotope`
`response`          tunnelling, nmr, ultrasound, optical, superfluid, coherence
`modes`             phase, amplitude and relative phase; the plasmon
`materials`         a table of elements
=================== ==================================================================================
"""
