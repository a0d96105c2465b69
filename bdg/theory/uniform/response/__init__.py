"""What a superconductor answers: tunnelling, nuclear relaxation, sound, light, a magnetic field."""
