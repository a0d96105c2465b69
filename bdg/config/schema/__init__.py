"""The sections of a configuration, a file each, and the whole of them."""
