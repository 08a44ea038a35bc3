"""Training of what the package ships: distillation, the score, the edit prior; one loop for all."""
