"""What a loop starts from: by name, by symmetry, at random, or from a state of another sample."""
