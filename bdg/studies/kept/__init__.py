"""What a study keeps of its points: the index, and by what a result is known."""
