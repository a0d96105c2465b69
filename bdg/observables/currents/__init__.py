"""Currents of a state, and the flux that they and the field make."""
