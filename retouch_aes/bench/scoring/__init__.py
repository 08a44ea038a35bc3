"""Benchmarks of scores and tastes: people's ratings, stability, edit ladders."""
