"""Minimisers, and the one training loop: what moves parameters down a loss."""
