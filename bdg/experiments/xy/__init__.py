"""Phases beyond mean field: the XY model of a sample, its helicity modulus, its BKT temperature."""
