"""YAML text: a tree that knows its places, values from the command line, problems with their lines."""
