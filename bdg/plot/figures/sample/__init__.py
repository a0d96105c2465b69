"""Maps over a sample: sites, bonds, plaquettes, currents."""
