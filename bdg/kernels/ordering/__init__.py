"""Before any numbers: the order of elimination, the fronts and where their entries go."""
