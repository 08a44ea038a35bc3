"""Benchmarks: known degradations and baselines, exposure brackets, landscapes of a score, ratings."""
