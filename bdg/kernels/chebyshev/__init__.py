"""Chebyshev polynomials of H on vectors: H as shifted rows, the recursion, the series."""
