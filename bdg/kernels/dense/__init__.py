"""Products, inverses and transposes of dense blocks of planes."""
