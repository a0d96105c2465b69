"""Which points a study has: axes, conditions, and points that are added while it runs."""
