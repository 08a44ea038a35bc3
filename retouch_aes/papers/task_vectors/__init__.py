"""Personalization by task vectors (Yun and Choo, ECCV 2024)."""
