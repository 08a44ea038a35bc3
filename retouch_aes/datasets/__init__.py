"""Readers of rated photos, one file per published layout, and the splits."""
