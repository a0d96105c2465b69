"""Terms of the one-electron Hamiltonian: hopping, fields, impurities, disorder, spin–orbit coupling."""
