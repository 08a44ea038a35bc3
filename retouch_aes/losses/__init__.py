"""What training and retouching minimise: EMD, ranking, aesthetic, fidelity."""
