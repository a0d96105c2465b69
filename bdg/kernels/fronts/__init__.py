"""The two sweeps of the selected inversion over the tree of fronts, and what is read from them."""
