"""Strengths of the interactions: U on sites, V, J and J′ on bonds; how they follow from a user's values."""
