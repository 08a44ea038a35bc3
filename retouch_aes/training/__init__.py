"""Training of what the package ships, and of enhancers: one loop for all."""
