"""The local Newton step of the loop, from entries of the response that come for free with f(H)."""
