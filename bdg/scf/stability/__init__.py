"""Whether a fixed point is a minimum of Ω: the linearised map, its leading modes, and ways off a saddle."""
