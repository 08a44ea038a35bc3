"""Aesthetic models, one file each, their backbones, and the files that hold their weights."""
