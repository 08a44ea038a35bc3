"""The papers' protocols and tables."""
