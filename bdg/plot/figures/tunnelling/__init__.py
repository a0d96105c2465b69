"""What a microscope measures: gaps, interference, measured files and fits."""
