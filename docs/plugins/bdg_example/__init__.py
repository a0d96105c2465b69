"""A lattice, a term, an observable and a solver of one's own for bdg."""
