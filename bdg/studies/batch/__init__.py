"""A study as a job array of Slurm."""
