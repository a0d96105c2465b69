"""Files that are whole or not there: names, locks, checksums, limits."""
