"""One file a kind of figure: what it draws, and the whole figure of it."""
