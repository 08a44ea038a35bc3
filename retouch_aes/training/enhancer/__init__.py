"""Training of enhancement networks, to their own losses and to a taste."""
