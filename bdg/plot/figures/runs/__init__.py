"""Loops, starts and studies of many runs."""
