"""Training of the aesthetic score."""
