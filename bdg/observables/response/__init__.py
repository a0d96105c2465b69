"""Responses of a state: to a vector potential, a field at its faces, a voltage."""
