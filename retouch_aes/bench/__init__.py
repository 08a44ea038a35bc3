"""Benchmarks: known degradations and rivals, exposure brackets, landscapes of a score, ratings."""
