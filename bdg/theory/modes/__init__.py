"""Collective modes."""
