"""What a scanning tunnelling microscope measures."""
