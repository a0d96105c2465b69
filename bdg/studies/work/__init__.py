"""How a point is made: its task, what workers keep, its share, what is recovered."""
