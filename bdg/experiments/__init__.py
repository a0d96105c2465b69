"""Experiments: observables that run loops of their own, along a field, a flux, a phase or a temperature."""
