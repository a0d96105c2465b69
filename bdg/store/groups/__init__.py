"""The groups of a file, each with what writes and reads it."""
