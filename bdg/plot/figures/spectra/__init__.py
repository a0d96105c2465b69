"""Spectra by energy, momentum and place, states and modes."""
