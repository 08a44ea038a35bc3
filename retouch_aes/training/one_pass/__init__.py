"""Training of one-pass retouchers: every parameter from a single look."""
