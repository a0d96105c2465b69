"""Written for vector registers: rows, tiles and batches of small matrices of quaternions."""
