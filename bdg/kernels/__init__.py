"""Numba kernels: plain arrays in and out, no knowledge of the rest of bdg; docs/kernels.md is their guide."""
