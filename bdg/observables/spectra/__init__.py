"""Quantities by energy: densities of states, bands, states and the gap."""
