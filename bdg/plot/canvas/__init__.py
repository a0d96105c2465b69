"""What figures share: axes and their labels, colours and scales, the shape of a sample, the file."""
